/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Random tokens, digests and comparisons. */
#ifndef CP_TOKEN_H
#define CP_TOKEN_H

#include "base/port.h"

#include <apr_pools.h>

#define CP_TOKEN_BYTES 32
#define CP_TOKEN_LENGTH 43 /* characters of base64url */

/* A 256-bit token, base64url. For cookies; only its digest is stored. */
apr_status_t cp_token_make(const char **token, const cp_port_t *port,
                           apr_pool_t *p);

/* A 128-bit public id, base64url: 22 characters. */
apr_status_t cp_token_public_id(const char **id, const cp_port_t *port,
                                apr_pool_t *p);

/* A short number a person can read out on the phone, "7KQ4-M2XD": 8
 * characters of Crockford base32, 40 random bits. Never fails: without random
 * bytes it is "0000-0000". */
const char *cp_token_reference(const cp_port_t *port, apr_pool_t *p);

/* Lower-case hex SHA-256 of text. */
const char *cp_token_digest(const char *text, apr_pool_t *p);

#define CP_MAC_BYTES 32

/* HMAC-SHA-256 (RFC 2104). A key of any length. */
void cp_token_mac(unsigned char mac[CP_MAC_BYTES], const unsigned char *key,
                  apr_size_t key_len, const void *data, apr_size_t len);

/* Equal, in time that depends only on the lengths. NULL is equal to nothing,
 * not even to NULL, so that a missing value fails closed. */
int cp_token_equal(const char *a, const char *b);

#endif
