/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What an administrator of the clinic may ask. */
#include "pages/admin.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/access.h"
#include "clinic/audit.h"
#include "clinic/whynot.h"
#include "pages/steps.h"

#include <httpd.h>
#include <string.h>

static int is_admin(const cp_request_t *req)
{
    return req->session->kind == CP_KIND_STAFF &&
           cp_access_has(req->session->permissions, CP_PERMISSION_CLINIC_ADMIN);
}

/* answer NULL: nothing was asked yet. */
static void show(cp_request_t *req, cp_reply_t *reply,
                 const cp_whynot_t *answer, const char *kind)
{
    json_t *model =
        json_pack("{s:s, s:b, s:s?, s:s?}", "action_url",
                  cp_request_url(req, "/staff/admin/why-not"), "is_patient",
                  strcmp(kind, "patient") == 0, "username",
                  cp_request_body(req, "username"), "alert", reply->message);

    if (answer != NULL) {
        cp_json_put(model, "answer",
                    json_pack("{s:s, s:s?, s:s?, s:b}", "why", answer->why,
                              "gate", answer->gate, "remedy", answer->remedy,
                              "refuses", answer->gate != NULL));
    }
    cp_reply_view(req, reply, "whynot", model);
}

apr_status_t cp_page_whynot_show(cp_request_t *req, cp_reply_t *reply)
{
    if (!is_admin(req)) {
        return APR_ENOENT;
    }
    show(req, reply, NULL, "staff");
    return APR_SUCCESS;
}

apr_status_t cp_page_whynot_stale(cp_request_t *req, cp_reply_t *reply)
{
    cp_reply_alert(reply, HTTP_FORBIDDEN, "stale", CP_STALE_TEXT);
    return cp_page_whynot_show(req, reply);
}

static apr_status_t audit(cp_request_t *req, const cp_whynot_t *answer)
{
    cp_audit_event_t event = {
        .clinic_id = req->session->clinic->clinic_id,
        .event = "why-not",
        .outcome = CP_AUDIT_SUCCESS,
        .reason = answer->gate,
        .account_id = req->session->account_id,
        .kind = cp_kind_word(req->session->kind),
        .username = req->session->username,
    };

    return cp_audit_write(&req->cx, &event);
}

apr_status_t cp_page_whynot_ask(cp_request_t *req, cp_reply_t *reply)
{
    const char *username = cp_request_body(req, "username");
    const char *word = cp_request_body(req, "kind");
    cp_whynot_t answer;
    cp_kind_t kind;
    apr_status_t rv;

    if (!is_admin(req)) {
        return APR_ENOENT;
    }
    if (username == NULL || word == NULL ||
        cp_kind_parse(word, &kind) != APR_SUCCESS) {
        return CP_EINPUT;
    }
    rv = cp_whynot(&req->cx, req->clinic->code, kind, username, &answer);
    if (rv == APR_SUCCESS) {
        rv = audit(req, &answer);
    }
    if (rv == APR_SUCCESS) {
        show(req, reply, &answer, cp_kind_word(kind));
    }
    return rv;
}
