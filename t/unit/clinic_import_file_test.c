/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The files of an import's documents: which are taken, and what becomes of
 * them. */
#include "clinic_import.h"

#include <unistd.h>

#define PNG "\x89PNG\r\n\x1a\nbytes"
#define WHERE "clinics[0].documents[0].file: "

static apr_pool_t *pool_of(const import_test_t *test)
{
    return test->clinic->cx.pool;
}

static void the_type_is_in_the_name_and_in_the_bytes(void **state)
{
    static const struct {
        const char *name;
        const char *bytes;
        const char *text;  /* of the import */
        const char *error; /* NULL: the content type is as given below */
        const char *type;
    } rows[] = {
        {"a.pdf", PDF, PLAN("a.pdf"), NULL, "application/pdf"},
        {"b.PDF", PDF, PLAN("b.PDF"), NULL, "application/pdf"},
        {"c.png", PNG, PLAN("c.png"), NULL, "image/png"},
        {"d.jpg", "\xff\xd8\xff\xe0 bytes", PLAN("d.jpg"), NULL, "image/jpeg"},
        {"e.txt",
         "Gr\xc3\xbc\xc3\x9f"
         "e",
         PLAN("e.txt"), NULL, "text/plain"},
        {"f.pdf", PNG, PLAN("f.pdf"),
         WHERE "is not what its name says: application/pdf", NULL},
        {"g.png", "", PLAN("g.png"),
         WHERE "is not what its name says: image/png", NULL},
        {"h.txt", "\xff\xfe", PLAN("h.txt"),
         WHERE "is not what its name says: text/plain", NULL},
        {"i.html", "<html>", PLAN("i.html"),
         WHERE "must be a .pdf, .png, .jpg or .txt", NULL},
        {"j", PDF, PLAN("j"), WHERE "must be a .pdf, .png, .jpg or .txt", NULL},
    };
    import_test_t *test = *state;
    size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        files_write(test->source, rows[i].name, rows[i].bytes, pool_of(test));
        if (rows[i].error != NULL) {
            import_bad(test, rows[i].text, rows[i].error);
            continue;
        }
        import_good(test, rows[i].text);
        assert_member(plan(test), "content_type", rows[i].type);
        assert_member(plan(test), "file_name", rows[i].name);
        assert_int_equal(cp_json_integer(plan(test), "size_bytes", 0),
                         strlen(rows[i].bytes));
    }
}

static void only_files_below_the_import_are_read(void **state)
{
    static const struct {
        const char *text;
        const char *error;
    } rows[] = {
        {PLAN("missing.pdf"), WHERE "cannot be read: No such file or "
                                    "directory"},
        {PLAN("/etc/passwd.pdf"),
         WHERE "must be a path below the directory of the import"},
        {PLAN("../a.pdf"),
         WHERE "must be a path below the directory of the import"},
        {PLAN("sub/../a.pdf"), WHERE "cannot be read: No such file or "
                                     "directory"},
        {PLAN("./../a.pdf"),
         WHERE "must be a path below the directory of the import"},
        {PLAN("a.pdf/"), WHERE "must be a .pdf, .png, .jpg or .txt"},
        {PLAN("link.pdf"), WHERE "is a link"},
        {PLAN("way/a.pdf"), WHERE "cannot be read: Not a directory"},
        {PLAN("pipe.pdf"), WHERE "is not a plain file"},
    };
    import_test_t *test = *state;
    apr_pool_t *p = pool_of(test);
    size_t i;

    files_write(test->source, "a.pdf", PDF, p);
    assert_int_equal(
        symlink("a.pdf", apr_pstrcat(p, test->source, "/link.pdf", NULL)), 0);
    assert_int_equal(symlink(".", apr_pstrcat(p, test->source, "/way", NULL)),
                     0);
    assert_int_equal(apr_file_namedpipe_create(
                         apr_pstrcat(p, test->source, "/pipe.pdf", NULL),
                         APR_FPROT_UREAD | APR_FPROT_UWRITE, p),
                     APR_SUCCESS);
    for (i = 0; i < ROWS(rows); i++) {
        import_bad(test, rows[i].text, rows[i].error);
    }
    assert_int_equal(count_files(test->documents, p), 0);
    import_good(test, PLAN("./a.pdf"));
}

static void a_directory_for_documents_is_needed(void **state)
{
    import_test_t *test = *state;

    files_write(test->source, "a.pdf", PDF, pool_of(test));
    test->documents = NULL;
    import_bad(test, PLAN("a.pdf"),
               WHERE "there is no directory for documents: --documents");
}

static void a_lost_file_is_copied_again(void **state)
{
    import_test_t *test = *state;

    files_write(test->source, "a.pdf", PDF, pool_of(test));
    import_good(test, PLAN("a.pdf"));
    assert_int_equal(unlink(stored_path(test)), 0);
    import_good(test, PLAN("a.pdf"));
    assert_int_equal(import_changed(test, "documents"), 0);
    assert_int_equal(access(stored_path(test), R_OK), 0);
}

static void new_files_go_when_the_database_fails(void **state)
{
    import_test_t *test = *state;
    apr_pool_t *p = pool_of(test);
    cp_db_t *good = test->clinic->cx.db;

    files_write(test->source, "a.pdf", PDF, p);
    import_good(test, PLAN("a.pdf"));
    files_write(test->source, "a.pdf", PDF "revised\n", p);
    test->clinic->cx.db = dead_database(test->clinic);
    assert_int_equal(import_text(test, PLAN("a.pdf")), CP_EUNAVAILABLE);
    test->clinic->cx.db = good;
    assert_int_equal(count_files(test->documents, p), 1);
    assert_int_equal(access(stored_path(test), R_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IMPORT_TEST(the_type_is_in_the_name_and_in_the_bytes),
        IMPORT_TEST(only_files_below_the_import_are_read),
        IMPORT_TEST(a_directory_for_documents_is_needed),
        IMPORT_TEST(a_lost_file_is_copied_again),
        IMPORT_TEST(new_files_go_when_the_database_fails),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
