/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What an admin keeps secret outside httpd.conf: the portal's own secret
 * (ClinicPortalSecret), at least 32 bytes, and passwords of other servers. */
#ifndef CP_SECRET_H
#define CP_SECRET_H

#include "base/port.h"

#include <apr_pools.h>

#define CP_SECRET_BYTES_MIN 32

/* Read one secret: source is "file:PATH" or "exec:PROGRAM" (its standard
 * output, deadline 10 s). One trailing newline is dropped. Refused: shorter
 * than 32 bytes, longer than 4096, a file that group or others may read, a
 * link. On failure *error is a sentence in p for the admin; the bytes are
 * wiped when p is cleared. */
apr_status_t cp_secret_read(const unsigned char **secret, apr_size_t *len,
                            const char *source, const char **error,
                            apr_pool_t *p);

/* The same for a password of somebody else's server, which may be short. */
apr_status_t cp_secret_read_password(const char **password, const char *source,
                                     const char **error, apr_pool_t *p);

/* Write a new secret of 48 random bytes, base64url, to `path`, mode 0600.
 * APR_EEXIST when the path exists: a secret is never overwritten. */
apr_status_t cp_secret_write_new(const char *path, const cp_port_t *port,
                                 apr_pool_t *p);

#endif
