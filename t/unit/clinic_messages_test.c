/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Conversations: whose, in which order, and what reading one changes. */
#include "clinic/messages.h"

#include "clinic_reads.h"

#define NOW apr_time_from_sec(1800000000)

static const char *clinic_of(reader_t who)
{
    return reads_people[who].is_lakeview ? "lakeview" : "riverside";
}

static void add_message(clinic_test_t *test, reader_t sender, int thread, int n,
                        const char *payload)
{
    change(test, "reads_add_message",
           json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s}",
                     "clinic_id", clinic_of(sender), "thread_id",
                     id_of(test, "thr", thread), "at",
                     (json_int_t)(NOW + n * MINUTE), "id",
                     id_of(test, "msg", 1000 * thread + n), "status",
                     payload == NULL ? "preparation" : "completed", "priority",
                     n == 9 ? "urgent" : "routine", "kind",
                     cp_kind_word(reads_people[sender].kind), "person_id",
                     reads_people[sender].person_id, "payload",
                     payload == NULL ? "a draft" : payload));
}

static void add_box(clinic_test_t *test, reader_t who, int thread,
                    apr_time_t at, int unread)
{
    change(test, "reads_add_mailbox",
           json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:i}", "clinic_id",
                     clinic_of(who), "kind",
                     cp_kind_word(reads_people[who].kind), "person_id",
                     reads_people[who].person_id, "id",
                     id_of(test, "thr", thread), "folder",
                     unread < 0 ? "archive" : "inbox", "at", (json_int_t)at,
                     "unread", abs(unread)));
}

static void add_thread(clinic_test_t *test, const char *clinic_id, int thread)
{
    change(test, "reads_add_thread",
           json_pack("{s:s, s:s, s:s, s:s}", "clinic_id", clinic_id, "id",
                     id_of(test, "thr", thread), "topic",
                     apr_psprintf(test->cx.pool, "%s %d", clinic_id, thread),
                     "patient_id", thread % 2 ? "p-lopez" : "p-nguyen"));
}

/* Doe and Lopez talk in conversation 1. Around it is all that must not show
 * in it: another one of Lopez, others' boxes of the same, and people of the
 * same ids who talk under the same ids at the other clinic. */
static void add_usual(clinic_test_t *test)
{
    add_thread(test, "riverside", 1);
    add_message(test, LOPEZ, 1, 1, "May I come earlier?");
    add_message(test, DOE, 1, 2, "Yes, at nine.");
    add_box(test, DOE, 1, NOW + 2 * MINUTE, 0);
    add_box(test, LOPEZ, 1, NOW + 2 * MINUTE, 1);
    add_box(test, NGUYEN, 1, NOW + 2 * MINUTE, 1);
    add_thread(test, "riverside", 2);
    add_message(test, SMITH, 2, 20, "Another matter");
    add_message(test, LOPEZ, 2, 21, "Thank you");
    add_box(test, LOPEZ, 2, NOW, 1);
    add_box(test, TWIN, 2, NOW, 1);
    add_thread(test, "lakeview", 1);
    add_message(test, L_LOPEZ, 1, 1, "Hello from the lake");
    add_message(test, L_BOSS, 1, 2, "From the lake as well");
    add_message(test, L_BOSS, 1, 30, "Late from the lake");
    add_box(test, L_DOE, 1, NOW + MINUTE, 1);
    add_box(test, L_LOPEZ, 1, NOW + MINUTE, 2);
}

static json_t *list_of(clinic_test_t *test, reader_t who)
{
    json_t *page;

    assert_int_equal(
        cp_messages_list(&test->cx, reader(test, who), "inbox", NULL, &page),
        APR_SUCCESS);
    return page;
}

static apr_status_t open_as(clinic_test_t *test, reader_t who, json_t **model)
{
    return cp_messages_open(&test->cx, reader(test, who), id_of(test, "thr", 1),
                            model);
}

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

static void only_those_in_a_conversation_see_it(void **state)
{
    static const struct {
        size_t boxes;
        const char *topic;
        const char *patient;
    } expected[READERS] = {
        [DOE] = {1, "riverside 1", "Maria Lopez"},
        [TWIN] = {1, NULL, NULL},
        [LOPEZ] = {2, "riverside 1", "Maria Lopez"},
        [NGUYEN] = {1, "riverside 1", "Maria Lopez"},
        [L_DOE] = {1, "lakeview 1", "Lake Lopez"},
        [L_LOPEZ] = {1, "lakeview 1", "Lake Lopez"},
    };
    clinic_test_t *test = *state;
    json_t *thread;
    int who;

    add_usual(test);
    for (who = 0; who < READERS; who++) {
        int before = reads_count(test, "audit");
        int may = expected[who].topic != NULL;

        if (length_of(list_of(test, who), "threads") != expected[who].boxes ||
            open_as(test, who, &thread) != (may ? APR_SUCCESS : APR_ENOENT)) {
            fail_msg("reader %d", who);
        }
        if (may) {
            assert_member(thread, "topic", expected[who].topic);
            assert_member(thread, "patient", expected[who].patient);
        }
        assert_int_equal(reads_count(test, "audit"), before + may);
    }
}

static void a_line_of_the_list_shows_the_newest_message(void **state)
{
    clinic_test_t *test = *state;
    const json_t *line;

    add_usual(test);
    add_message(test, DOE, 1, 5, NULL);
    line = json_array_get(json_object_get(list_of(test, LOPEZ), "threads"), 0);
    assert_member(line, "id", id_of(test, "thr", 1));
    assert_member(line, "topic", "riverside 1");
    assert_member(line, "from", "Jane Doe, LCSW");
    assert_member(line, "excerpt", "Yes, at nine.");
    assert_member(line, "last_message_at", "2027-01-15T03:02:00-05:00");
    assert_int_equal(cp_json_integer(line, "unread", -1), 1);
    assert_true(cp_json_is_true(line, "is_unread"));
    assert_false(cp_json_is_true(line, "is_urgent"));
    add_message(test, LOPEZ, 1, 9, "Help!");
    line = json_array_get(json_object_get(list_of(test, DOE), "threads"), 0);
    assert_member(line, "from", "Maria Lopez");
    assert_true(cp_json_is_true(line, "is_urgent"));
    assert_false(cp_json_is_true(line, "is_unread"));
}

static apr_status_t list_inbox(cp_ctx_t *cx, const cp_session_t *session,
                               const char *cursor, json_t **model)
{
    return cp_messages_list(cx, session, "inbox", cursor, model);
}

static void pages_have_no_gaps_and_no_repeats(void **state)
{
    clinic_test_t *test = *state;
    int i;

    for (i = 0; i < 60; i++) {
        add_thread(test, "riverside", i);
        add_box(test, DOE, i, NOW + i % 3 * MINUTE, i % 2);
    }
    add_thread(test, "riverside", 99);
    add_box(test, DOE, 99, NOW, -1);
    assert_int_equal(walk(test, DOE, list_inbox, "threads", "last_message_at"),
                     60);
    assert_int_equal(
        walk(test, L_DOE, list_inbox, "threads", "last_message_at"), 0);
}

static void what_is_no_folder_or_cursor_is_refused(void **state)
{
    clinic_test_t *test = *state;
    const cp_session_t *doe = reader(test, DOE);
    json_t *page;

    assert_int_equal(cp_messages_list(&test->cx, doe, "outbox", NULL, &page),
                     CP_EINPUT);
    assert_int_equal(cp_messages_list(&test->cx, doe, "", NULL, &page),
                     CP_EINPUT);
    assert_int_equal(
        cp_messages_list(&test->cx, doe, "inbox", "nonsense", &page),
        CP_EINPUT);
}

static void unread_messages_are_counted_and_the_newest_shown(void **state)
{
    clinic_test_t *test = *state;
    const json_t *threads;
    json_t *unread;
    int i;

    add_usual(test);
    for (i = 10; i < 18; i++) {
        add_thread(test, "riverside", i);
        add_box(test, DOE, i, NOW + i * MINUTE, i % 2 ? i : 0);
        add_box(test, SMITH, i, NOW + HOUR, 1);
    }
    add_thread(test, "riverside", 99);
    add_box(test, DOE, 99, NOW + HOUR, -5);
    add_thread(test, "lakeview", 10);
    add_box(test, L_DOE, 10, NOW + HOUR, 1);
    add_thread(test, "riverside", 98);
    add_box(test, LOPEZ, 98, NOW + HOUR, 1);
    assert_int_equal(
        cp_messages_unread(&test->cx, reader(test, DOE), 3, &unread),
        APR_SUCCESS);
    assert_int_equal(cp_json_integer(unread, "count", -1), 11 + 13 + 15 + 17);
    threads = json_object_get(unread, "threads");
    assert_int_equal(json_array_size(threads), 3);
    for (i = 0; i < 3; i++) {
        assert_member(json_array_get(threads, (size_t)i), "id",
                      id_of(test, "thr", 17 - 2 * i));
    }
    assert_int_equal(
        cp_messages_unread(&test->cx, reader(test, TWIN), 3, &unread),
        APR_SUCCESS);
    assert_int_equal(cp_json_integer(unread, "count", -1), 1);
    assert_int_equal(length_of(unread, "threads"), 1);
}

static void nothing_is_an_empty_list(void **state)
{
    clinic_test_t *test = *state;
    json_t *unread;
    int who;

    for (who = 0; who < READERS; who++) {
        json_t *page = list_of(test, who);

        assert_int_equal(length_of(page, "threads"), 0);
        assert_true(json_is_null(json_object_get(page, "older")));
        assert_int_equal(
            cp_messages_unread(&test->cx, reader(test, who), 5, &unread),
            APR_SUCCESS);
        assert_int_equal(cp_json_integer(unread, "count", -1), 0);
        assert_int_equal(length_of(unread, "threads"), 0);
    }
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

/* The patient Lopez has the other one too, under the same id as the twin. */
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

static void an_excerpt_is_one_short_line(void **state)
{
    clinic_test_t *test = *state;
    const json_t *threads;
    char longer[601];
    const char *text;
    size_t i;

    for (i = 0; i < sizeof(longer) - 1; i++) {
        longer[i] = "\xE2\x82\xAC"[i % 3]; /* 200 euro signs */
    }
    longer[sizeof(longer) - 1] = '\0';
    add_usual(test);
    add_message(test, LOPEZ, 1, 3, " Dear  Dr.\r\n\r\n\tDoe,\n thanks ");
    threads = json_object_get(list_of(test, DOE), "threads");
    assert_member(json_array_get(threads, 0), "excerpt",
                  "Dear Dr. Doe, thanks");
    add_message(test, LOPEZ, 1, 4, longer);
    threads = json_object_get(list_of(test, DOE), "threads");
    text = cp_json_string(json_array_get(threads, 0), "excerpt", "");
    assert_int_equal(strlen(text), 138 + 3);
    assert_memory_equal(text, longer, 138);
    assert_string_equal(text + 138, "\xE2\x80\xA6");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        READS_TEST(only_those_in_a_conversation_see_it),
        READS_TEST(a_line_of_the_list_shows_the_newest_message),
        READS_TEST(pages_have_no_gaps_and_no_repeats),
        READS_TEST(what_is_no_folder_or_cursor_is_refused),
        READS_TEST(unread_messages_are_counted_and_the_newest_shown),
        READS_TEST(nothing_is_an_empty_list),
        READS_TEST(a_conversation_runs_from_old_to_new),
        READS_TEST(a_long_one_shows_the_newest_two_hundred),
        READS_TEST(reading_marks_it_read_for_the_reader_alone),
        READS_TEST(the_background_marks_nothing),
        READS_TEST(the_kind_of_a_reader_counts),
        READS_TEST(without_a_record_nothing_is_read),
        READS_TEST(an_excerpt_is_one_short_line),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
