/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* For each database one process of httpd looks at it once a second, and keeps
 * in cp_seen_t what it saw, for all of them. */
#ifndef CP_MONITOR_LOOK_H
#define CP_MONITOR_LOOK_H

#include <httpd.h>

/* In post_config, with p, which is pconf, once each portal has its place in the
 * shared memory: a task of mod_watchdog for each database, so that none waits
 * for another one's. A code of mod_watchdog's: a task cannot be made. */
apr_status_t cp_look_add(server_rec *first, apr_pool_t *p);

#endif
