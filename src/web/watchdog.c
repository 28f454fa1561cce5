/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Tasks by mod_watchdog. */
#include "web/watchdog.h"

#include <apr_optional.h>

int cp_watchdog_is_loaded(void)
{
    return APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_get_instance) != NULL;
}

apr_status_t cp_watchdog_add(const char *name, apr_interval_time_t every,
                             ap_watchdog_callback_fn_t *tick, server_rec *first,
                             apr_pool_t *p)
{
    APR_OPTIONAL_FN_TYPE(ap_watchdog_get_instance) *get =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_get_instance);
    APR_OPTIONAL_FN_TYPE(ap_watchdog_register_callback) *add =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_register_callback);
    ap_watchdog_t *watchdog = NULL;
    apr_status_t rv = get(&watchdog, name, 0, 1, p);

    return rv == APR_SUCCESS ? add(watchdog, every, first, tick) : rv;
}
