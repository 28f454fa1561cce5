/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A gate that lets so many in at once, and so many more wait for a while. */
#ifndef CP_GATE_H
#define CP_GATE_H

#include <apr_pools.h>
#include <apr_time.h>

typedef struct cp_gate_t cp_gate_t;

/* At most `slots` callers in this process at once, and `waiters` in line behind
 * them, each for at most `wait_for`. In p. */
apr_status_t cp_gate_make(cp_gate_t **gate, int slots, int waiters,
                          apr_interval_time_t wait_for, apr_pool_t *p);

/* Thread-safe. CP_EUNAVAILABLE: no slot in time, or gate is NULL. */
apr_status_t cp_gate_enter(cp_gate_t *gate);

void cp_gate_leave(cp_gate_t *gate);

#endif
