/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Documents: who may see which, page by page, and in which words. */
#include "clinic/documents.h"

#include "clinic_reads.h"

#define NOW apr_time_from_sec(1800000000)

typedef struct paper_t {
    int is_lakeview;
    const char *title;
    const char *patient_id;
    const char *author_id;
    const char *reviewer_id;
    int is_waiting;
    const char *status;
    const char *doc_status;
    apr_time_t released_at; /* 0: not released */
    const char *readers;    /* a letter for each reader who may see it, in the
                             * order of reader_t; "-" for one who may not */
} paper_t;

/*                       D S B T L N  at Lakeview: D B L */
static const paper_t papers[] = {
    {0, "Doe for Lopez", "p-lopez", "p-doe", NULL, 0, "current", "final", NOW,
     "D-B-L----"},
    {0, "not released", "p-lopez", "p-smith", NULL, 0, "current", "final", 0,
     "DSB------"},
    {0, "to be reviewed", "p-nguyen", "p-smith", "p-doe", 1, "current",
     "preliminary", 0, "DSB------"},
    {0, "reviewed", "p-nguyen", "p-smith", "p-doe", 0, "current", "final", NOW,
     "DSB--N---"},
    {0, "Smith for Nguyen", "p-nguyen", "p-smith", NULL, 0, "current",
     "amended", NOW - 1, "-SB--N---"},
    {0, "in error", "p-lopez", "p-doe", "p-doe", 1, "entered-in-error", "final",
     NOW, "---------"},
    {0, "content in error", "p-lopez", "p-doe", NULL, 0, "current",
     "entered-in-error", NOW, "---------"},
    {0, "superseded", "p-lopez", "p-doe", NULL, 0, "superseded", "final", NOW,
     "D-B------"},
    {0, "released tomorrow", "p-lopez", "p-doe", NULL, 0, "current", "final",
     NOW + 1, "D-B------"},
    {0, "of the twin", "p-nguyen", "p-lopez", NULL, 0, "current", "final", 0,
     "--BT-----"},
    {1, "Lake Doe for Lopez", "p-lopez", "p-doe", NULL, 0, "current", "final",
     NOW, "------DBL"},
    {1, "Lake Smith for Lopez", "p-lopez", "p-smith", NULL, 0, "current",
     "final", NOW, "-------BL"},
};

static const char *paper_id(clinic_test_t *test, size_t i)
{
    return id_of(test, "doc", (int)i);
}

static void add(clinic_test_t *test, const char *id, const paper_t *paper,
                apr_time_t created_at)
{
    change(test, "reads_add_document",
           json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:i, s:I, s:o,"
                     " s:s, s:i, s:s}",
                     "clinic_id", paper->is_lakeview ? "lakeview" : "riverside",
                     "id", id, "status", paper->status, "doc_status",
                     paper->doc_status, "title", paper->title, "patient_id",
                     paper->patient_id, "author_id", paper->author_id,
                     "reviewer_id", paper->reviewer_id, "is_waiting",
                     paper->is_waiting, "at", (json_int_t)created_at,
                     "released_at",
                     paper->released_at == 0 ? json_null()
                                             : json_integer(paper->released_at),
                     "content_type", "application/pdf", "size", 5,
                     "storage_key", "secret-key"));
}

static void add_papers(clinic_test_t *test)
{
    size_t i;

    test->fake->now = NOW;
    for (i = 0; i < ROWS(papers); i++) {
        add(test, paper_id(test, i), &papers[i], NOW - (apr_time_t)i);
    }
}

static void list_and_find_obey_the_one_rule(void **state)
{
    clinic_test_t *test = *state;
    json_t *page;
    json_t *one;
    size_t i;
    int who;

    add_papers(test);
    for (who = 0; who < READERS; who++) {
        const cp_session_t *session = reader(test, who);

        assert_int_equal(cp_documents_list(&test->cx, session, NULL, &page),
                         APR_SUCCESS);
        for (i = 0; i < ROWS(papers); i++) {
            const char *id = paper_id(test, i);
            int may = papers[i].readers[who] != '-';

            if (cp_documents_find(&test->cx, session, id, &one) !=
                    (may ? APR_SUCCESS : APR_ENOENT) ||
                (by_id(json_object_get(page, "documents"), id) != NULL) !=
                    may) {
                fail_msg("reader %d of \"%s\"", who, papers[i].title);
            }
        }
    }
    assert_int_equal(cp_documents_find(&test->cx, reader(test, BOSS),
                                       id_of(test, "nil", 0), &one),
                     APR_ENOENT);
}

static void the_same_id_at_two_clinics_is_two_documents(void **state)
{
    clinic_test_t *test = *state;
    const char *id = paper_id(test, 0);
    json_t *one;

    add(test, id, &papers[0], NOW);
    add(test, id, &papers[10], NOW);
    assert_int_equal(cp_documents_find(&test->cx, reader(test, BOSS), id, &one),
                     APR_SUCCESS);
    assert_member(one, "title", "Doe for Lopez");
    assert_member(one, "patient", "Maria Lopez");
    assert_member(one, "author", "Jane Doe, LCSW");
    assert_int_equal(
        cp_documents_find(&test->cx, reader(test, L_LOPEZ), id, &one),
        APR_SUCCESS);
    assert_member(one, "title", "Lake Doe for Lopez");
    assert_member(one, "patient", "Lake Lopez");
    assert_member(one, "author", "Jim Doe, MD");
}

/* Sixty at three moments, seen for several reasons at once. */
static void pages_have_no_gaps_and_no_repeats(void **state)
{
    static const paper_t written = {0, "w",       "p-lopez", "p-doe", "p-doe",
                                    1, "current", "final",   NOW,     NULL};
    static const paper_t reviewed = {0,       "r", "p-nguyen", "p-smith",
                                     "p-doe", 0,   "current",  "final",
                                     NOW,     NULL};
    clinic_test_t *test = *state;
    int i;

    for (i = 0; i < 60; i++) {
        add(test, id_of(test, "doc", i * 7 % 60), i % 2 ? &written : &reviewed,
            NOW - i % 3 * MINUTE);
    }
    assert_int_equal(
        walk(test, DOE, cp_documents_list, "documents", "created_at"), 60);
    assert_int_equal(
        walk(test, BOSS, cp_documents_list, "documents", "created_at"), 60);
    assert_int_equal(
        walk(test, SMITH, cp_documents_list, "documents", "created_at"), 30);
    assert_int_equal(
        walk(test, LOPEZ, cp_documents_list, "documents", "created_at"), 30);
    assert_int_equal(
        walk(test, TWIN, cp_documents_list, "documents", "created_at"), 0);
}

static void a_full_last_page_leads_nowhere(void **state)
{
    clinic_test_t *test = *state;
    json_t *page;
    int i;

    for (i = 0; i < 25; i++) {
        add(test, id_of(test, "doc", i), &papers[0], NOW);
    }
    assert_int_equal(
        cp_documents_list(&test->cx, reader(test, LOPEZ), NULL, &page),
        APR_SUCCESS);
    assert_int_equal(length_of(page, "documents"), 25);
    assert_true(json_is_null(json_object_get(page, "older")));
}

static void a_cursor_of_somebody_else_grants_nothing(void **state)
{
    clinic_test_t *test = *state;
    json_t *page;
    int i;

    for (i = 0; i < 30; i++) {
        add(test, id_of(test, "doc", i), &papers[0], NOW);
    }
    assert_int_equal(
        cp_documents_list(&test->cx, reader(test, BOSS), NULL, &page),
        APR_SUCCESS);
    assert_int_equal(cp_documents_list(&test->cx, reader(test, L_LOPEZ),
                                       cp_json_string(page, "older", NULL),
                                       &page),
                     APR_SUCCESS);
    assert_int_equal(length_of(page, "documents"), 0);
    assert_int_equal(
        cp_documents_list(&test->cx, reader(test, BOSS), "nonsense", &page),
        CP_EINPUT);
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
        {BOSS, 5, 0, 0},   {TWIN, 5, 0, 0},  {LOPEZ, 5, 1, 1},
        {NGUYEN, 1, 2, 1}, {L_DOE, 5, 0, 0}, {L_LOPEZ, 5, 2, 2},
    };
    clinic_test_t *test = *state;
    json_t *waiting;
    size_t i;

    add_papers(test);
    for (i = 0; i < 7; i++) {
        add(test, id_of(test, "rev", (int)i), &papers[2], NOW + MINUTE);
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
    json_t *one;
    size_t i;

    add_papers(test);
    for (i = 0; i < ROWS(cases); i++) {
        assert_int_equal(
            cp_documents_find(&test->cx, reader(test, cases[i].who),
                              paper_id(test, cases[i].paper), &one),
            APR_SUCCESS);
        if (cp_json_is_true(one, "is_waiting") != cases[i].is_waiting ||
            cp_json_is_true(one, "is_new") != cases[i].is_new) {
            fail_msg("case %d", (int)i);
        }
    }
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
                                       paper_id(test, 7), &one),
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

static void nothing_is_an_empty_list(void **state)
{
    clinic_test_t *test = *state;
    json_t *page;
    int who;

    for (who = 0; who < READERS; who++) {
        const cp_session_t *session = reader(test, who);

        assert_int_equal(cp_documents_list(&test->cx, session, NULL, &page),
                         APR_SUCCESS);
        assert_int_equal(length_of(page, "documents"), 0);
        assert_true(json_is_null(json_object_get(page, "older")));
        assert_int_equal(cp_documents_waiting(&test->cx, session, 5, &page),
                         APR_SUCCESS);
        assert_int_equal(length_of(page, "documents"), 0);
        assert_int_equal(cp_json_integer(page, "count", -1), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        READS_TEST(list_and_find_obey_the_one_rule),
        READS_TEST(the_same_id_at_two_clinics_is_two_documents),
        READS_TEST(pages_have_no_gaps_and_no_repeats),
        READS_TEST(a_full_last_page_leads_nowhere),
        READS_TEST(a_cursor_of_somebody_else_grants_nothing),
        READS_TEST(what_waits_is_counted_and_the_newest_shown),
        READS_TEST(waiting_means_waiting_for_this_person),
        READS_TEST(a_model_says_it_in_words),
        READS_TEST(sizes_are_rounded_for_people),
        READS_TEST(nothing_is_an_empty_list),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
