/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Secrets read from files and programs, and new ones written. */
#include "base/secret.h"

#include "base/encode.h"
#include "base/status.h"

#include <apr_file_io.h>
#include <apr_poll.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_MAX 4096
#define EXEC_DEADLINE apr_time_from_sec(10)
#define EXEC_POLL apr_time_from_msec(5)
#define NEW_SECRET_BYTES 48

typedef struct secret_t {
    apr_size_t len;
    unsigned char bytes[SECRET_MAX + 2]; /* one too many shows "too long" */
} secret_t;

static apr_status_t wipe(void *data)
{
    OPENSSL_cleanse(data, sizeof(secret_t));
    return APR_SUCCESS;
}

static const char *file_complaint(const char *path, const struct stat *info,
                                  apr_pool_t *p)
{
    if (!S_ISREG(info->st_mode)) {
        return apr_psprintf(p, "%s is not a regular file", path);
    }
    if ((info->st_mode & 077) != 0) {
        return apr_psprintf(p,
                            "%s may be read by others than its owner; run "
                            "\"chmod 600 %s\"",
                            path, path);
    }
    return NULL;
}

static apr_status_t read_descriptor(secret_t *secret, int fd)
{
    for (;;) {
        ssize_t n = read(fd, secret->bytes + secret->len,
                         sizeof(secret->bytes) - secret->len);

        if (n < 0 && errno != EINTR) {
            return cp_status_of_errno();
        }
        if (n == 0) {
            return APR_SUCCESS;
        }
        secret->len += n > 0 ? (apr_size_t)n : 0;
    }
}

/* O_NOFOLLOW and fstat, so that what is checked is what is read. */
static apr_status_t read_file(secret_t *secret, const char *path,
                              const char **error, apr_pool_t *p)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    struct stat info;
    char why[128];
    apr_status_t rv;

    if (fd < 0) {
        rv = cp_status_of_errno();
        *error =
            rv == ELOOP
                ? apr_psprintf(p, "%s is a link; name the file itself", path)
                : apr_psprintf(p, "cannot read %s: %s", path,
                               apr_strerror(rv, why, sizeof(why)));
        return rv;
    }
    rv = fstat(fd, &info) == 0 ? APR_SUCCESS : cp_status_of_errno();
    *error = rv == APR_SUCCESS ? file_complaint(path, &info, p)
                               : "cannot examine the secret file";
    if (*error != NULL) {
        (void)close(fd);
        return rv == APR_SUCCESS ? CP_EINPUT : rv;
    }
    rv = read_descriptor(secret, fd);
    (void)close(fd);
    if (rv != APR_SUCCESS) {
        *error = apr_psprintf(p, "cannot read %s: %s", path,
                              apr_strerror(rv, why, sizeof(why)));
    }
    return rv;
}

static apr_status_t start_program(apr_proc_t *proc, const char *program,
                                  apr_pool_t *p)
{
    const char *const args[] = {program, NULL};
    apr_procattr_t *attributes;
    apr_status_t rv = apr_procattr_create(&attributes, p);

    if (rv == APR_SUCCESS) {
        rv = apr_procattr_io_set(attributes, APR_NO_PIPE, APR_CHILD_BLOCK,
                                 APR_NO_PIPE);
    }
    if (rv == APR_SUCCESS) {
        rv = apr_procattr_cmdtype_set(attributes, APR_PROGRAM_ENV);
    }
    if (rv == APR_SUCCESS) {
        rv = apr_procattr_error_check_set(attributes, 1);
    }
    return rv != APR_SUCCESS
               ? rv
               : apr_proc_create(proc, program, args, NULL, attributes, p);
}

/* Read the program's output until it ends, there is too much, or it is late. */
static apr_status_t read_output(secret_t *secret, apr_file_t *out,
                                apr_time_t until)
{
    for (;;) {
        apr_interval_time_t left = until - cp_now(&cp_port_system);
        apr_size_t n = sizeof(secret->bytes) - secret->len;
        apr_status_t rv =
            left <= 0 ? APR_TIMEUP : apr_file_pipe_timeout_set(out, left);

        if (rv == APR_SUCCESS && n > 0) {
            rv = apr_file_read(out, secret->bytes + secret->len, &n);
        }
        if (rv != APR_SUCCESS || n == 0) {
            return APR_STATUS_IS_EOF(rv) ? APR_SUCCESS : rv;
        }
        secret->len += n;
    }
}

/* The program may live on without its output: it has until then to end by
 * itself, with status 0. */
static apr_status_t end_program(apr_proc_t *proc, apr_time_t until)
{
    apr_exit_why_e why = APR_PROC_EXIT;
    int status = 0;
    apr_status_t rv = apr_proc_wait(proc, &status, &why, APR_NOWAIT);

    while (APR_STATUS_IS_CHILD_NOTDONE(rv) && cp_now(&cp_port_system) < until) {
        apr_sleep(EXEC_POLL);
        rv = apr_proc_wait(proc, &status, &why, APR_NOWAIT);
    }
    if (APR_STATUS_IS_CHILD_NOTDONE(rv)) {
        (void)apr_proc_kill(proc, SIGKILL);
        (void)apr_proc_wait(proc, &status, &why, APR_WAIT);
        return APR_TIMEUP;
    }
    return APR_STATUS_IS_CHILD_DONE(rv) && why == APR_PROC_EXIT && status == 0
               ? APR_SUCCESS
               : CP_EINPUT;
}

static apr_status_t run_program(secret_t *secret, const char *program,
                                const char **error, apr_pool_t *p)
{
    apr_proc_t proc;
    apr_time_t until = cp_now(&cp_port_system) + EXEC_DEADLINE;
    apr_status_t rv = start_program(&proc, program, p);

    if (rv != APR_SUCCESS) {
        *error = apr_psprintf(p, "cannot run %s", program);
        return rv;
    }
    rv = read_output(secret, proc.out, until);
    /* Do not wait for one that may still write, having printed too much. */
    if (rv != APR_SUCCESS || secret->len == sizeof(secret->bytes)) {
        (void)apr_proc_kill(&proc, SIGKILL);
        (void)end_program(&proc, until);
    }
    else {
        rv = end_program(&proc, until);
    }
    (void)apr_file_close(proc.out);
    if (rv != APR_SUCCESS) {
        *error = apr_psprintf(p, "%s %s", program,
                              APR_STATUS_IS_TIMEUP(rv)
                                  ? "did not print the secret within 10 "
                                    "seconds"
                                  : "failed");
    }
    return rv;
}

static const char *length_complaint(const secret_t *secret, const char *source,
                                    int least, apr_pool_t *p)
{
    if (secret->len < (apr_size_t)least) {
        return apr_psprintf(p, "the secret of %s is shorter than %d bytes",
                            source, least);
    }
    if (secret->len > SECRET_MAX) {
        return apr_psprintf(p, "the secret of %s is longer than %d bytes",
                            source, SECRET_MAX);
    }
    return NULL;
}

static apr_status_t read_secret(secret_t **result, const char *source,
                                int least, const char **error, apr_pool_t *p)
{
    secret_t *secret = apr_pcalloc(p, sizeof(*secret));
    apr_status_t rv = CP_EINPUT;

    apr_pool_cleanup_register(p, secret, wipe, apr_pool_cleanup_null);
    *error = "a secret must be file:PATH or exec:PROGRAM";
    if (strncmp(source, "file:", 5) == 0) {
        rv = read_file(secret, source + 5, error, p);
    }
    else if (strncmp(source, "exec:", 5) == 0) {
        rv = run_program(secret, source + 5, error, p);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (secret->len > 0 && secret->bytes[secret->len - 1] == '\n') {
        secret->len--;
    }
    *error = length_complaint(secret, source, least, p);
    *result = secret;
    return *error == NULL ? APR_SUCCESS : CP_EINPUT;
}

apr_status_t cp_secret_read(const unsigned char **result, apr_size_t *len,
                            const char *source, const char **error,
                            apr_pool_t *p)
{
    secret_t *secret;
    apr_status_t rv =
        read_secret(&secret, source, CP_SECRET_BYTES_MIN, error, p);

    if (rv == APR_SUCCESS) {
        *result = secret->bytes;
        *len = secret->len;
    }
    return rv;
}

apr_status_t cp_secret_read_password(const char **password, const char *source,
                                     const char **error, apr_pool_t *p)
{
    secret_t *secret;
    apr_status_t rv = read_secret(&secret, source, 1, error, p);

    if (rv == APR_SUCCESS) {
        *password = apr_pstrmemdup(p, (const char *)secret->bytes, secret->len);
    }
    return rv;
}

apr_status_t cp_secret_write_new(const char *path, const cp_port_t *port,
                                 apr_pool_t *p)
{
    unsigned char bytes[NEW_SECRET_BYTES];
    apr_file_t *file;
    apr_status_t closed;
    apr_status_t rv =
        apr_file_open(&file, path, APR_WRITE | APR_CREATE | APR_EXCL,
                      APR_UREAD | APR_UWRITE, p);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = cp_random(port, bytes, sizeof(bytes));
    if (rv == APR_SUCCESS) {
        rv = apr_file_puts(cp_encode_base64url(bytes, sizeof(bytes), p), file);
    }
    OPENSSL_cleanse(bytes, sizeof(bytes));
    if (rv == APR_SUCCESS) {
        rv = apr_file_putc('\n', file);
    }
    closed = apr_file_close(file);
    rv = rv == APR_SUCCESS ? closed : rv;
    if (rv != APR_SUCCESS) {
        (void)apr_file_remove(path, p);
    }
    return rv;
}
