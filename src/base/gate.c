/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A gate. */
#include "base/gate.h"

#include "base/port.h"
#include "base/status.h"

#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>

struct cp_gate_t {
    apr_thread_mutex_t *mutex;
    apr_thread_cond_t *freed;
    apr_interval_time_t wait_for;
    int free_slots;
    int free_waits;
};

apr_status_t cp_gate_make(cp_gate_t **result, int slots, int waiters,
                          apr_interval_time_t wait_for, apr_pool_t *p)
{
    cp_gate_t *gate = apr_pcalloc(p, sizeof(*gate));
    apr_status_t rv =
        apr_thread_mutex_create(&gate->mutex, APR_THREAD_MUTEX_DEFAULT, p);

    if (rv == APR_SUCCESS) {
        rv = apr_thread_cond_create(&gate->freed, p);
    }
    gate->free_slots = slots;
    gate->free_waits = waiters;
    gate->wait_for = wait_for;
    *result = gate;
    return rv;
}

/* The mutex is held. The deadline holds whatever wakes us. */
static apr_status_t wait_for_slot(cp_gate_t *gate)
{
    apr_time_t until = cp_now(&cp_port_system) + gate->wait_for;
    apr_status_t rv = APR_SUCCESS;

    if (gate->free_waits == 0) {
        return CP_EUNAVAILABLE;
    }
    gate->free_waits--;
    while (gate->free_slots == 0 && rv == APR_SUCCESS) {
        apr_interval_time_t left = until - cp_now(&cp_port_system);

        rv = left <= 0
                 ? APR_TIMEUP
                 : apr_thread_cond_timedwait(gate->freed, gate->mutex, left);
    }
    gate->free_waits++;
    return gate->free_slots > 0 ? APR_SUCCESS : CP_EUNAVAILABLE;
}

apr_status_t cp_gate_enter(cp_gate_t *gate)
{
    apr_status_t rv;

    if (gate == NULL || apr_thread_mutex_lock(gate->mutex) != APR_SUCCESS) {
        return CP_EUNAVAILABLE;
    }
    rv = gate->free_slots > 0 ? APR_SUCCESS : wait_for_slot(gate);
    if (rv == APR_SUCCESS) {
        gate->free_slots--;
    }
    (void)apr_thread_mutex_unlock(gate->mutex);
    return rv;
}

void cp_gate_leave(cp_gate_t *gate)
{
    (void)apr_thread_mutex_lock(gate->mutex);
    gate->free_slots++;
    (void)apr_thread_cond_signal(gate->freed);
    (void)apr_thread_mutex_unlock(gate->mutex);
}
