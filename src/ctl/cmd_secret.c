/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* secret: makes the file for ClinicPortalSecret, and brings what is sealed from
 * one secret to the next. */
#include "ctl/ctl.h"

#include "base/json.h"
#include "base/secret.h"
#include "base/status.h"
#include "clinic/audit.h"
#include "clinic/clinics.h"
#include "clinic/factor.h"

#include <apr_strings.h>

static apr_status_t make_secret(cp_ctl_t *ctl)
{
    const char *path = cp_ctl_value(ctl, 0);
    char why[128];
    apr_status_t rv = cp_secret_write_new(path, &ctl->port, ctl->pool);

    if (APR_STATUS_IS_EEXIST(rv)) {
        return cp_ctl_fail(ctl, rv, "%s exists: a secret is never overwritten",
                           path);
    }
    if (rv != APR_SUCCESS) {
        return cp_ctl_fail(ctl, rv, "%s: %s", path,
                           rv >= APR_OS_START_USERERR
                               ? cp_status_text(rv)
                               : apr_strerror(rv, why, sizeof(why)));
    }
    cp_ctl_say(ctl, json_pack("{s:s}", "file", path),
               "a new secret is in %s: ClinicPortalSecret file:%s", path, path);
    return rv;
}

static apr_status_t read_secret(cp_ctl_t *ctl, const char *path,
                                const unsigned char **secret, apr_size_t *len)
{
    const char *error = "";
    apr_status_t rv =
        cp_secret_read(secret, len, apr_pstrcat(ctl->pool, "file:", path, NULL),
                       &error, ctl->pool);

    return rv == APR_SUCCESS ? rv : cp_ctl_fail(ctl, rv, "%s", error);
}

typedef struct renewal_t {
    cp_ctl_t *ctl;
    int count;
} renewal_t;

/* Of one clinic; told where something was sealed anew. */
static apr_status_t renew_one(renewal_t *renewal, const char *clinic_id)
{
    cp_ctx_t *cx = &renewal->ctl->cx;
    cp_audit_event_t event = {
        .clinic_id = clinic_id,
        .event = "secrets-renewed",
        .outcome = CP_AUDIT_SUCCESS,
        .entity_type = "Organization",
        .entity_id = clinic_id,
    };
    int count = 0;
    apr_status_t rv = cp_factor_reseal(cx, clinic_id, &count);

    renewal->count += count;
    return rv == APR_SUCCESS && count > 0 ? cp_audit_write(cx, &event) : rv;
}

static apr_status_t renew_all(renewal_t *renewal)
{
    json_t *clinics;
    json_t *clinic;
    size_t i;
    apr_status_t rv = cp_clinics_list(&renewal->ctl->cx, &clinics);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    json_array_foreach(clinics, i, clinic)
    {
        rv = renew_one(renewal, cp_json_string(clinic, "clinic_id", ""));
        if (rv != APR_SUCCESS) {
            return rv;
        }
    }
    return rv;
}

static apr_status_t renew_work(cp_db_t *db, void *baton)
{
    renewal_t *renewal = baton;
    cp_ctx_t *cx = &renewal->ctl->cx;
    apr_status_t rv;

    renewal->count = 0;
    cp_audit_keep(cx, cx->pool);
    rv = renew_all(renewal);
    if (rv == APR_SUCCESS) {
        rv = cp_audit_write_kept(cx);
    }
    cp_audit_forget_kept(cx);
    return rv;
}

static apr_status_t renew(cp_ctl_t *ctl)
{
    cp_keys_t *keys = &ctl->rules.keys;
    renewal_t renewal = {ctl, 0};
    apr_status_t rv = read_secret(ctl, cp_ctl_value(ctl, 0), &keys->current,
                                  &keys->current_len);

    if (rv == APR_SUCCESS) {
        rv = read_secret(ctl, cp_ctl_value(ctl, 1), &keys->previous,
                         &keys->previous_len);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_db_transaction(ctl->cx.db, renew_work, &renewal);
        if (rv == CP_EDENIED) {
            return cp_ctl_fail(ctl, rv,
                               "something was sealed with neither of "
                               "the two; nothing was changed");
        }
    }
    if (rv == APR_SUCCESS) {
        cp_ctl_say(ctl, json_pack("{s:i}", "renewed", renewal.count),
                   "%d renewed", renewal.count);
    }
    return rv;
}

const cp_ctl_command_t cp_ctl_secret[] = {
    {"secret new", "FILE",
     "Write a new random secret, readable by its owner alone.", CP_CTL_NOTHING,
     make_secret},
    {"secret renew", "FILE PREVIOUS",
     "Seal what is stored sealed under the secret in FILE instead of that in "
     "PREVIOUS.",
     CP_CTL_SCHEMA, renew},
    {NULL}};
