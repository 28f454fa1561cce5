/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Opening and finding sessions, for the tests that start from there. */
#ifndef CP_T_CLINIC_SESSION_H
#define CP_T_CLINIC_SESSION_H

#include "clinic.h"
#include "clinic/session.h"

/* In a browser that nobody has signed in from. */
static inline apr_status_t start_at(clinic_test_t *test,
                                    const cp_clinic_t *clinic,
                                    const char *account_id,
                                    const char *old_cookie, const char **cookie)
{
    cp_policy_t policy;
    cp_device_t device = {NULL};
    cp_session_new_t new = {.clinic = clinic,
                            .policy = &policy,
                            .account_id = account_id,
                            .device = &device,
                            .old_session_cookie = old_cookie};
    cp_session_cookies_t cookies = {NULL};
    cp_step_facts_t facts;
    apr_status_t rv = cp_policy_load(&test->cx, clinic->clinic_id, &policy);

    if (rv == APR_SUCCESS) {
        rv = cp_session_facts(&test->cx, clinic->clinic_id, account_id, &facts);
    }
    if (rv == APR_SUCCESS) {
        new.password_changed_at = facts.password_changed_at;
        rv = cp_session_start(&test->cx, &new, &cookies);
    }
    *cookie = cookies.session;
    return rv;
}

static inline const char *start(clinic_test_t *test, const char *account_id,
                                const char *old_cookie)
{
    const char *cookie = NULL;

    assert_int_equal(
        start_at(test, &test->riverside, account_id, old_cookie, &cookie),
        APR_SUCCESS);
    assert_non_null(cookie);
    return cookie;
}

static inline const cp_session_t *find_kind(clinic_test_t *test, cp_kind_t kind,
                                            const char *cookie)
{
    const cp_session_t *session;
    cp_session_end_t why;

    assert_int_equal(cp_session_find(&test->cx, kind, cookie, &session, &why),
                     APR_SUCCESS);
    return session;
}

static inline const cp_session_t *find(clinic_test_t *test, const char *cookie)
{
    return find_kind(test, CP_KIND_STAFF, cookie);
}

static inline void assert_ended(clinic_test_t *test, const char *cookie,
                                cp_session_end_t expected)
{
    const cp_session_t *session;
    cp_session_end_t why = (cp_session_end_t)-1;

    assert_int_equal(
        cp_session_find(&test->cx, CP_KIND_STAFF, cookie, &session, &why),
        CP_EDENIED);
    assert_null(session);
    assert_int_equal(why, expected);
}

#endif
