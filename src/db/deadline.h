/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* No call takes longer than a limit, whatever its server does. libpq waits
 * for an answer without end, and apr_dbd waits in libpq; so one thread of each
 * process watches the connections that wait, and shuts down the socket of one
 * that waits too long. The statement then fails like one whose server has gone.
 * (statement_timeout is the server's own, and useless when that is frozen.)
 *
 * SQLite needs none of this: it has no server, and waits for a lock for under
 * two seconds. */
#ifndef CP_DEADLINE_H
#define CP_DEADLINE_H

#include <apr_dbd.h>
#include <apr_pools.h>
#include <apr_time.h>

/* Connections that nobody watches yet, mod_dbd's too: libpq gives up after five
 * seconds where neither connect_timeout nor PGCONNECT_TIMEOUT says when; its
 * own default is never. For a process with one thread, and for its children.
 * A code of the system: no memory. */
apr_status_t cp_deadlines_limit_connecting(void);

/* The watch of one process. */
typedef struct cp_deadlines_t cp_deadlines_t;

/* The deadline of one connection. */
typedef struct cp_deadline_t cp_deadline_t;

/* A watch, without its thread, in a pool that outlives every thread, or until
 * cp_deadlines_end. A code of the system: no descriptor for it. */
apr_status_t cp_deadlines_make(cp_deadlines_t **watch, apr_pool_t *p);

/* End a watch before its process ends, once nobody waits any more. */
void cp_deadlines_end(cp_deadlines_t *watch);

/* Watch a connection, until its pool p is cleared. Starts the thread the first
 * time. *deadline is NULL without a watch, and for SQLite. A code of the
 * system, or CP_EUNAVAILABLE (no libpq): there is no deadline to be had, and
 * the connection must not be used. */
apr_status_t cp_deadline_add(cp_deadline_t **deadline, cp_deadlines_t *watch,
                             const apr_dbd_driver_t *driver, apr_dbd_t *handle,
                             apr_pool_t *p);

/* A call begins: what it waits for, tried again or not, has the limit
 * altogether, which is kept to within a second. Nothing for NULL, like the next
 * two. */
void cp_deadline_renew(cp_deadline_t *deadline, apr_interval_time_t limit);

/* Around all of it that waits for the server. A code of the system: it could
 * not be cut off, for want of a descriptor, and must not be asked for; there is
 * no cp_deadline_end then. The connection is shut down, lest somebody else's
 * transaction begins inside one whose ROLLBACK was not asked for. */
apr_status_t cp_deadline_begin(cp_deadline_t *deadline);
void cp_deadline_end(cp_deadline_t *deadline);

/* Was the call cut off? */
int cp_deadline_is_past(const cp_deadline_t *deadline);

#endif
