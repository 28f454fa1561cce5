/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* libsodium's check goes through a function of this file, which can see it and
 * fail it. */
#ifndef CP_T_PASSWORD_SPY_H
#define CP_T_PASSWORD_SPY_H

#include "password.h"

#include "base/status.h"

#include <apr_strings.h>
#include <dlfcn.h>
#include <errno.h>
#include <sodium.h>

#define MEMORY (19456UL * 1024)
#define TODAY "$argon2id$v=19$m=19456,t=" APR_STRINGIFY(PASSES) ",p=1$"

typedef int (*check_t)(const char *, const char *, unsigned long long);

static struct {
    int calls;
    int has_no_memory;
    char hash[crypto_pwhash_STRBYTES]; /* the last */
} spy;

int crypto_pwhash_str_verify(const char hash[crypto_pwhash_STRBYTES],
                             const char *const password, unsigned long long len)
{
    check_t real = (check_t)dlsym(RTLD_NEXT, "crypto_pwhash_str_verify");

    spy.calls++;
    apr_cpystrn(spy.hash, hash, sizeof(spy.hash));
    if (spy.has_no_memory) {
        errno = ENOMEM;
        return -1;
    }
    return real(hash, password, len);
}

static inline int password_setup(void **state)
{
    memset(&spy, 0, sizeof(spy));
    return pool_setup(state);
}

#define PASSWORD_TEST(function)                                                \
    cmocka_unit_test_setup_teardown(function, password_setup, pool_teardown)

static inline const char *hash_of(const char *password, apr_pool_t *p)
{
    const char *hash = NULL;

    assert_int_equal(cp_password_hash(&hash, gate_of(1, 0, 0, p), password, p),
                     APR_SUCCESS);
    return hash;
}

static inline apr_status_t verify(const char *password, const char *hash,
                           int *needs_rehash, apr_pool_t *p)
{
    *needs_rehash = -1;
    return cp_password_verify(gate_of(1, 0, 0, p), password, hash, needs_rehash,
                              p);
}

#endif
