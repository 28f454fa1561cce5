/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The body of a form. */
#ifndef CP_WEB_BODY_H
#define CP_WEB_BODY_H

#include "base/form.h"

#include <httpd.h>

#define CP_BODY_MAX 16384
/* A message of the longest characters, each "%F0%9F%98%80", with the rest of
 * its form. */
#define CP_BODY_LONG_MAX (128 * 1024)

/* Read and parse an application/x-www-form-urlencoded body of at most
 * max bytes. Returns OK, or the HTTP status to answer: 415 another type, 413 too
 * long, 408 the client stopped sending, 400 malformed. */
int cp_body_read(request_rec *r, apr_size_t max, const char *const *known,
                 const cp_form_t **form);

/* Read a body of any type of at most `max` bytes; *bytes in the request's pool,
 * with a NUL behind. Returns as above. */
int cp_body_read_raw(request_rec *r, apr_size_t max, const char **bytes,
                     apr_size_t *len);

/* Over HTTP/2, read what is left of a body that was not wanted, up to a limit,
 * and drop it: mod_http2 resets the stream after an answer (RFC 9113
 * section 8.1 lets it), which a browser that is still sending then never reads.
 * Over HTTP/1.1 httpd itself lingers. */
void cp_body_drain(request_rec *r);

#endif
