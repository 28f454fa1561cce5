/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The file that holds a document's bytes. Names come from the database, yet
 * are not trusted: whoever can write a row must not be able to read files
 * elsewhere. */
#include "clinic/document_file.h"

#include "base/status.h"

#include <apr_portable.h>
#include <apr_strings.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_LENGTH_MAX 128

static int is_storage_key(const char *key)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz"
                                  "0123456789._-";
    size_t len = strlen(key);

    return len > 0 && len <= KEY_LENGTH_MAX && key[0] != '.' &&
           strspn(key, allowed) == len;
}

/* No link is followed, and a pipe does not block. */
static apr_status_t open_below(int *descriptor, const char *directory,
                               const char *key)
{
    int dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    apr_status_t rv = APR_SUCCESS;

    if (dir < 0) {
        return cp_status_of_errno();
    }
    *descriptor =
        openat(dir, key, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (*descriptor < 0) {
        rv = cp_status_of_errno();
    }
    (void)close(dir);
    return rv;
}

static apr_status_t check_file(int descriptor, apr_off_t size_bytes)
{
    struct stat info;

    if (fstat(descriptor, &info) != 0) {
        return cp_status_of_errno();
    }
    return S_ISREG(info.st_mode) && info.st_size == size_bytes ? APR_SUCCESS
                                                               : APR_EGENERAL;
}

/* APR opens no file without following links, and does not close what
 * apr_os_file_put is given; but its own duplicate it closes, with whichever
 * pool an output filter moves that to. Programs would inherit it. */
static apr_status_t duplicate(apr_file_t **file, int descriptor, apr_pool_t *p)
{
    apr_file_t *borrowed;
    int copy;
    apr_status_t rv = apr_os_file_put(
        &borrowed, &descriptor, APR_FOPEN_READ | APR_FOPEN_SENDFILE_ENABLED, p);

    if (rv == APR_SUCCESS) {
        rv = apr_file_dup(file, borrowed, p);
    }
    if (rv == APR_SUCCESS) {
        rv = apr_os_file_get(&copy, *file);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    return fcntl(copy, F_SETFD, FD_CLOEXEC) == 0 ? APR_SUCCESS
                                                 : cp_status_of_errno();
}

static apr_status_t open_file(cp_ctx_t *cx, const char *key,
                              cp_document_file_t *out)
{
    int descriptor;
    apr_status_t rv = open_below(&descriptor, cx->options->documents_dir, key);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = check_file(descriptor, out->size_bytes);
    if (rv == APR_SUCCESS) {
        rv = duplicate(&out->file, descriptor, cx->pool);
    }
    (void)close(descriptor); /* nothing was written */
    return rv;
}

apr_status_t cp_document_file_open(cp_ctx_t *cx, const char *storage_key,
                                   cp_document_file_t *out)
{
    apr_status_t rv;

    if (cx->options->documents_dir == NULL) {
        cp_log(cx->port, CP_LOG_ERROR, CP_EUNAVAILABLE,
               CP_TAG(0531) "a document was asked for, but documents are off "
                            "(ClinicPortalDocuments)");
        return CP_EUNAVAILABLE;
    }
    rv = is_storage_key(storage_key) ? open_file(cx, storage_key, out)
                                     : APR_EBADPATH;
    if (rv != APR_SUCCESS) {
        cp_log(cx->port, CP_LOG_ERROR, rv,
               CP_TAG(0532) "the file of a document is missing, altered or "
                            "badly named");
        return CP_EUNAVAILABLE;
    }
    return APR_SUCCESS;
}
