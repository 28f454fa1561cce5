/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The "I'm not a robot" box in pages, and the ALTCHA challenge. */
#include "pages/captcha.h"

#include "base/ident.h"
#include "base/status.h"
#include "clinic/captcha.h"
#include "web/identity.h"

apr_status_t cp_page_captcha_challenge(cp_request_t *req, cp_reply_t *reply)
{
    const char *code = cp_request_query(req, "clinicID");
    const char *visit = cp_identity_visit_digest(req);
    const cp_clinic_t *clinic;
    json_t *challenge;
    apr_status_t rv;

    if (code == NULL || !cp_ident_is_clinic_code(code) || visit[0] == '\0') {
        return CP_EINPUT;
    }
    rv = cp_clinic_find(&req->cx, code, &clinic);
    if (rv == APR_SUCCESS) {
        rv = cp_captcha_challenge(&req->cx, clinic, visit, &challenge);
    }
    if (rv == APR_SUCCESS) {
        cp_reply_json(req, reply, json_incref(challenge));
    }
    return rv;
}

json_t *cp_page_captcha_model(const cp_request_t *req)
{
    const cp_captcha_options_t *captcha = &req->portal->options.captcha;

    switch (captcha->mode) {
    case CP_CAPTCHA_ALTCHA:
        return json_pack("{s:b, s:s}", "is_altcha", 1, "challenge_url",
                         cp_request_url(req, "/captcha/challenge?clinicID=%s",
                                        req->clinic->code));
    case CP_CAPTCHA_REMOTE:
        return json_pack("{s:b, s:s, s:s, s:s, s:s?}", "is_remote", 1,
                         "script_url", captcha->provider->script_url,
                         "widget_class", captcha->provider->widget_class,
                         "site_key", captcha->site_key, "action",
                         captcha->provider->expects_action ? "login" : NULL);
    default:
        return json_null();
    }
}
