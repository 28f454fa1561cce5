/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A new directory of small files for one test. It goes with the pool. */
#ifndef CP_T_FILES_H
#define CP_T_FILES_H

#include "unit.h"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_strings.h>
#include <stdlib.h>

static inline apr_status_t files_remove(void *path)
{
    apr_dir_t *directory;
    apr_finfo_t info;
    apr_pool_t *p;
    apr_status_t rv = apr_pool_create(&p, NULL);

    if (rv == APR_SUCCESS) {
        rv = apr_dir_open(&directory, path, p);
    }
    while (rv == APR_SUCCESS &&
           apr_dir_read(&info, APR_FINFO_NAME, directory) == APR_SUCCESS) {
        if (strcmp(info.name, ".") != 0 && strcmp(info.name, "..") != 0) {
            rv = apr_file_remove(apr_pstrcat(p, path, "/", info.name, NULL), p);
        }
    }
    rv = rv == APR_SUCCESS ? apr_dir_remove(path, p) : rv;
    apr_pool_destroy(p);
    return rv;
}

static inline const char *files_make(apr_pool_t *p)
{
    const char *parent;
    char *path;

    assert_int_equal(apr_temp_dir_get(&parent, p), APR_SUCCESS);
    path = apr_pstrcat(p, parent, "/clinicportal-XXXXXX", NULL);
    assert_non_null(mkdtemp(path));
    apr_pool_cleanup_register(p, path, files_remove, apr_pool_cleanup_null);
    return path;
}

static inline void files_write(const char *directory, const char *name,
                               const char *text, apr_pool_t *p)
{
    const char *path = apr_pstrcat(p, directory, "/", name, NULL);
    apr_file_t *file;

    assert_int_equal(
        apr_file_open(&file, path,
                      APR_FOPEN_CREATE | APR_FOPEN_TRUNCATE | APR_FOPEN_WRITE,
                      APR_FPROT_OS_DEFAULT, p),
        APR_SUCCESS);
    assert_int_equal(apr_file_write_full(file, text, strlen(text), NULL),
                     APR_SUCCESS);
    assert_int_equal(apr_file_close(file), APR_SUCCESS);
}

#endif
