/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Tries to sign in, as the throttle counts them. */
#ifndef CP_T_CLINIC_THROTTLE_H
#define CP_T_CLINIC_THROTTLE_H

#include "clinic.h"

#include "clinic/throttle.h"

/* A try by a known device (NULL: unknown), under the clinic's policy. */
static inline apr_status_t enter_with(cp_ctx_t *cx, const cp_clinic_t *clinic,
                                      const char *key, const char *device_id,
                                      cp_throttle_verdict_t *verdict)
{
    cp_policy_t policy;
    cp_throttle_who_t who = {clinic, &policy, key, device_id};
    apr_status_t rv = cp_policy_load(cx, clinic->clinic_id, &policy);

    return rv == APR_SUCCESS ? cp_throttle_enter(cx, &who, verdict) : rv;
}

static inline apr_status_t enter_at(cp_ctx_t *cx, const cp_clinic_t *clinic,
                                    const char *key,
                                    cp_throttle_verdict_t *verdict)
{
    return enter_with(cx, clinic, key, NULL, verdict);
}

/* A try on "doej" from there, which no limit of address or clinic refuses. */
static inline int is_locked_at(clinic_test_t *test, const char *address,
                               const char *device_id)
{
    cp_throttle_verdict_t verdict;

    test->cx.address = address;
    assert_int_equal(
        enter_with(&test->cx, &test->riverside, "doej", device_id, &verdict),
        APR_SUCCESS);
    test->cx.address = ADDRESS;
    assert_false(verdict.is_busy);
    return verdict.is_account_locked;
}

static inline void set_policy(clinic_test_t *test, const char *name,
                              const char *value)
{
    int is_changed;

    assert_int_equal(
        cp_policy_set(&test->cx, "riverside", name, value, &is_changed),
        APR_SUCCESS);
}

/* -1: there is no such counter. */
static inline int member_of(clinic_test_t *test, const char *clinic_id,
                            const char *kind, const char *key,
                            const char *member)
{
    const json_t *row =
        look(test, "test_throttle",
             json_pack("{s:s, s:s, s:s}", "clinic_id", clinic_id, "key_kind",
                       kind, "key", key));

    return (int)cp_json_integer(row, member, -1);
}

static inline int count_of(clinic_test_t *test, const char *clinic_id,
                           const char *kind, const char *key)
{
    return member_of(test, clinic_id, kind, key, "failures");
}

#endif
