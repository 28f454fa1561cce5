/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The hooks of guarded locations.
 *
 * The session is looked up before any Require line is asked, so that "not
 * clinic-role ..." is true to its words for somebody who is signed in. Then
 * mod_authz_core and whoever else answers is asked, and only this module says
 * what a refusal looks like. */
#include "guard/guard.h"

#include "config/config.h"
#include "guard/pass.h"
#include "guard/private.h"
#include "guard/refuse.h"
#include "guard/require.h"
#include "guard/resume.h"
#include "guard/who.h"
#include "web/error.h"
#include "web/incoming.h"
#include "web/place.h"

#include <http_config.h>
#include <http_core.h>
#include <http_request.h>
#include <strings.h>

#define AUTH_TYPE "ClinicPortal"

static int is_guarded(request_rec *r)
{
    const char *type = ap_auth_type(r);

    return type != NULL && strcasecmp(type, AUTH_TYPE) == 0;
}

int cp_guard_is_on(request_rec *r)
{
    return is_guarded(r) && cp_place_portal(r) == NULL;
}

/* What the Require lines say: OK, DECLINED (somebody would have to be signed
 * in), or a refusal. */
static int ask_others(request_rec *r)
{
    cp_note_t *note = cp_note_of(r);
    int verdict;

    note->is_asking = 1;
    verdict = ap_run_access_checker_ex(r);
    note->is_asking = 0;
    return verdict;
}

/* Would it do, if the person gave password or second factor once more? */
static int would_do_confirmed(request_rec *r, cp_who_t *who)
{
    int verdict;

    if (who->lacks == 0) {
        return 0;
    }
    who->assumes_given = 1;
    verdict = ask_others(r);
    who->assumes_given = 0;
    return verdict == OK;
}

/* What came of a client's own request, the first time. */
static void count(request_rec *r, const char *verdict)
{
    if (ap_is_initial_req(r) && cp_note_of(r)->told_for == NULL) {
        cp_meter_count(cp_server_config_of(r->server)->meter, CP_METER_GUARDED,
                       verdict);
    }
}

static int judge_person(request_rec *r, cp_who_t *who)
{
    cp_reply_t reply;
    int verdict;

    who->lacks = 0;
    verdict = ask_others(r);
    if (verdict != OK && would_do_confirmed(r, who)) {
        count(r, "confirm");
        return cp_refuse_until_confirmed(r, who);
    }
    if (verdict != OK) {
        count(r, "denied");
        return cp_refuse_denied(r, who);
    }
    count(r, "passed");
    cp_refuse_init(&reply, r);
    verdict = cp_resume_offer(r, who, &reply);
    if (verdict == DONE) {
        return cp_refuse_send(r, who, &reply);
    }
    return verdict == OK ? OK : cp_refuse_status(r, who, verdict);
}

static int judge_nobody(request_rec *r, cp_who_t *who)
{
    int verdict = ask_others(r);

    if (verdict == DECLINED) {
        count(r, "sign-in");
        return cp_refuse_nobody(r, who);
    }
    count(r, verdict == OK ? "open" : "denied");
    return verdict;
}

static int check_tls(request_rec *r, cp_who_t *who)
{
    cp_reply_t reply;
    int status;

    cp_refuse_init(&reply, r);
    status = cp_incoming_check_tls(r, &who->req, &reply);
    if (status == OK) {
        return OK;
    }
    return status == DONE && r->main == NULL
               ? cp_refuse_send(r, who, &reply)
               : cp_refuse_status(r, who, HTTP_FORBIDDEN);
}

/* An internal redirect renames the variables of the request it comes from, so
 * that it is told anew. */
static void tell(request_rec *r)
{
    cp_note_t *note = cp_note_of(r);

    note->told_for = r->per_dir_config;
    if (note->who != NULL) {
        cp_pass_facts(r);
    }
    else {
        cp_pass_nothing(r);
    }
}

static int judge(request_rec *r)
{
    apr_status_t rv = APR_SUCCESS;
    cp_who_t *who = cp_who_find(r, &rv);
    int verdict;

    if (who == NULL) {
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    verdict = check_tls(r, who);
    if (verdict == OK && rv != APR_SUCCESS) {
        count(r, "failed");
        verdict = cp_refuse_status(r, who, cp_http_status(rv));
    }
    if (verdict != OK) {
        return verdict;
    }
    cp_note_of(r)->session = who->req.session;
    cp_pass_user(r);
    verdict =
        who->req.session == NULL ? judge_nobody(r, who) : judge_person(r, who);
    if (verdict == OK) {
        tell(r);
    }
    return verdict;
}

/* What an .htaccess file says to mod_setenvif is done before anybody is asked
 * who may pass. */
static int parse_headers(request_rec *r)
{
    if (cp_guard_is_on(r)) {
        cp_pass_nothing(r);
    }
    return DECLINED;
}

/* The portal's own pages are no location to be guarded by it, or nobody could
 * sign in; other Require lines are heard. */
static int judge_portal(request_rec *r)
{
    int verdict = ask_others(r);

    return verdict == DECLINED ? OK : verdict;
}

static int check_access(request_rec *r)
{
    const cp_note_t *note = cp_note_find(r);

    if ((note != NULL && note->is_asking) || !is_guarded(r)) {
        return DECLINED;
    }
    return cp_place_portal(r) != NULL ? judge_portal(r) : judge(r);
}

/* check_access has the last word; this is for httpd, which wants somebody to be
 * in charge of the AuthType. */
static int check_user(request_rec *r)
{
    return is_guarded(r) ? HTTP_UNAUTHORIZED : DECLINED;
}

/* httpd does not ask again for a sub-request or a redirect with the very same
 * settings: what was found for its parent holds. */
static int inherits(request_rec *r)
{
    const request_rec *parent = r->main != NULL ? r->main : r->prev;
    const cp_note_t *theirs = parent == NULL ? NULL : cp_note_find(parent);
    cp_note_t *note = cp_note_of(r);

    if (parent == NULL || parent->per_dir_config != r->per_dir_config) {
        return 0;
    }
    note->who = theirs == NULL ? NULL : theirs->who;
    note->session = theirs == NULL ? NULL : theirs->session;
    return 1;
}

/* Let in by its address alone, whoever it is. */
static int is_open_anyway(request_rec *r)
{
    cp_note_t *note = cp_note_of(r);

    if (ap_satisfies(r) != SATISFY_ANY || ap_run_access_checker(r) != OK) {
        return 0;
    }
    note->who = NULL;
    note->session = NULL;
    cp_pass_user(r);
    return 1;
}

/* Requests that have come past check_access. httpd calls it neither for error
 * documents of what was refused nor where "Satisfy Any" has its way. And
 * DirectoryIndex, FallbackResource and MultiViews have a sub-request judged,
 * and then go on with its settings in the request that is led there, whose
 * headers and user are still its own. */
static int check_told(request_rec *r)
{
    int verdict;

    if (!cp_guard_is_on(r) || cp_note_of(r)->told_for == r->per_dir_config) {
        return DECLINED;
    }
    if (inherits(r) || is_open_anyway(r)) {
        tell(r);
        return DECLINED;
    }
    verdict = judge(r);
    return verdict == OK ? DECLINED : verdict;
}

void cp_guard_register(apr_pool_t *p)
{
    static const char *const others[] = {"mod_authz_core.c", NULL};
    static const char *const readers[] = {"mod_rewrite.c", "mod_headers.c",
                                          NULL};
    static const char *const setters[] = {"mod_setenvif.c", NULL};
    static const char *const senders[] = {"mod_cache.c", NULL};

    ap_hook_header_parser(parse_headers, NULL, setters, APR_HOOK_REALLY_FIRST);
    ap_hook_check_access_ex(check_access, NULL, others, APR_HOOK_FIRST,
                            AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_check_authn(check_user, NULL, NULL, APR_HOOK_MIDDLE,
                        AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_fixups(check_told, NULL, readers, APR_HOOK_REALLY_FIRST);
    ap_hook_handler(check_told, NULL, senders, APR_HOOK_REALLY_FIRST);
    cp_require_register(p);
    cp_resume_register(p);
    cp_private_register(p);
}
