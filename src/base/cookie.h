/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Cookies: reading the Cookie header (RFC 6265 section 5.4) and making one
 * Set-Cookie value. */
#ifndef CP_COOKIE_H
#define CP_COOKIE_H

#include <apr_pools.h>
#include <apr_tables.h>

#define CP_COOKIE_CANDIDATES_MAX 8

/* Every value that `header` (the Cookie header, NULL when absent) carries
 * under exactly `name`: an array of const char *, in order, at most
 * CP_COOKIE_CANDIDATES_MAX, in p. Malformed pairs are passed over. More than
 * one happens when another path or domain planted the same name; the caller
 * tries each, so that nobody has to clear cookies. */
apr_array_header_t *cp_cookie_values(const char *header, const char *name,
                                     apr_pool_t *p);

/* Is the name of `len` bytes one that is to go? */
typedef int (*cp_cookie_match_t)(const char *name, apr_size_t len);

/* The header without the cookies of such names, in p; NULL when nothing is
 * left, or header is NULL. */
const char *cp_cookie_without(const char *header, cp_cookie_match_t is_unwanted,
                              apr_pool_t *p);

typedef struct cp_cookie_t {
    const char *name;
    const char *value; /* cookie-octets only; "" with max_age_s 0 deletes */
    const char *path;
    int max_age_s;     /* < 0: until the browser closes */
    int is_secure;
} cp_cookie_t;

/* The Set-Cookie value: HttpOnly and SameSite=Lax always, Secure as asked.
 * NULL if a field has a character that could split the header or cookie, or
 * the result would reach 4096 bytes. */
const char *cp_cookie_make(const cp_cookie_t *cookie, apr_pool_t *p);

#endif
