/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The directory of documents in the hands of an import: one import at a time,
 * nothing that is planted there is followed, and what has a name is on disk.
 * Three functions of the system go through this file, which can see them. */
#include "clinic_import.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>

#define LOCK ".lock"
#define MANY_MINUTES (10 * MINUTE)
#define BUSY "CP0563: another import is running"
#define FIRST_PASSWORD                                                         \
    ", \"staff\": [{\"username\": \"ann\", \"practitioner\": \"1\", "          \
    "\"password\": \"the first passphrase\"}]"

static struct {
    import_test_t *other;    /* imports while a password is hashed; NULL */
    apr_status_t other_rv;   /* what became of it */
    int lock;                /* of another import; -1 */
    int ends_after;          /* so many pauses; 0: never */
    apr_interval_time_t sum; /* of all pauses */
    apr_time_t *clock;       /* goes on meanwhile */
    int sync_fails;          /* of the directory, the so many-th; 0: none */
} system_spy;

/* A hash that fails, after something else has happened. */
int crypto_pwhash_str(char out[crypto_pwhash_STRBYTES],
                      const char *const password, unsigned long long len,
                      unsigned long long operations, size_t memory)
{
    if (system_spy.other != NULL) {
        system_spy.other_rv = import_text(system_spy.other, PLAN("a.pdf"));
    }
    return -1;
}

void apr_sleep(apr_interval_time_t pause)
{
    system_spy.sum += pause;
    *system_spy.clock += pause;
    if (system_spy.ends_after > 0 && --system_spy.ends_after == 0) {
        assert_int_equal(close(system_spy.lock), 0);
    }
    /* Or it would wait for ever. */
    assert_true(system_spy.sum <= 2 * MANY_MINUTES);
}

int fsync(int file)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    struct stat info;

    if (fstat(file, &info) == 0 && S_ISDIR(info.st_mode) &&
        system_spy.sync_fails > 0 && --system_spy.sync_fails == 0) {
        errno = EIO;
        return -1;
    }
    return real(file);
}

static int directory_setup(void **state)
{
    import_test_t *test;

    memset(&system_spy, 0, sizeof(system_spy));
    system_spy.lock = -1;
    if (import_setup(state) != 0) {
        return 1;
    }
    test = *state;
    system_spy.clock = &test->clinic->fake->now;
    files_write(test->source, "a.pdf", PDF, test->clinic->cx.pool);
    return 0;
}

#define DIRECTORY_TEST(function)                                               \
    cmocka_unit_test_setup_teardown(function, directory_setup, import_teardown)

static const char *in_documents(const import_test_t *test, const char *name)
{
    return in_directory(test->documents, name, test->clinic->cx.pool);
}

/* The second finds the first one's file and needs not copy it; the first fails
 * after that, and takes its file away. */
static void an_import_inside_another_is_refused(void **state)
{
    import_test_t *test = *state;
    import_test_t other = *test;

    other.clinic =
        apr_pmemdup(test->clinic->cx.pool, test->clinic, sizeof(*test->clinic));
    system_spy.other = &other;
    assert_int_equal(import_text(test, PLAN_AND("a.pdf", FIRST_PASSWORD)),
                     CP_EUNAVAILABLE);
    assert_int_equal(system_spy.other_rv, CP_EUNAVAILABLE);
    assert_true(has_logged(test, BUSY));
    assert_null(plan(test));
    system_spy.other = NULL;
    import_good(test, PLAN("a.pdf"));
    assert_int_equal(access(stored_path(test), R_OK), 0);
}

/* As another program would. */
static void hold_lock(const import_test_t *test)
{
    system_spy.lock = open(in_documents(test, LOCK), O_RDWR | O_CREAT, 0640);
    assert_true(system_spy.lock >= 0);
    assert_int_equal(flock(system_spy.lock, LOCK_EX | LOCK_NB), 0);
}

static void an_import_waits_for_another(void **state)
{
    import_test_t *test = *state;

    hold_lock(test);
    test->wait_for = MANY_MINUTES;
    system_spy.ends_after = 3;
    import_good(test, PLAN("a.pdf"));
    assert_true(system_spy.sum > 0);
    assert_true(has_logged(test, "CP0562: "));
    assert_false(has_logged(test, BUSY));
}

static void an_import_does_not_wait_for_ever(void **state)
{
    import_test_t *test = *state;

    hold_lock(test);
    test->wait_for = MANY_MINUTES;
    assert_int_equal(import_text(test, PLAN("a.pdf")), CP_EUNAVAILABLE);
    assert_true(system_spy.sum >= MANY_MINUTES);
    assert_true(has_logged(test, BUSY));
    assert_int_equal(count_files(test->documents, test->clinic->cx.pool), 0);
    assert_null(plan(test));
    assert_int_equal(close(system_spy.lock), 0);
    import_good(test, PLAN("a.pdf"));
}

/* Which may be long after the import began. */
static void the_week_of_an_old_file_begins_when_it_is_old(void **state)
{
    import_test_t *test = *state;
    const char *old;
    apr_time_t start;

    import_good(test, PLAN("a.pdf"));
    old = stored_path(test);
    files_write(test->source, "a.pdf", PDF "revised\n", test->clinic->cx.pool);
    start = test->clinic->fake->now;
    hold_lock(test);
    test->wait_for = MANY_MINUTES;
    system_spy.ends_after = 1000; /* over three minutes */
    import_good(test, PLAN("a.pdf"));
    test->clinic->fake->now = start + 7 * 24 * HOUR + MINUTE;
    import_good(test, ACME(""));
    assert_int_equal(access(old, F_OK), 0);
}

static void a_directory_that_cannot_be_used_is_an_error(void **state)
{
    import_test_t *test = *state;

    test->documents = "/nonexistent";
    assert_int_not_equal(import_text(test, PLAN("a.pdf")), APR_SUCCESS);
    assert_true(has_logged(test, "CP0564: "));
    assert_null(plan(test));
}

/* A row in the database may outlive a power cut; so must the name it holds, and
 * the list that tells of the one it held. */
static void names_are_on_disk_before_rows_are(void **state)
{
    import_test_t *test = *state;
    apr_pool_t *p = test->clinic->cx.pool;
    const char *old;
    int i;

    import_good(test, PLAN("a.pdf"));
    old = stored_path(test);
    files_write(test->source, "a.pdf", PDF "revised\n", p);
    for (i = 1; i <= 2; i++) {
        system_spy.sync_fails = i;
        assert_int_not_equal(import_text(test, PLAN("a.pdf")), APR_SUCCESS);
        assert_string_equal(stored_path(test), old);
        assert_int_equal(count_files(test->documents, p), 1);
    }
    import_good(test, PLAN("a.pdf"));
    assert_string_not_equal(stored_path(test), old);
}

/* Where the import writes before the file has its name. Once it is there the
 * file is gone, and has to be copied anew. */
static const char *temporary_path(import_test_t *test)
{
    const char *path;

    import_good(test, PLAN("a.pdf"));
    path = in_documents(test,
                        apr_pstrcat(test->clinic->cx.pool, ".import-",
                                    strrchr(stored_path(test), '/') + 1, NULL));
    assert_int_equal(unlink(stored_path(test)), 0);
    return path;
}

static void assert_holds(const char *path, const char *text)
{
    char bytes[64] = "";
    int file = open(path, O_RDONLY | O_NONBLOCK);

    assert_true(file >= 0);
    assert_int_equal(read(file, bytes, sizeof(bytes) - 1), strlen(text));
    assert_string_equal(bytes, text);
    assert_int_equal(close(file), 0);
}

static void a_planted_link_is_not_written_through(void **state)
{
    import_test_t *test = *state;
    apr_pool_t *p = test->clinic->cx.pool;
    const char *outside = apr_pstrcat(p, test->source, "/outside", NULL);

    files_write(test->source, "outside", "precious", p);
    assert_int_equal(link(outside, temporary_path(test)), 0);
    import_good(test, PLAN("a.pdf"));
    assert_holds(outside, "precious");
    assert_holds(stored_path(test), PDF);
}

/* Somebody reads it, or the import that should fail would hang. */
static void a_planted_pipe_is_not_written_to(void **state)
{
    import_test_t *test = *state;
    const char *path = temporary_path(test);
    int reader;

    assert_int_equal(mkfifo(path, 0600), 0);
    reader = open(path, O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    import_good(test, PLAN("a.pdf"));
    assert_holds(stored_path(test), PDF);
    assert_int_equal(close(reader), 0);
}

static void a_planted_directory_is_an_error(void **state)
{
    import_test_t *test = *state;
    const char *path = temporary_path(test);

    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(import_text(test, PLAN("a.pdf")), CP_EINPUT);
    assert_int_equal(rmdir(path), 0);
    import_good(test, PLAN("a.pdf"));
}

static void assert_owned_by(const char *path, uid_t owner)
{
    struct stat info;

    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_uid, owner);
    assert_int_equal(info.st_mode & 07, 0);
}

/* The server reads what root imports, and may import the next time. */
static void files_of_root_go_to_the_owner(void **state)
{
    import_test_t *test = *state;
    const uid_t owner = 65534;

    if (geteuid() != 0) {
        skip();
    }
    assert_int_equal(chown(test->documents, owner, (gid_t)-1), 0);
    import_good(test, PLAN("a.pdf"));
    assert_owned_by(stored_path(test), owner);
    assert_owned_by(in_documents(test, LOCK), owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DIRECTORY_TEST(an_import_inside_another_is_refused),
        DIRECTORY_TEST(an_import_waits_for_another),
        DIRECTORY_TEST(an_import_does_not_wait_for_ever),
        DIRECTORY_TEST(the_week_of_an_old_file_begins_when_it_is_old),
        DIRECTORY_TEST(a_directory_that_cannot_be_used_is_an_error),
        DIRECTORY_TEST(names_are_on_disk_before_rows_are),
        DIRECTORY_TEST(a_planted_link_is_not_written_through),
        DIRECTORY_TEST(a_planted_pipe_is_not_written_to),
        DIRECTORY_TEST(a_planted_directory_is_an_error),
        DIRECTORY_TEST(files_of_root_go_to_the_owner),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
