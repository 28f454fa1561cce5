/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* POST a small form over HTTPS and read a small answer, by libcurl.
 *
 * Certificate and host name are always verified, redirects never followed,
 * other protocols than HTTPS refused. A proxy is taken from the environment
 * (https_proxy, no_proxy), as libcurl does. */
#ifndef CP_HTTP_H
#define CP_HTTP_H

#include <apr_pools.h>
#include <apr_time.h>

/* Once per process, while it has one thread and before the first pool.
 * CP_EUNAVAILABLE: libcurl cannot start, or lacks TLS or the resolver that
 * obeys timeouts. Calling it again is harmless. */
apr_status_t cp_http_init(void);

/* Connections kept open between calls, and the bound on calls at a time: a
 * slow peer holds at most calls_max threads. Any thread may use it. */
typedef struct cp_http_pool_t cp_http_pool_t;

/* calls_max >= 1. wait_for > 0: how long a call waits for its turn while
 * calls_max others run. CP_EINPUT for other values. Make it after the fork;
 * it ends with p, which must outlive all calls. */
apr_status_t cp_http_pool_make(cp_http_pool_t **pool, int calls_max,
                               apr_interval_time_t wait_for, apr_pool_t *p);

typedef struct cp_http_field_t {
    const char *name;
    const char *value;
} cp_http_field_t;

typedef struct cp_http_post_t {
    const char *url;               /* https://... */
    const char *ca_file;           /* trust these only; NULL: the system's */
    long connect_timeout_ms;       /* > 0 */
    long total_timeout_ms;         /* > 0; from name lookup to last byte */
    apr_size_t answer_max_bytes;   /* of the body */
    const cp_http_field_t *fields; /* sent in this order, until name NULL */
} cp_http_post_t;

typedef struct cp_http_answer_t {
    long status;      /* of HTTP; 0 on failure */
    const char *body; /* NUL-terminated, may hold NUL; "" on failure */
    apr_size_t len;
    const char *error; /* on failure a text for the log, without any field of
                        * ours. NULL on success */
} cp_http_answer_t;

/* Send `post`, read the answer into p. The encoded fields are wiped before
 * it returns; buffers inside libcurl are out of reach.
 * APR_SUCCESS: a complete answer of any status but 3xx. CP_ETOOLARGE: the
 * body is over the limit. CP_EUNAVAILABLE: all else, among it timeouts,
 * certificates, redirects, plain http and no turn within wait_for.
 * *answer is set in every case. */
apr_status_t cp_http_post(cp_http_pool_t *pool, const cp_http_post_t *post,
                          cp_http_answer_t *answer, apr_pool_t *p);

#endif
