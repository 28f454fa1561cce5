/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A look at each database once a second. */
#include "monitor/look.h"

#include "base/status.h"
#include "db/schema.h"
#include "monitor/seen.h"
#include "web/dbd.h"
#include "web/watchdog.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_EVERY apr_time_from_sec(1)
#define LOOK_FOR_GONE_EVERY apr_time_from_sec(2)
#define COUNT_EVERY apr_time_from_sec(15)

static void count(cp_ctx_t *cx, cp_seen_t *seen)
{
    static const char *const columns[CP_SEEN_FIGURES] = {
        [CP_SEEN_STAFF_SESSIONS] = "staff_sessions",
        [CP_SEEN_PATIENT_SESSIONS] = "patient_sessions",
        [CP_SEEN_MAILS_WAITING] = "mails_waiting",
        [CP_SEEN_MAILS_DEAD] = "mails_dead"};
    apr_time_t now = cp_now(cx->port);
    cp_row_t row;
    int i;

    if (cp_db_row(cx->db, "monitor_figures", CP_ARGS(CP_INT("now", now)), &row,
                  cx->pool) != APR_SUCCESS) {
        return;
    }
    for (i = 0; i < CP_SEEN_FIGURES; i++) {
        atomic_store(&seen->figures[i], cp_row_integer(row, columns[i]));
    }
    atomic_store(&seen->counted_at, now);
}

/* Only a change is worth a line; what fails meanwhile has lines of its own. */
static void report(const cp_port_t *port, const cp_mount_t *mount,
                   const cp_portal_t *portal)
{
    cp_seen_t *seen = portal->seen;
    apr_time_t now = cp_now(port);
    int was_gone = atomic_load(&seen->is_gone);
    int is_gone =
        !cp_seen_is_ready(portal, now) &&
        (was_gone || now - atomic_load(&seen->began_at) >= CP_SEEN_GOOD_FOR);

    atomic_store(&seen->is_gone, is_gone);

    if (is_gone && !was_gone) {
        cp_log(port, CP_LOG_WARNING, APR_SUCCESS,
               CP_TAG(0801) "the database behind %s does not answer; a "
                            "clinicportal-health handler says so, too",
               mount->path);
    }
    else if (!is_gone && was_gone) {
        cp_log(port, CP_LOG_NOTICE, APR_SUCCESS,
               CP_TAG(0802) "the database behind %s answers again",
               mount->path);
    }
}

/* Until it has fitted once. What misfits counts as gone, at once. */
static int fits(const cp_port_t *port, const cp_mount_t *mount,
                const cp_portal_t *portal, cp_row_t row, apr_pool_t *p)
{
    cp_seen_t *seen = portal->seen;
    const char *misfit;

    if (atomic_load(&seen->fit) == CP_SEEN_FITS) {
        return 1;
    }
    misfit = cp_schema_misfit((int)cp_row_integer(row, "version"),
                              portal->schema_version, p);
    if (misfit == NULL) {
        atomic_store(&seen->fit, CP_SEEN_FITS);
        return 1;
    }
    if (atomic_exchange(&seen->fit, CP_SEEN_MISFITS) != CP_SEEN_MISFITS) {
        atomic_store(&seen->answered_at, 0);
        atomic_store(&seen->is_gone, 1);
        cp_log(port, CP_LOG_ERROR, APR_SUCCESS,
               CP_TAG(0803) "requests to %s answer 503: %s", mount->path,
               misfit);
    }
    return 0;
}

/* A database that is known to be gone is left alone for a while: mod_dbd writes
 * to the log each time. */
static int is_due(cp_seen_t *seen, apr_time_t now)
{
    apr_int64_t before = atomic_exchange(&seen->looked_at, now);

    if (!atomic_load(&seen->is_gone) ||
        llabs(now - before) >= LOOK_FOR_GONE_EVERY) {
        return 1;
    }
    atomic_store(&seen->looked_at, before);
    return 0;
}

/* The look at one database, for the portals that have it. */
typedef struct looking_t {
    server_rec *first;
    const char *database;
    apr_pool_t *pool; /* of this round */
} looking_t;

/* Without log lines of its own, once the database has fitted: those of the
 * requests that fail tell more. A process that could not get ready sees
 * nothing. */
static void look(server_rec *s, const cp_mount_t *mount, cp_portal_t *portal,
                 void *baton)
{
    static const cp_arg_t nothing[] = {{NULL}};
    const looking_t *looking = baton;
    cp_port_t quiet = cp_port_system;
    cp_ctx_t cx;
    cp_row_t row;
    apr_pool_t *p;
    int is_there;

    if (portal->connections == NULL ||
        strcmp(portal->database, looking->database) != 0 ||
        !is_due(portal->seen, cp_now(&cp_port_system)) ||
        apr_pool_create(&p, looking->pool) != APR_SUCCESS) {
        return;
    }
    cp_portals_context(&cx, s, portal, p);
    cx.db = cp_db_make(
        cp_dbd_source_to_look(portal, p), portal->catalog,
        atomic_load(&portal->seen->fit) == CP_SEEN_FITS ? &quiet : cx.port, p);
    is_there =
        cp_db_row(cx.db, "monitor_look", nothing, &row, p) == APR_SUCCESS &&
        fits(cx.port, mount, portal, row, p);
    if (is_there) {
        atomic_store(&portal->seen->answered_at, cp_now(cx.port));
    }
    report(cx.port, mount, portal);
    if (is_there &&
        llabs(cp_now(cx.port) - atomic_load(&portal->seen->counted_at)) >=
            COUNT_EVERY) {
        count(&cx, portal->seen);
    }
    apr_pool_destroy(p);
}

static void look_at_database(void *baton, apr_pool_t *p)
{
    looking_t *looking = baton;

    looking->pool = p;
    cp_portals_each(looking->first, look, looking);
}

typedef struct adding_t {
    server_rec *first;
    apr_hash_t *tasks; /* by database */
    apr_pool_t *pool;
    apr_status_t rv;
} adding_t;

static void add_task(server_rec *s, const cp_mount_t *mount,
                     cp_portal_t *portal, void *baton)
{
    adding_t *adding = baton;
    apr_pool_t *p = adding->pool;
    cp_watchdog_task_t task = {.every = LOOK_EVERY, .work = look_at_database};
    looking_t *looking;

    if (adding->rv != APR_SUCCESS ||
        apr_hash_get(adding->tasks, portal->database, APR_HASH_KEY_STRING)) {
        return;
    }
    looking = apr_pcalloc(p, sizeof(*looking));
    looking->first = adding->first;
    looking->database = portal->database;
    task.name = apr_psprintf(p, "_clinicportal_look_%u_",
                             apr_hash_count(adding->tasks));
    task.baton = looking;
    apr_hash_set(adding->tasks, portal->database, APR_HASH_KEY_STRING, looking);
    adding->rv = cp_watchdog_add(&task, adding->first, p);
}

apr_status_t cp_look_add(server_rec *first, apr_pool_t *p)
{
    adding_t adding = {first, apr_hash_make(p), p, APR_SUCCESS};

    cp_portals_each(first, add_task, &adding);
    return adding.rv;
}
