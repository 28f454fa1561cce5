/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Start-up. check_config runs in configtest and at every start alike, so what
 * configtest accepts is what starts. */
#include "web/startup.h"

#include "base/status.h"
#include "web/build.h"
#include "web/portals.h"
#include "web/watchdog.h"

#include <apr_allocator.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <http_config.h>
#include <http_log.h>
#include <string.h>

APLOG_USE_MODULE(clinicportal);

static apr_status_t build_one(server_rec *s, const cp_mount_t *mount,
                              apr_pool_t *p)
{
    const char *error = NULL;
    cp_portal_t *portal;
    apr_status_t rv = cp_build_portal(&portal, s, mount, &error, p);

    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s,
                     CP_TAG(0101) "[%s:%d %s] ClinicPortal at %s: %s",
                     s->server_hostname == NULL ? "main" : s->server_hostname,
                     s->port, mount->origin, mount->path,
                     error == NULL ? cp_status_text(rv) : error);
        return rv;
    }
    apr_hash_set(cp_server_config_of(s)->portals,
                 apr_pmemdup(p, &mount, APR_SIZEOF_VOIDP), APR_SIZEOF_VOIDP,
                 portal);
    return APR_SUCCESS;
}

static int is_mounted(const cp_server_config_t *cfg, const char *path)
{
    int i;

    for (i = 0; i < cfg->mounts->nelts; i++) {
        const cp_mount_t *mount =
            APR_ARRAY_IDX(cfg->mounts, i, const cp_mount_t *);

        if (strcmp(mount->path, path) == 0) {
            return 1;
        }
    }
    return 0;
}

/* A main server may hold lines that only its virtual hosts can follow. */
static int check_logins(const server_rec *s, const cp_server_config_t *cfg)
{
    int is_for_others =
        !s->is_virtual && s->next != NULL && cfg->mounts->nelts == 0;
    int result = OK;
    int i;

    for (i = 0; i < cfg->login_uses->nelts && !is_for_others; i++) {
        const cp_login_use_t *use =
            &APR_ARRAY_IDX(cfg->login_uses, i, cp_login_use_t);

        if (!is_mounted(cfg, use->base)) {
            ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s,
                         CP_TAG(0105) "[%s] ClinicPortalLogin: no portal is "
                                      "mounted at %s of this virtual host",
                         use->origin, use->base);
            result = HTTP_INTERNAL_SERVER_ERROR;
        }
    }
    return result;
}

static int check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                        server_rec *first)
{
    server_rec *s;
    int result = OK;

    for (s = first; s != NULL; s = s->next) {
        const cp_server_config_t *cfg = cp_server_config_of(s);
        const apr_array_header_t *mounts = cfg->mounts;
        int i;

        if (cp_portals_are_shared(first, s)) {
            continue;
        }
        for (i = 0; i < mounts->nelts; i++) {
            if (build_one(s, APR_ARRAY_IDX(mounts, i, const cp_mount_t *),
                          pconf) != APR_SUCCESS) {
                result = HTTP_INTERNAL_SERVER_ERROR;
            }
        }
        if (check_logins(s, cfg) != OK) {
            result = HTTP_INTERNAL_SERVER_ERROR;
        }
    }
    return result;
}

static void make_ready(server_rec *s, const cp_mount_t *mount,
                       cp_portal_t *portal, void *gates)
{
    apr_status_t rv = cp_build_in_child(
        portal, s, cp_build_config(s, mount, apr_hash_pool_get(gates)), gates);

    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, rv, s,
                     CP_TAG(0102) "a child process could not get ready: %s; "
                                  "sign-in will answer 503",
                     cp_status_text(rv));
    }
}

/* Where the hashing gate, the calendars and the connections of a child live.
 * Not in pchild: a child told to stop at once destroys that while its workers
 * may still be clearing their last requests, which give their calendars back.
 * The process ends right after, so nothing is lost by never destroying it. */
static apr_status_t make_lasting_pool(apr_pool_t **pool)
{
    return apr_pool_create_unmanaged_ex(pool, NULL, NULL);
}

/* prefork gives a child an allocator for one thread, without a mutex. Our tasks
 * are more threads, and what mod_dbd and we keep of a connection lies in pools
 * of that allocator: memory of theirs would be a request's at the same time. */
static apr_status_t share_allocator(apr_pool_t *pchild, apr_pool_t *lasting)
{
    apr_allocator_t *allocator = apr_pool_allocator_get(pchild);
    apr_thread_mutex_t *mutex;
    apr_status_t rv;

    if (apr_allocator_mutex_get(allocator) != NULL) {
        return APR_SUCCESS;
    }
    rv = apr_thread_mutex_create(&mutex, APR_THREAD_MUTEX_DEFAULT, lasting);
    if (rv == APR_SUCCESS) {
        apr_allocator_mutex_set(allocator, mutex);
    }
    return rv;
}

/* Before mod_watchdog's, the child has one thread here: the place for libraries
 * that set themselves up once. The parent never needs them, so a reload cannot
 * unload them. */
static void child_init(apr_pool_t *pchild, server_rec *first)
{
    apr_status_t rv = cp_password_init();
    apr_pool_t *lasting = NULL;

    json_object_seed(0);
    if (rv == APR_SUCCESS) {
        rv = cp_http_init();
    }
    if (rv == APR_SUCCESS) {
        rv = make_lasting_pool(&lasting);
    }
    if (rv == APR_SUCCESS) {
        rv = share_allocator(pchild, lasting);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_watchdog_child_init(first, pchild, lasting);
    }
    if (rv != APR_SUCCESS) {
        ap_log_error(
            APLOG_MARK, APLOG_CRIT, rv, first,
            CP_TAG(0103) "a child process could not start libsodium or "
                         "libcurl, or had too little memory; sign-in "
                         "will answer 503");
        return;
    }
    cp_portals_each(first, make_ready, apr_hash_make(lasting));
}

void cp_startup_register(apr_pool_t *p)
{
    /* Its threads run our tasks, which need what is made ready here. */
    static const char *const after_us[] = {"mod_watchdog.c", NULL};

    ap_hook_check_config(check_config, NULL, NULL, APR_HOOK_LAST);
    ap_hook_child_init(child_init, NULL, after_us, APR_HOOK_MIDDLE);
}
