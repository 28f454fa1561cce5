/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
#include "db/sqlite_file.h"

#include "db/db_impl.h"

#include <apr_file_info.h>
#include <dlfcn.h>
#include <stdatomic.h>

#define HAS_MOVED 20 /* SQLITE_FCNTL_HAS_MOVED: part of SQLite's stable API */

typedef int (*file_control_t)(void *database, const char *name, int operation,
                              void *result);

int cp_sqlite_file_exists(const char *path, apr_pool_t *p)
{
    apr_finfo_t info;

    return apr_stat(&info, path, APR_FINFO_TYPE, p) == APR_SUCCESS;
}

/* apr_dbd's driver has loaded the library, and is loaded only where it is used;
 * so the one function that is needed is asked for by name instead of being
 * linked. Without it nothing is known, and nothing counts as moved. */
static file_control_t find_file_control(void)
{
    static _Atomic(file_control_t) found;
    file_control_t function = atomic_load(&found);
    void *library;

    if (function != NULL) {
        return function;
    }
    library = dlopen("libsqlite3.so.0", RTLD_LAZY | RTLD_NOLOAD);
    if (library != NULL) {
        function = (file_control_t)dlsym(library, "sqlite3_file_control");
        atomic_store(&found, function);
    }
    return function;
}

int cp_sqlite_file_has_moved(const cp_db_connection_t *connection)
{
    file_control_t file_control = find_file_control();
    int has_moved = 0;

    return file_control != NULL &&
           file_control(
               apr_dbd_native_handle(connection->driver, connection->handle),
               "main", HAS_MOVED, &has_moved) == 0 &&
           has_moved;
}

int cp_sqlite_file_reopen(cp_db_connection_t *connection, const char *path)
{
    const char *error;
    apr_dbd_t *handle;

    if (connection->is_shared ||
        apr_dbd_open_ex(connection->driver, connection->pool, path, &handle,
                        &error) != APR_SUCCESS) {
        return 0;
    }
    /* The driver's list of statements goes before their memory does. */
    (void)apr_dbd_close(connection->driver, connection->handle);
    cp_db_forget(connection);
    connection->handle = handle;
    return 1;
}
