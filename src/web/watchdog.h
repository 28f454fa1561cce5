/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Tasks that one process of httpd does for all, by mod_watchdog. */
#ifndef CP_WEB_WATCHDOG_H
#define CP_WEB_WATCHDOG_H

#include <httpd.h>

/* Is mod_watchdog loaded? */
int cp_watchdog_is_loaded(void);

/* p is of one round. */
typedef void (*cp_watchdog_work_t)(void *baton, apr_pool_t *p);

typedef struct cp_watchdog_task_t {
    const char *name;
    apr_interval_time_t every;
    cp_watchdog_work_t work;
    void *baton;
} cp_watchdog_task_t;

/* In post_config, with p, which is pconf. Tasks of one name are done one after
 * the other, in one thread; those of different names do not wait for each
 * other. */
apr_status_t cp_watchdog_add(const cp_watchdog_task_t *task, server_rec *first,
                             apr_pool_t *p);

/* In child_init. mod_watchdog ends its threads only after mod_dbd has closed
 * the connections they may be using, which ends a child by an assertion; so
 * before anything of pchild goes, tasks are waited for, and none starts again.
 * lasting: a pool that outlives every thread. */
apr_status_t cp_watchdog_child_init(server_rec *first, apr_pool_t *pchild,
                                    apr_pool_t *lasting);

#endif
