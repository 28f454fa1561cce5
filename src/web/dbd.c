/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* mod_dbd's pool as a cp_db_source_t. ap_dbd_acquire would hold a connection
 * until the client has read the answer; open and close do not. */
#include "web/dbd.h"

#include "base/status.h"
#include "db/sqlite_file.h"

#include <apr_optional.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_log.h>
#include <mod_dbd.h>
#include <strings.h>

APLOG_USE_MODULE(clinicportal);

#define CONNECTION_KEY "clinicportal connection"

/* A connection of ours and the mod_dbd record to give back; kept with the
 * record, so that prepared statements last as long as the connection. */
typedef struct pooled_t {
    cp_db_connection_t connection;
    ap_dbd_t *record;
} pooled_t;

int cp_dbd_is_loaded(void)
{
    return APR_RETRIEVE_OPTIONAL_FN(ap_dbd_open) != NULL;
}

typedef struct source_t {
    const cp_portal_t *portal;
    int is_looking;
} source_t;

/* A pool of one has none to spare. */
int cp_dbd_seats(const cp_portal_t *portal)
{
    return portal->connections_max > 1 ? portal->connections_max - 1 : 1;
}

static int has_own_seat(const source_t *source)
{
    return source->is_looking &&
           source->portal->connections_max > cp_dbd_seats(source->portal);
}

static apr_status_t take_seat(const source_t *source)
{
    return has_own_seat(source) ? APR_SUCCESS
                                : cp_gate_enter(source->portal->connections);
}

static void leave_seat(const source_t *source)
{
    if (!has_own_seat(source)) {
        cp_gate_leave(source->portal->connections);
    }
}

/* NULL: nobody could watch over it. */
static pooled_t *pooled_of(const source_t *source, ap_dbd_t *record)
{
    pooled_t *pooled =
        apr_hash_get(record->prepared, CONNECTION_KEY, APR_HASH_KEY_STRING);
    cp_deadline_t *deadline;
    apr_status_t rv;

    if (pooled == NULL) {
        rv = cp_deadline_add(&deadline, source->portal->deadlines,
                             record->driver, record->handle, record->pool);
        if (rv != APR_SUCCESS) {
            ap_log_error(APLOG_MARK, APLOG_ERR, rv, source->portal->server,
                         CP_TAG(0314) "a connection to the database is not "
                                      "used: there is no thread to watch over "
                                      "it");
            return NULL;
        }
        pooled = apr_pcalloc(record->pool, sizeof(*pooled));
        pooled->connection.driver = record->driver;
        pooled->connection.handle = record->handle;
        pooled->connection.pool = record->pool;
        pooled->connection.is_shared = apr_hash_count(record->prepared) > 0;
        pooled->connection.is_alone = !source->portal->has_threads;
        pooled->connection.deadline = deadline;
        pooled->record = record;
        apr_hash_set(record->prepared, CONNECTION_KEY, APR_HASH_KEY_STRING,
                     pooled);
    }
    return pooled;
}

static int is_gone(const source_t *source, apr_pool_t *p)
{
    const char *path = source->portal->sqlite_file;

    if (path != NULL && !cp_sqlite_file_exists(path, p)) {
        return 1;
    }
    return !source->is_looking && source->portal->is_database_gone != NULL &&
           atomic_load(source->portal->is_database_gone);
}

/* A file of SQLite that is not where it was is another's, or nobody's. */
static int is_usable(const source_t *source, pooled_t *pooled)
{
    const char *path = source->portal->sqlite_file;

    if (path == NULL || !cp_sqlite_file_has_moved(&pooled->connection)) {
        return 1;
    }
    if (!cp_sqlite_file_reopen(&pooled->connection, path)) {
        return 0;
    }
    pooled->record->handle = pooled->connection.handle; /* mod_dbd's to close */
    return 1;
}

static void give_back(const source_t *source, ap_dbd_t *record)
{
    APR_OPTIONAL_FN_TYPE(ap_dbd_close) *close_fn =
        APR_RETRIEVE_OPTIONAL_FN(ap_dbd_close);

    close_fn(source->portal->server, record);
    leave_seat(source);
}

/* mod_dbd would let a request wait for a connection without end. Servers whose
 * settings are alike share one pool of it, and so do their portals the gate.
 * (It tells more pools apart, by DBDKeep for one: those have fewer connections
 * together than they might, and nobody waits within.) */
static apr_status_t dbd_open(void *ctx, cp_db_connection_t **connection,
                             apr_pool_t *p)
{
    APR_OPTIONAL_FN_TYPE(ap_dbd_open) *open_fn =
        APR_RETRIEVE_OPTIONAL_FN(ap_dbd_open);
    const source_t *source = ctx;
    ap_dbd_t *record;
    pooled_t *pooled;

    if (open_fn == NULL || is_gone(source, p) ||
        take_seat(source) != APR_SUCCESS) {
        return CP_EUNAVAILABLE;
    }
    record = open_fn(p, source->portal->server);
    if (record == NULL) {
        leave_seat(source);
        return CP_EUNAVAILABLE;
    }
    pooled = pooled_of(source, record);
    if (pooled == NULL || !is_usable(source, pooled)) {
        give_back(source, record);
        return CP_EUNAVAILABLE;
    }
    pooled->connection.time_limit = source->portal->database_timeout;
    *connection = &pooled->connection;
    return APR_SUCCESS;
}

static void dbd_close(void *ctx, cp_db_connection_t *connection)
{
    give_back(ctx, ((pooled_t *)connection)->record);
}

static const cp_db_source_t *make_source(const cp_portal_t *portal,
                                         int is_looking, apr_pool_t *p)
{
    cp_db_source_t *source = apr_pcalloc(p, sizeof(*source));
    source_t *ctx = apr_pcalloc(p, sizeof(*ctx));

    ctx->portal = portal;
    ctx->is_looking = is_looking;
    source->open = dbd_open;
    source->close = dbd_close;
    source->ctx = ctx;
    return source;
}

const cp_db_source_t *cp_dbd_source(const cp_portal_t *portal, apr_pool_t *p)
{
    return make_source(portal, 0, p);
}

const cp_db_source_t *cp_dbd_source_to_look(const cp_portal_t *portal,
                                            apr_pool_t *p)
{
    return make_source(portal, 1, p);
}

static void read_setting(cp_dbd_settings_t *settings,
                         const ap_directive_t *directive, apr_pool_t *p)
{
    const char **slot = NULL;
    const char *args = directive->args;

    if (strcasecmp(directive->directive, "DBDriver") == 0) {
        slot = &settings->driver;
    }
    else if (strcasecmp(directive->directive, "DBDParams") == 0) {
        slot = &settings->params;
    }
    else if (strcasecmp(directive->directive, "DBDMax") == 0) {
        slot = &settings->max;
    }
    if (slot != NULL) {
        *slot = ap_getword_conf(p, &args);
    }
}

static void read_settings(cp_dbd_settings_t *settings,
                          const ap_directive_t *first, apr_pool_t *p)
{
    const ap_directive_t *directive;

    for (directive = first; directive != NULL; directive = directive->next) {
        read_setting(settings, directive, p);
    }
}

static int is_section_of(const ap_directive_t *directive, const server_rec *s)
{
    return strcasecmp(directive->directive, "<VirtualHost") == 0 &&
           s->defn_name != NULL &&
           strcmp(directive->filename, s->defn_name) == 0 &&
           directive->line_num == (int)s->defn_line_number;
}

void cp_dbd_settings(cp_dbd_settings_t *settings, const server_rec *s,
                     apr_pool_t *p)
{
    const ap_directive_t *directive;

    memset(settings, 0, sizeof(*settings));
    read_settings(settings, ap_conftree, p);
    for (directive = ap_conftree; directive != NULL && s->is_virtual;
         directive = directive->next) {
        if (is_section_of(directive, s)) {
            read_settings(settings, directive->first_child, p);
        }
    }
}
