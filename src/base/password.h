/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Password hashing: libsodium's argon2id (m = 19 MiB, p = 1, and t as the
 * administrator says), behind a gate that bounds how much memory it may take.
 *
 * Passwords are used as sent, byte for byte, after one NFKC normalisation
 * (NIST SP 800-63B-4 section 3.1.1.2), so that a composed and a decomposed
 * accent are the same password. At most CP_PASSWORD_MAX bytes. */
#ifndef CP_PASSWORD_H
#define CP_PASSWORD_H

#include "base/meter.h"

#include <apr_pools.h>
#include <apr_time.h>

#define CP_PASSWORD_MAX 256

/* Argon2's number of passes t. Ten over 19 MiB are as much work as the second
 * choice of RFC 9106 section 4 (three over 64 MiB), in the memory that can be
 * had for many at once; two are the least of OWASP's Password Storage. */
#define CP_PASSWORD_PASSES 10
#define CP_PASSWORD_PASSES_MIN 2
#define CP_PASSWORD_PASSES_MAX 100

typedef struct cp_password_limits_t {
    int passes;                   /* of each hash over its 19 MiB */
    int slots;                    /* hashes at once in this process */
    int waiters;                  /* callers in line behind them */
    apr_interval_time_t wait_for; /* each of these, at most */
} cp_password_limits_t;

/* Where passwords are hashed. Thread-safe. */
typedef struct cp_password_gate_t cp_password_gate_t;

apr_status_t cp_password_gate_make(cp_password_gate_t **gate,
                                   const cp_password_limits_t *limits,
                                   apr_pool_t *p);

/* From now on the gate counts there: hashes, their time, and the time in line.
 * Before any thread uses it. */
void cp_password_gate_count_in(cp_password_gate_t *gate, cp_meter_t *meter);

/* Hash for storage, "$argon2id$...". CP_EINPUT: empty or too long;
 * CP_EUNAVAILABLE: no slot in time, or no memory. */
apr_status_t cp_password_hash(const char **hash, cp_password_gate_t *gate,
                              const char *password, apr_pool_t *p);

/* Does password fit hash? APR_SUCCESS, CP_EDENIED, or CP_EUNAVAILABLE.
 * *needs_rehash: it fits, and is of another format or other costs than today's.
 * hash NULL stands for an account that does not exist, and so does one of an
 * unknown format ("!"): the work of a hash of today is done, then CP_EDENIED.
 * What an argon2id hash lacks of that work is done besides, so that the time
 * tells no account from none. One of more work or memory takes longer;
 * SHA-crypt and apr1 take their little time besides, bcrypt and yescrypt theirs
 * alone. */
apr_status_t cp_password_verify(cp_password_gate_t *gate, const char *password,
                                const char *hash, int *needs_rehash,
                                apr_pool_t *p);

/* The same of somebody who is in already: no more work than the hash is, and
 * none where there is nothing to compare. */
apr_status_t cp_password_fits(cp_password_gate_t *gate, const char *password,
                              const char *hash);

/* libsodium's self-test and set-up, once per process before any other call.
 * CP_EUNAVAILABLE when it fails. */
apr_status_t cp_password_init(void);

#endif
