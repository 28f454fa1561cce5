/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Sessions on a real database: what opens one, what ends it, what is kept. */
#include "clinic/session.h"

#include "base/token.h"
#include "clinic_session.h"

static void a_session_says_who_it_is(void **state)
{
    clinic_test_t *test = *state;
    apr_time_t now = test->fake->now;
    const cp_session_t *s = find(test, start(test, "a-doe", NULL));

    assert_int_equal(s->kind, CP_KIND_STAFF);
    assert_string_equal(s->clinic->clinic_id, "riverside");
    assert_string_equal(s->clinic->code, "RIVERSIDE");
    assert_string_equal(s->clinic->name, "Riverside Behavioral Health");
    assert_string_equal(s->clinic->time_zone, "America/New_York");
    assert_string_equal(s->clinic->locale, "en-US");
    assert_int_equal(s->clinic->default_tab, CP_KIND_PATIENT);
    assert_string_equal(s->clinic->support_contact, "front desk");
    assert_int_equal(strlen(s->session_id), 22);
    assert_string_equal(s->account_id, "a-doe");
    assert_string_equal(s->person_id, "p-doe");
    assert_string_equal(s->username, "DoeJ");
    assert_string_equal(s->display_name, "Jane Doe, LCSW");
    assert_string_equal(s->roles, "clinical supervisor");
    assert_string_equal(s->permissions, "schedule-all staff-portal");
    assert_int_equal(s->idle_ends_at, now + 15 * MINUTE);
    assert_int_equal(s->expires_at, now + 12 * HOUR);
}

static void a_patient_has_a_patients_name(void **state)
{
    clinic_test_t *test = *state;
    const cp_session_t *s =
        find_kind(test, CP_KIND_PATIENT, start(test, "a-lopez", NULL));

    assert_string_equal(s->display_name, "Maria Lopez");
    assert_string_equal(s->person_id, "p-lopez");
    assert_string_equal(s->roles, "");
    assert_string_equal(s->permissions, "patient-portal");
}

static void the_database_never_sees_the_token(void **state)
{
    clinic_test_t *test = *state;
    const char *cookie = start(test, "a-doe", NULL);
    const json_t *row = look(test, "test_session", json_object());

    assert_memory_equal(cookie, "riverside.", 10);
    assert_int_equal(strlen(cookie), 10 + CP_TOKEN_LENGTH);
    assert_member(row, "token_hash",
                  cp_token_digest(cookie + 10, test->cx.pool));
    assert_member(row, "address", ADDRESS);
    assert_member(row, "user_agent", "Browser/1.0");
}

#define TOKEN43 "0123456789abcdefghijABCDEFGHIJ0123456789-_x"

/* Without a database: a query would crash. */
static void malformed_cookies_cost_no_query(void **state)
{
    static const char *const cookies[] = {
        NULL,
        "",
        ".",
        "riverside",
        "riverside.",
        "." TOKEN43,
        TOKEN43,
        "riverside." TOKEN43 "x",
        "riverside..123456789abcdefghijABCDEFGHIJ0123456789-_x",
        "riverside.123456789abcdefghijABCDEFGHIJ0123456789-_x",
        "riverside.=123456789abcdefghijABCDEFGHIJ0123456789-_x",
        "RIVERSIDE." TOKEN43,
        "river side." TOKEN43,
        "-river." TOKEN43,
        "a123456789012345678901234567890123." TOKEN43,
        "\xc3\xa9." TOKEN43,
    };
    clinic_test_t *test = *state;
    size_t i;

    test->cx.db = NULL;
    for (i = 0; i < ROWS(cookies); i++) {
        assert_ended(test, cookies[i], CP_SESSION_UNKNOWN);
    }
}

static void a_cookie_opens_its_own_door_only(void **state)
{
    clinic_test_t *test = *state;
    const char *cookie = start(test, "a-doe", NULL);
    const cp_session_t *session;
    cp_session_end_t why;

    assert_ended(test, "riverside." TOKEN43, CP_SESSION_UNKNOWN);
    assert_ended(test, apr_pstrcat(test->cx.pool, "lakeview", cookie + 9, NULL),
                 CP_SESSION_UNKNOWN);
    assert_int_equal(
        cp_session_find(&test->cx, CP_KIND_PATIENT, cookie, &session, &why),
        CP_EDENIED);
    assert_int_equal(why, CP_SESSION_UNKNOWN);
    assert_non_null(find(test, cookie));
}

static void silence_ends_it_at_the_idle_limit(void **state)
{
    clinic_test_t *test = *state;
    const char *cookie = start(test, "a-doe", NULL);

    test->fake->now += 15 * MINUTE - 1;
    assert_non_null(find(test, cookie));
    test->fake->now += 15 * MINUTE;
    assert_ended(test, cookie, CP_SESSION_IDLE);
    test->fake->now += 13 * HOUR;
    assert_ended(test, cookie, CP_SESSION_IDLE);
}

static void use_does_not_outlive_the_absolute_limit(void **state)
{
    clinic_test_t *test = *state;
    const char *cookie = start(test, "a-doe", NULL);
    apr_time_t end = test->fake->now + 12 * HOUR;

    while (test->fake->now + 10 * MINUTE < end) {
        test->fake->now += 10 * MINUTE;
        assert_non_null(find(test, cookie));
    }
    test->fake->now = end - 1;
    assert_non_null(find(test, cookie));
    test->fake->now = end;
    assert_ended(test, cookie, CP_SESSION_EXPIRED);
    test->fake->now = end + HOUR;
    assert_ended(test, cookie, CP_SESSION_EXPIRED);
}

static void what_is_taken_away_counts_at_once(void **state)
{
    clinic_test_t *test = *state;
    const char *cookie = start(test, "a-doe", NULL);

    change(
        test, "test_set_status",
        json_pack("{s:s, s:s}", "status", "disabled", "account_id", "a-doe"));
    assert_ended(test, cookie, CP_SESSION_DISABLED);
    change(test, "test_set_status",
           json_pack("{s:s, s:s}", "status", "active", "account_id", "a-doe"));
    assert_non_null(find(test, cookie));
    change(test, "test_set_active",
           json_pack("{s:i, s:s}", "active", 0, "clinic_id", "riverside"));
    assert_ended(test, cookie, CP_SESSION_DISABLED);
    change(test, "test_set_active",
           json_pack("{s:i, s:s}", "active", 1, "clinic_id", "riverside"));
    change(test, "test_revoke",
           json_pack("{s:s, s:s}", "account_id", "a-doe", "permission",
                     "staff-portal"));
    assert_ended(test, cookie, CP_SESSION_DISABLED);
}

/* The other kind's permission opens nothing, neither here nor there. */
static void only_the_kinds_own_permission_counts(void **state)
{
    clinic_test_t *test = *state;
    const char *cookie = start(test, "a-brown", NULL);
    const cp_session_t *session;
    cp_session_end_t why;

    change(test, "test_grant",
           json_pack("{s:s, s:s, s:s}", "clinic_id", "riverside", "account_id",
                     "a-brown", "permission", "patient-portal"));
    assert_ended(test, cookie, CP_SESSION_DISABLED);
    assert_int_equal(
        cp_session_find(&test->cx, CP_KIND_PATIENT, cookie, &session, &why),
        CP_EDENIED);
    assert_int_equal(why, CP_SESSION_UNKNOWN);
}

static apr_time_t last_seen(clinic_test_t *test)
{
    return cp_json_integer(look(test, "test_session", json_object()),
                           "last_seen_at", 0);
}

static void last_seen_moves_once_a_minute(void **state)
{
    clinic_test_t *test = *state;
    apr_time_t began = test->fake->now;
    const char *cookie = start(test, "a-doe", NULL);

    test->fake->now = began + MINUTE - 1;
    assert_int_equal(find(test, cookie)->idle_ends_at, began + 15 * MINUTE);
    assert_int_equal(last_seen(test), began);
    test->fake->now = began + MINUTE;
    assert_int_equal(find(test, cookie)->idle_ends_at, began + 16 * MINUTE);
    assert_int_equal(last_seen(test), began + MINUTE);
}

/* A limit of seconds must not end a session that is in use. */
static void a_short_idle_limit_is_touched_more_often(void **state)
{
    clinic_test_t *test = *state;
    const char *cookie;
    int i;

    test->options.session_idle = apr_time_from_sec(10);
    cookie = start(test, "a-doe", NULL);
    for (i = 0; i < 10; i++) {
        test->fake->now += apr_time_from_sec(9);
        assert_non_null(find(test, cookie));
    }
}

/* A page left open asks for news by itself; that is no sign of a person. */
static void asking_in_the_background_keeps_nothing_alive(void **state)
{
    clinic_test_t *test = *state;
    apr_time_t began = test->fake->now;
    const char *cookie = start(test, "a-doe", NULL);

    test->cx.is_background = 1;
    test->fake->now = began + 10 * MINUTE;
    assert_int_equal(find(test, cookie)->idle_ends_at, began + 15 * MINUTE);
    assert_int_equal(last_seen(test), began);
}

static void a_dead_database_opens_nothing(void **state)
{
    clinic_test_t *test = *state;
    const char *cookie = start(test, "a-doe", NULL);
    const cp_session_t *session;
    cp_session_end_t why;

    test->cx.db = dead_database(test);
    assert_int_not_equal(
        cp_session_find(&test->cx, CP_KIND_STAFF, cookie, &session, &why),
        CP_EDENIED);
    assert_null(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLINIC_TEST(a_session_says_who_it_is),
        CLINIC_TEST(a_patient_has_a_patients_name),
        CLINIC_TEST(the_database_never_sees_the_token),
        CLINIC_TEST(malformed_cookies_cost_no_query),
        CLINIC_TEST(a_cookie_opens_its_own_door_only),
        CLINIC_TEST(silence_ends_it_at_the_idle_limit),
        CLINIC_TEST(use_does_not_outlive_the_absolute_limit),
        CLINIC_TEST(what_is_taken_away_counts_at_once),
        CLINIC_TEST(only_the_kinds_own_permission_counts),
        CLINIC_TEST(last_seen_moves_once_a_minute),
        CLINIC_TEST(a_short_idle_limit_is_touched_more_often),
        CLINIC_TEST(asking_in_the_background_keeps_nothing_alive),
        CLINIC_TEST(a_dead_database_opens_nothing),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
