/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Private to src/db: lists and reads the files of SQL, for the catalogue and
 * the migrations. */
#ifndef CP_SQLFILE_H
#define CP_SQLFILE_H

#include <apr_pools.h>
#include <apr_tables.h>

/* The names (not paths) of the *.sql files of a directory, sorted: an array of
 * const char * in p. */
apr_status_t cp_sqlfile_list(apr_array_header_t **names, const char *directory,
                             apr_pool_t *p);

/* The whole of a file, at most 1 MiB. On failure *error is a sentence. */
apr_status_t cp_sqlfile_read(const char **text, const char *path,
                             const char **error, apr_pool_t *p);

#endif
