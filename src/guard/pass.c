/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Facts for the application. */
#include "guard/pass.h"

#include "base/encode.h"
#include "base/header.h"
#include "config/config.h"
#include "guard/token.h"
#include "guard/who.h"
#include "web/identity.h"
#include "web/log.h"

#include <apr_strings.h>
#include <string.h>

#define TOKEN_WORD "Token"
#define REDIRECTED "REDIRECT_"
#define OF_HEADER "HTTP_"

static const char *fact_text(const request_rec *r, const cp_session_t *session,
                             cp_fact_t fact)
{
    switch (fact) {
    case CP_FACT_CLINIC:
        return session->clinic->code;
    case CP_FACT_TYPE:
        return cp_kind_word(session->kind);
    case CP_FACT_USER:
        return session->username;
    case CP_FACT_NAME:
        return session->display_name;
    case CP_FACT_ID:
        return session->account_id;
    case CP_FACT_ROLE:
        return session->roles;
    case CP_FACT_PERMISSIONS:
        return session->permissions;
    case CP_FACT_FACTOR:
        return session->factor;
    default:
        return apr_psprintf(
            r->pool, "%" APR_TIME_T_FMT,
            (apr_time_t)apr_time_sec(session->authenticated_at));
    }
}

/* The format was checked with the configuration: every brace opens a word. */
void cp_pass_user(request_rec *r)
{
    static const struct {
        const char *word;
        cp_fact_t fact;
    } words[] = {
        {"{clinic}", CP_FACT_CLINIC},
        {"{user}", CP_FACT_USER},
        {"{type}", CP_FACT_TYPE},
        {"{id}", CP_FACT_ID},
    };
    const cp_session_t *session = cp_note_of(r)->session;
    const char *at = cp_config_remote_user(cp_config_of(r->per_dir_config));
    char *user = apr_pstrdup(r->pool, "");

    r->user = NULL;
    r->ap_auth_type = NULL;
    if (session == NULL) {
        return;
    }
    while (*at != '\0') {
        apr_size_t plain = strcspn(at, "{");
        apr_size_t i;

        user = apr_pstrcat(r->pool, user, apr_pstrmemdup(r->pool, at, plain),
                           NULL);
        at += plain;
        for (i = 0; *at == '{' && i < sizeof(words) / sizeof(words[0]); i++) {
            apr_size_t len = strlen(words[i].word);

            if (strncmp(at, words[i].word, len) == 0) {
                user = apr_pstrcat(r->pool, user,
                                   fact_text(r, session, words[i].fact), NULL);
                at += len;
            }
        }
    }
    r->user = user;
    r->ap_auth_type = (char *)"ClinicPortal";
}

static const char *const variables[] = {
#define X(fact, word, variable) variable,
    CP_FACTS(X)
#undef X
};

static int is_ours(const char *sent, const char *prefix)
{
    int i;

    for (i = 0; cp_fact_words[i] != NULL; i++) {
        if (cp_header_is(sent, prefix, cp_fact_words[i])) {
            return 1;
        }
    }
    return cp_header_is(sent, prefix, TOKEN_WORD);
}

static int is_forged(const char *name, const char *prefix)
{
    return is_ours(name, prefix) || is_ours(name, CP_HEADER_PREFIX);
}

/* A proxy drops the headers that Connection names (RFC 9110 section 7.6.1), so
 * that a client could take ours away. mod_proxy parts them at ";" as well. */
static void keep_ours(request_rec *r, const char *prefix)
{
    static const char separators[] = ",; \t\v\f";
    const char *sent = apr_table_get(r->headers_in, "Connection");
    apr_array_header_t *left = apr_array_make(r->pool, 4, sizeof(const char *));
    char *last = NULL;
    char *copy = apr_pstrdup(r->pool, sent == NULL ? "" : sent);
    char *name;

    for (name = apr_strtok(copy, separators, &last); name != NULL;
         name = apr_strtok(NULL, separators, &last)) {
        if (!is_forged(name, prefix)) {
            APR_ARRAY_PUSH(left, const char *) = name;
        }
    }
    if (left->nelts == 0) {
        apr_table_unset(r->headers_in, "Connection");
    }
    else {
        apr_table_setn(r->headers_in, "Connection",
                       apr_array_pstrcat(r->pool, left, ','));
    }
}

/* The variable that httpd made of such a header, or of cookies, for a program
 * or page that this request comes from. */
static int is_left_behind(const char *name, const char *prefix)
{
    while (strncmp(name, REDIRECTED, strlen(REDIRECTED)) == 0) {
        name += strlen(REDIRECTED);
    }
    if (strncmp(name, OF_HEADER, strlen(OF_HEADER)) != 0) {
        return 0;
    }
    name += strlen(OF_HEADER);
    return strcmp(name, "COOKIE") == 0 || is_forged(name, prefix);
}

static void drop(apr_table_t *table, const char *prefix,
                 int (*is_dropped)(const char *name, const char *prefix))
{
    const apr_array_header_t *all = apr_table_elts(table);
    int i = 0;

    while (i < all->nelts) {
        const char *name = APR_ARRAY_IDX(all, i, apr_table_entry_t).key;

        if (is_dropped(name, prefix)) {
            apr_table_unset(table, name);
            i = 0;
        }
        else {
            i++;
        }
    }
}

/* Sub-requests and redirects of the same client still need ours. */
static void hide_cookies(request_rec *r)
{
    const char *sent = apr_table_get(r->headers_in, "Cookie");
    cp_note_t *note = cp_note_of(cp_note_top(r));
    const char *left;

    if (sent == NULL) {
        return;
    }
    if (note->cookies == NULL) {
        note->cookies = sent;
    }
    left = cp_identity_strip(sent, r->pool);
    if (left == NULL) {
        apr_table_unset(r->headers_in, "Cookie");
    }
    else {
        apr_table_setn(r->headers_in, "Cookie", left);
    }
}

/* Names of people are UTF-8, headers are ASCII: the rest is escaped as in
 * addresses (RFC 3986). */
static void set_header(request_rec *r, const char *prefix, const char *word,
                       const char *text)
{
    apr_table_setn(r->headers_in, apr_pstrcat(r->pool, prefix, word, NULL),
                   cp_encode_header(text, r->pool));
}

/* A sub-request begins with its parent's variables, and a request that is led
 * somewhere keeps its own: they may be of somebody whom this place lets be
 * nobody. */
static void drop_person(request_rec *r)
{
    apr_size_t i;

    for (i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        apr_table_unset(r->subprocess_env, variables[i]);
    }
    if (r->user == NULL) {
        apr_table_unset(r->subprocess_env, "REMOTE_USER");
        apr_table_unset(r->subprocess_env, "AUTH_TYPE");
    }
}

void cp_pass_nothing(request_rec *r)
{
    const cp_config_t *cfg = cp_config_of(r->per_dir_config);
    const char *prefix = cp_config_header_prefix(cfg);

    keep_ours(r, prefix);
    drop(r->headers_in, prefix, is_forged);
    drop(r->subprocess_env, prefix, is_left_behind);
    drop_person(r);
    if (!cp_config_passes_cookies(cfg)) {
        hide_cookies(r);
    }
}

void cp_pass_facts(request_rec *r)
{
    const cp_config_t *cfg = cp_config_of(r->per_dir_config);
    const cp_session_t *session = cp_note_of(r)->session;
    const char *prefix = cp_config_header_prefix(cfg);
    int sent = cp_config_header_facts(cfg);
    const char *token;
    int i;

    cp_log_notes(r, &cp_note_of(r)->who->req);
    cp_pass_nothing(r);
    for (i = 0; i < CP_FACT_COUNT && session != NULL; i++) {
        const char *text = fact_text(r, session, (cp_fact_t)i);

        apr_table_setn(r->subprocess_env, variables[i], text);
        if ((sent & (1 << i)) != 0) {
            set_header(r, prefix, cp_fact_words[i], text);
        }
    }
    token = session == NULL ? NULL : cp_guard_token(r, session);
    if (token != NULL) {
        set_header(r, prefix, TOKEN_WORD, token);
    }
}
