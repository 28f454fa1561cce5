/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The formats of password hashes: libsodium's argon2id, and the crypt formats
 * of other systems that apr_password_validate takes. All strings are in p. What
 * is hashed here is counted and limited by base/password. */
#ifndef CP_PASSWORD_FORMAT_H
#define CP_PASSWORD_FORMAT_H

#include <apr_pools.h>

/* Bytes of each hash of today. */
#define CP_PASSWORD_MEMORY (19456UL * 1024)

/* Whether sign-in takes the hash: argon2id that libsodium can read, of at most
 * 1 GiB and 1000 passes, or for an account that is imported sha512-crypt,
 * sha256-crypt, yescrypt, bcrypt or apr1, by how they begin and end. */
int cp_format_is_known(const char *hash);

/* Is it a hash of today, with so many passes? */
int cp_format_is_of(const char *hash, int passes);

/* Does the password, as it came and in NFKC, fit a known hash? APR_SUCCESS,
 * CP_EDENIED, or CP_EUNAVAILABLE: there is no memory. */
apr_status_t cp_format_compare(const char *password, const char *normal,
                               const char *hash);

/* A hash of today that nothing fits. */
const char *cp_format_decoy(int passes, apr_pool_t *p);

/* A hash of the work that a known one lacks of a hash of today, to be compared
 * besides; NULL: none. */
const char *cp_format_missing(const char *hash, int passes, apr_pool_t *p);

#endif
