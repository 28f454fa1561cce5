/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Lists and reads the files of SQL. */
#include "db/sqlfile.h"

#include "base/status.h"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_fnmatch.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX (1024 * 1024)

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

apr_status_t cp_sqlfile_list(apr_array_header_t **names, const char *directory,
                             apr_pool_t *p)
{
    apr_dir_t *dir;
    apr_finfo_t info;
    apr_status_t rv = apr_dir_open(&dir, directory, p);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    *names = apr_array_make(p, 16, sizeof(const char *));
    while (apr_dir_read(&info, APR_FINFO_NAME, dir) == APR_SUCCESS) {
        if (apr_fnmatch("*.sql", info.name, APR_FNM_PERIOD) == APR_SUCCESS) {
            APR_ARRAY_PUSH(*names, const char *) = apr_pstrdup(p, info.name);
        }
    }
    rv = apr_dir_close(dir);
    qsort((*names)->elts, (size_t)(*names)->nelts, sizeof(const char *),
          compare_names);
    return rv;
}

static apr_status_t read_open_file(const char **text, apr_file_t *file,
                                   apr_pool_t *p)
{
    apr_finfo_t info;
    char *buffer;
    apr_status_t rv = apr_file_info_get(&info, APR_FINFO_SIZE, file);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (info.size > FILE_BYTES_MAX) {
        return CP_ETOOLARGE;
    }
    buffer = apr_pcalloc(p, (apr_size_t)info.size + 1);
    rv = info.size == 0
             ? APR_SUCCESS
             : apr_file_read_full(file, buffer, (apr_size_t)info.size, NULL);
    if (rv == APR_SUCCESS && strlen(buffer) != (apr_size_t)info.size) {
        rv = CP_EINPUT;
    }
    *text = buffer;
    return rv;
}

apr_status_t cp_sqlfile_read(const char **text, const char *path,
                             const char **error, apr_pool_t *p)
{
    apr_file_t *file;
    apr_status_t rv =
        apr_file_open(&file, path, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, p);

    if (rv == APR_SUCCESS) {
        apr_status_t closed;

        rv = read_open_file(text, file, p);
        closed = apr_file_close(file);
        rv = rv != APR_SUCCESS ? rv : closed;
    }
    if (rv != APR_SUCCESS) {
        *error =
            apr_psprintf(p, "%s cannot be read: %s", path, cp_status_text(rv));
    }
    return rv;
}
