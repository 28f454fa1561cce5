/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* One encoder per context. Everything returned is in p, NUL-terminated. */
#ifndef CP_ENCODE_H
#define CP_ENCODE_H

#include <apr_pools.h>

/* HTML text and double- or single-quoted attributes: & < > " ' become
 * entities. Mustache uses it for every {{name}}. */
const char *cp_encode_html(const char *text, apr_pool_t *p);

/* One query value or path segment: all but RFC 3986 unreserved is escaped. */
const char *cp_encode_url(const char *text, apr_pool_t *p);

/* The value of a header: %, control characters and all that is not ASCII are
 * escaped as in an address. */
const char *cp_encode_header(const char *text, apr_pool_t *p);

/* Base64url without padding (RFC 4648 section 5). */
const char *cp_encode_base64url(const void *data, apr_size_t len,
                                apr_pool_t *p);

/* Strict reverse: CP_EINPUT for padding, other characters, or non-zero
 * trailing bits. *data is in p. */
apr_status_t cp_decode_base64url(unsigned char **data, apr_size_t *len,
                                 const char *text, apr_pool_t *p);

/* Lower-case hexadecimal. */
const char *cp_encode_hex(const void *data, apr_size_t len, apr_pool_t *p);

/* The value of Content-Disposition for a download: attachment with an ASCII
 * filename and filename* (RFC 6266, RFC 8187). Path separators, control
 * characters and leading dots in `name` are replaced; empty becomes
 * "document". */
const char *cp_encode_attachment(const char *name, apr_pool_t *p);

#endif
