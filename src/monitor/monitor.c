/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The handlers by their names in SetHandler. */
#include "monitor/monitor.h"

#include "monitor/health.h"
#include "monitor/metrics.h"
#include "monitor/seen.h"
#include "monitor/server_status.h"

#include <http_config.h>
#include <http_protocol.h>
#include <http_request.h>
#include <string.h>

static int handler(request_rec *r)
{
    int (*answer)(request_rec *) = NULL;

    if (r->handler != NULL && strcmp(r->handler, "clinicportal-metrics") == 0) {
        answer = cp_metrics_answer;
    }
    if (r->handler != NULL && strcmp(r->handler, "clinicportal-health") == 0) {
        answer = cp_health_answer;
    }
    if (answer == NULL) {
        return DECLINED;
    }
    ap_allow_standard_methods(r, REPLACE_ALLOW, M_GET, -1);
    if (r->method_number != M_GET) {
        return HTTP_METHOD_NOT_ALLOWED;
    }
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    return answer(r);
}

void cp_monitor_register(apr_pool_t *p)
{
    cp_seen_register(p);
    cp_server_status_register(p);
    ap_hook_handler(handler, NULL, NULL, APR_HOOK_MIDDLE);
}
