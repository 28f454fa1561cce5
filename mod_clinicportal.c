/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The module record and the list of hooks; nothing else. */
#include "config/config.h"
#include "config/directives.h"
#include "guard/guard.h"
#include "monitor/monitor.h"
#include "web/handler.h"
#include "web/mailer.h"
#include "web/place.h"
#include "web/startup.h"

static void register_hooks(apr_pool_t *p)
{
    cp_startup_register(p); /* check_config, child_init */
    cp_mailer_register(p);  /* post_config: a task of mod_watchdog */
    cp_place_register(p);   /* translate_name, map_to_storage, fixups */
    cp_guard_register(p);   /* access, fixups, filters: guarded locations */
    cp_handler_register(p); /* the pages themselves */
    cp_monitor_register(p); /* post_config, handler: for the operator */
}

AP_DECLARE_MODULE(clinicportal) = {
    STANDARD20_MODULE_STUFF, cp_config_create,
    cp_config_merge,                                 /* per directory */
    cp_server_config_create, cp_server_config_merge, /* per server */
    cp_directives,           register_hooks,
};
