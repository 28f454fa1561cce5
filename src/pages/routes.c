/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Every address of the portal, in one table. */
#include "pages/account.h"
#include "pages/address.h"
#include "pages/admin.h"
#include "pages/captcha.h"
#include "pages/changes.h"
#include "pages/confirm.h"
#include "pages/documents.h"
#include "pages/entry.h"
#include "pages/factor.h"
#include "pages/help.h"
#include "pages/home.h"
#include "pages/keys.h"
#include "pages/login.h"
#include "pages/logout.h"
#include "pages/messages.h"
#include "pages/password.h"
#include "pages/reset.h"
#include "pages/schedule.h"
#include "pages/session.h"
#include "web/router.h"

static const char *const entry_fields[] = {"clinicID", "LoginType", "reason",
                                           "next", NULL};
static const char *const login_fields[] = {"clinicID",
                                           "LoginType",
                                           "username",
                                           "password",
                                           "csrf",
                                           "next",
                                           "altcha",
                                           "g-recaptcha-response",
                                           "h-captcha-response",
                                           "cf-turnstile-response",
                                           NULL};
static const char *const forgot_query[] = {"clinicID", "LoginType", NULL};
static const char *const forgot_fields[] = {"clinicID",
                                            "LoginType",
                                            "username",
                                            "csrf",
                                            "altcha",
                                            "g-recaptcha-response",
                                            "h-captcha-response",
                                            "cf-turnstile-response",
                                            NULL};
static const char *const reset_query[] = {"clinicID", "token", NULL};
static const char *const reset_fields[] = {"clinicID", "token", "password",
                                           "csrf", NULL};
static const char *const account_fields[] = {"done", NULL};
static const char *const session_fields[] = {"csrf", "session", NULL};
static const char *const device_fields[] = {"csrf", "device", NULL};
static const char *const password_fields[] = {"csrf", "next", "present",
                                              "password", NULL};
static const char *const factor_fields[] = {"csrf", "next",     "present",
                                            "code", "remember", NULL};
static const char *const whynot_fields[] = {"csrf", "kind", "username", NULL};
static const char *const reply_fields[] = {"csrf", "message_id", "text", NULL};
static const char *const address_fields[] = {"csrf", "present", "email", NULL};
static const char *const step_fields[] = {"next", NULL};
static const char *const confirm_query[] = {"need", "next", NULL};
static const char *const confirm_fields[] = {"csrf", "need",    "next", "code",
                                             "send", "present", NULL};
static const char *const logout_fields[] = {"csrf", NULL};
static const char *const challenge_fields[] = {"clinicID", NULL};
static const char *const schedule_fields[] = {"date", "view", "of", NULL};
static const char *const documents_fields[] = {"after", NULL};
static const char *const messages_fields[] = {"folder", "after", NULL};

const cp_route_t cp_routes[] = {
    {CP_GET, "/", CP_PUBLIC, 0, entry_fields, NULL, cp_page_entry_show},
    {CP_GET, "/index.aspx", CP_PUBLIC, 0, entry_fields, NULL,
     cp_page_entry_show, .is_any_case = 1},
    {CP_POST, "/login", CP_PUBLIC, 1, login_fields, NULL, cp_page_login_submit,
     cp_page_login_stale},
    {CP_GET, "/forgot", CP_PUBLIC, 0, forgot_query, NULL, cp_page_forgot_show},
    {CP_POST, "/forgot", CP_PUBLIC, 1, forgot_fields, NULL,
     cp_page_forgot_submit, cp_page_forgot_stale},
    {CP_GET, "/reset", CP_PUBLIC, 0, reset_query, NULL, cp_page_reset_show},
    {CP_POST, "/reset", CP_PUBLIC, 1, reset_fields, NULL, cp_page_reset_submit,
     cp_page_reset_stale},
    {CP_POST, "/logout", CP_SIGNED_IN_BY, 1, logout_fields, NULL,
     cp_page_logout_submit},
    {CP_GET, "/captcha/challenge", CP_PUBLIC, 0, challenge_fields, NULL,
     cp_page_captcha_challenge},
    {CP_GET, "/help", CP_PUBLIC, 0, NULL, NULL, cp_page_help_show},
    {CP_GET, "/jwks.json", CP_PUBLIC, 0, NULL, NULL, cp_page_keys_show},
    {CP_GET, "/{kind}", CP_SIGNED_IN, 0, NULL, "home", cp_page_home_show},
    {CP_GET, "/{kind}/schedule", CP_SIGNED_IN, 0, schedule_fields, "schedule",
     cp_page_schedule_show},
    {CP_GET, "/{kind}/documents", CP_SIGNED_IN, 0, documents_fields,
     "documents", cp_page_documents_list},
    {CP_GET, "/{kind}/documents/{id}", CP_SIGNED_IN, 0, NULL, "documents",
     cp_page_documents_show},
    {CP_GET, "/{kind}/documents/{id}/file", CP_SIGNED_IN, 0, NULL, "documents",
     cp_page_documents_file, .is_file = 1},
    {CP_GET, "/{kind}/messages", CP_SIGNED_IN, 0, messages_fields, "messages",
     cp_page_messages_list},
    {CP_GET, "/{kind}/messages/{id}", CP_SIGNED_IN, 0, NULL, "messages",
     cp_page_messages_show},
    {CP_POST, "/{kind}/messages/{id}/reply", CP_SIGNED_IN, 1, reply_fields,
     "messages", cp_page_messages_reply, cp_page_messages_stale, 0,
     CP_STEP_NONE, "text"},
    {CP_GET, "/{kind}/account", CP_SIGNED_IN, 0, account_fields, "account",
     cp_page_account_show},
    {CP_POST, "/{kind}/account/sessions/end", CP_SIGNED_IN, 1, session_fields,
     "account", cp_page_account_end_session},
    {CP_POST, "/{kind}/account/devices/forget", CP_SIGNED_IN, 1, device_fields,
     "account", cp_page_account_forget_device},
    {CP_GET, "/{kind}/account/password", CP_SIGNED_IN, 0, NULL, "account",
     cp_page_password_show},
    {CP_POST, "/{kind}/account/password", CP_SIGNED_IN, 1, password_fields,
     "account", cp_page_password_submit, cp_page_password_stale},
    {CP_GET, "/{kind}/signin/password", CP_SIGNED_IN, 0, step_fields, NULL,
     cp_page_password_show, NULL, 0, CP_STEP_PASSWORD},
    {CP_POST, "/{kind}/signin/password", CP_SIGNED_IN, 1, password_fields, NULL,
     cp_page_password_submit, cp_page_password_stale, 0, CP_STEP_PASSWORD},
    {CP_GET, "/{kind}/signin/factor", CP_SIGNED_IN, 0, step_fields, NULL,
     cp_page_factor_show, NULL, 0, CP_STEP_FACTOR},
    {CP_POST, "/{kind}/signin/factor", CP_SIGNED_IN, 1, factor_fields, NULL,
     cp_page_factor_submit, cp_page_factor_stale, 0, CP_STEP_FACTOR},
    {CP_POST, "/{kind}/signin/factor/send", CP_SIGNED_IN, 1, factor_fields,
     NULL, cp_page_factor_send, cp_page_factor_stale, 0, CP_STEP_FACTOR},
    {CP_GET, "/{kind}/signin/enrol", CP_SIGNED_IN, 0, step_fields, NULL,
     cp_page_enrol_show, NULL, 0, CP_STEP_ENROL},
    {CP_GET, "/{kind}/signin/enrol/qr", CP_SIGNED_IN, 0, NULL, NULL,
     cp_page_enrol_picture, NULL, 0, CP_STEP_ENROL},
    {CP_POST, "/{kind}/signin/enrol/begin", CP_SIGNED_IN, 1, factor_fields,
     NULL, cp_page_enrol_begin, cp_page_enrol_stale, 0, CP_STEP_ENROL},
    {CP_POST, "/{kind}/signin/enrol/confirm", CP_SIGNED_IN, 1, factor_fields,
     NULL, cp_page_enrol_confirm, cp_page_enrol_stale, 0, CP_STEP_ENROL},
    {CP_POST, "/{kind}/signin/enrol/mail", CP_SIGNED_IN, 1, factor_fields, NULL,
     cp_page_enrol_mail, cp_page_enrol_stale, 0, CP_STEP_ENROL},
    {CP_GET, "/{kind}/account/factor", CP_SIGNED_IN, 0, step_fields, "account",
     cp_page_enrol_show, NULL, 0, CP_STEP_NONE},
    {CP_GET, "/{kind}/account/factor/qr", CP_SIGNED_IN, 0, NULL, "account",
     cp_page_enrol_picture, .is_file = 1},
    {CP_POST, "/{kind}/account/factor/begin", CP_SIGNED_IN, 1, factor_fields,
     "account", cp_page_enrol_begin, cp_page_enrol_stale, 0, CP_STEP_NONE},
    {CP_POST, "/{kind}/account/factor/confirm", CP_SIGNED_IN, 1, factor_fields,
     "account", cp_page_enrol_confirm, cp_page_enrol_stale, 0, CP_STEP_NONE},
    {CP_POST, "/{kind}/account/factor/mail", CP_SIGNED_IN, 1, factor_fields,
     "account", cp_page_enrol_mail, cp_page_enrol_stale, 0, CP_STEP_NONE},
    {CP_POST, "/{kind}/account/factor/codes", CP_SIGNED_IN, 1, factor_fields,
     "account", cp_page_enrol_codes, cp_page_enrol_stale, 0, CP_STEP_NONE},
    {CP_POST, "/{kind}/account/factor/remove", CP_SIGNED_IN, 1, factor_fields,
     "account", cp_page_enrol_remove, cp_page_enrol_stale, 0, CP_STEP_NONE},
    {CP_GET, "/{kind}/account/mail", CP_SIGNED_IN, 0, NULL, "account",
     cp_page_address_show},
    {CP_POST, "/{kind}/account/mail", CP_SIGNED_IN, 1, address_fields,
     "account", cp_page_address_submit, cp_page_address_stale},
    {CP_GET, "/{kind}/confirm", CP_SIGNED_IN, 0, confirm_query, NULL,
     cp_page_confirm_show},
    {CP_POST, "/{kind}/confirm", CP_SIGNED_IN, 1, confirm_fields, NULL,
     cp_page_confirm_submit, cp_page_confirm_stale},
    {CP_GET, "/{kind}/admin/why-not", CP_SIGNED_IN, 0, NULL, "account",
     cp_page_whynot_show},
    {CP_POST, "/{kind}/admin/why-not", CP_SIGNED_IN, 1, whynot_fields,
     "account", cp_page_whynot_ask, cp_page_whynot_stale},
    {CP_GET, "/{kind}/session", CP_SIGNED_IN, 0, NULL, NULL,
     cp_page_session_show, NULL, 1},
    {CP_POST, "/{kind}/session", CP_SIGNED_IN, 1, logout_fields, NULL,
     cp_page_session_stay},
    {CP_GET, "/{kind}/changes", CP_SIGNED_IN, 0, NULL, NULL,
     cp_page_changes_show, NULL, 1},
};

_Static_assert(sizeof(cp_routes) / sizeof(cp_routes[0]) < CP_METER_ROUTES,
               "every route has a counter, and one is left for the rest");

const int cp_route_count = sizeof(cp_routes) / sizeof(cp_routes[0]);
