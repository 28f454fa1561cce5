/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What a command stands on: the database, the statements, the context. */
#include "ctl/ctl.h"

#include "base/status.h"
#include "db/direct.h"
#include "db/schema.h"

#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

/* Seconds. A migration may have to write a whole table anew. */
#define TIMEOUT 300
#define TIMEOUT_OF_MIGRATION 3600
#define TIMEOUT_MOST 86400

const char *cp_ctl_data_path(const cp_ctl_t *ctl, const char *name)
{
    return apr_pstrcat(ctl->pool, ctl->data, "/", name, NULL);
}

static apr_status_t split_database(cp_ctl_t *ctl, const char **driver,
                                   const char **params)
{
    const char *colon =
        ctl->database == NULL ? NULL : strchr(ctl->database, ':');

    if (ctl->database == NULL) {
        return cp_ctl_fail(ctl, CP_EINPUT,
                           "which database? --db DRIVER:PARAMS or the "
                           "environment variable CLINICPORTAL_DB");
    }
    if (colon == NULL) {
        return cp_ctl_fail(ctl, CP_EINPUT,
                           "--db is DRIVER:PARAMS, as in "
                           "sqlite3:/var/lib/clinicportal/portal.db");
    }
    *driver = apr_pstrmemdup(ctl->pool, ctl->database,
                             (apr_size_t)(colon - ctl->database));
    *params = colon + 1;
    return APR_SUCCESS;
}

static int may_migrate(const cp_ctl_command_t *command)
{
    return command->need == CP_CTL_NEW_DATABASE ||
           command->need == CP_CTL_DATABASE;
}

/* text NULL: *number stays what it is. */
static apr_status_t read_number(const char *text, int least, int most,
                                int *number)
{
    apr_int64_t read;

    if (text == NULL) {
        return APR_SUCCESS;
    }
    read = apr_strtoi64(text, NULL, 10);
    if (text[strspn(text, "0123456789")] != '\0' || read < least ||
        read > most) {
        return CP_EINPUT;
    }
    *number = (int)read;
    return APR_SUCCESS;
}

static apr_status_t read_timeout(cp_ctl_t *ctl, apr_interval_time_t *limit)
{
    int seconds = may_migrate(ctl->command) ? TIMEOUT_OF_MIGRATION : TIMEOUT;

    if (read_number(ctl->timeout, 1, TIMEOUT_MOST, &seconds) != APR_SUCCESS) {
        return cp_ctl_fail(ctl, CP_EINPUT,
                           "--timeout is a number of seconds from 1 to 86400");
    }
    *limit = apr_time_from_sec(seconds);
    return APR_SUCCESS;
}

static apr_status_t make_gate(cp_ctl_t *ctl)
{
    cp_password_limits_t limits = {.passes = CP_PASSWORD_PASSES, .slots = 1};
    apr_status_t rv = cp_password_init();

    if (rv != APR_SUCCESS) {
        return cp_ctl_fail(ctl, rv, "libsodium does not start");
    }
    if (read_number(ctl->passes, CP_PASSWORD_PASSES_MIN, CP_PASSWORD_PASSES_MAX,
                    &limits.passes) != APR_SUCCESS) {
        return cp_ctl_fail(ctl, CP_EINPUT, "--passes is a number from %d to %d",
                           CP_PASSWORD_PASSES_MIN, CP_PASSWORD_PASSES_MAX);
    }
    return cp_password_gate_make(&ctl->rules.gate, &limits, ctl->pool);
}

/* Errors go into the one line at the end; warnings are told at once. */
static void note_log(void *ctx, cp_log_level_t level, apr_status_t rv,
                     const char *text)
{
    cp_ctl_t *ctl = ctx;

    if (level == CP_LOG_ERROR) {
        ctl->logged = apr_pstrdup(ctl->pool, text);
    }
    else if (level == CP_LOG_WARNING) {
        (void)fprintf(stderr, "clinicportalctl: %s\n", text);
    }
}

apr_status_t cp_ctl_open_database(cp_ctl_t *ctl)
{
    cp_db_source_t *source = apr_palloc(ctl->pool, sizeof(*source));
    cp_direct_target_t target = {
        "", "", .may_create = ctl->command->need == CP_CTL_NEW_DATABASE};
    cp_catalog_t *catalog;
    const char *error = "";
    apr_status_t rv = split_database(ctl, &target.driver, &target.params);

    if (rv == APR_SUCCESS) {
        rv = read_timeout(ctl, &target.time_limit);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = cp_deadlines_limit_connecting();
    if (rv != APR_SUCCESS) {
        return cp_ctl_fail(ctl, rv, "there is no memory left");
    }
    rv = cp_direct_open(source, &target, &error, ctl->pool);
    if (rv != APR_SUCCESS) {
        return cp_ctl_fail(ctl, rv, "%s", error);
    }
    catalog = cp_catalog_make(target.driver, ctl->pool);
    rv = cp_catalog_read(catalog, cp_ctl_data_path(ctl, "sql"), &error,
                         ctl->pool);
    if (rv != APR_SUCCESS) {
        return cp_ctl_fail(ctl, rv, "the statements (see --data): %s", error);
    }
    ctl->cx.db = cp_db_make(source, catalog, &ctl->port, ctl->pool);
    return APR_SUCCESS;
}

apr_status_t cp_ctl_check_schema(cp_ctl_t *ctl)
{
    int newest = 0;
    int version = 0;
    const char *misfit;
    apr_status_t rv =
        cp_schema_newest(&newest, cp_ctl_data_path(ctl, "schema"), ctl->pool);

    if (rv != APR_SUCCESS) {
        return cp_ctl_fail(ctl, rv,
                           "there are no migrations in %s (see --data)",
                           cp_ctl_data_path(ctl, "schema"));
    }
    rv = cp_schema_version(&version, ctl->cx.db, ctl->pool);
    if (rv != APR_SUCCESS) {
        return cp_ctl_fail(ctl, rv, "the schema's version cannot be read");
    }
    misfit = cp_schema_misfit(version, newest, ctl->pool);
    return misfit == NULL ? APR_SUCCESS
                          : cp_ctl_fail(ctl, CP_EINPUT, "%s", misfit);
}

static void prepare_context(cp_ctl_t *ctl)
{
    ctl->port = cp_port_system;
    ctl->port.log = note_log;
    ctl->port.ctx = ctl;
    ctl->cx.pool = ctl->pool;
    ctl->cx.port = &ctl->port;
    ctl->cx.options = &ctl->rules;
    ctl->cx.address = "";
    ctl->cx.user_agent = "";
    ctl->cx.reference = "";
}

apr_status_t cp_ctl_connect(cp_ctl_t *ctl)
{
    apr_status_t rv = make_gate(ctl);

    prepare_context(ctl);
    if (rv != APR_SUCCESS || ctl->command->need == CP_CTL_NOTHING) {
        return rv;
    }
    rv = cp_ctl_open_database(ctl);
    return rv == APR_SUCCESS && ctl->command->need == CP_CTL_SCHEMA
               ? cp_ctl_check_schema(ctl)
               : rv;
}
