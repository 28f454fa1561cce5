/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Compile the views. */
#include "web/build_views.h"

#include "base/status.h"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_strings.h>
#include <string.h>

#define SUFFIX ".mustache"
#define VIEW_BYTES_MAX (256 * 1024)

typedef struct places_t {
    const char *own; /* ClinicPortalViews; NULL if not set */
    const char *installed;
} places_t;

static const char *read_view(const char *dir, const char *name, apr_pool_t *p)
{
    const char *path = apr_pstrcat(p, dir, "/", name, SUFFIX, NULL);
    apr_file_t *file;
    apr_finfo_t info;
    char *text = NULL;

    if (apr_file_open(&file, path, APR_READ, 0, p) != APR_SUCCESS) {
        return NULL;
    }
    if (apr_file_info_get(&info, APR_FINFO_SIZE, file) == APR_SUCCESS &&
        info.size <= VIEW_BYTES_MAX) {
        text = apr_pcalloc(p, (apr_size_t)info.size + 1);
        if (apr_file_read_full(file, text, (apr_size_t)info.size, NULL) !=
            APR_SUCCESS) {
            text = NULL;
        }
    }
    (void)apr_file_close(file);
    return text;
}

static const char *load(void *baton, const char *name, apr_pool_t *p)
{
    const places_t *places = baton;
    const char *text = NULL;

    if (strchr(name, '/') != NULL || name[0] == '.') {
        return NULL;
    }
    if (places->own != NULL) {
        text = read_view(places->own, name, p);
    }
    return text == NULL ? read_view(places->installed, name, p) : text;
}

static int is_view_name(const char *name)
{
    apr_size_t len = strlen(name);

    return len > strlen(SUFFIX) &&
           strcmp(name + len - strlen(SUFFIX), SUFFIX) == 0;
}

/* Compile every view of a directory. A hospital's own one is found by the
 * loader, and one under a name we do not have is a mistake worth finding too.
 */
static apr_status_t compile_all(cp_mustache_t *views, const char *directory,
                                const char **error, apr_pool_t *p)
{
    apr_dir_t *dir;
    apr_finfo_t entry;
    apr_status_t rv = apr_dir_open(&dir, directory, p);

    if (rv != APR_SUCCESS) {
        *error = apr_psprintf(p, "cannot read the views in %s", directory);
        return rv;
    }
    while (rv == APR_SUCCESS &&
           apr_dir_read(&entry, APR_FINFO_NAME, dir) == APR_SUCCESS) {
        if (is_view_name(entry.name)) {
            rv = cp_mustache_compile(
                views,
                apr_pstrmemdup(p, entry.name,
                               strlen(entry.name) - strlen(SUFFIX)),
                error);
        }
    }
    (void)apr_dir_close(dir);
    return rv;
}

static apr_status_t build(cp_mustache_t **views, places_t *places,
                          const char **error, apr_pool_t *p)
{
    apr_status_t rv = cp_mustache_make(views, load, places, 1, p);

    if (rv == APR_SUCCESS) {
        rv = compile_all(*views, places->installed, error, p);
    }
    if (rv == APR_SUCCESS && places->own != NULL) {
        rv = compile_all(*views, places->own, error, p);
    }
    return rv;
}

apr_status_t cp_build_views(cp_mustache_t **views, const cp_config_t *cfg,
                            const char **error, apr_pool_t *p)
{
    places_t *places = apr_pcalloc(p, sizeof(*places));

    places->own = cp_config_views_dir(cfg);
    places->installed = apr_pstrcat(p, cp_config_data_dir(cfg), "/views", NULL);
    return build(views, places, error, p);
}

apr_status_t cp_build_mail_templates(const cp_mustache_t **templates,
                                     const cp_config_t *cfg, const char **error,
                                     apr_pool_t *p)
{
    places_t *places = apr_pcalloc(p, sizeof(*places));
    cp_mustache_t *set = NULL;
    apr_finfo_t info;
    apr_status_t rv;

    if (cp_config_views_dir(cfg) != NULL) {
        places->own = apr_pstrcat(p, cp_config_views_dir(cfg), "/mail", NULL);
        if (apr_stat(&info, places->own, APR_FINFO_TYPE, p) != APR_SUCCESS) {
            places->own = NULL;
        }
    }
    places->installed = apr_pstrcat(p, cp_config_data_dir(cfg), "/mail", NULL);
    rv = build(&set, places, error, p);
    *templates = set;
    return rv;
}
