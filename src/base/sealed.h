/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Values kept secret in the database: AES-256-GCM (NIST SP 800-38D) under a key
 * drawn from ClinicPortalSecret, bound to where they belong, base64url. */
#ifndef CP_SEALED_H
#define CP_SEALED_H

#include "base/keys.h"

/* Seal `len` bytes. `context` (a clinic, account and purpose) has to be given
 * again to open it, so that a value moved to another row opens nothing. */
apr_status_t cp_sealed_make(const char **text, const cp_keys_t *keys,
                            const char *context, const void *bytes,
                            apr_size_t len, const cp_port_t *port,
                            apr_pool_t *p);

/* Open it with the current secret or the previous one; is_old: the latter did.
 * The bytes are in p, with a NUL behind. CP_EDENIED: altered, of another
 * context, or of neither secret. */
apr_status_t cp_sealed_open(const char **bytes, apr_size_t *len, int *is_old,
                            const cp_keys_t *keys, const char *context,
                            const char *text, apr_pool_t *p);

#endif
