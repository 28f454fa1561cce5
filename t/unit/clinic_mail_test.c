/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Mail that cannot be sent for want of something here: put off like any other,
 * and given up in the end. (What servers do to it is in t/http/mail.t.) */
#include "clinic/mail.h"

#include "clinic.h"

static void add_mail(clinic_test_t *test, const char *template)
{
    const char *error = "";

    if (cp_db_run(test->cx.db,
                  "UPDATE account SET email = 'doej@clinic.test'"
                  " WHERE account_id = 'a-doe'",
                  &error, test->cx.pool) != APR_SUCCESS) {
        fail_msg("%s", error);
    }
    assert_int_equal(cp_mail_add(&test->cx, "riverside", "a-doe", template),
                     APR_SUCCESS);
}

/* The one there is, with what became of it. */
static const json_t *only_mail(clinic_test_t *test)
{
    json_t *mails = NULL;

    assert_int_equal(cp_mail_list(&test->cx, "riverside", 9, &mails),
                     APR_SUCCESS);
    assert_int_equal(json_array_size(mails), 1);
    return json_array_get(mails, 0);
}

/* Eight tries, which are counted and say why, and it is dead. */
static void try_without_random_bytes(clinic_test_t *test, const char *template)
{
    static const cp_mail_sender_t sender = {.address = "https://portal.test"};
    enum { TRIES = 8 };
    int tries;

    add_mail(test, template);
    test->fake->port.random = fake_random;
    test->fake->random_fails = 1;
    for (tries = 1; tries <= TRIES; tries++) {
        assert_int_equal(cp_mail_send_next(&test->cx, &sender), APR_SUCCESS);
        assert_int_equal(cp_json_integer(only_mail(test), "attempts", -1),
                         tries);
        assert_member(only_mail(test), "last_error",
                      "its contents cannot be made");
        assert_member(only_mail(test), "status",
                      tries < TRIES ? "waiting" : "dead");
        test->fake->now += HOUR;
    }
}

static void a_link_without_random_bytes_is_put_off(void **state)
{
    try_without_random_bytes(*state, CP_MAIL_RESET);
}

static void a_code_without_random_bytes_is_put_off(void **state)
{
    try_without_random_bytes(*state, CP_MAIL_CODE);
}

/* At once, with what "mail retry" has to be told, and first in the list. */
static void to_no_address_is_given_up(void **state)
{
    static const cp_mail_sender_t sender = {.address = "https://portal.test"};
    clinic_test_t *test = *state;
    const char *error = "";
    const char *given_up;
    const char *said;
    json_t *mails = NULL;

    add_mail(test, CP_MAIL_RESET);
    given_up = cp_json_string(only_mail(test), "mail_id", "");
    assert_int_equal(cp_db_run(test->cx.db,
                               "UPDATE account SET email = ''"
                               " WHERE account_id = 'a-doe'",
                               &error, test->cx.pool),
                     APR_SUCCESS);
    assert_int_equal(cp_mail_send_next(&test->cx, &sender), APR_SUCCESS);
    assert_int_equal(test->database->lines->nelts, 1);
    said = APR_ARRAY_IDX(test->database->lines, 0, const char *);
    assert_non_null(strstr(said, apr_pstrcat(test->cx.pool, "mail RIVERSIDE ",
                                             given_up, ": ", NULL)));
    assert_non_null(strstr(said, "no mail address; it is given up"));
    test->fake->now += HOUR;
    add_mail(test, CP_MAIL_RESET);
    assert_int_equal(cp_mail_list(&test->cx, "riverside", 1, &mails),
                     APR_SUCCESS);
    assert_member(json_array_get(mails, 0), "mail_id", given_up);
    assert_member(json_array_get(mails, 0), "status", "dead");
}

static size_t count_mails(clinic_test_t *test)
{
    json_t *mails = NULL;

    assert_int_equal(cp_mail_list(&test->cx, "riverside", 9, &mails),
                     APR_SUCCESS);
    return json_array_size(mails);
}

static void what_was_given_up_stays_for_a_month(void **state)
{
    static const cp_mail_sender_t sender = {.address = "https://portal.test"};
    clinic_test_t *test = *state;

    assert_int_equal(
        cp_mail_add(&test->cx, "riverside", "a-doe", CP_MAIL_RESET),
        APR_SUCCESS);
    assert_int_equal(cp_mail_send_next(&test->cx, &sender), APR_SUCCESS);
    test->fake->now += 29 * 24 * HOUR;
    assert_int_equal(cp_mail_prune(&test->cx), APR_SUCCESS);
    assert_int_equal(count_mails(test), 1);
    test->fake->now += 2 * 24 * HOUR;
    assert_int_equal(cp_mail_prune(&test->cx), APR_SUCCESS);
    assert_int_equal(count_mails(test), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CLINIC_TEST(a_link_without_random_bytes_is_put_off),
        CLINIC_TEST(a_code_without_random_bytes_is_put_off),
        CLINIC_TEST(to_no_address_is_given_up),
        CLINIC_TEST(what_was_given_up_stays_for_a_month),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
