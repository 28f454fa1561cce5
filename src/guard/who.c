/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Who asks. */
#include "guard/who.h"

#include "base/status.h"
#include "config/config.h"
#include "web/identity.h"
#include "web/incoming.h"
#include "web/log.h"
#include "web/place.h"

#include <http_log.h>

APLOG_USE_MODULE(clinicportal);

/* Staff first: they are the ones who may have both cookies. */
static const cp_kind_t kinds[] = {CP_KIND_STAFF, CP_KIND_PATIENT};
static const int bits[] = {CP_LOGIN_STAFF, CP_LOGIN_PATIENT};

#define KINDS ((int)(sizeof(kinds) / sizeof(kinds[0])))

static int lets_in(const request_rec *r, int i)
{
    return (cp_config_login_kinds(cp_config_of(r->per_dir_config)) & bits[i]) !=
           0;
}

static cp_who_t *who_of(request_rec *r, const cp_portal_t *portal)
{
    request_rec *top = cp_note_top(r);
    cp_note_t *note = cp_note_of(top);
    cp_who_t *who;

    for (who = note->found; who != NULL; who = who->next) {
        if (who->portal == portal) {
            return who;
        }
    }
    who = apr_pcalloc(top->pool, sizeof(*who));
    who->portal = portal;
    cp_incoming(&who->req, top, portal);
    who->req.cx.is_background = cp_incoming_is_unseen(top);
    who->next = note->found;
    note->found = who;
    return who;
}

static const cp_who_door_t *door_of(cp_who_t *who, cp_kind_t kind)
{
    cp_who_door_t *door = &who->doors[kind];

    if (!door->is_known) {
        door->rv =
            cp_identity_find(&who->req, kind, &door->session, &door->why);
        door->is_known = 1;
    }
    return door;
}

static apr_status_t find_session(const request_rec *r, cp_who_t *who)
{
    int i;

    who->req.session = NULL;
    who->req.clinic = NULL;
    for (i = 0; i < KINDS; i++) {
        const cp_who_door_t *door;

        if (!lets_in(r, i)) {
            continue;
        }
        door = door_of(who, kinds[i]);
        if (door->rv == APR_SUCCESS && door->session->step == CP_STEP_NONE) {
            who->req.session = door->session;
            who->req.clinic = door->session->clinic;
            who->req.kind = kinds[i];
            return APR_SUCCESS;
        }
        if (door->rv != APR_SUCCESS && door->rv != CP_EDENIED &&
            door->rv != APR_ENOENT) {
            return door->rv;
        }
    }
    return APR_SUCCESS;
}

cp_who_t *cp_who_find(request_rec *r, apr_status_t *rv)
{
    const char *base = cp_config_login_base(cp_config_of(r->per_dir_config));
    const cp_portal_t *portal = cp_place_mounted_at(r->server, base);
    cp_who_t *who;

    if (portal == NULL) {
        ap_log_rerror(APLOG_MARK, APLOG_CRIT, 0, r,
                      CP_TAG(0701) "AuthType ClinicPortal: %s",
                      base == NULL
                          ? "ClinicPortalLogin must name the portal, since "
                            "this virtual host has none or several"
                          : "this virtual host has no portal at the path that "
                            "ClinicPortalLogin names");
        return NULL;
    }
    who = who_of(r, portal);
    cp_note_of(r)->who = who;
    *rv = find_session(r, who);
    return who;
}

void cp_who_missing(const request_rec *r, const cp_who_t *who,
                    const cp_kind_t **kind, const cp_session_end_t **why)
{
    int count = 0;
    int i;

    *kind = NULL;
    *why = NULL;
    for (i = 0; i < KINDS; i++) {
        if (lets_in(r, i)) {
            const cp_who_door_t *door = &who->doors[kinds[i]];

            count++;
            if (*why == NULL) {
                *kind = &kinds[i];
            }
            if (*why == NULL && door->rv == CP_EDENIED) {
                *why = &door->why;
            }
        }
    }
    if (count > 1 && *why == NULL) {
        *kind = NULL;
    }
}

const cp_session_t *cp_who_halfway(const request_rec *r, const cp_who_t *who)
{
    int i;

    for (i = 0; i < KINDS; i++) {
        const cp_who_door_t *door = &who->doors[kinds[i]];

        if (lets_in(r, i) && door->rv == APR_SUCCESS && door->session != NULL &&
            door->session->step != CP_STEP_NONE) {
            return door->session;
        }
    }
    return NULL;
}

const cp_session_t *cp_who_ended(const request_rec *r, cp_who_t *who)
{
    const cp_session_t *ended;
    int i;

    for (i = 0; i < KINDS; i++) {
        if (lets_in(r, i) &&
            cp_session_find_ended(&who->req.cx, kinds[i],
                                  cp_identity_cookie(&who->req, kinds[i]),
                                  &ended) == APR_SUCCESS) {
            return ended;
        }
    }
    return NULL;
}
