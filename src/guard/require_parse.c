/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Words of Require lines. */
#include "guard/require_parse.h"

#include "base/ident.h"
#include "clinic/access.h"
#include "config/values.h"

#include <apr_strings.h>
#include <string.h>

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
    cp_require_t *wanted = apr_pcalloc(cmd->pool, sizeof(*wanted));
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

const char *cp_require_parse_clinic(cmd_parms *cmd, const char *line,
                                    const void **parsed)
{
    return parse_words(cmd, line, "clinic-id", parse_clinic, parsed);
}

const char *cp_require_parse_type(cmd_parms *cmd, const char *line,
                                  const void **parsed)
{
    return parse_words(cmd, line, "clinic-type", parse_type, parsed);
}

const char *cp_require_parse_role(cmd_parms *cmd, const char *line,
                                  const void **parsed)
{
    return parse_words(cmd, line, "clinic-role", parse_role, parsed);
}

const char *cp_require_parse_permission(cmd_parms *cmd, const char *line,
                                        const void **parsed)
{
    return parse_words(cmd, line, "clinic-permission", parse_permission,
                       parsed);
}

const char *cp_require_parse_factor(cmd_parms *cmd, const char *line,
                                    const void **parsed)
{
    return parse_words(cmd, line, "clinic-factor", parse_factor, parsed);
}

const char *cp_require_parse_age(cmd_parms *cmd, const char *line,
                                 const void **parsed)
{
    cp_require_t *wanted = apr_pcalloc(cmd->pool, sizeof(*wanted));
    const char *word = ap_getword_conf(cmd->pool, &line);
    int seconds = 0;
    const char *error =
        *line != '\0' ? "takes one time, such as 10m"
                      : cp_value_seconds(&seconds, word, 1, 86400, cmd->pool);

    wanted->age = apr_time_from_sec(seconds);
    *parsed = wanted;
    return error == NULL ? NULL : complain(cmd, "clinic-auth-age", word, error);
}

/* "RIVERSIDE" or "RIVERSIDE/patient". */
static const char *parse_whose(const char *text, cp_require_user_t *user,
                               apr_pool_t *p)
{
    apr_size_t len = strcspn(text, "/");
    const char *error =
        parse_clinic(apr_pstrmemdup(p, text, len), &user->clinic_id, p);

    return error != NULL || text[len] == '\0'
               ? error
               : parse_type(text + len + 1, &user->type, p);
}

static const char *parse_user(const char *word, cp_require_user_t *user,
                              apr_pool_t *p)
{
    const char *at = strrchr(word, '@');
    apr_size_t len = at == NULL ? strlen(word) : (apr_size_t)(at - word);

    user->clinic_id = NULL;
    user->type = NULL;
    user->key = cp_ident_username_key(apr_pstrmemdup(p, word, len), p);
    if (user->key == NULL) {
        return "is no user name";
    }
    return at == NULL ? NULL : parse_whose(at + 1, user, p);
}

/* Nobody named: whoever is signed in. */
const char *cp_require_parse_user(cmd_parms *cmd, const char *line,
                                  const void **parsed)
{
    apr_array_header_t *users =
        apr_array_make(cmd->pool, 4, sizeof(cp_require_user_t));
    const char *word;

    while ((word = ap_getword_conf(cmd->pool, &line))[0] != '\0') {
        const char *error = parse_user(word, apr_array_push(users), cmd->pool);

        if (error != NULL) {
            return complain(cmd, "clinic-user", word, error);
        }
    }
    *parsed = users;
    return NULL;
}
