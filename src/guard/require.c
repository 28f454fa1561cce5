/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What a Require line asks: parsed with the configuration, compared with the
 * session at each request. */
#include "guard/require.h"

#include "base/ident.h"
#include "clinic/access.h"
#include "config/config.h"
#include "config/values.h"
#include "guard/who.h"

#include <apr_strings.h>
#include <http_request.h>
#include <mod_auth.h>
#include <string.h>
#include <strings.h>

/* Words of a line, each checked and in the form it is compared in. */
typedef struct wanted_t {
    apr_array_header_t *words; /* const char * */
    apr_interval_time_t age;
} wanted_t;

typedef struct user_t {
    const char *key;       /* of the user name */
    const char *clinic_id; /* NULL: of any clinic */
} user_t;

/* NULL and the word as it is compared, or what is wrong with it. */
typedef const char *(*word_parser_t)(const char *word, const char **parsed,
                                     apr_pool_t *p);

static const char *parse_clinic(const char *word, const char **parsed,
                                apr_pool_t *p)
{
    if (!cp_ident_is_clinic_code(word)) {
        return "a Clinic ID has up to 32 letters and digits, also - and _ "
               "inside";
    }
    *parsed = cp_ident_clinic_id(word, p);
    return NULL;
}

static const char *parse_type(const char *word, const char **parsed,
                              apr_pool_t *p)
{
    static const char *const types[] = {"staff", "patient", NULL};

    return cp_value_word(parsed, word, types, p);
}

static const char *parse_role(const char *word, const char **parsed,
                              apr_pool_t *p)
{
    (void)p;
    *parsed = word;
    return strlen(word) <= 32 &&
                   word[strspn(word,
                               "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0'
               ? NULL
               : "a role is a word of a-z, 0-9 and -, at most 32 long";
}

static const char *parse_permission(const char *word, const char **parsed,
                                    apr_pool_t *p)
{
    (void)p;
    *parsed = word;
    return cp_access_is_permission(word)
               ? NULL
               : "the permissions are staff-portal, patient-portal, "
                 "schedule-all, documents-all and clinic-admin";
}

static const char *parse_factor(const char *word, const char **parsed,
                                apr_pool_t *p)
{
    static const char *const factors[] = {"any",      "otp",    "mail",
                                          "recovery", "device", NULL};

    return cp_value_word(parsed, word, factors, p);
}

static const char *complain(const cmd_parms *cmd, const char *name,
                            const char *word, const char *error)
{
    return apr_pstrcat(cmd->pool, "Require ", name, " \"", word, "\": ", error,
                       NULL);
}

static const char *parse_words(cmd_parms *cmd, const char *line,
                               const char *name, word_parser_t parse,
                               const void **parsed)
{
    wanted_t *wanted = apr_pcalloc(cmd->pool, sizeof(*wanted));
    const char *word;

    wanted->words = apr_array_make(cmd->pool, 4, sizeof(const char *));
    while ((word = ap_getword_conf(cmd->pool, &line))[0] != '\0') {
        const char *value = NULL;
        const char *error = parse(word, &value, cmd->pool);

        if (error != NULL) {
            return complain(cmd, name, word, error);
        }
        APR_ARRAY_PUSH(wanted->words, const char *) = value;
    }
    *parsed = wanted;
    return wanted->words->nelts == 0
               ? apr_pstrcat(cmd->pool, "Require ", name,
                             " takes one word or more", NULL)
               : NULL;
}

static const char *parse_clinic_line(cmd_parms *cmd, const char *line,
                                     const void **parsed)
{
    return parse_words(cmd, line, "clinic-id", parse_clinic, parsed);
}

static const char *parse_type_line(cmd_parms *cmd, const char *line,
                                   const void **parsed)
{
    return parse_words(cmd, line, "clinic-type", parse_type, parsed);
}

static const char *parse_role_line(cmd_parms *cmd, const char *line,
                                   const void **parsed)
{
    return parse_words(cmd, line, "clinic-role", parse_role, parsed);
}

static const char *parse_permission_line(cmd_parms *cmd, const char *line,
                                         const void **parsed)
{
    return parse_words(cmd, line, "clinic-permission", parse_permission,
                       parsed);
}

static const char *parse_factor_line(cmd_parms *cmd, const char *line,
                                     const void **parsed)
{
    return parse_words(cmd, line, "clinic-factor", parse_factor, parsed);
}

static const char *parse_age_line(cmd_parms *cmd, const char *line,
                                  const void **parsed)
{
    wanted_t *wanted = apr_pcalloc(cmd->pool, sizeof(*wanted));
    const char *word = ap_getword_conf(cmd->pool, &line);
    int seconds = 0;
    const char *error =
        *line != '\0' ? "takes one time, such as 10m"
                      : cp_value_seconds(&seconds, word, 1, 86400, cmd->pool);

    wanted->age = apr_time_from_sec(seconds);
    *parsed = wanted;
    return error == NULL ? NULL : complain(cmd, "clinic-auth-age", word, error);
}

/* Nobody named: whoever is signed in. */
static const char *parse_user_line(cmd_parms *cmd, const char *line,
                                   const void **parsed)
{
    apr_array_header_t *users =
        apr_array_make(cmd->pool, 4, sizeof(const user_t));
    const char *word;

    while ((word = ap_getword_conf(cmd->pool, &line))[0] != '\0') {
        const char *at = strrchr(word, '@');
        user_t *user = apr_array_push(users);
        const char *error = NULL;

        user->clinic_id = NULL;
        if (at != NULL) {
            error = parse_clinic(at + 1, &user->clinic_id, cmd->pool);
            word = apr_pstrmemdup(cmd->pool, word, (apr_size_t)(at - word));
        }
        user->key = cp_ident_username_key(word, cmd->pool);
        if (user->key == NULL) {
            error = "is no user name";
        }
        if (error != NULL) {
            return complain(cmd, "clinic-user", word, error);
        }
    }
    *parsed = users;
    return NULL;
}

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
        const user_t *user = &APR_ARRAY_IDX(users, i, user_t);

        if (strcmp(user->key, key) == 0 &&
            (user->clinic_id == NULL ||
             strcmp(user->clinic_id, session->clinic->clinic_id) == 0)) {
            return AUTHZ_GRANTED;
        }
    }
    return AUTHZ_DENIED;
}

static authz_status check_clinic(request_rec *r, const char *line,
                                 const void *parsed)
{
    const cp_session_t *session = session_of(r);
    const wanted_t *wanted = parsed;

    (void)line;
    return session == NULL
               ? nobody(r)
               : verdict(has_word(wanted->words, session->clinic->clinic_id));
}

static authz_status check_type(request_rec *r, const char *line,
                               const void *parsed)
{
    const cp_session_t *session = session_of(r);
    const wanted_t *wanted = parsed;

    (void)line;
    return session == NULL
               ? nobody(r)
               : verdict(has_word(wanted->words, cp_kind_word(session->kind)));
}

static authz_status check_role(request_rec *r, const char *line,
                               const void *parsed)
{
    const cp_session_t *session = session_of(r);
    const wanted_t *wanted = parsed;

    (void)line;
    return session == NULL ? nobody(r)
                           : verdict(has_any_of(wanted->words, session->roles));
}

static authz_status check_permission(request_rec *r, const char *line,
                                     const void *parsed)
{
    const cp_session_t *session = session_of(r);
    const wanted_t *wanted = parsed;

    (void)line;
    return session == NULL
               ? nobody(r)
               : verdict(has_any_of(wanted->words, session->permissions));
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
    const wanted_t *wanted = parsed;

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
    const wanted_t *wanted = parsed;

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
        {"clinic-user", {check_user, parse_user_line}},
        {"clinic-id", {check_clinic, parse_clinic_line}},
        {"clinic-type", {check_type, parse_type_line}},
        {"clinic-role", {check_role, parse_role_line}},
        {"clinic-permission", {check_permission, parse_permission_line}},
        {"clinic-factor", {check_factor, parse_factor_line}},
        {"clinic-auth-age", {check_age, parse_age_line}},
    };
    apr_size_t i;

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        ap_register_auth_provider(p, AUTHZ_PROVIDER_GROUP, words[i].name,
                                  AUTHZ_PROVIDER_VERSION, &words[i].provider,
                                  AP_AUTH_INTERNAL_PER_CONF);
    }
}
