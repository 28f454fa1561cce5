/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The portal's secret (ClinicPortalSecret) and the keys drawn from it.
 *
 * A secret is at least 32 bytes. Each use gets a key of its own by
 * HKDF-SHA-256 (RFC 5869) with the purpose as info. During a rotation there
 * are two: new values are made with the current one, old ones still read. */
#ifndef CP_KEYS_H
#define CP_KEYS_H

#include "base/token.h"

#include <apr_pools.h>

#define CP_SECRET_BYTES_MIN 32
#define CP_KEY_BYTES 32

/* A key drawn beforehand, see cp_keys_draw. */
typedef struct cp_drawn_key_t cp_drawn_key_t;

typedef struct cp_keys_t {
    const unsigned char *current; /* never NULL */
    apr_size_t current_len;
    const unsigned char *previous; /* NULL outside a rotation */
    apr_size_t previous_len;
    const cp_drawn_key_t *drawn; /* NULL: each use draws its own */
} cp_keys_t;

/* Read one secret: source is "file:PATH" or "exec:PROGRAM" (its standard
 * output, deadline 10 s). One trailing newline is dropped. Refused: shorter
 * than 32 bytes, longer than 4096, a file that group or others may read, a
 * link. On failure *error is a sentence in p for the admin; the bytes are
 * wiped when p is cleared. */
apr_status_t cp_keys_read(const unsigned char **secret, apr_size_t *len,
                          const char *source, const char **error,
                          apr_pool_t *p);

/* The same for a password of somebody else's server, which may be short. */
apr_status_t cp_keys_read_password(const char **password, const char *source,
                                   const char **error, apr_pool_t *p);

/* The key of `purpose` (a fixed ASCII word such as "csrf") from the current
 * secret, or from the previous one when is_previous. APR_ENOENT: there is no
 * previous one. */
apr_status_t cp_keys_derive(const cp_keys_t *keys, int is_previous,
                            const char *purpose,
                            unsigned char key[CP_KEY_BYTES]);

/* HMAC-SHA-256 of a text with that key. */
apr_status_t cp_keys_mac(const cp_keys_t *keys, int is_previous,
                         const char *purpose, const char *text,
                         unsigned char mac[CP_MAC_BYTES]);

/* Draw the key of a purpose that every page needs once, at start-up: HKDF
 * costs more than the signature made with it, and half of that is the same for
 * every text. Wiped when p is cleared. */
apr_status_t cp_keys_draw(cp_keys_t *keys, const char *purpose, apr_pool_t *p);

/* Write a new secret of 48 random bytes, base64url, to `path`, mode 0600.
 * APR_EEXIST when the path exists: a secret is never overwritten. */
apr_status_t cp_keys_write_new(const char *path, const cp_port_t *port,
                               apr_pool_t *p);

#endif
