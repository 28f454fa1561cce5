/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Help: works even while the database does not. */
#include "pages/help.h"

#include "web/identity.h"

/* The clinic remembered from last time, for its contact; none is no error. */
static void recall_clinic(cp_request_t *req)
{
    const cp_clinic_t *clinic;
    const char *code;
    cp_kind_t kind;

    if (cp_identity_recall(req, &code, &kind) == APR_SUCCESS &&
        cp_clinic_find(&req->cx, code, &clinic) == APR_SUCCESS) {
        req->clinic = clinic;
    }
}

apr_status_t cp_page_help_show(cp_request_t *req, cp_reply_t *reply)
{
    recall_clinic(req);
    cp_reply_view(
        req, reply, "help",
        json_pack("{s:s, s:b}", "sign_in_url", cp_request_url(req, "/"),
                  "has_captcha",
                  req->portal->options.captcha.mode != CP_CAPTCHA_OFF));
    return APR_SUCCESS;
}
