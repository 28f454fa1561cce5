/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The files of the documents of an import: read from below the directory of
 * the import alone, and copied under names made of what they hold, so that a
 * copy never takes the place of another. */
#include "clinic/import_impl.h"

#include "base/encode.h"
#include "base/ident.h"
#include "base/json.h"
#include "base/status.h"

#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct file_type_t {
    const char *extension;
    const char *content_type;
    const char *magic; /* how the file begins; NULL: as text */
    apr_size_t magic_len;
} file_type_t;

static const file_type_t types[] = {
    {".pdf", "application/pdf", "%PDF-", 5},
    {".png", "image/png", "\x89PNG\r\n\x1a\n", 8},
    {".jpg", "image/jpeg", "\xff\xd8\xff", 3},
    {".jpeg", "image/jpeg", "\xff\xd8\xff", 3},
    {".txt", "text/plain", NULL, 0},
};

static const file_type_t *type_of(const char *path)
{
    const char *extension = strrchr(path, '.');
    apr_size_t i;

    for (i = 0; extension != NULL && i < sizeof(types) / sizeof(types[0]);
         i++) {
        if (strcasecmp(extension, types[i].extension) == 0) {
            return &types[i];
        }
    }
    return NULL;
}

static int is_of_type(const cp_import_content_t *content,
                      const file_type_t *type)
{
    return type->magic == NULL
               ? cp_utf8_is_valid(content->bytes, content->len)
               : content->len >= type->magic_len &&
                     memcmp(content->bytes, type->magic, type->magic_len) == 0;
}

/* Open path below directory, one part at a time: ".." and links, even to the
 * inside, are refused. -1: errno says why. */
static int open_below(const char *directory, const char *path, apr_pool_t *p)
{
    int here = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    char *rest = apr_pstrdup(p, path);

    while (here >= 0) {
        char *slash = strchr(rest, '/');
        int is_last = slash == NULL;
        int next;

        if (!is_last) {
            *slash = '\0';
        }
        if (rest[0] == '\0' || strcmp(rest, "..") == 0) {
            (void)close(here);
            errno = EXDEV; /* no call here gives it of itself */
            return -1;
        }
        next = openat(
            here, rest,
            O_NOFOLLOW | O_CLOEXEC |
                (is_last ? O_RDONLY | O_NONBLOCK : O_PATH | O_DIRECTORY));
        (void)close(here);
        if (is_last) {
            return next;
        }
        here = next;
        rest = slash + 1;
    }
    return here;
}

apr_status_t cp_import_read_all(int file, apr_off_t max,
                                cp_import_content_t *content, apr_pool_t *p)
{
    struct stat info;
    apr_size_t done = 0;
    char *bytes;

    if (fstat(file, &info) != 0) {
        return cp_status_of_errno();
    }
    if (!S_ISREG(info.st_mode)) {
        return APR_EBADPATH;
    }
    if (info.st_size > max) {
        return CP_ETOOLARGE;
    }
    content->len = (apr_size_t)info.st_size;
    content->bytes = bytes = apr_palloc(p, content->len + 1);
    while (done < content->len) {
        ssize_t count = read(file, bytes + done, content->len - done);

        if (count <= 0) {
            return count == 0 ? APR_EOF : cp_status_of_errno();
        }
        done += (apr_size_t)count;
    }
    return APR_SUCCESS;
}

static apr_status_t read_file(cp_import_t *import, const char *path,
                              cp_import_content_t *content)
{
    int file = open_below(import->input->directory, path, import->scratch);
    apr_status_t rv;

    if (file < 0) {
        return cp_status_of_errno();
    }
    rv = cp_import_read_all(file, CP_IMPORT_FILE_MAX, content, import->scratch);
    (void)close(file);
    return rv;
}

static const char *hex_digest(const void *data, apr_size_t len, apr_pool_t *p)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;

    return EVP_Digest(data, len, digest, &size, EVP_sha256(), NULL) == 1
               ? cp_encode_hex(digest, size, p)
               : NULL;
}

/* The same document with the same bytes has the same name again. */
static const char *storage_key(cp_import_t *import, const char *id,
                               const char *sha256)
{
    const char *text = apr_pstrcat(import->scratch, import->clinic_id, "\n", id,
                                   "\n", sha256, NULL);

    return hex_digest(text, strlen(text), import->scratch);
}

static apr_status_t store(cp_import_t *import, const char *key,
                          const cp_import_content_t *content)
{
    struct stat info;

    return fstatat(import->directory, key, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
                   S_ISREG(info.st_mode) && info.st_size == (off_t)content->len
               ? APR_SUCCESS
               : cp_import_write_copy(import, key, content);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

static apr_status_t describe(cp_import_t *import, json_t *object,
                             const file_type_t *type,
                             const cp_import_content_t *content)
{
    const char *sha256 =
        hex_digest(content->bytes, content->len, import->scratch);
    const char *id = cp_json_string(object, "id", "");
    const char *key = sha256 == NULL ? NULL : storage_key(import, id, sha256);
    const char *file = cp_json_string(object, "file", "");
    json_t *more;
    int has_failed;

    if (key == NULL) {
        return CP_EUNAVAILABLE;
    }
    more = json_pack("{s:s, s:I, s:s, s:s, s:s}", "content_type",
                     type->content_type, "size_bytes", (json_int_t)content->len,
                     "sha256", sha256, "storage_key", key, "file_name",
                     cp_json_string(object, "file_name", base_name(file)));
    has_failed = more == NULL || json_object_update(object, more) != 0;
    json_decref(more);
    return has_failed ? APR_ENOMEM : store(import, key, content);
}

static const char *read_error(apr_status_t rv, apr_pool_t *p)
{
    char why[128];

    switch (rv) {
    case EXDEV:
        return "must be a path below the directory of the import";
    case ELOOP:
        return "is a link";
    case APR_EBADPATH:
        return "is not a plain file";
    case CP_ETOOLARGE:
        return "is larger than 32 MiB";
    default:
        return apr_pstrcat(
            p, "cannot be read: ", apr_strerror(rv, why, sizeof(why)), NULL);
    }
}

static void copy_file(cp_import_t *import, json_t *object,
                      const cp_import_path_t *path)
{
    const char *name = cp_json_string(object, "file", "");
    const file_type_t *type = type_of(name);
    cp_import_content_t content = {"", 0};
    char why[128];
    apr_status_t rv;

    if (type == NULL) {
        cp_import_fail(import, path, "must be a .pdf, .png, .jpg or .txt");
        return;
    }
    rv = read_file(import, name, &content);
    if (rv != APR_SUCCESS) {
        cp_import_fail(import, path, "%s", read_error(rv, import->scratch));
        return;
    }
    if (!is_of_type(&content, type)) {
        cp_import_fail(import, path, "is not what its name says: %s",
                       type->content_type);
        return;
    }
    rv = describe(import, object, type, &content);
    if (rv != APR_SUCCESS) {
        cp_import_fail(import, path, "cannot be copied: %s",
                       apr_strerror(rv, why, sizeof(why)));
    }
}

static void copy_list(cp_import_t *import, const json_t *list,
                      const cp_import_path_t *clinic)
{
    cp_import_path_t documents = {clinic, "documents", -1};
    json_t *object;
    size_t i;

    json_array_foreach(list, i, object)
    {
        cp_import_path_t element = {&documents, NULL, (int)i};
        cp_import_path_t file = {&element, "file", -1};

        if (import->input->documents_dir == NULL) {
            cp_import_fail(import, &file,
                           "there is no directory for documents: --documents");
            return;
        }
        copy_file(import, object, &file);
        apr_pool_clear(import->scratch);
    }
}

apr_status_t cp_import_copy_files(cp_import_t *import)
{
    cp_import_path_t clinics = {NULL, "clinics", -1};
    json_t *clinic;
    size_t i;

    json_array_foreach(json_object_get(import->document, "clinics"), i, clinic)
    {
        cp_import_path_t path = {&clinics, NULL, (int)i};

        cp_import_clinic.enter(import, clinic, &path);
        copy_list(import, json_object_get(clinic, "documents"), &path);
    }
    return import->report->error_count == 0 ? APR_SUCCESS : CP_EINPUT;
}
