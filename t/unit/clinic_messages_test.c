/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Conversations: whose, and how they are listed. */
#include "clinic/messages.h"

#include "clinic_talk.h"

static json_t *list_of(clinic_test_t *test, reader_t who)
{
    json_t *page;

    assert_int_equal(
        cp_messages_list(&test->cx, reader(test, who), "inbox", NULL, &page),
        APR_SUCCESS);
    return page;
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

/* Drafts aside, which are nobody's newest message. */
static void an_unread_line_is_that_of_the_list(void **state)
{
    static const reader_t readers[] = {LOPEZ, NGUYEN, TWIN, L_DOE, L_LOPEZ};
    clinic_test_t *test = *state;
    json_t *unread;
    size_t i;

    add_usual(test);
    add_message(test, DOE, 1, 40, NULL);
    for (i = 0; i < ROWS(readers); i++) {
        assert_int_equal(
            cp_messages_unread(&test->cx, reader(test, readers[i]), 5, &unread),
            APR_SUCCESS);
        assert_true(
            json_equal(json_object_get(unread, "threads"),
                       json_object_get(list_of(test, readers[i]), "threads")));
    }
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
        READS_TEST(an_unread_line_is_that_of_the_list),
        READS_TEST(nothing_is_an_empty_list),
        READS_TEST(an_excerpt_is_one_short_line),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
