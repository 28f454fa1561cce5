/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Opening a document: only the right file, by the right person, with a trace.
 */
#include "clinic/documents.h"

#include "clinic_reads.h"

#include "files.h"

#include <apr_portable.h>
#include <fcntl.h>
#include <sys/stat.h>

#define NOW apr_time_from_sec(1800000000)
#define ID "doc0000000000000000001"

static void add_document(clinic_test_t *test)
{
    change(test, "reads_add_document",
           json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:n, s:i, s:I, s:I,"
                     " s:s, s:i, s:s}",
                     "clinic_id", "riverside", "id", ID, "status", "current",
                     "doc_status", "final", "title", "Plan", "patient_id",
                     "p-lopez", "author_id", "p-doe", "reviewer_id",
                     "is_waiting", 0, "at", (json_int_t)NOW, "released_at",
                     (json_int_t)NOW, "content_type", "application/pdf", "size",
                     5, "storage_key", "plan.bin"));
}

/* Where the documents are, and where none is; each with a "plan.bin". */
typedef struct places_t {
    const char *documents;
    const char *outside;
} places_t;

static places_t places_of(clinic_test_t *test)
{
    places_t places = {files_make(test->cx.pool), files_make(test->cx.pool)};

    files_write(places.documents, "plan.bin", "12345", test->cx.pool);
    files_write(places.outside, "plan.bin", "12345", test->cx.pool);
    test->options.documents_dir = places.documents;
    return places;
}

static int setup(void **state)
{
    clinic_test_t *test;

    if (reads_setup(state) != 0) {
        return 1;
    }
    test = *state;
    test->fake->now = NOW;
    add_document(test);
    return 0;
}

static apr_status_t open_as(clinic_test_t *test, reader_t who,
                            cp_document_file_t *out)
{
    memset(out, 0, sizeof(*out));
    return cp_documents_open(&test->cx, reader(test, who), ID, out);
}

static void the_bytes_come_with_what_is_known_of_them(void **state)
{
    clinic_test_t *test = *state;
    cp_document_file_t out;
    char bytes[6] = "";

    (void)places_of(test);
    assert_int_equal(open_as(test, DOE, &out), APR_SUCCESS);
    assert_int_equal(apr_file_read_full(out.file, bytes, 5, NULL), APR_SUCCESS);
    assert_string_equal(bytes, "12345");
    assert_true(out.size_bytes == 5);
    assert_string_equal(out.content_type, "application/pdf");
    assert_string_equal(out.file_name, "note.pdf");
    assert_string_equal(out.sha256, "c0ffee");
}

/* A connection that is slow keeps the file while its request is over. */
static void whoever_takes_the_file_over_has_it(void **state)
{
    clinic_test_t *test = *state;
    apr_pool_t *connection = test->cx.pool;
    cp_document_file_t out;
    apr_file_t *kept;
    apr_os_file_t descriptor;
    char bytes[6] = "";

    (void)places_of(test);
    assert_int_equal(apr_pool_create(&test->cx.pool, connection), APR_SUCCESS);
    assert_int_equal(open_as(test, DOE, &out), APR_SUCCESS);
    assert_int_equal(apr_file_setaside(&kept, out.file, connection),
                     APR_SUCCESS);
    apr_pool_destroy(test->cx.pool);
    test->cx.pool = connection;
    assert_int_equal(apr_file_read_full(kept, bytes, 5, NULL), APR_SUCCESS);
    assert_string_equal(bytes, "12345");
    assert_int_equal(apr_os_file_get(&descriptor, kept), APR_SUCCESS);
    assert_int_equal(apr_file_close(kept), APR_SUCCESS);
    assert_int_equal(fcntl(descriptor, F_GETFD), -1);
}

/* Nor in a program that is run meanwhile. */
static void nothing_stays_open_behind_its_pool(void **state)
{
    clinic_test_t *test = *state;
    apr_pool_t *all = test->cx.pool;
    cp_document_file_t out;
    apr_os_file_t descriptor;

    (void)places_of(test);
    assert_int_equal(apr_pool_create(&test->cx.pool, all), APR_SUCCESS);
    assert_int_equal(open_as(test, DOE, &out), APR_SUCCESS);
    assert_int_equal(apr_os_file_get(&descriptor, out.file), APR_SUCCESS);
    assert_int_equal(fcntl(descriptor, F_GETFD), FD_CLOEXEC);
    apr_pool_destroy(test->cx.pool);
    test->cx.pool = all;
    assert_int_equal(fcntl(descriptor, F_GETFD), -1);
}

static void only_those_who_may_see_it_open_it(void **state)
{
    static const int expected[READERS] = {[DOE] = 1, [BOSS] = 1, [LOPEZ] = 1};
    clinic_test_t *test = *state;
    cp_document_file_t out;
    int who;

    (void)places_of(test);
    for (who = 0; who < READERS; who++) {
        int before = reads_count(test, "audit");

        if (open_as(test, who, &out) !=
            (expected[who] ? APR_SUCCESS : APR_ENOENT)) {
            fail_msg("reader %d", who);
        }
        assert_int_equal(reads_count(test, "audit"), before + expected[who]);
    }
    assert_int_equal(reads_count(test, "seen"), 3);
}

static void the_reader_is_on_record(void **state)
{
    clinic_test_t *test = *state;
    cp_document_file_t out;
    const json_t *row;

    (void)places_of(test);
    assert_int_equal(open_as(test, LOPEZ, &out), APR_SUCCESS);
    row = look(test, "reads_last_audit", json_object());
    assert_member(row, "clinic_id", "riverside");
    assert_member(row, "event", "read");
    assert_member(row, "entity_type", "DocumentReference");
    assert_member(row, "entity_id", ID);
    assert_member(row, "account_id", "a-lopez");
    assert_member(row, "kind", "patient");
}

static void the_first_time_is_news_to_a_patient(void **state)
{
    clinic_test_t *test = *state;
    cp_document_file_t out;
    json_t *one;

    (void)places_of(test);
    assert_int_equal(version_of(test, LOPEZ), 0);
    assert_int_equal(open_as(test, LOPEZ, &out), APR_SUCCESS);
    assert_int_equal(version_of(test, LOPEZ), 1);
    assert_int_equal(open_as(test, LOPEZ, &out), APR_SUCCESS);
    assert_int_equal(version_of(test, LOPEZ), 1);
    assert_int_equal(reads_count(test, "audit"), 2);
    assert_int_equal(reads_count(test, "seen"), 1);
    assert_int_equal(
        cp_documents_find(&test->cx, reader(test, LOPEZ), ID, &one),
        APR_SUCCESS);
    assert_false(cp_json_is_true(one, "is_new"));
    assert_int_equal(
        cp_documents_waiting(&test->cx, reader(test, LOPEZ), 5, &one),
        APR_SUCCESS);
    assert_int_equal(cp_json_integer(one, "count", -1), 0);
}

static void it_is_no_news_to_staff(void **state)
{
    clinic_test_t *test = *state;
    cp_document_file_t out;

    (void)places_of(test);
    assert_int_equal(open_as(test, DOE, &out), APR_SUCCESS);
    assert_int_equal(version_of(test, DOE), 0);
    assert_int_equal(version_of(test, LOPEZ), 0);
}

/* As setup left it, but for the file's name and size. */
static void set_file(clinic_test_t *test, const char *key, apr_size_t size)
{
    change(test, "reads_set_file",
           json_pack("{s:s, s:s, s:I}", "id", ID, "storage_key", key, "size",
                     (json_int_t)size));
}

static void assert_refused(clinic_test_t *test, const char *key,
                           apr_size_t size, const char *why)
{
    cp_document_file_t out;
    int logged = test->database->lines->nelts;

    set_file(test, key, size);
    if (open_as(test, DOE, &out) != CP_EUNAVAILABLE || out.file != NULL) {
        fail_msg("%s", why);
    }
    assert_int_equal(reads_count(test, "audit"), 0);
    assert_int_equal(reads_count(test, "seen"), 0);
    assert_int_equal(test->database->lines->nelts, logged + 1);
}

static void an_altered_file_is_refused(void **state)
{
    clinic_test_t *test = *state;
    places_t places = places_of(test);

    assert_refused(test, "plan.bin", 4, "longer than it should be");
    assert_refused(test, "plan.bin", 6, "shorter than it should be");
    assert_refused(test, "gone", 5, "missing");
    files_write(places.documents, "empty", "", test->cx.pool);
    assert_refused(test, "empty", 5, "empty");
    assert_string_equal(
        APR_ARRAY_IDX(test->database->lines, 0, const char *),
        "CP0532: the file of a document is missing, altered or badly named");
}

static const char *in(clinic_test_t *test, const char *directory,
                      const char *name)
{
    return apr_pstrcat(test->cx.pool, directory, "/", name, NULL);
}

static void what_is_no_plain_file_is_refused(void **state)
{
    clinic_test_t *test = *state;
    places_t places = places_of(test);
    const char *folder = in(test, places.documents, "folder");
    struct stat info;

    assert_int_equal(symlink(in(test, places.outside, "plan.bin"),
                             in(test, places.documents, "link-out")),
                     0);
    assert_refused(test, "link-out", 5, "a link out of the directory");
    assert_int_equal(symlink("plan.bin", in(test, places.documents, "link-in")),
                     0);
    assert_refused(test, "link-in", 5, "a link within");
    assert_int_equal(mkfifo(in(test, places.documents, "pipe"), 0600), 0);
    assert_refused(test, "pipe", 0, "a pipe");
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(stat(folder, &info), 0);
    assert_refused(test, "folder", (apr_size_t)info.st_size, "a directory");
    assert_int_equal(rmdir(folder), 0);
}

static void names_that_lead_elsewhere_are_refused(void **state)
{
    clinic_test_t *test = *state;
    places_t places = places_of(test);
    const char *sibling = apr_pstrcat(
        test->cx.pool, "..", strrchr(places.outside, '/'), "/plan.bin", NULL);

    assert_refused(test, in(test, places.outside, "plan.bin"), 5, "absolute");
    assert_refused(test, sibling, 5, "beside");
    assert_refused(test, in(test, places.documents, "plan.bin"), 5, "full");
}

static void names_of_other_characters_are_refused(void **state)
{
    static const struct {
        const char *key;
        const char *why;
    } cases[] = {
        {"./plan.bin", "a path"}, {".hidden", "hidden"},
        {"a b", "a space"},       {"a\nb", "a control character"},
        {"a\\b", "a backslash"},  {"\xC3\xA4", "not ASCII"},
        {"a:b", "a colon"},       {"a%2fb", "an escape"},
    };
    clinic_test_t *test = *state;
    places_t places = places_of(test);
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        files_write(places.documents, cases[i].key, "12345", test->cx.pool);
        assert_refused(test, cases[i].key, 5, cases[i].why);
    }
    assert_int_equal(unlink(in(test, places.documents, ".hidden")), 0);
    assert_refused(test, "", 0, "no name");
    assert_refused(test, ".", 0, "the directory");
    assert_refused(test, "..", 0, "the one above");
}

static void an_overlong_name_is_refused(void **state)
{
    clinic_test_t *test = *state;
    places_t places = places_of(test);
    char key[130];

    memset(key, 'k', sizeof(key) - 1);
    key[sizeof(key) - 1] = '\0';
    files_write(places.documents, key, "12345", test->cx.pool);
    assert_refused(test, key, 5, "129 characters");
    key[128] = '\0';
    files_write(places.documents, key, "12345", test->cx.pool);
    set_file(test, key, 5);
    assert_int_equal(open_as(test, DOE, &(cp_document_file_t){0}), APR_SUCCESS);
}

static void documents_may_be_off(void **state)
{
    clinic_test_t *test = *state;

    test->options.documents_dir = NULL;
    assert_refused(test, "plan.bin", 5, "off");
    test->options.documents_dir = "/nowhere";
    assert_refused(test, "plan.bin", 5, "a directory that is not there");
}

static void without_a_record_nobody_reads(void **state)
{
    clinic_test_t *test = *state;
    cp_document_file_t out;

    (void)places_of(test);
    test->fake->port.random = fake_random;
    test->fake->random_fails = 1;
    assert_int_not_equal(open_as(test, LOPEZ, &out), APR_SUCCESS);
    assert_int_equal(reads_count(test, "seen"), 0);
    assert_int_equal(version_of(test, LOPEZ), 0);
}

#define FILE_TEST(function)                                                    \
    cmocka_unit_test_setup_teardown(function, setup, clinic_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILE_TEST(the_bytes_come_with_what_is_known_of_them),
        FILE_TEST(whoever_takes_the_file_over_has_it),
        FILE_TEST(nothing_stays_open_behind_its_pool),
        FILE_TEST(only_those_who_may_see_it_open_it),
        FILE_TEST(the_reader_is_on_record),
        FILE_TEST(the_first_time_is_news_to_a_patient),
        FILE_TEST(it_is_no_news_to_staff),
        FILE_TEST(an_altered_file_is_refused),
        FILE_TEST(what_is_no_plain_file_is_refused),
        FILE_TEST(names_that_lead_elsewhere_are_refused),
        FILE_TEST(names_of_other_characters_are_refused),
        FILE_TEST(an_overlong_name_is_refused),
        FILE_TEST(documents_may_be_off),
        FILE_TEST(without_a_record_nobody_reads),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
