/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The portal's secret: where it may come from, and what is refused. */
#include "base/secret.h"

#include "base/encode.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"

#define SECRET_32 "abcdefghijklmnopqrstuvwxyz012345"
#define SECRET_64 SECRET_32 SECRET_32
#define SECRET_256 SECRET_64 SECRET_64 SECRET_64 SECRET_64
#define SECRET_1024 SECRET_256 SECRET_256 SECRET_256 SECRET_256
#define SECRET_4096 SECRET_1024 SECRET_1024 SECRET_1024 SECRET_1024

/* Write `text` into `name` of a new directory, with that mode; its path. */
static const char *written(const char *name, const char *text, mode_t mode,
                           apr_pool_t *p)
{
    const char *directory = files_make(p);
    const char *path = apr_pstrcat(p, directory, "/", name, NULL);

    files_write(directory, name, text, p);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

/* Read a source; NULL when it is refused, with a sentence in *error. */
static const char *read_source(const char *scheme, const char *path,
                               const char **error, apr_pool_t *p)
{
    const unsigned char *secret = NULL;
    apr_size_t len = 0;
    apr_status_t rv = cp_secret_read(
        &secret, &len, apr_pstrcat(p, scheme, path, NULL), error, p);

    if (rv != APR_SUCCESS) {
        assert_non_null(*error);
        assert_null(strstr(*error, &SECRET_32[8]));
        return NULL;
    }
    return apr_pstrmemdup(p, (const char *)secret, len);
}

static void check(const char *got, const char *expected, const char *why)
{
    if (expected == NULL ? got != NULL
                         : got == NULL || strcmp(got, expected) != 0) {
        fail_msg("%s: got %s", why, got == NULL ? "nothing" : got);
    }
}

static void files_are_examined(void **state)
{
    static const struct {
        const char *text;
        mode_t mode;
        const char *expected; /* NULL: refused */
        const char *why;
    } cases[] = {
        {SECRET_32, 0600, SECRET_32, "the shortest"},
        {SECRET_32 "\n", 0600, SECRET_32, "a newline behind it"},
        {SECRET_32 "\n\n", 0600, SECRET_32 "\n", "only one goes"},
        {SECRET_32 "\r\n", 0600, SECRET_32 "\r", "and nothing else"},
        {" " SECRET_32 " ", 0600, " " SECRET_32 " ", "spaces stay"},
        {SECRET_32, 0400, SECRET_32, "not even its owner may write"},
        {SECRET_4096, 0600, SECRET_4096, "the longest"},
        {SECRET_4096 "\n", 0600, SECRET_4096, "the longest and a newline"},
        {SECRET_4096 "x", 0600, NULL, "too long"},
        {SECRET_4096 "x\n", 0600, NULL, "too long, a newline behind it"},
        {SECRET_4096 "\n\n", 0600, NULL, "too long by a newline"},
        {SECRET_4096 SECRET_4096, 0600, NULL, "much too long"},
        {&SECRET_32[1], 0600, NULL, "too short"},
        {"bcdefghijklmnopqrstuvwxyz012345\n", 0600, NULL,
         "too short, a newline behind it"},
        {"", 0600, NULL, "empty"},
        {"\n", 0600, NULL, "only a newline"},
        {SECRET_32, 0640, NULL, "its group may read"},
        {SECRET_32, 0604, NULL, "others may read"},
        {SECRET_32, 0644, NULL, "all may read"},
        {SECRET_32, 0620, NULL, "its group may write"},
        {SECRET_32, 0602, NULL, "others may write"},
    };
    const char *error;
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        const char *path =
            written("secret", cases[i].text, cases[i].mode, *state);

        check(read_source("file:", path, &error, *state), cases[i].expected,
              cases[i].why);
    }
}

static void what_is_no_plain_file_is_refused(void **state)
{
    const char *path = written("secret", SECRET_32, 0600, *state);
    const char *link_path = apr_pstrcat(*state, path, "-link", NULL);
    const char *fifo_path = apr_pstrcat(*state, path, "-fifo", NULL);
    const char *error;

    assert_int_equal(symlink(path, link_path), 0);
    assert_int_equal(mkfifo(fifo_path, 0600), 0);
    assert_null(read_source("file:", link_path, &error, *state));
    assert_non_null(strstr(error, "is a link"));
    assert_null(read_source("file:", fifo_path, &error, *state));
    assert_non_null(strstr(error, "not a regular file"));
    assert_null(read_source("file:", "/dev/zero", &error, *state));
    assert_null(read_source("file:", files_make(*state), &error, *state));
    assert_null(read_source("file:", "/nonexistent/x", &error, *state));
    assert_non_null(strstr(error, "/nonexistent/x"));
    assert_null(read_source("file:", "", &error, *state));
}

static void other_sources_are_refused(void **state)
{
    const char *path = written("secret", SECRET_32, 0600, *state);
    static const char *const schemes[] = {
        "", "FILE:", "file", "file ", " file:", "env:", "http:", ":",
    };
    const char *error;
    size_t i;

    for (i = 0; i < ROWS(schemes); i++) {
        assert_null(read_source(schemes[i], path, &error, *state));
        assert_non_null(strstr(error, "file:PATH or exec:PROGRAM"));
    }
    assert_null(read_source(SECRET_32, "", &error, *state));
}

static void programs_may_print_it(void **state)
{
    static const struct {
        const char *script;
        mode_t mode;
        const char *expected;
        const char *why;
    } cases[] = {
        {"echo " SECRET_32, 0700, SECRET_32, "printed"},
        {"printf %s " SECRET_32, 0700, SECRET_32, "without a newline"},
        {"printf abcdefghijklmnop; printf qrstuvwxyz012345", 0700, SECRET_32,
         "in two pieces"},
        {"echo " SECRET_4096, 0700, SECRET_4096, "the longest"},
        {"echo " SECRET_32 " >&2", 0700, NULL, "printed as an error"},
        {"echo short", 0700, NULL, "too short"},
        {"", 0700, NULL, "nothing printed"},
        {"echo " SECRET_32 "; exit 1", 0700, NULL, "it says it failed"},
        {"echo " SECRET_32 "; kill -9 $$", 0700, NULL, "killed"},
        {"echo " SECRET_4096 "x", 0700, NULL, "too long"},
        {"trap '' PIPE; yes 2>&-; exec sleep 600", 0700, NULL,
         "without end, stubborn"},
        {"echo " SECRET_32, 0600, NULL, "not executable"},
    };
    const char *error;
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        const char *script =
            apr_pstrcat(*state, "#!/bin/sh\n", cases[i].script, "\n", NULL);
        const char *path = written("program", script, cases[i].mode, *state);

        check(read_source("exec:", path, &error, *state), cases[i].expected,
              cases[i].why);
    }
    assert_null(read_source("exec:", "/nonexistent/x", &error, *state));
}

static void programs_run_without_a_shell(void **state)
{
    const char *path =
        written("a b;$(x)", "#!/bin/sh\necho " SECRET_32, 0700, *state);
    const char *error;

    check(read_source("exec:", path, &error, *state), SECRET_32, "odd name");
    assert_null(read_source("exec:", "/usr/bin/seq 1000", &error, *state));
}

static void nobody_waits_for_one_that_printed_too_much(void **state)
{
    const char *path =
        written("program", "#!/bin/sh\nexec yes\n", 0700, *state);
    const char *error;

    assert_null(read_source("exec:", path, &error, *state));
    assert_non_null(strstr(error, "longer than 4096 bytes"));
}

/* In processes of their own, as each takes the whole deadline. */
static void programs_have_a_deadline(void **state)
{
    static const char *const scripts[] = {
        "#!/bin/sh\nexec sleep 600\n",
        "#!/bin/sh\necho " SECRET_32 "\nexec sleep 600 >&-\n",
        "#!/bin/sh\necho " SECRET_32 "\nsleep 12 &\n",
    };
    const char *paths[ROWS(scripts)];
    pid_t pids[ROWS(scripts)];
    const char *error;
    int status;
    size_t i;

    for (i = 0; i < ROWS(scripts); i++) {
        paths[i] = written("program", scripts[i], 0700, *state);
    }
    for (i = 0; i < ROWS(scripts); i++) {
        pids[i] = fork();
        assert_int_not_equal(pids[i], -1);
        if (pids[i] == 0) {
            (void)read_source("exec:", paths[i], &error, *state);
            _exit(error == NULL || strstr(error, "10 seconds") == NULL);
        }
    }
    for (i = 0; i < ROWS(scripts); i++) {
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
}

typedef struct witness_t {
    const unsigned char *secret;
    apr_size_t len;
    int was_wiped;
} witness_t;

static apr_status_t look(void *data)
{
    static const unsigned char zeros[32];
    witness_t *witness = data;

    witness->was_wiped =
        witness->len == 32 && memcmp(witness->secret, zeros, 32) == 0;
    return APR_SUCCESS;
}

/* Cleanups run last in, first out: ours sees what the other one left. */
static void the_bytes_are_wiped(void **state)
{
    const char *path = written("secret", SECRET_32, 0600, *state);
    witness_t witness = {0};
    const char *error;
    apr_pool_t *p;

    assert_int_equal(apr_pool_create(&p, *state), APR_SUCCESS);
    apr_pool_cleanup_register(p, &witness, look, apr_pool_cleanup_null);
    assert_int_equal(cp_secret_read(&witness.secret, &witness.len,
                                    apr_pstrcat(p, "file:", path, NULL), &error,
                                    p),
                     APR_SUCCESS);
    assert_memory_equal(witness.secret, SECRET_32, 32);
    apr_pool_destroy(p);
    assert_true(witness.was_wiped);
}

static void a_new_secret_can_be_read(void **state)
{
    const char *path = apr_pstrcat(*state, files_make(*state), "/new", NULL);
    mode_t mask = umask(0);
    fake_port_t fake;
    struct stat info;
    const char *error;

    fake_port_init(&fake);
    assert_int_equal(cp_secret_write_new(path, &fake.port, *state),
                     APR_SUCCESS);
    (void)umask(mask);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(info.st_size, 65);
    check(read_source("file:", path, &error, *state),
          "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8w",
          "48 bytes from 1");
}

static void a_secret_is_never_overwritten(void **state)
{
    const char *path = written("secret", SECRET_32, 0600, *state);
    const char *link_path = apr_pstrcat(*state, path, "-link", NULL);
    const char *target = apr_pstrcat(*state, path, "-target", NULL);
    fake_port_t fake;
    const char *error;

    fake_port_init(&fake);
    assert_true(
        APR_STATUS_IS_EEXIST(cp_secret_write_new(path, &fake.port, *state)));
    check(read_source("file:", path, &error, *state), SECRET_32, "untouched");
    assert_int_equal(symlink(target, link_path), 0);
    assert_true(APR_STATUS_IS_EEXIST(
        cp_secret_write_new(link_path, &fake.port, *state)));
    assert_int_not_equal(access(target, F_OK), 0);
}

static void a_failure_leaves_no_file(void **state)
{
    const char *path = apr_pstrcat(*state, files_make(*state), "/new", NULL);
    fake_port_t fake;

    fake_port_init(&fake);
    fake.random_fails = 1;
    assert_int_equal(cp_secret_write_new(path, &fake.port, *state),
                     APR_EGENERAL);
    assert_int_not_equal(access(path, F_OK), 0);
    fake.random_fails = 0;
    assert_true(APR_STATUS_IS_ENOENT(
        cp_secret_write_new("/nonexistent/x/y", &fake.port, *state)));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        POOL_TEST(files_are_examined),
        POOL_TEST(what_is_no_plain_file_is_refused),
        POOL_TEST(other_sources_are_refused),
        POOL_TEST(programs_may_print_it),
        POOL_TEST(programs_run_without_a_shell),
        POOL_TEST(nobody_waits_for_one_that_printed_too_much),
        POOL_TEST(programs_have_a_deadline),
        POOL_TEST(the_bytes_are_wiped),
        POOL_TEST(a_new_secret_can_be_read),
        POOL_TEST(a_secret_is_never_overwritten),
        POOL_TEST(a_failure_leaves_no_file),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
