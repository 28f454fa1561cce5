/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Signing in with a password unit that counts, in the place of the core's:
 * equal work for all who are refused is a rule, and hashes are the work. */
#ifndef CP_T_CLINIC_SIGNIN_H
#define CP_T_CLINIC_SIGNIN_H

#include "clinic.h"

#include "base/password.h"
#include "clinic/signin.h"

#define VISIT "visit"

/* ---- passwords: "new:PASSWORD", or "old:PASSWORD" to be rehashed ---- */

static struct {
    int hashes;
    int decoys;   /* of these, without an account's hash */
    int fails_at; /* the hash for which there is no slot; 0: none */
    int rehash_fails;
    void (*meanwhile)(clinic_test_t *test); /* while it is hashed, or NULL */
    clinic_test_t *test;
} work;

static apr_status_t compare(const char *password, const char *hash)
{
    work.hashes++;
    work.decoys += hash == NULL;
    if (work.meanwhile != NULL) {
        work.meanwhile(work.test);
    }
    if (work.hashes == work.fails_at) {
        return CP_EUNAVAILABLE;
    }
    return hash != NULL && password != NULL && strcmp(hash + 4, password) == 0
               ? APR_SUCCESS
               : CP_EDENIED;
}

apr_status_t cp_password_verify(cp_password_gate_t *gate, const char *password,
                                const char *hash, int *needs_rehash,
                                apr_pool_t *p)
{
    apr_status_t rv = compare(password, hash);

    *needs_rehash = rv == APR_SUCCESS && strncmp(hash, "old:", 4) == 0;
    return rv;
}

apr_status_t cp_password_fits(cp_password_gate_t *gate, const char *password,
                              const char *hash)
{
    return compare(password, hash);
}

apr_status_t cp_password_hash(const char **hash, cp_password_gate_t *gate,
                              const char *password, apr_pool_t *p)
{
    *hash = apr_pstrcat(p, "new:", password, NULL);
    return work.rehash_fails ? CP_EUNAVAILABLE : APR_SUCCESS;
}

static inline void set_password(clinic_test_t *test, const char *account_id,
                                const char *hash)
{
    change(test, "test_set_password",
           json_pack("{s:s, s:s}", "account_id", account_id, "hash", hash));
}

static inline int signin_setup(void **state)
{
    clinic_test_t *test;

    if (clinic_setup(state) != 0) {
        return 1;
    }
    test = *state;
    memset(&work, 0, sizeof(work));
    work.test = test;
    set_password(test, "a-doe", "new:doe-secret");
    set_password(test, "a-brown", "new:brown-secret");
    set_password(test, "a-gone", "new:gone-secret");
    set_password(test, "a-lopez", "new:lopez-secret");
    set_password(test, "a-twin-s", "new:staff-secret");
    set_password(test, "a-twin-p", "new:patient-secret");
    return 0;
}

static inline cp_signin_try_t try_of(clinic_test_t *test, cp_kind_t kind,
                                     const char *username, const char *password)
{
    cp_signin_try_t attempt = {
        .clinic = &test->riverside,
        .kind = kind,
        .username = username,
        .password = password,
        .visit = VISIT,
    };

    return attempt;
}

static inline cp_signin_result_t
sign_in(clinic_test_t *test, const char *username, const char *password)
{
    cp_signin_try_t attempt = try_of(test, CP_KIND_STAFF, username, password);
    cp_signin_result_t result;

    test->fake->now++; /* the audit is sorted by it */
    cp_signin(&test->cx, &attempt, &result);
    return result;
}

#define SIGNIN_TEST(function)                                                  \
    cmocka_unit_test_setup_teardown(function, signin_setup, clinic_teardown)

#endif
