/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What Require lines ask, compared with the session at each request. */
#include "guard/require.h"

#include "base/ident.h"
#include "clinic/access.h"
#include "config/config.h"
#include "guard/require_parse.h"
#include "guard/who.h"

#include <http_request.h>
#include <mod_auth.h>
#include <string.h>

/* The session the request is let through for, if one is open; then
 * src/guard/who has found it. */
static const cp_session_t *session_of(const request_rec *r)
{
    const cp_note_t *note = cp_note_find(r);

    return note == NULL ? NULL : note->session;
}

/* Where other modules say who it is, there is a user and no session. */
static authz_status nobody(const request_rec *r)
{
    return r->user == NULL ? AUTHZ_DENIED_NO_USER : AUTHZ_DENIED;
}

static authz_status verdict(int is_met)
{
    return is_met ? AUTHZ_GRANTED : AUTHZ_DENIED;
}

static int has_word(const apr_array_header_t *words, const char *word)
{
    int i;

    for (i = 0; i < words->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(words, i, const char *), word) == 0) {
            return 1;
        }
    }
    return 0;
}

/* Is one of the words in the list, which parts its own by spaces? */
static int has_any_of(const apr_array_header_t *words, const char *list)
{
    int i;

    for (i = 0; i < words->nelts; i++) {
        if (cp_access_has(list, APR_ARRAY_IDX(words, i, const char *))) {
            return 1;
        }
    }
    return 0;
}

/* A name may be one of staff's and another person's, a patient's. Where it is
 * not said whose, it is that of whom ClinicPortalLogin lets in, and of staff
 * where that is either. */
static int is_of_type(const request_rec *r, const cp_require_user_t *user,
                      cp_kind_t kind)
{
    const cp_config_t *cfg = cp_config_of(r->per_dir_config);

    if (user->type != NULL) {
        return strcmp(user->type, cp_kind_word(kind)) == 0;
    }
    return kind == CP_KIND_STAFF ||
           cp_config_login_kinds(cfg) == CP_LOGIN_PATIENT;
}

static int is_user(const request_rec *r, const cp_require_user_t *user,
                   const cp_session_t *session, const char *key)
{
    return strcmp(user->key, key) == 0 && is_of_type(r, user, session->kind) &&
           (user->clinic_id == NULL ||
            strcmp(user->clinic_id, session->clinic->clinic_id) == 0);
}

static authz_status check_user(request_rec *r, const char *line,
                               const void *parsed)
{
    const cp_session_t *session = session_of(r);
    const apr_array_header_t *users = parsed;
    const char *key;
    int i;

    (void)line;
    if (session == NULL) {
        return nobody(r);
    }
    if (users->nelts == 0) {
        return AUTHZ_GRANTED;
    }
    key = cp_ident_username_key(session->username, r->pool);
    for (i = 0; key != NULL && i < users->nelts; i++) {
        if (is_user(r, &APR_ARRAY_IDX(users, i, cp_require_user_t), session,
                    key)) {
            return AUTHZ_GRANTED;
        }
    }
    return AUTHZ_DENIED;
}

/* A fact of a session: a word, or several parted by spaces. */
typedef const char *(*fact_of_t)(const cp_session_t *session);

static authz_status check_fact(const request_rec *r, const cp_require_t *wanted,
                               fact_of_t fact_of)
{
    const cp_session_t *session = session_of(r);

    return session == NULL
               ? nobody(r)
               : verdict(has_any_of(wanted->words, fact_of(session)));
}

static const char *clinic_of(const cp_session_t *session)
{
    return session->clinic->clinic_id;
}

static const char *type_of(const cp_session_t *session)
{
    return cp_kind_word(session->kind);
}

static const char *roles_of(const cp_session_t *session)
{
    return session->roles;
}

static const char *permissions_of(const cp_session_t *session)
{
    return session->permissions;
}

static authz_status check_clinic(request_rec *r, const char *line,
                                 const void *parsed)
{
    (void)line;
    return check_fact(r, parsed, clinic_of);
}

static authz_status check_type(request_rec *r, const char *line,
                               const void *parsed)
{
    (void)line;
    return check_fact(r, parsed, type_of);
}

static authz_status check_role(request_rec *r, const char *line,
                               const void *parsed)
{
    (void)line;
    return check_fact(r, parsed, roles_of);
}

static authz_status check_permission(request_rec *r, const char *line,
                                     const void *parsed)
{
    (void)line;
    return check_fact(r, parsed, permissions_of);
}

/* Could the person still give what is missing? That is for src/guard/guard to
 * find out. */
static authz_status lacking(request_rec *r, int what)
{
    cp_who_t *who = cp_note_of(r)->who;

    who->lacks |= what;
    return verdict(who->assumes_given);
}

static const char *factor_to_ask_for(const apr_array_header_t *words)
{
    int has_otp = has_word(words, "otp");
    int has_mail = has_word(words, "mail");

    if (has_otp == has_mail) {
        return "any";
    }
    return has_otp ? "otp" : "mail";
}

static authz_status check_factor(request_rec *r, const char *line,
                                 const void *parsed)
{
    const cp_session_t *session = session_of(r);
    const cp_require_t *wanted = parsed;

    (void)line;
    if (session == NULL) {
        return nobody(r);
    }
    if (session->factor[0] != '\0' &&
        (has_word(wanted->words, "any") ||
         has_word(wanted->words, session->factor))) {
        return AUTHZ_GRANTED;
    }
    cp_note_of(r)->who->factor_wanted = factor_to_ask_for(wanted->words);
    return lacking(r, CP_LACKS_FACTOR);
}

static authz_status check_age(request_rec *r, const char *line,
                              const void *parsed)
{
    const cp_session_t *session = session_of(r);
    const cp_require_t *wanted = parsed;

    (void)line;
    if (session == NULL) {
        return nobody(r);
    }
    return r->request_time - session->authenticated_at <= wanted->age
               ? AUTHZ_GRANTED
               : lacking(r, CP_LACKS_AGE);
}

void cp_require_register(apr_pool_t *p)
{
    static const struct {
        const char *name;
        authz_provider provider;
    } words[] = {
        {"clinic-user", {check_user, cp_require_parse_user}},
        {"clinic-id", {check_clinic, cp_require_parse_clinic}},
        {"clinic-type", {check_type, cp_require_parse_type}},
        {"clinic-role", {check_role, cp_require_parse_role}},
        {"clinic-permission", {check_permission, cp_require_parse_permission}},
        {"clinic-factor", {check_factor, cp_require_parse_factor}},
        {"clinic-auth-age", {check_age, cp_require_parse_age}},
    };
    apr_size_t i;

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        ap_register_auth_provider(p, AUTHZ_PROVIDER_GROUP, words[i].name,
                                  AUTHZ_PROVIDER_VERSION, &words[i].provider,
                                  AP_AUTH_INTERNAL_PER_CONF);
    }
}
