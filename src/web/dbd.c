/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* mod_dbd's pool as a cp_db_source_t. ap_dbd_acquire would hold a connection
 * until the client has read the answer; open and close do not. */
#include "web/dbd.h"

#include "base/status.h"

#include <apr_optional.h>
#include <apr_strings.h>
#include <http_config.h>
#include <mod_dbd.h>
#include <strings.h>

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

static pooled_t *pooled_of(ap_dbd_t *record)
{
    pooled_t *pooled =
        apr_hash_get(record->prepared, CONNECTION_KEY, APR_HASH_KEY_STRING);

    if (pooled == NULL) {
        pooled = apr_pcalloc(record->pool, sizeof(*pooled));
        pooled->connection.driver = record->driver;
        pooled->connection.handle = record->handle;
        pooled->connection.pool = record->pool;
        pooled->connection.is_shared = apr_hash_count(record->prepared) > 0;
        pooled->record = record;
        apr_hash_set(record->prepared, CONNECTION_KEY, APR_HASH_KEY_STRING,
                     pooled);
    }
    return pooled;
}

static apr_status_t dbd_open(void *ctx, cp_db_connection_t **connection,
                             apr_pool_t *p)
{
    APR_OPTIONAL_FN_TYPE(ap_dbd_open) *open_fn =
        APR_RETRIEVE_OPTIONAL_FN(ap_dbd_open);
    ap_dbd_t *record = open_fn == NULL ? NULL : open_fn(p, ctx);

    if (record == NULL) {
        return CP_EUNAVAILABLE;
    }
    *connection = &pooled_of(record)->connection;
    return APR_SUCCESS;
}

static void dbd_close(void *ctx, cp_db_connection_t *connection)
{
    APR_OPTIONAL_FN_TYPE(ap_dbd_close) *close_fn =
        APR_RETRIEVE_OPTIONAL_FN(ap_dbd_close);

    close_fn(ctx, ((pooled_t *)connection)->record);
}

const cp_db_source_t *cp_dbd_source(server_rec *s, apr_pool_t *p)
{
    cp_db_source_t *source = apr_pcalloc(p, sizeof(*source));

    source->open = dbd_open;
    source->close = dbd_close;
    source->ctx = s;
    return source;
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
