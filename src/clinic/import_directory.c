/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The directory of documents in the hands of an import: held by one import at a
 * time, and written to so that nothing that is planted there is followed. It
 * belongs to the server, and the import may be root's. */
#include "clinic/import_impl.h"

#include "base/status.h"

#include <apr_file_info.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK ".lock"
#define TEMPORARY ".import-"
#define SAFELY (O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
#define PAUSE apr_time_from_msec(200)

/* The file belongs to whoever the directory belongs to, so that an import by
 * root can be read by the server. Others could not give it away. */
static apr_status_t give_to_owner(const cp_import_t *import, int file)
{
    struct stat info;

    if (geteuid() != 0) {
        return APR_SUCCESS;
    }
    return fstat(import->directory, &info) == 0 &&
                   fchown(file, info.st_uid, info.st_gid) == 0
               ? APR_SUCCESS
               : cp_status_of_errno();
}

/* A file that was not there before, or an error: EEXIST. */
static apr_status_t create(const cp_import_t *import, const char *name,
                           int *file)
{
    apr_status_t rv;

    *file = openat(import->directory, name, O_RDWR | O_CREAT | O_EXCL | SAFELY,
                   0640);
    if (*file < 0) {
        return cp_status_of_errno();
    }
    rv = give_to_owner(import, *file);
    if (rv != APR_SUCCESS) {
        (void)close(*file);
        *file = -1;
        (void)unlinkat(import->directory, name, 0); /* empty, and ours */
    }
    return rv;
}

static apr_status_t write_all(int file, const cp_import_content_t *content)
{
    apr_size_t done = 0;

    while (done < content->len) {
        ssize_t count = write(file, content->bytes + done, content->len - done);

        if (count < 0) {
            return cp_status_of_errno();
        }
        done += (apr_size_t)count;
    }
    return fsync(file) == 0 ? APR_SUCCESS : cp_status_of_errno();
}

static const char *temporary_of(const cp_import_t *import, const char *name)
{
    return apr_pstrcat(import->scratch, TEMPORARY, name, NULL);
}

/* What somebody has planted meanwhile is in the way. */
static apr_status_t write_temporary(const cp_import_t *import, const char *name,
                                    const cp_import_content_t *content)
{
    const char *temporary = temporary_of(import, name);
    apr_status_t rv;
    int file;

    (void)unlinkat(import->directory, temporary, 0); /* or create says why */
    rv = create(import, temporary, &file);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = write_all(file, content);
    if (close(file) != 0 && rv == APR_SUCCESS) {
        rv = cp_status_of_errno();
    }
    if (rv != APR_SUCCESS) {
        (void)unlinkat(import->directory, temporary, 0);
    }
    return rv;
}

static apr_status_t name_temporary(const cp_import_t *import, const char *name)
{
    const char *temporary = temporary_of(import, name);
    apr_status_t rv;

    if (renameat(import->directory, temporary, import->directory, name) == 0) {
        return APR_SUCCESS;
    }
    rv = cp_status_of_errno();
    (void)unlinkat(import->directory, temporary, 0);
    return rv;
}

apr_status_t cp_import_write_file(const cp_import_t *import, const char *name,
                                  const cp_import_content_t *content)
{
    apr_status_t rv = write_temporary(import, name, content);

    return rv == APR_SUCCESS ? name_temporary(import, name) : rv;
}

apr_status_t cp_import_write_copy(cp_import_t *import, const char *name,
                                  const cp_import_content_t *content)
{
    apr_status_t rv = write_temporary(import, name, content);

    if (rv == APR_SUCCESS) {
        APR_ARRAY_PUSH(import->copied, const char *) =
            apr_pstrdup(import->pool, name);
    }
    return rv;
}

/* The lock file stays: where one is removed, two imports could each hold a file
 * of that name. */
static apr_status_t open_lock(cp_import_t *import)
{
    apr_status_t rv = create(import, LOCK, &import->lock);

    if (rv != EEXIST) {
        return rv;
    }
    import->lock = openat(import->directory, LOCK, O_RDWR | SAFELY);
    return import->lock < 0 ? cp_status_of_errno() : APR_SUCCESS;
}

/* CP_EUNAVAILABLE: another import has held it all the time. */
static apr_status_t take_lock(const cp_import_t *import)
{
    apr_interval_time_t waited = 0;

    while (flock(import->lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) {
            return cp_status_of_errno();
        }
        if (waited >= import->input->wait_for) {
            return CP_EUNAVAILABLE;
        }
        if (waited == 0) {
            cp_log(import->cx->port, CP_LOG_WARNING, APR_SUCCESS,
                   CP_TAG(0562) "another import is running: waiting for it");
        }
        apr_sleep(PAUSE);
        waited += PAUSE;
    }
    return APR_SUCCESS;
}

/* The lock is held, so whoever has left them has been killed. */
static apr_status_t remove_temporaries(const cp_import_t *import)
{
    apr_dir_t *names;
    apr_finfo_t info;
    apr_status_t rv =
        apr_dir_open(&names, import->input->documents_dir, import->scratch);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    while (apr_dir_read(&info, APR_FINFO_NAME, names) == APR_SUCCESS) {
        if (strncmp(info.name, TEMPORARY, strlen(TEMPORARY)) == 0) {
            (void)unlinkat(import->directory, info.name, 0);
        }
    }
    return apr_dir_close(names);
}

static apr_status_t enter(cp_import_t *import)
{
    apr_status_t rv;

    import->directory =
        open(import->input->documents_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (import->directory < 0) {
        return cp_status_of_errno();
    }
    rv = open_lock(import);
    if (rv == APR_SUCCESS) {
        rv = take_lock(import);
    }
    return rv == APR_SUCCESS ? remove_temporaries(import) : rv;
}

/* Say why it cannot be used; returns rv. */
static apr_status_t complain(const cp_import_t *import, apr_status_t rv)
{
    char why[128];

    cp_log(import->cx->port, CP_LOG_ERROR, rv,
           CP_TAG(0564) "the directory of documents cannot be used: %s",
           apr_strerror(rv, why, sizeof(why)));
    return rv;
}

apr_status_t cp_import_enter_directory(cp_import_t *import)
{
    apr_status_t rv =
        import->input->documents_dir == NULL ? APR_SUCCESS : enter(import);

    if (rv == CP_EUNAVAILABLE) {
        cp_log(import->cx->port, CP_LOG_ERROR, rv,
               CP_TAG(0563) "another import is running");
        return rv;
    }
    return rv == APR_SUCCESS ? rv : complain(import, rv);
}

apr_status_t cp_import_sync_directory(const cp_import_t *import)
{
    return import->directory < 0 || fsync(import->directory) == 0
               ? APR_SUCCESS
               : complain(import, cp_status_of_errno());
}

apr_status_t cp_import_name_copies(cp_import_t *import)
{
    while (import->named_count < import->copied->nelts) {
        const char *name =
            APR_ARRAY_IDX(import->copied, import->named_count, const char *);
        apr_status_t rv = name_temporary(import, name);

        apr_pool_clear(import->scratch);
        if (rv != APR_SUCCESS) {
            return complain(import, rv);
        }
        import->named_count++;
    }
    return cp_import_sync_directory(import);
}

/* What cannot be removed is only in the way of nobody. */
void cp_import_remove_copies(cp_import_t *import)
{
    int i;

    for (i = 0; i < import->copied->nelts; i++) {
        const char *name = APR_ARRAY_IDX(import->copied, i, const char *);

        (void)unlinkat(
            import->directory,
            i < import->named_count ? name : temporary_of(import, name), 0);
        apr_pool_clear(import->scratch);
    }
}

/* Closing the lock file gives the lock up. */
void cp_import_leave_directory(cp_import_t *import)
{
    if (import->lock >= 0) {
        (void)close(import->lock);
    }
    if (import->directory >= 0) {
        (void)close(import->directory);
    }
    import->lock = -1;
    import->directory = -1;
}
