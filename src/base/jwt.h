/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Signed tokens for applications that verify who sent them a request: JSON Web
 * Tokens (RFC 7519) with EdDSA over Ed25519 (RFC 8037), and the public keys as
 * a JSON Web Key Set (RFC 7517). */
#ifndef CP_JWT_H
#define CP_JWT_H

#include "base/keys.h"

#include <jansson.h>

/* A pair of keys, drawn from the portal's secret, so that all servers which
 * share the secret sign alike. */
typedef struct cp_jwt_key_t cp_jwt_key_t;

/* The pair of the current secret, in p, wiped when p is cleared. */
apr_status_t cp_jwt_key_make(const cp_jwt_key_t **key, const cp_keys_t *keys,
                             apr_pool_t *p);

/* Sign the claims (borrowed). *token in p. */
apr_status_t cp_jwt_sign(const char **token, const cp_jwt_key_t *key,
                         const json_t *claims, apr_pool_t *p);

/* {"keys": [...]}: the public key of the current secret and, during a
 * rotation, of the previous one. A new reference; NULL: no memory. */
json_t *cp_jwt_public(const cp_keys_t *keys, apr_pool_t *p);

#endif
