/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The front door: which clinic, which tab. */
#include "pages/entry.h"

#include "base/ident.h"
#include "base/status.h"
#include "pages/login.h"
#include "web/identity.h"
#include "web/signed_out.h"

#include <httpd.h>

#define MALFORMED                                                              \
    "That is not a Clinic ID. It has up to 32 letters and digits (also - and " \
    "_ inside), without spaces, such as RIVERSIDE."
#define UNKNOWN                                                                \
    "No clinic has this Clinic ID. Check it for a typing mistake, or ask "     \
    "your "                                                                    \
    "clinic which ID it uses."

static cp_kind_t chosen_kind(const cp_request_t *req, const cp_clinic_t *clinic)
{
    cp_kind_t kind = clinic->default_tab;

    (void)cp_kind_parse(cp_request_query(req, "LoginType"), &kind);
    return kind;
}

apr_status_t cp_page_entry_ask(cp_request_t *req, cp_reply_t *reply,
                               const char *message, const char *typed)
{
    const char *reason = cp_request_query(req, "reason");
    const char *login_type = NULL;
    const char *code = NULL;
    cp_kind_t kind;

    if (cp_kind_parse(cp_request_query(req, "LoginType"), &kind) ==
        APR_SUCCESS) {
        login_type = cp_kind_label(kind);
    }
    if (typed == NULL && message == NULL &&
        cp_identity_recall(req, &code, &kind) == APR_SUCCESS) {
        typed = code;
    }
    if (message != NULL) {
        reply->error = "clinic";
        reply->message = message;
    }
    cp_reply_view(
        req, reply, "clinic",
        json_pack("{s:s, s:s?, s:s?, s:s?, s:s?, s:s?}", "action_url",
                  cp_request_url(req, "/index.aspx"), "message", message,
                  "notice",
                  reason == NULL ? NULL : cp_signed_out_text(req, reason),
                  "typed", typed, "login_type", login_type, "next",
                  cp_request_query(req, "next")));
    return APR_SUCCESS;
}

apr_status_t cp_page_entry_clinic(cp_request_t *req, cp_reply_t *reply,
                                  const char *typed, const cp_clinic_t **clinic)
{
    apr_status_t rv;

    *clinic = NULL;
    if (typed == NULL || !cp_ident_is_clinic_code(typed)) {
        reply->status = HTTP_BAD_REQUEST;
        return cp_page_entry_ask(req, reply, MALFORMED, NULL);
    }
    rv = cp_clinic_find(&req->cx, typed, clinic);
    if (rv == APR_ENOENT) {
        *clinic = NULL;
        reply->status = HTTP_NOT_FOUND;
        return cp_page_entry_ask(req, reply, UNKNOWN, typed);
    }
    req->clinic = *clinic;
    return rv;
}

/* Whoever is signed in there already goes straight on. */
static apr_status_t skip_if_signed_in(cp_request_t *req, cp_reply_t *reply,
                                      cp_kind_t kind)
{
    const cp_session_t *session;
    const char *target;
    cp_session_end_t why;
    apr_status_t rv = cp_identity_find(req, kind, &session, &why);

    if (rv != APR_SUCCESS ||
        strcmp(session->clinic->clinic_id, req->clinic->clinic_id) != 0) {
        return rv == CP_EDENIED || rv == APR_ENOENT ? APR_SUCCESS : rv;
    }
    target = cp_signed_out_target(req, cp_request_query(req, "next"));
    cp_reply_redirect(reply,
                      target != NULL
                          ? target
                          : cp_request_url(req, "/%s/", cp_kind_word(kind)));
    return APR_SUCCESS;
}

apr_status_t cp_page_entry_show(cp_request_t *req, cp_reply_t *reply)
{
    const char *typed = cp_request_query(req, "clinicID");
    const cp_clinic_t *clinic;
    cp_kind_t kind;
    apr_status_t rv;

    if (typed == NULL) {
        return cp_page_entry_ask(req, reply, NULL, NULL);
    }
    rv = cp_page_entry_clinic(req, reply, typed, &clinic);
    if (rv != APR_SUCCESS || clinic == NULL) {
        return rv;
    }
    kind = chosen_kind(req, clinic);
    rv = skip_if_signed_in(req, reply, kind);
    if (rv != APR_SUCCESS || reply->location != NULL) {
        return rv;
    }
    return cp_page_login_show(req, reply, kind);
}
