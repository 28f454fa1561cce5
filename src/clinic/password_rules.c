/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What a password has to be like. */
#include "clinic/password_rules.h"

#include "base/blocklist.h"
#include "base/ident.h"
#include "base/json.h"

#include <apr_strings.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#define WORDS_MAX 64
#define NAME_PART_MIN 3 /* letters; shorter ones are in too many words */

/* What there is in a password. */
typedef struct contents_t {
    int characters; /* code points */
    int letters;
    int digits;
    int capitals;
    int smalls;
    int specials;
} contents_t;

typedef struct check_t {
    cp_ctx_t *cx;
    const cp_password_owner_t *owner;
    const char *password; /* NULL: the rules are only shown */
    contents_t has;
    json_t *rules;
    int broken;
} check_t;

static void count(contents_t *has, const char *password)
{
    int32_t len = (int32_t)strlen(password);
    int32_t i = 0;

    while (i < len) {
        UChar32 c;

        U8_NEXT(password, i, len, c);
        has->characters++;
        has->letters += u_isalpha(c);
        has->digits += u_isdigit(c);
        has->capitals += u_isupper(c);
        has->smalls += u_islower(c);
        has->specials += !u_isalpha(c) && !u_isdigit(c);
    }
}

/* Small letters in the sense of Unicode; "" for what is too long. */
static const char *small(const char *text, apr_pool_t *p)
{
    enum { ROOM = 1024 };
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[ROOM];
    UChar folded[ROOM];
    char *out = apr_palloc(p, ROOM * 3);
    int32_t len = 0;

    u_strFromUTF8(wide, ROOM, &len, text, -1, &status);
    len = u_strFoldCase(folded, ROOM, wide, len, U_FOLD_CASE_DEFAULT, &status);
    u_strToUTF8(out, ROOM * 3, NULL, folded, len, &status);
    return U_SUCCESS(status) && status != U_STRING_NOT_TERMINATED_WARNING ? out
                                                                          : "";
}

/* Add a text and the words in it, in small letters, to `words`, which ends with
 * NULL. */
static void add_words(const char **words, const char *text, apr_pool_t *p)
{
    static const char between[] = " ,.;:'\"()/&-_";
    char *rest = apr_pstrdup(p, small(text, p));
    char *word;
    int i = 0;

    while (words[i] != NULL) {
        i++;
    }
    if (i < WORDS_MAX && strpbrk(rest, between) != NULL) {
        words[i++] = apr_pstrdup(p, rest);
    }
    while (i < WORDS_MAX && (word = apr_strtok(rest, between, &rest)) != NULL) {
        words[i++] = word;
    }
}

static void add_rule(check_t *check, const char *code, const char *text,
                     int is_broken)
{
    int is_shown_broken = check->password != NULL && is_broken;

    check->broken += is_shown_broken;
    (void)json_array_append_new(
        check->rules, json_pack("{s:s, s:s, s:b}", "code", code, "text", text,
                                "is_broken", is_shown_broken));
}

static void check_length(check_t *check, const cp_policy_t *policy)
{
    apr_pool_t *p = check->cx->pool;
    int least = check->owner->has_factor ? policy->password_length_with_factor
                                         : policy->password_length;

    add_rule(check, "length",
             apr_psprintf(p,
                          "At least %d characters; a few words with spaces "
                          "between them are easy to remember.",
                          least),
             check->has.characters < least);
    if (check->password != NULL && strlen(check->password) > CP_PASSWORD_MAX) {
        add_rule(check, "too-long",
                 apr_psprintf(p, "At most %d bytes.", CP_PASSWORD_MAX), 1);
    }
}

/* "clinic", "portal" and the like, the clinic's own words, the person's. */
static void check_common(check_t *check)
{
    const cp_password_owner_t *owner = check->owner;
    apr_pool_t *p = check->cx->pool;
    const char *words[WORDS_MAX + 1] = {NULL};
    int is_common = 0;

    add_words(words, "clinic clinicportal clinictracker", p);
    add_words(words, owner->username, p);
    add_words(words, owner->clinic_code, p);
    add_words(words, owner->clinic_name, p);
    if (check->password != NULL) {
        is_common = cp_blocklist_refuses(check->cx->options->blocklist, words,
                                         small(check->password, p), p);
    }
    add_rule(check, "common",
             "Not a password that many people use, not the clinic's name and "
             "not your user name, with or without digits around them.",
             is_common);
}

static int holds_name(const check_t *check)
{
    apr_pool_t *p = check->cx->pool;
    const char *words[WORDS_MAX + 1] = {NULL};
    const char *password = small(check->password, p);
    int i;

    add_words(words, check->owner->username, p);
    /* What stands behind a comma are titles. */
    add_words(words,
              apr_pstrmemdup(p, check->owner->display_name,
                             strcspn(check->owner->display_name, ",")),
              p);
    for (i = 0; words[i] != NULL; i++) {
        if (strlen(words[i]) >= NAME_PART_MIN &&
            strstr(password, words[i]) != NULL) {
            return 1;
        }
    }
    return 0;
}

static void check_clinics_own(check_t *check, const cp_policy_t *policy)
{
    const contents_t *has = &check->has;

    if (policy->password_letter_digit) {
        add_rule(check, "letter-digit", "A letter and a digit.",
                 has->letters == 0 || has->digits == 0);
    }
    if (policy->password_upper_lower) {
        add_rule(check, "upper-lower", "A capital and a small letter.",
                 has->capitals == 0 || has->smalls == 0);
    }
    if (policy->password_special) {
        add_rule(check, "special",
                 "A character that is neither a letter nor a digit.",
                 has->specials == 0);
    }
    if (policy->password_no_name) {
        add_rule(check, "name", "No part of your name or user name.",
                 check->password != NULL && holds_name(check));
    }
    add_rule(check, "history",
             policy->password_history == 0
                 ? "Not the password you have now."
                 : apr_psprintf(check->cx->pool,
                                "Neither the password you have now nor one of "
                                "the last %d.",
                                policy->password_history),
             0);
}

apr_status_t cp_password_rules(cp_ctx_t *cx, const cp_password_owner_t *owner,
                               const char *password, json_t **rules,
                               int *broken)
{
    check_t check = {.cx = cx, .owner = owner, .password = password};

    check.rules = cp_json_own(json_array(), cx->pool);
    if (password != NULL && cp_utf8_is_valid(password, strlen(password))) {
        count(&check.has, password);
    }
    check_length(&check, owner->policy);
    check_common(&check);
    check_clinics_own(&check, owner->policy);
    *rules = check.rules;
    *broken = check.broken;
    return check.rules == NULL ? APR_ENOMEM : APR_SUCCESS;
}

void cp_password_rules_break(json_t *rules, const char *code)
{
    json_t *rule;
    size_t i;

    json_array_foreach(rules, i, rule)
    {
        if (strcmp(cp_json_string(rule, "code", ""), code) == 0) {
            cp_json_put(rule, "is_broken", json_true());
        }
    }
}

const char *cp_password_rules_text(const json_t *rules, apr_pool_t *p)
{
    const char *text = "";
    json_t *rule;
    size_t i;

    json_array_foreach(rules, i, rule)
    {
        if (cp_json_is_true(rule, "is_broken")) {
            text = apr_pstrcat(p, text, text[0] == '\0' ? "" : " ",
                               cp_json_string(rule, "text", ""), NULL);
        }
    }
    return text;
}
