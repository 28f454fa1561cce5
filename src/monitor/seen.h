/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What one process of httpd saw last in each portal's database, for all of them
 * to read: neither a load balancer nor a monitoring system has to wait for a
 * database, or to load one. */
#ifndef CP_MONITOR_SEEN_H
#define CP_MONITOR_SEEN_H

#include "web/portals.h"

#include <stdatomic.h>

typedef enum cp_seen_figure_t {
    CP_SEEN_STAFF_SESSIONS,
    CP_SEEN_PATIENT_SESSIONS,
    CP_SEEN_MAILS_WAITING,
    CP_SEEN_MAILS_DEAD,
    CP_SEEN_FIGURES
} cp_seen_figure_t;

/* Does the database fit the module? Looked at once: later the schema may be
 * migrated for newer modules on other nodes, which older ones live with. */
typedef enum cp_seen_fit_t {
    CP_SEEN_FITS,
    CP_SEEN_FIT_UNKNOWN, /* it was out of reach at the start */
    CP_SEEN_MISFITS
} cp_seen_fit_t;

typedef struct cp_seen_t {
    _Atomic apr_int64_t began_at;    /* microseconds since 1970 */
    _Atomic apr_int64_t answered_at; /* likewise; 0: never */
    _Atomic apr_int64_t counted_at;  /* likewise: the figures */
    _Atomic apr_int64_t looked_at;   /* likewise: somebody tried */
    _Atomic int is_gone; /* nobody is to ask it: it has not answered for too
                          * long, was out of reach at the start, or misfits */
    _Atomic int fit;     /* cp_seen_fit_t */
    _Atomic apr_int64_t figures[CP_SEEN_FIGURES];
} cp_seen_t;

/* After so long without an answer the database counts as gone. */
#define CP_SEEN_GOOD_FOR apr_time_from_sec(5)

/* Did the portal's database answer lately, and does it not misfit? `now` as
 * cp_now says. */
int cp_seen_is_ready(const cp_portal_t *portal, apr_time_t now);

/* post_config: each portal's name, the memory for all of httpd's processes,
 * which outlives a graceful restart, and the looks (monitor/look.h). */
void cp_seen_register(apr_pool_t *p);

#endif
