/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Deadlines of statements, counted in rounds of the watching thread: the clock
 * may be set meanwhile. */
#include "db/deadline.h"

#include "base/status.h"

#include <apr_thread_mutex.h>
#include <apr_thread_proc.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROUND apr_time_from_msec(250)

#define CONNECT_TIMEOUT "5" /* seconds */

typedef int (*pq_socket_t)(const void *connection);

struct cp_deadline_t {
    cp_deadlines_t *watch;
    cp_deadline_t *next;
    const void *connection; /* libpq's */
    int socket;             /* ours while it waits, or -1 */
    unsigned rounds;        /* that its call has been waiting for */
    unsigned rounds_max;
    int is_past;
};

struct cp_deadlines_t {
    apr_pool_t *pool; /* of the thread, which starts among others */
    apr_thread_mutex_t *mutex;
    apr_thread_t *thread; /* NULL: not started */
    int ending;           /* readable: the thread is to end */
    pq_socket_t socket_of;
    cp_deadline_t *first;
};

apr_status_t cp_deadlines_limit_connecting(void)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread runs yet */
    return setenv("PGCONNECT_TIMEOUT", CONNECT_TIMEOUT, 0) == 0
               ? APR_SUCCESS
               : cp_status_of_errno();
}

apr_status_t cp_deadlines_make(cp_deadlines_t **result, apr_pool_t *p)
{
    cp_deadlines_t *watch = apr_pcalloc(p, sizeof(*watch));
    apr_status_t rv = apr_pool_create(&watch->pool, p);

    *result = watch;
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = apr_thread_mutex_create(&watch->mutex, APR_THREAD_MUTEX_DEFAULT, p);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    watch->ending = eventfd(0, EFD_CLOEXEC);
    return watch->ending < 0 ? cp_status_of_errno() : APR_SUCCESS;
}

static void look_at(cp_deadline_t *deadline)
{
    if (deadline->socket < 0 || ++deadline->rounds <= deadline->rounds_max) {
        return;
    }
    deadline->is_past = 1;
    (void)shutdown(deadline->socket, SHUT_RDWR);
}

static int is_ending_after_a_round(const cp_deadlines_t *watch)
{
    struct pollfd ending = {watch->ending, POLLIN, 0};

    return poll(&ending, 1, (int)apr_time_as_msec(ROUND)) > 0;
}

static void *APR_THREAD_FUNC run(apr_thread_t *thread, void *baton)
{
    cp_deadlines_t *watch = baton;
    cp_deadline_t *deadline;
    sigset_t all;

    /* Signals are for httpd's own threads. */
    sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, NULL);
    while (!is_ending_after_a_round(watch)) {
        (void)apr_thread_mutex_lock(watch->mutex);
        for (deadline = watch->first; deadline != NULL;
             deadline = deadline->next) {
            look_at(deadline);
        }
        (void)apr_thread_mutex_unlock(watch->mutex);
    }
    return NULL;
}

/* apr_dbd's driver has loaded libpq, and is loaded only where it is used; so
 * the one function that is needed is asked for by name instead of being linked.
 * The mutex is held. */
static apr_status_t start(cp_deadlines_t *watch)
{
    apr_thread_t *thread; /* APR sets it even if none begins */
    void *libpq;
    apr_status_t rv;

    if (watch->thread != NULL) {
        return APR_SUCCESS;
    }
    libpq = dlopen("libpq.so.5", RTLD_LAZY | RTLD_NOLOAD);
    if (libpq == NULL) {
        return CP_EUNAVAILABLE;
    }
    watch->socket_of = (pq_socket_t)dlsym(libpq, "PQsocket");
    if (watch->socket_of == NULL) {
        return CP_EUNAVAILABLE;
    }
    rv = apr_thread_create(&thread, NULL, run, watch, watch->pool);
    if (rv == APR_SUCCESS) {
        watch->thread = thread;
    }
    return rv;
}

void cp_deadlines_end(cp_deadlines_t *watch)
{
    apr_status_t ignored;

    (void)eventfd_write(watch->ending, 1);
    if (watch->thread != NULL) {
        (void)apr_thread_join(&ignored, watch->thread);
    }
    (void)close(watch->ending);
}

static apr_status_t drop(void *baton)
{
    cp_deadline_t *deadline = baton;
    cp_deadlines_t *watch = deadline->watch;
    cp_deadline_t **place = &watch->first;

    (void)apr_thread_mutex_lock(watch->mutex);
    while (*place != deadline) {
        place = &(*place)->next;
    }
    *place = deadline->next;
    (void)apr_thread_mutex_unlock(watch->mutex);
    return APR_SUCCESS;
}

apr_status_t cp_deadline_add(cp_deadline_t **result, cp_deadlines_t *watch,
                             const apr_dbd_driver_t *driver, apr_dbd_t *handle,
                             apr_pool_t *p)
{
    apr_status_t rv;

    *result = NULL;
    if (watch == NULL || strcmp(apr_dbd_name(driver), "pgsql") != 0) {
        return APR_SUCCESS;
    }
    (void)apr_thread_mutex_lock(watch->mutex);
    rv = start(watch);
    if (rv == APR_SUCCESS) {
        cp_deadline_t *deadline = apr_pcalloc(p, sizeof(*deadline));

        deadline->watch = watch;
        deadline->connection = apr_dbd_native_handle(driver, handle);
        deadline->socket = -1;
        deadline->next = watch->first;
        watch->first = deadline;
        apr_pool_pre_cleanup_register(p, deadline, drop);
        *result = deadline;
    }
    (void)apr_thread_mutex_unlock(watch->mutex);
    return rv;
}

void cp_deadline_renew(cp_deadline_t *deadline, apr_interval_time_t limit)
{
    if (deadline == NULL) {
        return;
    }
    (void)apr_thread_mutex_lock(deadline->watch->mutex);
    deadline->rounds = 0;
    deadline->rounds_max = (unsigned)(limit / ROUND);
    deadline->is_past = 0;
    (void)apr_thread_mutex_unlock(deadline->watch->mutex);
}

/* The watching thread gets a descriptor of its own: libpq may close its one at
 * any moment, and somebody else's socket may have that number then. */
apr_status_t cp_deadline_begin(cp_deadline_t *deadline)
{
    int theirs = deadline == NULL
                     ? -1
                     : deadline->watch->socket_of(deadline->connection);
    int socket;

    if (theirs < 0) {
        return APR_SUCCESS; /* there is nobody to wait for */
    }
    socket = fcntl(theirs, F_DUPFD_CLOEXEC, 0);
    if (socket < 0) {
        apr_status_t rv = cp_status_of_errno();

        (void)shutdown(theirs, SHUT_RDWR);
        return rv;
    }
    (void)apr_thread_mutex_lock(deadline->watch->mutex);
    deadline->socket = socket;
    (void)apr_thread_mutex_unlock(deadline->watch->mutex);
    return APR_SUCCESS;
}

void cp_deadline_end(cp_deadline_t *deadline)
{
    int socket;

    if (deadline == NULL) {
        return;
    }
    (void)apr_thread_mutex_lock(deadline->watch->mutex);
    socket = deadline->socket;
    deadline->socket = -1;
    (void)apr_thread_mutex_unlock(deadline->watch->mutex);
    if (socket >= 0) {
        (void)close(socket);
    }
}

int cp_deadline_is_past(const cp_deadline_t *deadline)
{
    return deadline != NULL && deadline->is_past;
}
