/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The memory that httpd's processes share, and for each database one process
 * that looks at it once a second, so that none waits for another one's. */
#include "monitor/seen.h"

#include "base/status.h"
#include "db/schema.h"
#include "web/dbd.h"
#include "web/watchdog.h"

#include <apr_shm.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <stdlib.h>
#include <string.h>

APLOG_USE_MODULE(clinicportal);

/* Another version may have other routes and words, by which its counters are
 * numbered. */
#define RETAINED "clinicportal shared memory " CP_VERSION
#define LOOK_EVERY apr_time_from_sec(1)
#define LOOK_FOR_GONE_EVERY apr_time_from_sec(2)
#define COUNT_EVERY apr_time_from_sec(15)

typedef struct shared_t {
    cp_meter_t meter;
    cp_seen_t seen[];
} shared_t;

/* What is kept over a graceful restart. */
typedef struct retained_t {
    shared_t *shared;
    apr_size_t size;
} retained_t;

int cp_seen_is_ready(const cp_portal_t *portal, apr_time_t now)
{
    apr_int64_t at =
        portal->seen == NULL ? 0 : atomic_load(&portal->seen->answered_at);

    return at != 0 && now - at < CP_SEEN_GOOD_FOR && now >= at;
}

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
        cp_dbd_source_to_look(s, portal, p), portal->catalog,
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
    cp_portals_each(looking->first, look, looking, p);
}

static apr_status_t make_shared(shared_t **shared, apr_size_t size,
                                apr_pool_t *process_pool)
{
    retained_t *retained = ap_retained_data_get(RETAINED);
    apr_shm_t *memory;
    apr_status_t rv;

    if (retained == NULL) {
        retained = ap_retained_data_create(RETAINED, sizeof(*retained));
    }
    if (retained->size != size) {
        rv = apr_shm_create(&memory, size, NULL, process_pool);
        if (rv != APR_SUCCESS) {
            return rv;
        }
        retained->shared = apr_shm_baseaddr_get(memory);
        retained->size = size;
    }
    *shared = retained->shared;
    return APR_SUCCESS;
}

typedef struct placing_t {
    cp_seen_t *next;
    apr_hash_t *places; /* that are taken */
    apr_pool_t *pool;
} placing_t;

static void count_portal(server_rec *s, const cp_mount_t *mount,
                         cp_portal_t *portal, void *baton)
{
    ++*(apr_size_t *)baton;
}

/* Several virtual hosts may have one name, on the same port even. */
static const char *place_of(const server_rec *s, const char *path,
                            const placing_t *placing)
{
    apr_pool_t *p = placing->pool;
    const char *name = s->server_hostname == NULL ? "" : s->server_hostname;
    const char *place = apr_pstrcat(p, name, path, NULL);
    int number;

    if (apr_hash_get(placing->places, place, APR_HASH_KEY_STRING) != NULL) {
        name = apr_psprintf(p, "%s:%u", name,
                            s->addrs == NULL ? 0 : s->addrs->host_port);
        place = apr_pstrcat(p, name, path, NULL);
    }
    for (number = 2;
         apr_hash_get(placing->places, place, APR_HASH_KEY_STRING) != NULL;
         number++) {
        place = apr_psprintf(p, "%s%s (%d)", name, path, number);
    }
    apr_hash_set(placing->places, place, APR_HASH_KEY_STRING, place);
    return place;
}

static void give_place(server_rec *s, const cp_mount_t *mount,
                       cp_portal_t *portal, void *baton)
{
    placing_t *placing = baton;

    portal->place = place_of(s, mount->path, placing);
    portal->seen = placing->next++;
    atomic_store(&portal->seen->began_at, cp_now(&cp_port_system));
    /* What could not be checked is looked at before it is used. */
    atomic_store(&portal->seen->is_gone,
                 portal->is_unchecked && cp_watchdog_is_loaded());
    if (portal->is_unchecked) {
        atomic_store(&portal->seen->answered_at, 0);
    }
    atomic_store(&portal->seen->fit,
                 portal->is_unchecked ? CP_SEEN_FIT_UNKNOWN : CP_SEEN_FITS);
    portal->is_database_gone = &portal->seen->is_gone;
}

static apr_status_t share(server_rec *first, apr_pool_t *p)
{
    placing_t placing = {NULL, apr_hash_make(p), p};
    apr_size_t portals = 0;
    shared_t *shared;
    server_rec *s;
    apr_status_t rv;

    cp_portals_each(first, count_portal, &portals, p);
    rv = make_shared(&shared, sizeof(*shared) + portals * sizeof(cp_seen_t),
                     first->process->pool);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    placing.next = shared->seen;
    cp_portals_each(first, give_place, &placing, p);
    for (s = first; s != NULL; s = s->next) {
        cp_server_config_of(s)->meter = &shared->meter;
    }
    return APR_SUCCESS;
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

static apr_status_t add_tasks(server_rec *first, apr_pool_t *p)
{
    adding_t adding = {first, apr_hash_make(p), p, APR_SUCCESS};

    cp_portals_each(first, add_task, &adding, p);
    return adding.rv;
}

static int post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                       server_rec *first)
{
    apr_status_t rv;

    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return OK;
    }
    rv = share(first, pconf);
    /* Without mod_watchdog nobody looks, and no database counts as there. */
    if (rv == APR_SUCCESS && cp_watchdog_is_loaded()) {
        rv = add_tasks(first, pconf);
    }
    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, rv, first,
                     CP_TAG(0106) "the shared memory or the task of the "
                                  "monitoring cannot be made");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    return OK;
}

void cp_seen_register(apr_pool_t *p)
{
    ap_hook_post_config(post_config, NULL, NULL, APR_HOOK_MIDDLE);
}
