/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Documents: what waits for whom, what is new, and in which words. */
#include "clinic/documents.h"

#include "clinic_papers.h"

/* Paper i as `who` is shown it alone, in the list, and among what waits. */
typedef struct shown_t {
    const json_t *alone;
    const json_t *listed;
    const json_t *waiting;
} shown_t;

static shown_t shown_to(clinic_test_t *test, reader_t who, size_t i)
{
    const cp_session_t *session = reader(test, who);
    const char *id = paper_id(test, i);
    shown_t shown;
    json_t *model;

    assert_int_equal(cp_documents_find(&test->cx, session, id, &model),
                     APR_SUCCESS);
    shown.alone = model;
    assert_int_equal(cp_documents_list(&test->cx, session, NULL, &model),
                     APR_SUCCESS);
    shown.listed = by_id(json_object_get(model, "documents"), id);
    assert_int_equal(cp_documents_waiting(&test->cx, session, 50, &model),
                     APR_SUCCESS);
    shown.waiting = by_id(json_object_get(model, "documents"), id);
    return shown;
}

static void what_waits_is_counted_and_the_newest_shown(void **state)
{
    static const struct {
        reader_t who;
        int limit;
        int count;
        size_t shown;
    } cases[] = {
        {DOE, 5, 8, 5},    {DOE, 20, 8, 8},  {SMITH, 5, 0, 0},
        {BOSS, 5, 1, 1},   {TWIN, 5, 0, 0},  {LOPEZ, 5, 1, 1},
        {NGUYEN, 1, 2, 1}, {L_DOE, 5, 6, 5}, {L_LOPEZ, 20, 15, 15},
    };
    clinic_test_t *test = *state;
    json_t *waiting;
    size_t i;

    add_papers(test);
    for (i = 0; i < 7; i++) {
        add_paper(test, id_of(test, "rev", (int)i), &papers[2], NOW + MINUTE);
    }
    for (i = 0; i < ROWS(cases); i++) {
        const json_t *first;

        assert_int_equal(cp_documents_waiting(&test->cx,
                                              reader(test, cases[i].who),
                                              cases[i].limit, &waiting),
                         APR_SUCCESS);
        if (cp_json_integer(waiting, "count", -1) != cases[i].count ||
            length_of(waiting, "documents") != cases[i].shown) {
            fail_msg("reader %d: %s", cases[i].who,
                     cp_json_text(waiting, test->cx.pool));
        }
        first = json_array_get(json_object_get(waiting, "documents"), 0);
        assert_true(first == NULL || cp_json_is_true(first, "is_waiting"));
    }
}

static void waiting_means_waiting_for_this_person(void **state)
{
    static const struct {
        reader_t who;
        size_t paper;
        int is_waiting;
        int is_new;
    } cases[] = {
        {DOE, 2, 1, 0},    {SMITH, 2, 0, 0}, {BOSS, 2, 0, 0},
        {NGUYEN, 3, 1, 1}, {DOE, 3, 0, 0},   {LOPEZ, 0, 1, 1},
    };
    clinic_test_t *test = *state;
    size_t i;

    add_papers(test);
    for (i = 0; i < ROWS(cases); i++) {
        shown_t shown = shown_to(test, cases[i].who, cases[i].paper);
        int is_waiting = cases[i].is_waiting;

        if (cp_json_is_true(shown.alone, "is_waiting") != is_waiting ||
            cp_json_is_true(shown.alone, "is_new") != cases[i].is_new ||
            !json_equal(shown.alone, shown.listed) ||
            (shown.waiting != NULL) != is_waiting) {
            fail_msg("case %d", (int)i);
        }
        assert_true(!is_waiting || json_equal(shown.alone, shown.waiting));
    }
}

static void note_seen(clinic_test_t *test, reader_t who, size_t i)
{
    change(test, "document_note_seen",
           json_pack("{s:s, s:s, s:s, s:I}", "clinic_id",
                     reads_people[who].is_lakeview ? "lakeview" : "riverside",
                     "account_id", reads_people[who].account_id, "document_id",
                     paper_id(test, i), "now", (json_int_t)NOW));
}

static void it_is_new_until_this_account_opened_it(void **state)
{
    clinic_test_t *test = *state;
    shown_t shown;

    add_papers(test);
    note_seen(test, DOE, 3);
    note_seen(test, L_LOPEZ, 0);
    note_seen(test, NGUYEN, 4);
    shown = shown_to(test, LOPEZ, 0);
    assert_true(cp_json_is_true(shown.alone, "is_new"));
    assert_true(cp_json_is_true(shown.listed, "is_new"));
    assert_non_null(shown.waiting);
    shown = shown_to(test, NGUYEN, 3);
    assert_true(cp_json_is_true(shown.alone, "is_new"));
    assert_true(cp_json_is_true(shown.listed, "is_new"));
    assert_non_null(shown.waiting);
    shown = shown_to(test, NGUYEN, 4);
    assert_false(cp_json_is_true(shown.alone, "is_new"));
    assert_false(cp_json_is_true(shown.listed, "is_new"));
    assert_null(shown.waiting);
}

/* Whoever else opened it must not make it appear twice. */
static void nothing_is_shown_twice(void **state)
{
    static const reader_t readers[] = {DOE, SMITH, BOSS, LOPEZ, L_DOE, L_LOPEZ};
    clinic_test_t *test = *state;
    json_t *model;
    size_t i;

    add_papers(test);
    for (i = 0; i < ROWS(readers); i++) {
        note_seen(test, readers[i], 2);
        note_seen(test, readers[i], 3);
    }
    note_seen(test, NGUYEN, 4);
    assert_int_equal(
        cp_documents_waiting(&test->cx, reader(test, DOE), 50, &model),
        APR_SUCCESS);
    assert_int_equal(length_of(model, "documents"), 1);
    assert_int_equal(
        cp_documents_waiting(&test->cx, reader(test, NGUYEN), 50, &model),
        APR_SUCCESS);
    assert_int_equal(length_of(model, "documents"), 1);
    assert_int_equal(
        cp_documents_list(&test->cx, reader(test, NGUYEN), NULL, &model),
        APR_SUCCESS);
    assert_int_equal(length_of(model, "documents"), 2);
}

static void a_model_says_it_in_words(void **state)
{
    clinic_test_t *test = *state;
    json_t *one;

    add_papers(test);
    assert_int_equal(cp_documents_find(&test->cx, reader(test, DOE),
                                       paper_id(test, 0), &one),
                     APR_SUCCESS);
    assert_member(one, "status_text", "Final");
    assert_member(one, "type_text", "PDF document");
    assert_member(one, "size_text", "5 bytes");
    assert_member(one, "created_at", "2027-01-15T03:00:00-05:00");
    assert_non_null(strstr(cp_json_string(one, "created_text", ""), "2027"));
    assert_null(strstr(cp_json_text(one, test->cx.pool), "secret-key"));
    assert_int_equal(cp_documents_find(&test->cx, reader(test, DOE),
                                       paper_id(test, 2), &one),
                     APR_SUCCESS);
    assert_member(one, "status_text", "Preliminary");
    assert_int_equal(cp_documents_find(&test->cx, reader(test, DOE),
                                       paper_id(test, 9), &one),
                     APR_SUCCESS);
    assert_member(one, "status_text", "Superseded");
}

static void sizes_are_rounded_for_people(void **state)
{
    static const struct {
        int size;
        const char *text;
    } cases[] = {
        {0, "0 bytes"},      {1023, "1023 bytes"},  {1024, "1 KB"},
        {24600, "24 KB"},    {1048063, "1023 KB"},  {1048064, "1.0 MB"},
        {1048576, "1.0 MB"}, {10485760, "10.0 MB"},
    };
    clinic_test_t *test = *state;
    json_t *one;
    size_t i;

    add_papers(test);
    for (i = 0; i < ROWS(cases); i++) {
        change(test, "reads_set_file",
               json_pack("{s:s, s:s, s:i}", "id", paper_id(test, 0),
                         "storage_key", "k", "size", cases[i].size));
        assert_int_equal(cp_documents_find(&test->cx, reader(test, DOE),
                                           paper_id(test, 0), &one),
                         APR_SUCCESS);
        assert_member(one, "size_text", cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        READS_TEST(what_waits_is_counted_and_the_newest_shown),
        READS_TEST(waiting_means_waiting_for_this_person),
        READS_TEST(it_is_new_until_this_account_opened_it),
        READS_TEST(nothing_is_shown_twice),
        READS_TEST(a_model_says_it_in_words),
        READS_TEST(sizes_are_rounded_for_people),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
