/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
#include "clinic/housekeeping.h"

#include "clinic/device.h"
#include "clinic/draft.h"

/* Dead rows stay this long, so that the page can still say why, and so that
 * nodes whose clocks differ agree on what was spent. */
#define SESSION_REMEMBERED_FOR apr_time_from_sec(24 * 3600)
#define NONCE_REMEMBERED_FOR apr_time_from_sec(3600)

static apr_status_t prune(cp_ctx_t *cx, const char *statement,
                          apr_time_t before)
{
    return cp_db_execute(cx->db, statement,
                         json_pack("{s:I}", "before", (json_int_t)before),
                         NULL);
}

static apr_status_t prune_all(cp_db_t *db, void *baton)
{
    cp_ctx_t *cx = baton;
    apr_time_t now = cp_now(cx->port);
    apr_status_t rv = prune(cx, "session_prune", now - SESSION_REMEMBERED_FOR);

    (void)db;
    if (rv == APR_SUCCESS) {
        rv = prune(cx, "captcha_prune", now - NONCE_REMEMBERED_FOR);
    }
    if (rv == APR_SUCCESS) {
        rv = prune(cx, "throttle_prune", now);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_device_prune(cx);
    }
    return rv == APR_SUCCESS ? cp_draft_prune(cx) : rv;
}

apr_status_t cp_housekeeping(cp_ctx_t *cx)
{
    return cp_db_transaction(cx->db, prune_all, cx);
}
