/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Alive, and ready. */
#include "monitor/health.h"

#include "base/port.h"
#include "monitor/seen.h"

#include <http_main.h>
#include <http_protocol.h>
#include <string.h>

static void judge(server_rec *s, const cp_mount_t *mount, cp_portal_t *portal,
                  void *baton)
{
    const char **why = baton;

    if (portal->connections == NULL) {
        *why = "this process could not get ready";
    }
    else if (!cp_seen_is_ready(portal, cp_now(&cp_port_system))) {
        *why = atomic_load(&portal->seen->fit) == CP_SEEN_MISFITS
                   ? "the database's schema does not fit this module"
                   : "the database does not answer";
    }
}

static const char *why_not_ready(request_rec *r)
{
    const char *why = NULL;

    if (apr_hash_count(cp_server_config_of(r->server)->portals) > 0) {
        cp_portals_of(r->server, judge, &why);
    }
    else {
        cp_portals_each(ap_server_conf, judge, &why);
    }
    return why;
}

static int is_about_life(const request_rec *r)
{
    const char *last = strrchr(r->uri, '/');

    return last != NULL && strcmp(last, "/live") == 0;
}

int cp_health_answer(request_rec *r)
{
    const char *why = is_about_life(r) ? NULL : why_not_ready(r);

    ap_set_content_type(r, "application/json");
    if (why == NULL) {
        ap_rputs("{\"status\":\"pass\"}\n", r);
        return OK;
    }
    r->status = HTTP_SERVICE_UNAVAILABLE;
    ap_rprintf(r, "{\"status\":\"fail\",\"output\":\"%s\"}\n", why);
    return OK;
}
