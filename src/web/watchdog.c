/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Tasks by mod_watchdog. */
#include "web/watchdog.h"

#include "config/config.h"

#include <apr_optional.h>
#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>
#include <mod_watchdog.h>

/* The tasks of one process. */
struct cp_tasks_t {
    apr_thread_mutex_t *mutex;
    apr_thread_cond_t *idle;
    int running;
    int is_ending;
};

typedef struct added_t {
    cp_watchdog_work_t work;
    void *baton;
    server_rec *first;
} added_t;

int cp_watchdog_is_loaded(void)
{
    return APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_get_instance) != NULL;
}

static int begin(cp_tasks_t *tasks)
{
    int may;

    if (tasks == NULL) {
        return 0;
    }
    (void)apr_thread_mutex_lock(tasks->mutex);
    may = !tasks->is_ending;
    tasks->running += may;
    (void)apr_thread_mutex_unlock(tasks->mutex);
    return may;
}

static void end(cp_tasks_t *tasks)
{
    (void)apr_thread_mutex_lock(tasks->mutex);
    tasks->running--;
    (void)apr_thread_cond_signal(tasks->idle);
    (void)apr_thread_mutex_unlock(tasks->mutex);
}

static apr_status_t tick(int state, void *baton, apr_pool_t *p)
{
    const added_t *added = baton;
    cp_tasks_t *tasks = cp_server_config_of(added->first)->tasks;

    if (state == AP_WATCHDOG_STATE_RUNNING && begin(tasks)) {
        added->work(added->baton, p);
        end(tasks);
    }
    return APR_SUCCESS;
}

apr_status_t cp_watchdog_add(const cp_watchdog_task_t *task, server_rec *first,
                             apr_pool_t *p)
{
    APR_OPTIONAL_FN_TYPE(ap_watchdog_get_instance) *get =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_get_instance);
    APR_OPTIONAL_FN_TYPE(ap_watchdog_register_callback) *add =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_register_callback);
    added_t *added = apr_pcalloc(p, sizeof(*added));
    ap_watchdog_t *watchdog = NULL;
    apr_status_t rv = get(&watchdog, task->name, 0, 1, p);

    added->work = task->work;
    added->baton = task->baton;
    added->first = first;
    return rv == APR_SUCCESS ? add(watchdog, task->every, added, tick) : rv;
}

static apr_status_t stop_tasks(void *baton)
{
    cp_tasks_t *tasks = baton;

    (void)apr_thread_mutex_lock(tasks->mutex);
    tasks->is_ending = 1;
    while (tasks->running > 0) {
        (void)apr_thread_cond_wait(tasks->idle, tasks->mutex);
    }
    (void)apr_thread_mutex_unlock(tasks->mutex);
    return APR_SUCCESS;
}

apr_status_t cp_watchdog_child_init(server_rec *first, apr_pool_t *pchild,
                                    apr_pool_t *lasting)
{
    cp_tasks_t *tasks = apr_pcalloc(lasting, sizeof(*tasks));
    apr_status_t rv = apr_thread_mutex_create(
        &tasks->mutex, APR_THREAD_MUTEX_DEFAULT, lasting);

    if (rv == APR_SUCCESS) {
        rv = apr_thread_cond_create(&tasks->idle, lasting);
    }
    if (rv == APR_SUCCESS) {
        apr_pool_pre_cleanup_register(pchild, tasks, stop_tasks);
        cp_server_config_of(first)->tasks = tasks;
    }
    return rv;
}
