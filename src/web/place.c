/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Pages have no file behind them; assets are files that httpd itself serves. */
#include "web/place.h"

#include "config/config.h"
#include "web/headers.h"
#include "web/note.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <string.h>
#include <strings.h>

#define ASSETS "/assets/"

static int is_below(const char *uri, const char *base)
{
    apr_size_t len = strlen(base);

    return strncmp(uri, base, len) == 0 &&
           (uri[len] == '\0' || uri[len] == '/');
}

const cp_portal_t *cp_place_portal(const request_rec *r)
{
    const cp_note_t *note = cp_note_find(r);

    return note == NULL ? NULL : note->portal;
}

/* mod_rewrite may have led the path out of the portal, while the settings are
 * still those of its Location. A Location inside the portal's that names a
 * portal to sign in with is an application's, and one with a SetHandler is that
 * handler's. */
static const cp_portal_t *mounted_portal(const request_rec *r)
{
    const core_dir_config *core = ap_get_core_module_config(r->per_dir_config);
    const cp_config_t *cfg = cp_config_of(r->per_dir_config);
    const cp_mount_t *mount = cfg->mount;
    const cp_portal_t *portal;

    if (mount == NULL || mount->path == NULL || core->expr_handler != NULL ||
        (cfg->app_path != NULL &&
         strlen(cfg->app_path) > strlen(mount->path))) {
        return NULL;
    }
    portal = apr_hash_get(cp_server_config_of(r->server)->portals, &mount,
                          APR_SIZEOF_VOIDP);
    return portal != NULL && is_below(r->uri, portal->base) ? portal : NULL;
}

/* A vhost's own mounts come after those it shares with the main server. */
const cp_portal_t *cp_place_mounted_at(const server_rec *s, const char *path)
{
    const cp_server_config_t *cfg = cp_server_config_of(s);
    int i;

    if (path == NULL && cfg->mounts->nelts != 1) {
        return NULL;
    }
    for (i = cfg->mounts->nelts - 1; i >= 0; i--) {
        const cp_mount_t *mount =
            APR_ARRAY_IDX(cfg->mounts, i, const cp_mount_t *);

        if (path == NULL || strcmp(mount->path, path) == 0) {
            return apr_hash_get(cfg->portals, &mount, APR_SIZEOF_VOIDP);
        }
    }
    return NULL;
}

const char *cp_place_path(const request_rec *r, const cp_portal_t *portal)
{
    return r->uri + strlen(portal->base);
}

/* Every asset has an extension and its directories have none; of a directory
 * mod_dir would make a redirect, or mod_autoindex a list. */
static int is_file_name(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *last = slash == NULL ? name : slash + 1;

    return last[0] != '.' && strchr(last, '.') != NULL;
}

const char *cp_place_asset(const request_rec *r, const cp_portal_t *portal)
{
    const char *path = cp_place_path(r, portal);
    const char *name = path + strlen(ASSETS);

    if (strncmp(path, ASSETS, strlen(ASSETS)) != 0 || *name == '\0' ||
        strstr(name, "..") != NULL || !is_file_name(name) ||
        name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                          "0123456789-_./")] != '\0') {
        return NULL;
    }
    return name;
}

int cp_place_is_file(const request_rec *r, const cp_portal_t *portal)
{
    return r->method_number == M_GET && cp_place_asset(r, portal) != NULL;
}

int cp_place_is_secure(request_rec *r)
{
    const char *https = apr_table_get(r->subprocess_env, "HTTPS");

    return strcmp(ap_http_scheme(r), "https") == 0 ||
           (https != NULL && strcasecmp(https, "on") == 0);
}

/* mod_rewrite, which runs before, may have led the path into the portal, so
 * httpd is asked again for the settings of its Location; they are kept where
 * the path is still the one it found them for. */
static int translate_name(request_rec *r)
{
    const cp_portal_t *portal;
    const char *asset;
    int status = ap_location_walk(r);

    if (status != OK) {
        return status;
    }
    portal = mounted_portal(r);
    if (portal == NULL) {
        return DECLINED;
    }
    asset = cp_place_asset(r, portal);
    cp_note_of(r)->portal = portal;
    r->filename =
        asset == NULL
            ? apr_pstrcat(r->pool, "clinicportal:", r->uri, NULL)
            : apr_pstrcat(r->pool, portal->assets_dir, "/", asset, NULL);
    return OK;
}

/* TRACE, too, goes to the handler, which refuses it: httpd would answer it
 * here. */
static int map_to_storage(request_rec *r)
{
    const cp_portal_t *portal = cp_place_portal(r);
    int is_file;

    if (portal == NULL) {
        return DECLINED;
    }
    is_file = cp_place_is_file(r, portal);
    cp_headers_set(r, portal, cp_place_is_secure(r), is_file);
    return is_file ? DECLINED : OK;
}

/* The portal whose place a path is in, whether or not httpd got to know it. */
static const cp_portal_t *portal_at(const request_rec *r)
{
    const char *uri = r->uri == NULL ? "" : r->uri;
    apr_hash_index_t *entry;

    for (entry =
             apr_hash_first(r->pool, cp_server_config_of(r->server)->portals);
         entry != NULL; entry = apr_hash_next(entry)) {
        const cp_portal_t *portal = apr_hash_this_val(entry);

        if (is_below(uri, portal->base)) {
            return portal;
        }
    }
    return NULL;
}

/* httpd refuses some requests (a bad escape, a slash in disguise) before it
 * looks for their Location; its answers in a portal's place are guarded like
 * the portal's own, and what it says of an asset that is none is not kept. */
static void insert_error_filter(request_rec *r)
{
    const cp_portal_t *portal = cp_place_portal(r);
    int is_guarded = portal != NULL && cp_place_asset(r, portal) == NULL;

    if (portal == NULL) {
        portal = portal_at(r);
    }
    if (portal != NULL && !is_guarded && r->status >= HTTP_BAD_REQUEST) {
        cp_headers_set(r, portal, cp_place_is_secure(r), 0);
    }
}

static const char *asset_type(const char *name)
{
    static const char *const types[][2] = {
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".txt", "text/plain; charset=utf-8"},
    };
    const char *dot = strrchr(name, '.');
    apr_size_t i;

    for (i = 0; dot != NULL && i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(dot, types[i][0]) == 0) {
            return types[i][1];
        }
    }
    return NULL;
}

/* With nosniff a wrong type breaks the page, so it does not depend on the
 * server's mime.types. */
static int fixups(request_rec *r)
{
    const cp_portal_t *portal = cp_place_portal(r);
    const char *asset = portal == NULL ? NULL : cp_place_asset(r, portal);
    const char *type = asset == NULL ? NULL : asset_type(asset);

    if (type != NULL) {
        ap_set_content_type(r, type);
    }
    return DECLINED;
}

void cp_place_register(apr_pool_t *p)
{
    static const char *const before[] = {"mod_alias.c", "mod_userdir.c",
                                         "mod_vhost_alias.c", NULL};

    ap_hook_translate_name(translate_name, NULL, before, APR_HOOK_MIDDLE);
    ap_hook_map_to_storage(map_to_storage, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_fixups(fixups, NULL, NULL, APR_HOOK_LAST);
    ap_hook_insert_error_filter(insert_error_filter, NULL, NULL,
                                APR_HOOK_MIDDLE);
}
