/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Documents: who may see which, page by page. */
#include "clinic/documents.h"

#include "clinic_papers.h"

/* How often a paper is in a list: by id and title, for the id alone may stand
 * for another one at the other clinic. */
static int count_of(clinic_test_t *test, const json_t *documents, size_t i)
{
    const json_t *item;
    int count = 0;
    size_t k;

    json_array_foreach(documents, k, item)
    {
        count +=
            strcmp(cp_json_string(item, "id", ""), paper_id(test, i)) == 0 &&
            strcmp(cp_json_string(item, "title", ""), papers[i].title) == 0;
    }
    return count;
}

static int is_found(clinic_test_t *test, reader_t who, size_t i)
{
    json_t *one;
    apr_status_t rv = cp_documents_find(&test->cx, reader(test, who),
                                        paper_id(test, i), &one);

    assert_true(rv == APR_SUCCESS || rv == APR_ENOENT);
    return rv == APR_SUCCESS &&
           strcmp(cp_json_string(one, "title", ""), papers[i].title) == 0;
}

static void list_and_find_obey_the_one_rule(void **state)
{
    clinic_test_t *test = *state;
    json_t *page;
    size_t i;
    int who;

    add_papers(test);
    for (who = 0; who < READERS; who++) {
        assert_int_equal(
            cp_documents_list(&test->cx, reader(test, who), NULL, &page),
            APR_SUCCESS);
        for (i = 0; i < ROWS(papers); i++) {
            int may = papers[i].readers[who] != '-';

            if (count_of(test, json_object_get(page, "documents"), i) != may ||
                is_found(test, who, i) != may) {
                fail_msg("reader %d of \"%s\"", who, papers[i].title);
            }
        }
    }
}

static void a_missing_one_is_like_a_foreign_one(void **state)
{
    clinic_test_t *test = *state;
    json_t *one;
    int who;

    add_papers(test);
    for (who = 0; who < READERS; who++) {
        assert_int_equal(cp_documents_find(&test->cx, reader(test, who),
                                           id_of(test, "nil", 0), &one),
                         APR_ENOENT);
    }
}

static void names_are_of_the_right_people(void **state)
{
    static const struct {
        reader_t who;
        size_t paper;
        const char *patient;
        const char *author;
    } cases[] = {
        {BOSS, 0, "Maria Lopez", "Jane Doe, LCSW"},
        {BOSS, 2, "Tam Nguyen", "Ana Smith, PsyD"},
        {TWIN, 11, "Tam Nguyen", "Twin Lopez, RN"},
        {L_BOSS, 0, "Lake Lopez", "Jim Doe, MD"},
        {L_LOPEZ, 2, "Lake Lopez", "Jim Doe, MD"},
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
        assert_member(one, "patient", cases[i].patient);
        assert_member(one, "author", cases[i].author);
    }
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
        add_paper(test, id_of(test, "doc", i * 7 % 60),
                  i % 2 ? &written : &reviewed, NOW - i % 3 * MINUTE);
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

/* Sixty old ones of Lopez among newer ones of others and in error. */
static void a_care_team_sees_a_patient_page_by_page(void **state)
{
    static const paper_t old = {0, "old",     "p-lopez", "p-smith", NULL,
                                0, "current", "final",   0,         NULL};
    static const paper_t newer[] = {
        {0, "other", "p-nguyen", "p-smith", NULL, 0, "current", "final", 0,
         NULL},
        {0, "error", "p-lopez", "p-smith", NULL, 0, "entered-in-error", "final",
         0, NULL},
        {0, "content", "p-lopez", "p-smith", NULL, 0, "current",
         "entered-in-error", 0, NULL},
        {1, "lake", "p-lopez", "p-smith", NULL, 0, "current", "final", 0, NULL},
    };
    clinic_test_t *test = *state;
    size_t k;
    int i;

    for (i = 0; i < 60; i++) {
        add_paper(test, id_of(test, "old", i), &old, NOW - i / 2 * MINUTE);
        for (k = 0; k < ROWS(newer); k++) {
            add_paper(test, id_of(test, "new", (int)k * 100 + i), &newer[k],
                      NOW + MINUTE);
        }
    }
    assert_int_equal(
        walk(test, DOE, cp_documents_list, "documents", "created_at"), 60);
    assert_int_equal(
        walk(test, LOPEZ, cp_documents_list, "documents", "created_at"), 0);
}

static void a_full_last_page_leads_nowhere(void **state)
{
    clinic_test_t *test = *state;
    json_t *page;
    int i;

    for (i = 0; i < 25; i++) {
        add_paper(test, id_of(test, "doc", i), &papers[0], NOW);
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
        add_paper(test, id_of(test, "doc", i), &papers[0], NOW);
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
        READS_TEST(a_missing_one_is_like_a_foreign_one),
        READS_TEST(names_are_of_the_right_people),
        READS_TEST(pages_have_no_gaps_and_no_repeats),
        READS_TEST(a_care_team_sees_a_patient_page_by_page),
        READS_TEST(a_full_last_page_leads_nowhere),
        READS_TEST(a_cursor_of_somebody_else_grants_nothing),
        READS_TEST(nothing_is_an_empty_list),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
