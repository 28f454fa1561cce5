/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* How many forms of people who have to sign in first are kept. */
#include "clinic_session.h"

#include "clinic/kept.h"

#define OF_A_NETWORK 60
#define OF_ALL 10000

static apr_status_t keep(clinic_test_t *test, const cp_session_t *session,
                         const char *address)
{
    static const cp_kept_t form = {"/records/", "text/plain", "a", 1};
    const char *id;

    test->cx.address = address;
    return cp_kept_add(&test->cx, session, "visit", &form, &id);
}

static void fill(clinic_test_t *test, const char *clinic_id, int count)
{
    const char *error = "";
    apr_pool_t *p = test->cx.pool;
    const char *sql = apr_psprintf(
        p,
        "WITH RECURSIVE n(i) AS"
        " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
        " INSERT INTO kept_request"
        " (kept_id, clinic_id, address, kept_at, body)"
        " SELECT '%s' || i, '%s', 'of ' || i, %" APR_TIME_T_FMT ", '' FROM n",
        count, clinic_id, clinic_id, test->fake->now);

    if (cp_db_run(test->cx.db, sql, &error, p) != APR_SUCCESS) {
        fail_msg("%s", error);
    }
}

static void a_network_has_its_share(void **state)
{
    clinic_test_t *test = *state;
    int i;

    for (i = 0; i < OF_A_NETWORK; i++) {
        const char *address =
            apr_psprintf(test->cx.pool, "2001:db8:1:2::%x", i + 1);

        assert_int_equal(keep(test, NULL, address), APR_SUCCESS);
    }
    assert_int_equal(keep(test, NULL, "2001:db8:1:2:ffff::1"), CP_ETOOMANY);
    assert_int_equal(keep(test, NULL, "2001:db8:1:3::1"), APR_SUCCESS);
}

static void strangers_leave_room_for_those_who_are_known(void **state)
{
    clinic_test_t *test = *state;
    const cp_session_t *session = find(test, start(test, "a-doe", NULL));

    fill(test, "", OF_ALL);
    assert_int_equal(keep(test, NULL, "192.0.2.1"), CP_ETOOMANY);
    assert_int_equal(keep(test, session, "192.0.2.1"), APR_SUCCESS);
    fill(test, "lakeview", OF_ALL - 1);
    assert_int_equal(keep(test, session, "192.0.2.1"), CP_ETOOMANY);
    test->fake->now += HOUR;
    assert_int_equal(keep(test, NULL, "192.0.2.1"), APR_SUCCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLINIC_TEST(a_network_has_its_share),
        CLINIC_TEST(strangers_leave_room_for_those_who_are_known),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
