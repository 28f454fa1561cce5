/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The memory that httpd's processes share, and each portal's place in it. */
#include "monitor/seen.h"

#include "monitor/look.h"
#include "web/watchdog.h"

#include <apr_shm.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>

APLOG_USE_MODULE(clinicportal);

/* Another version may have other routes and words, by which its counters are
 * numbered. */
#define RETAINED "clinicportal shared memory " CP_VERSION

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

    cp_portals_each(first, count_portal, &portals);
    rv = make_shared(&shared, sizeof(*shared) + portals * sizeof(cp_seen_t),
                     first->process->pool);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    placing.next = shared->seen;
    cp_portals_each(first, give_place, &placing);
    for (s = first; s != NULL; s = s->next) {
        cp_server_config_of(s)->meter = &shared->meter;
    }
    return APR_SUCCESS;
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
        rv = cp_look_add(first, pconf);
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
