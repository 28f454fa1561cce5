/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Calendars that a process keeps: each lent to one request at a time, and
 * nothing kept of those that cannot be opened. */
#include "base/calendar_pool.h"

#include "unit.h"

#include "base/status.h"

#include <sys/resource.h>

#define NEW_YORK "America/New_York"
#define BERLIN "Europe/Berlin"

/* A returned calendar is lent again, but never to two at a time. */
static void calendars_are_lent(void **state)
{
    cp_calendar_pool_t *pool = NULL;
    cp_calendar_t *kept[2], *again[2], *berlin, *none;
    apr_pool_t *request;
    int i;

    assert_int_equal(cp_calendar_pool_make(&pool, *state), APR_SUCCESS);
    assert_int_equal(apr_pool_create(&request, *state), APR_SUCCESS);
    for (i = 0; i < 2; i++) {
        assert_int_equal(
            cp_calendar_borrow(&kept[i], pool, NEW_YORK, "en-US", request),
            APR_SUCCESS);
    }
    apr_pool_clear(request);
    assert_int_equal(
        cp_calendar_borrow(&berlin, pool, BERLIN, "en-US", request),
        APR_SUCCESS);
    assert_string_equal(cp_calendar_rfc3339(berlin, -1, request),
                        "1970-01-01T00:59:59+01:00");
    for (i = 0; i < 2; i++) {
        assert_int_equal(
            cp_calendar_borrow(&again[i], pool, NEW_YORK, "en-US", request),
            APR_SUCCESS);
        assert_true(again[i] == kept[0] || again[i] == kept[1]);
    }
    assert_ptr_not_equal(again[0], again[1]);
    assert_int_equal(cp_calendar_borrow(&none, pool, "Nowhere", "en", request),
                     CP_EINPUT);
}

/* A request that asks for a calendar there is not. */
static void ask_in_vain(cp_calendar_pool_t *pool, const char *zone,
                        const char *locale, apr_pool_t *request)
{
    cp_calendar_t *none;

    assert_int_equal(cp_calendar_borrow(&none, pool, zone, locale, request),
                     CP_EINPUT);
    apr_pool_clear(request);
}

/* The most memory this process has had at once. */
static long most_kib(void)
{
    struct rusage usage;

    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

/* Fewer bytes than a calendar takes may be left of each. */
static void what_does_not_open_leaves_nothing(void **state)
{
    enum { REQUESTS = 1000, LEFT_MAX_KIB = 4 * REQUESTS };
    cp_calendar_pool_t *pool = NULL;
    apr_pool_t *request;
    long before = 0;
    int i;

    assert_int_equal(cp_calendar_pool_make(&pool, *state), APR_SUCCESS);
    assert_int_equal(apr_pool_create(&request, *state), APR_SUCCESS);
    for (i = 0; i <= REQUESTS; i++) {
        if (i == 1) { /* ICU has read its data */
            before = most_kib();
        }
        ask_in_vain(pool, "Mars/Olympus", "en-US", request);
        ask_in_vain(pool, NEW_YORK, "en-", request);
    }
    assert_in_range(most_kib(), before, before + LEFT_MAX_KIB);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        POOL_TEST(calendars_are_lent),
        POOL_TEST(what_does_not_open_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
