/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The remote CAPTCHA providers that share Google's "siteverify" protocol: one
 * row of data for each, and one judge of what they answer. Sends nothing. */
#ifndef CP_SITEVERIFY_H
#define CP_SITEVERIFY_H

#include <apr_pools.h>
#include <apr_tables.h>
#include <apr_time.h>

#define CP_SITEVERIFY_ANSWER_MAX 16384 /* bytes of JSON */

/* Sources the page with the widget adds to its Content-Security-Policy, one
 * text for each directive; "" where it needs none. */
typedef struct cp_siteverify_csp_t {
    const char *script;
    const char *frame;
    const char *style;
    const char *connect;
    const char *img;
} cp_siteverify_csp_t;

typedef struct cp_siteverify_t {
    const char *name;         /* as in the configuration */
    const char *form_field;   /* the widget puts its token there */
    const char *verify_url;   /* POST secret, response, remoteip */
    const char *script_url;   /* of the widget, async defer */
    const char *widget_class; /* of the div, with data-sitekey */
    cp_siteverify_csp_t csp;
    apr_size_t token_max_bytes;
    int token_life_s;
    int sends_sitekey;  /* also POST sitekey: pins tokens to our widget */
    int expects_action; /* data-action comes back and must be equal */
    int may_retry;      /* after a timeout, with the same idempotency_key */
    const char *const *test_keys; /* public, pass everybody; ends with NULL */
} cp_siteverify_t;

/* NULL: no such provider. Names are lower case. */
const cp_siteverify_t *cp_siteverify_find(const char *name);

/* Is key (a site key or a secret) one that the provider publishes for tests?
 * With such a key everybody passes, or nobody. */
int cp_siteverify_is_test_key(const cp_siteverify_t *provider, const char *key);

/* In order of weight: an answer with several faults gets the heaviest. */
typedef enum cp_siteverify_verdict_t {
    CP_SITEVERIFY_REFUSED,       /* the token is no good: solve another */
    CP_SITEVERIFY_UNAVAILABLE,   /* the provider cannot say */
    CP_SITEVERIFY_MISCONFIGURED, /* our secret, keys or expectations */
    CP_SITEVERIFY_PASS
} cp_siteverify_verdict_t;

typedef struct cp_siteverify_answer_t {
    long status; /* of HTTP; only 200 can pass */
    const char *json;
    apr_size_t len;
} cp_siteverify_answer_t;

typedef struct cp_siteverify_expect_t {
    const apr_array_header_t *hosts; /* const char *: names of our site, at
                                      * least one; ASCII case ignored */
    const char *action; /* where the provider has one, not NULL or "" */
    apr_time_t now;
} cp_siteverify_expect_t;

/* Judge one answer. *why, in p, never NULL, "" only on PASS: the error codes
 * for the log, in [A-Za-z0-9._:?-], comma and space, at most 400 bytes. */
cp_siteverify_verdict_t cp_siteverify_judge(
    const cp_siteverify_t *provider, const cp_siteverify_answer_t *answer,
    const cp_siteverify_expect_t *expect, const char **why, apr_pool_t *p);

#endif
