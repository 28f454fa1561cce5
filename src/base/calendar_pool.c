/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Opened calendars kept for the next request. */
#include "base/calendar_pool.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include <apr_thread_mutex.h>

#define CALENDARS_MAX 512 /* in the process; each takes some 50 KiB */

struct cp_calendar_pool_t {
    apr_pool_t *pool;
    apr_thread_mutex_t *mutex;
    apr_hash_t *shelves; /* "zone locale" -> array of cp_calendar_t * */
    int opened;
};

typedef struct loan_t {
    cp_calendar_pool_t *from;
    apr_array_header_t *shelf;
    cp_calendar_t *cal;
} loan_t;

apr_status_t cp_calendar_pool_make(cp_calendar_pool_t **result, apr_pool_t *p)
{
    cp_calendar_pool_t *pool = apr_pcalloc(p, sizeof(*pool));
    apr_status_t rv = apr_pool_create(&pool->pool, p);

    if (rv == APR_SUCCESS) {
        rv = apr_thread_mutex_create(&pool->mutex, APR_THREAD_MUTEX_DEFAULT,
                                     pool->pool);
    }
    if (rv == APR_SUCCESS) {
        pool->shelves = apr_hash_make(pool->pool);
        *result = pool;
    }
    return rv;
}

static apr_array_header_t *shelf_of(cp_calendar_pool_t *pool, const char *key)
{
    apr_array_header_t *shelf =
        apr_hash_get(pool->shelves, key, APR_HASH_KEY_STRING);

    if (shelf == NULL) {
        shelf = apr_array_make(pool->pool, 8, sizeof(cp_calendar_t *));
        apr_hash_set(pool->shelves, apr_pstrdup(pool->pool, key),
                     APR_HASH_KEY_STRING, shelf);
    }
    return shelf;
}

/* The mutex is held. APR_ENOMEM: the pool has opened all it may. */
static apr_status_t take(loan_t *loan, const char *zone, const char *locale,
                         const char *key)
{
    cp_calendar_pool_t *pool = loan->from;
    apr_array_header_t *shelf =
        apr_hash_get(pool->shelves, key, APR_HASH_KEY_STRING);
    cp_calendar_t **kept = shelf == NULL ? NULL : apr_array_pop(shelf);
    apr_status_t rv = APR_SUCCESS;

    if (kept != NULL) {
        loan->cal = *kept;
    }
    else if (pool->opened >= CALENDARS_MAX) {
        rv = APR_ENOMEM;
    }
    else {
        rv = cp_calendar_open(&loan->cal, zone, locale, pool->pool);
        pool->opened += rv == APR_SUCCESS;
    }
    if (rv == APR_SUCCESS) {
        loan->shelf = shelf_of(pool, key);
    }
    return rv;
}

static apr_status_t give_back(void *data)
{
    loan_t *loan = data;
    apr_status_t rv = apr_thread_mutex_lock(loan->from->mutex);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    APR_ARRAY_PUSH(loan->shelf, cp_calendar_t *) = loan->cal;
    return apr_thread_mutex_unlock(loan->from->mutex);
}

apr_status_t cp_calendar_borrow(cp_calendar_t **cal, cp_calendar_pool_t *pool,
                                const char *zone, const char *locale,
                                apr_pool_t *p)
{
    const char *key = apr_pstrcat(p, zone, " ", locale, NULL);
    loan_t *loan;
    apr_status_t rv;

    if (pool == NULL) {
        return cp_calendar_open(cal, zone, locale, p);
    }
    loan = apr_pcalloc(p, sizeof(*loan));
    loan->from = pool;
    rv = apr_thread_mutex_lock(pool->mutex);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = take(loan, zone, locale, key);
    (void)apr_thread_mutex_unlock(pool->mutex);
    if (rv != APR_SUCCESS) {
        return rv == APR_ENOMEM ? cp_calendar_open(cal, zone, locale, p) : rv;
    }
    apr_pool_cleanup_register(p, loan, give_back, apr_pool_cleanup_null);
    *cal = loan->cal;
    return APR_SUCCESS;
}
