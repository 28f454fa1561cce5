/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Conversations: what reading one shows and changes. */
#include "clinic/messages.h"

#include "clinic_talk.h"

static int unread_of(clinic_test_t *test, reader_t who, int thread)
{
    return (int)cp_json_integer(
        look(test, "reads_find_unread",
             json_pack("{s:s, s:s, s:s, s:s}", "clinic_id", clinic_of(who),
                       "kind", cp_kind_word(reads_people[who].kind),
                       "person_id", reads_people[who].person_id, "id",
                       id_of(test, "thr", thread))),
        "unread", -1);
}

static void a_conversation_runs_from_old_to_new(void **state)
{
    clinic_test_t *test = *state;
    const json_t *messages;
    json_t *thread;

    add_usual(test);
    add_message(test, LOPEZ, 1, 9, "Thank\nyou");
    add_message(test, DOE, 1, 10, NULL);
    assert_int_equal(open_as(test, LOPEZ, &thread), APR_SUCCESS);
    assert_member(thread, "patient", "Maria Lopez");
    messages = json_object_get(thread, "messages");
    assert_int_equal(json_array_size(messages), 3);
    assert_member(json_array_get(messages, 0), "payload",
                  "May I come earlier?");
    assert_true(cp_json_is_true(json_array_get(messages, 0), "is_mine"));
    assert_member(json_array_get(messages, 1), "from", "Jane Doe, LCSW");
    assert_false(cp_json_is_true(json_array_get(messages, 1), "is_mine"));
    assert_member(json_array_get(messages, 1), "sent_at",
                  "2027-01-15T03:02:00-05:00");
    assert_member(json_array_get(messages, 2), "payload", "Thank\nyou");
    assert_true(cp_json_is_true(json_array_get(messages, 2), "is_urgent"));
}

static void a_long_one_shows_the_newest_two_hundred(void **state)
{
    clinic_test_t *test = *state;
    const json_t *messages;
    json_t *thread;
    int i;

    add_usual(test);
    for (i = 3; i <= 203; i++) {
        add_message(test, DOE, 1, i, "more");
    }
    assert_int_equal(open_as(test, LOPEZ, &thread), APR_SUCCESS);
    messages = json_object_get(thread, "messages");
    assert_int_equal(json_array_size(messages), 200);
    assert_member(json_array_get(messages, 0), "id", id_of(test, "msg", 1004));
    assert_member(json_array_get(messages, 199), "id",
                  id_of(test, "msg", 1203));
}

static void reading_marks_it_read_for_the_reader_alone(void **state)
{
    clinic_test_t *test = *state;
    json_t *thread;

    add_usual(test);
    assert_int_equal(open_as(test, LOPEZ, &thread), APR_SUCCESS);
    assert_int_equal(unread_of(test, LOPEZ, 1), 0);
    assert_int_equal(unread_of(test, LOPEZ, 2), 1);
    assert_int_equal(unread_of(test, NGUYEN, 1), 1);
    assert_int_equal(unread_of(test, L_LOPEZ, 1), 2);
    assert_int_equal(version_of(test, LOPEZ), 1);
    assert_int_equal(version_of(test, L_LOPEZ), 0);
    assert_int_equal(version_of(test, DOE), 0);
    assert_int_equal(open_as(test, LOPEZ, &thread), APR_SUCCESS);
    assert_int_equal(version_of(test, LOPEZ), 1);
    assert_int_equal(reads_count(test, "audit"), 2);
    assert_member(look(test, "reads_last_audit", json_object()), "entity_type",
                  "Communication");
}

/* A page fetched ahead, or asked for by HEAD, was read by nobody. */
static void the_background_marks_nothing(void **state)
{
    clinic_test_t *test = *state;
    json_t *thread;

    add_usual(test);
    test->cx.is_background = 1;
    assert_int_equal(open_as(test, LOPEZ, &thread), APR_SUCCESS);
    assert_int_equal(unread_of(test, LOPEZ, 1), 1);
    assert_int_equal(version_of(test, LOPEZ), 0);
}

/* The patient Lopez has the other one too, under the same id as the twin. */
static void the_kind_of_a_reader_counts(void **state)
{
    clinic_test_t *test = *state;
    json_t *thread;

    add_usual(test);
    assert_int_equal(open_as(test, TWIN, &thread), APR_ENOENT);
    assert_int_equal(unread_of(test, LOPEZ, 1), 1);
    assert_int_equal(cp_messages_open(&test->cx, reader(test, TWIN),
                                      id_of(test, "thr", 2), &thread),
                     APR_SUCCESS);
    assert_int_equal(length_of(thread, "messages"), 2);
    assert_member(thread, "topic", "riverside 2");
    assert_member(thread, "patient", "Tam Nguyen");
    assert_int_equal(unread_of(test, TWIN, 2), 0);
    assert_int_equal(unread_of(test, LOPEZ, 2), 1);
    assert_int_equal(version_of(test, LOPEZ), 0);
}

static void without_a_record_nothing_is_read(void **state)
{
    clinic_test_t *test = *state;
    json_t *thread;

    add_usual(test);
    test->fake->port.random = fake_random;
    test->fake->random_fails = 1;
    assert_int_not_equal(open_as(test, LOPEZ, &thread), APR_SUCCESS);
    assert_int_equal(unread_of(test, LOPEZ, 1), 1);
    assert_int_equal(version_of(test, LOPEZ), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        READS_TEST(a_conversation_runs_from_old_to_new),
        READS_TEST(a_long_one_shows_the_newest_two_hundred),
        READS_TEST(reading_marks_it_read_for_the_reader_alone),
        READS_TEST(the_background_marks_nothing),
        READS_TEST(the_kind_of_a_reader_counts),
        READS_TEST(without_a_record_nothing_is_read),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
