/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The statements, and whether the database fits them. mod_dbd has no pool yet
 * while the configuration is checked, so a connection of our own is opened
 * with its settings, and closed again. */
#include "web/build_database.h"

#include "base/status.h"
#include "db/direct.h"
#include "db/schema.h"
#include "web/dbd.h"
#include "web/log.h"

#include <ap_mpm.h>
#include <apr_strings.h>
#include <http_log.h>
#include <stdlib.h>
#include <string.h>

APLOG_USE_MODULE(clinicportal);

#define WAITED_FOR "clinicportal: databases waited for"

static apr_status_t read_catalog(cp_portal_t *portal, const cp_config_t *cfg,
                                 const char *driver, const char **error,
                                 apr_pool_t *p)
{
    const char *dir = apr_pstrcat(p, cp_config_data_dir(cfg), "/sql", NULL);
    apr_status_t rv;
    int i;

    portal->catalog = cp_catalog_make(driver, p);
    rv = cp_catalog_read(portal->catalog, dir, error, p);
    for (i = 0; rv == APR_SUCCESS && i < cfg->sql->nelts; i++) {
        const cp_sql_override_t *row =
            &APR_ARRAY_IDX(cfg->sql, i, cp_sql_override_t);

        rv = cp_catalog_override(portal->catalog, row->name, row->sql,
                                 row->origin, error);
    }
    return rv;
}

static apr_status_t read_schema(cp_portal_t *portal, const cp_config_t *cfg,
                                const char **error, apr_pool_t *p)
{
    const char *dir = apr_pstrcat(p, cp_config_data_dir(cfg), "/schema", NULL);
    apr_status_t rv = cp_schema_newest(&portal->schema_version, dir, p);

    if (rv != APR_SUCCESS) {
        *error = apr_psprintf(p, "cannot read the schema in %s", dir);
    }
    return rv;
}

static apr_status_t check_schema(cp_db_t *db, const cp_portal_t *portal,
                                 const char **error, apr_pool_t *p)
{
    int version;
    apr_status_t rv = cp_schema_version(&version, db, p);

    if (rv != APR_SUCCESS) {
        *error = "cannot read the version of the database's schema";
        return rv;
    }
    *error = cp_schema_misfit(version, portal->schema_version, p);
    return *error == NULL ? APR_SUCCESS : CP_EINPUT;
}

/* Of a database that cannot be asked now, nothing is known: a server must not
 * stay down, or go down at a graceful restart, because another one is busy. */
static int is_out_of_reach(apr_status_t rv)
{
    return rv == CP_EUNAVAILABLE || rv == CP_EDB;
}

static apr_status_t check_on_own(const cp_portal_t *portal,
                                 const cp_dbd_settings_t *settings,
                                 server_rec *s, const char **error,
                                 apr_pool_t *p)
{
    cp_direct_target_t target = {settings->driver, settings->params,
                                 .time_limit = portal->database_timeout};
    cp_db_source_t source;
    cp_db_t *db;
    apr_status_t rv = cp_direct_open(&source, &target, error, p);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    db = cp_db_make(&source, portal->catalog, cp_log_port_server(s, p), p);
    rv = check_schema(db, portal, error, p);
    if (rv == APR_SUCCESS) {
        rv = cp_db_check_statements(db, error, p);
    }
    return rv;
}

/* Databases this reading of the configuration has waited for in vain, by their
 * parameters, and why: nobody waits again for the next portal. p: pconf. */
static apr_hash_t *waited_for(apr_pool_t *p)
{
    void *found = NULL;

    (void)apr_pool_userdata_get(&found, WAITED_FOR, p);
    if (found == NULL) {
        found = apr_hash_make(p);
        (void)apr_pool_userdata_setn(found, WAITED_FOR, NULL, p);
    }
    return found;
}

static apr_status_t check_database(cp_portal_t *portal,
                                   const cp_dbd_settings_t *settings,
                                   server_rec *s, const char **error,
                                   apr_pool_t *p)
{
    apr_hash_t *waited = waited_for(p);
    const char *why =
        apr_hash_get(waited, settings->params, APR_HASH_KEY_STRING);
    apr_pool_t *scratch;
    apr_status_t rv;

    if (why == NULL) {
        rv = apr_pool_create(&scratch, NULL);
        if (rv != APR_SUCCESS) {
            return rv;
        }
        rv = check_on_own(portal, settings, s, &why, scratch);
        why = why == NULL ? NULL : apr_pstrdup(p, why);
        apr_pool_destroy(scratch);
        if (!is_out_of_reach(rv)) {
            *error = why;
            return rv;
        }
        apr_hash_set(waited, settings->params, APR_HASH_KEY_STRING, why);
    }
    ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                 CP_TAG(0120) "the database could not be checked: %s; what "
                              "needs it answers 503 until it is there",
                 why);
    portal->is_unchecked = 1;
    return APR_SUCCESS;
}

/* More requests at once than connections: some wait for one. */
static void warn_of_small_pool(const cp_portal_t *portal, server_rec *s)
{
    int threads = 0;

    if (ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads) == APR_SUCCESS &&
        portal->connections_max <= threads) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     CP_TAG(0121) "DBDMax %d is too low for ThreadsPerChild "
                                  "%d, which it should exceed: requests will "
                                  "wait for a connection",
                     portal->connections_max, threads);
    }
}

apr_status_t cp_build_database(cp_portal_t *portal, const cp_config_t *cfg,
                               server_rec *s, const char **error, apr_pool_t *p)
{
    cp_dbd_settings_t settings;
    apr_status_t rv = APR_SUCCESS;

    cp_dbd_settings(&settings, s, p);
    if (!cp_dbd_is_loaded() || settings.driver == NULL ||
        settings.params == NULL) {
        *error = "needs a database: load mod_dbd and set DBDriver and "
                 "DBDParams";
        return CP_EINPUT;
    }
    if (strcmp(settings.driver, "sqlite3") != 0 &&
        strcmp(settings.driver, "pgsql") != 0) {
        *error = apr_psprintf(p,
                              "DBDriver %s is not one the portal knows: "
                              "sqlite3, pgsql",
                              settings.driver);
        return CP_EINPUT;
    }
    portal->database = settings.params;
    portal->sqlite_file =
        strcmp(settings.driver, "sqlite3") == 0 ? settings.params : NULL;
    if (ap_mpm_query(AP_MPMQ_IS_THREADED, &portal->has_threads) !=
        APR_SUCCESS) {
        portal->has_threads = 1;
    }
    portal->connections_max = settings.max == NULL
                                  ? CP_DBD_MAX_DEFAULT
                                  : (int)strtol(settings.max, NULL, 10);
    portal->database_pool =
        apr_psprintf(p, "%s %d %s", settings.driver, portal->connections_max,
                     settings.params);
    portal->database_timeout =
        apr_time_from_sec(cp_config_database_timeout_s(cfg));
    if (strcmp(settings.driver, "pgsql") == 0) {
        rv = cp_deadlines_limit_connecting();
    }
    if (rv == APR_SUCCESS) {
        rv = read_catalog(portal, cfg, settings.driver, error, p);
    }
    if (rv == APR_SUCCESS) {
        rv = read_schema(portal, cfg, error, p);
    }
    if (rv == APR_SUCCESS) {
        rv = check_database(portal, &settings, s, error, p);
    }
    if (rv == APR_SUCCESS) {
        warn_of_small_pool(portal, s);
    }
    return rv;
}
