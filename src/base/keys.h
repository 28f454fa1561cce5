/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The keys drawn from the portal's secret (ClinicPortalSecret).
 *
 * Each use gets a key of its own by HKDF-SHA-256 (RFC 5869) with the purpose
 * as info. During a rotation there are two secrets: new values are made with
 * the current one, old ones still read. */
#ifndef CP_KEYS_H
#define CP_KEYS_H

#include "base/token.h"

#include <apr_pools.h>

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

#endif
