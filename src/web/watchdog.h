/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Tasks that one process of httpd does for all, by mod_watchdog. */
#ifndef CP_WEB_WATCHDOG_H
#define CP_WEB_WATCHDOG_H

#include <httpd.h>
#include <mod_watchdog.h>

/* Is mod_watchdog loaded? */
int cp_watchdog_is_loaded(void);

/* In post_config: have `tick` called with `first` as its data. Tasks of one
 * name are done one after the other, in one thread. */
apr_status_t cp_watchdog_add(const char *name, apr_interval_time_t every,
                             ap_watchdog_callback_fn_t *tick, server_rec *first,
                             apr_pool_t *p);

#endif
