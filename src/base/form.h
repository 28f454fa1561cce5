/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* One strict parser for application/x-www-form-urlencoded data: the query of
 * an address and the body of a form alike (WHATWG URL, section 5.1; "+" is a
 * space). httpd's own helpers repair bad input silently; this one refuses it.
 *
 * Refused with CP_EINPUT: a bad or cut %-escape, NUL, any other control
 * character except tab, CR and LF, invalid UTF-8 (overlong forms and
 * surrogates included), a known name twice (compared ignoring ASCII case),
 * more than pairs_max pairs, a name over name_max or a value over value_max
 * bytes after decoding. Unknown names are checked and then dropped. */
#ifndef CP_FORM_H
#define CP_FORM_H

#include <apr_pools.h>

typedef struct cp_form_t cp_form_t;

#define CP_FORM_PAIRS_MAX 64
#define CP_FORM_NAME_MAX 64
#define CP_FORM_VALUE_MAX 32768

/* Parse len bytes at data. known: NULL-terminated list of the names this
 * page reads; kept by reference. *form lives in p. data NULL is empty. */
apr_status_t cp_form_parse(cp_form_t **form, const char *data, apr_size_t len,
                           const char *const *known, apr_pool_t *p);

/* The decoded value of a known name (compared ignoring ASCII case), "" for
 * one without "=", NULL for one that is absent or when form is NULL. */
const char *cp_form_get(const cp_form_t *form, const char *name);

#endif
