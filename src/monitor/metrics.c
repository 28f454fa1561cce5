/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The text format of Prometheus ("Exposition formats"). */
#include "monitor/metrics.h"

#include "base/port.h"
#include "monitor/seen.h"
#include "web/router.h"

#include <apr_strings.h>
#include <http_main.h>
#include <http_protocol.h>

#define SECONDS(microseconds) ((double)(microseconds) / APR_USEC_PER_SEC)

static void head(request_rec *r, const char *name, const char *type,
                 const char *help)
{
    ap_rprintf(r, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_family(request_rec *r, const cp_meter_t *meter, int id)
{
    const cp_meter_family_t *family = &cp_meter_families[id];
    int i;

    head(r, family->name, "counter", family->help);
    for (i = 0; family->words[i] != NULL; i++) {
        ap_rprintf(r, "%s{%s=\"%s\"} %" APR_UINT64_T_FMT "\n", family->name,
                   family->label, family->words[i],
                   atomic_load(&meter->counts[id][i]));
    }
}

static void write_timer(request_rec *r, const cp_meter_t *meter, int id)
{
    const char *name = cp_meter_timers[id].name;
    const cp_histogram_t *times = &meter->times[id];
    apr_uint64_t count = 0;
    int i;

    head(r, name, "histogram", cp_meter_timers[id].help);
    for (i = 0; i < CP_METER_BOUNDS; i++) {
        count += atomic_load(&times->buckets[i]);
        ap_rprintf(r, "%s_bucket{le=\"%g\"} %" APR_UINT64_T_FMT "\n", name,
                   SECONDS(cp_meter_bounds[i]), count);
    }
    count += atomic_load(&times->buckets[CP_METER_BOUNDS]);
    ap_rprintf(r,
               "%s_bucket{le=\"+Inf\"} %" APR_UINT64_T_FMT "\n"
               "%s_sum %.6f\n%s_count %" APR_UINT64_T_FMT "\n",
               name, count, name, SECONDS(atomic_load(&times->sum)), name,
               count);
}

/* Of what is no route anybody may have asked by any method. */
static const char *method_of(const cp_route_t *route)
{
    if (route == NULL) {
        return "other";
    }
    return route->method == CP_POST ? "POST" : "GET";
}

/* Of the answers of a route those that have occurred, good ones and 5xx: of a
 * series that begins above zero Prometheus sees no rise. */
static void write_route(request_rec *r, const cp_meter_t *meter, int number)
{
    const cp_route_t *route =
        number < cp_route_count ? &cp_routes[number] : NULL;
    int class;

    for (class = 0; class < CP_METER_CLASSES; class ++) {
        apr_uint64_t count = atomic_load(&meter->requests[number][class]);

        if (count > 0 || class == 1 || class == 4) {
            ap_rprintf(r,
                       "clinicportal_requests_total{route=\"%s\",method=\"%s\","
                       "code=\"%dxx\"} %" APR_UINT64_T_FMT "\n",
                       route == NULL ? "other" : route->path, method_of(route),
                       class + 1, count);
        }
    }
}

static void write_routes(request_rec *r, const cp_meter_t *meter)
{
    int i;

    head(r, "clinicportal_requests_total", "counter",
         "Requests answered by the portal, by route, method (HEAD counts as "
         "GET) and class of the status.");
    for (i = 0; i <= cp_route_count; i++) {
        write_route(r, meter, i);
    }
}

/* One gauge of all portals. */
typedef struct gauge_t {
    request_rec *r;
    const char *name;
    const char *label; /* a second label, "type=\"staff\""; NULL: none */
    int figure;        /* cp_seen_figure_t; -1: is the database there? */
} gauge_t;

static void write_gauge(server_rec *s, const cp_mount_t *mount,
                        cp_portal_t *portal, void *baton)
{
    const gauge_t *gauge = baton;
    apr_int64_t value =
        gauge->figure < 0 ? cp_seen_is_ready(portal, cp_now(&cp_port_system))
                          : atomic_load(&portal->seen->figures[gauge->figure]);

    if (gauge->figure >= 0 && atomic_load(&portal->seen->counted_at) == 0) {
        return;
    }
    ap_rprintf(gauge->r, "%s{portal=\"%s\"%s%s} %" APR_INT64_T_FMT "\n",
               gauge->name, ap_escape_quotes(gauge->r->pool, portal->place),
               gauge->label == NULL ? "" : ",",
               gauge->label == NULL ? "" : gauge->label, value);
}

static void write_gauges(request_rec *r)
{
    static const struct {
        const char *name;
        const char *help;
        const char *label;
        int figure;
    } gauges[] = {
        {"clinicportal_database_up",
         "Whether the database has answered within the last seconds.", NULL,
         -1},
        {"clinicportal_sessions", "People signed in, on all nodes.",
         "type=\"staff\"", CP_SEEN_STAFF_SESSIONS},
        {"clinicportal_sessions", NULL, "type=\"patient\"",
         CP_SEEN_PATIENT_SESSIONS},
        {"clinicportal_mails", "Mails that are not sent, on all nodes.",
         "state=\"waiting\"", CP_SEEN_MAILS_WAITING},
        {"clinicportal_mails", NULL, "state=\"given-up\"", CP_SEEN_MAILS_DEAD},
    };
    apr_size_t i;

    for (i = 0; i < sizeof(gauges) / sizeof(gauges[0]); i++) {
        gauge_t gauge = {r, gauges[i].name, gauges[i].label, gauges[i].figure};

        if (gauges[i].help != NULL) {
            head(r, gauge.name, "gauge", gauges[i].help);
        }
        cp_portals_each(ap_server_conf, write_gauge, &gauge);
    }
}

int cp_metrics_answer(request_rec *r)
{
    const cp_meter_t *meter = cp_server_config_of(r->server)->meter;
    int i;

    ap_set_content_type(r, "text/plain; version=0.0.4; charset=utf-8");
    head(r, "clinicportal_build_info", "gauge", "The version of the module.");
    ap_rprintf(r, "clinicportal_build_info{version=\"%s\"} 1\n", CP_VERSION);
    write_gauges(r);
    for (i = 0; i < CP_METER_FAMILIES; i++) {
        write_family(r, meter, i);
    }
    for (i = 0; i < CP_METER_TIMERS; i++) {
        write_timer(r, meter, i);
    }
    write_routes(r, meter);
    return OK;
}
