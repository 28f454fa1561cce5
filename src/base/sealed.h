/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Values kept secret in the database: AES-256-GCM (NIST SP 800-38D) under a key
 * drawn from ClinicPortalSecret, bound to where they belong, base64url. */
#ifndef CP_SEALED_H
#define CP_SEALED_H

#include "base/keys.h"

typedef struct cp_seal_t {
    const cp_keys_t *keys;
    const cp_port_t *port; /* for random bytes */
    const char *context;   /* a clinic, account and purpose: it has to be given
                            * again to open what was sealed, so that a value
                            * moved to another row opens nothing */
} cp_seal_t;

/* Seal `len` bytes. *text is in p. */
apr_status_t cp_sealed_make(const char **text, const cp_seal_t *seal,
                            const void *bytes, apr_size_t len, apr_pool_t *p);

typedef struct cp_unsealed_t {
    const char *bytes; /* with a NUL behind */
    apr_size_t len;    /* without it */
    int is_old;        /* the previous secret opened it, not the current one */
} cp_unsealed_t;

/* Open it with the current secret or the previous one; the bytes are in p.
 * CP_EDENIED: altered, of another context, or of neither secret. */
apr_status_t cp_sealed_open(cp_unsealed_t *unsealed, const cp_seal_t *seal,
                            const char *text, apr_pool_t *p);

#endif
