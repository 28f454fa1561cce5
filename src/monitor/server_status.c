/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* mod_status's page is put together by the modules, each writing its lines: for
 * people as HTML, and for programs ("?auto") as "key: value". */
#include "monitor/server_status.h"

#include "base/port.h"
#include "monitor/seen.h"

#include <apr_optional_hooks.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_main.h>
#include <http_protocol.h>
#include <mod_status.h>

/* Where lines go, and in which form. */
typedef struct page_t {
    request_rec *r;
    int is_short;
} page_t;

static void write_line(const page_t *page, const char *key, const char *value)
{
    apr_pool_t *p = page->r->pool;

    if (page->is_short) {
        ap_rprintf(page->r, "%s: %s\n", key, value);
    }
    else {
        ap_rprintf(page->r, "<tr><td>%s</td><td>%s</td></tr>\n",
                   ap_escape_html(p, key), ap_escape_html(p, value));
    }
}

static const char *database_word(const cp_portal_t *portal)
{
    if (cp_seen_is_ready(portal, cp_now(&cp_port_system))) {
        return "answers";
    }
    if (atomic_load(&portal->seen->fit) == CP_SEEN_MISFITS) {
        return "does not fit this module";
    }
    return atomic_load(&portal->seen->answered_at) == 0 &&
                   !atomic_load(&portal->seen->is_gone)
               ? "not looked at yet"
               : "does not answer";
}

static void write_portal(server_rec *s, const cp_mount_t *mount,
                         cp_portal_t *portal, void *baton)
{
    static const char *const names[CP_SEEN_FIGURES] = {
        [CP_SEEN_STAFF_SESSIONS] = "staff signed in",
        [CP_SEEN_PATIENT_SESSIONS] = "patients signed in",
        [CP_SEEN_MAILS_WAITING] = "mails waiting",
        [CP_SEEN_MAILS_DEAD] = "mails given up"};
    const page_t *page = baton;
    apr_pool_t *p = page->r->pool;
    const char *place = portal->place;
    int i;

    write_line(page, apr_pstrcat(p, "ClinicPortal ", place, " database", NULL),
               database_word(portal));
    for (i = 0;
         i < CP_SEEN_FIGURES && atomic_load(&portal->seen->counted_at) != 0;
         i++) {
        write_line(page,
                   apr_pstrcat(p, "ClinicPortal ", place, " ", names[i], NULL),
                   apr_off_t_toa(p, atomic_load(&portal->seen->figures[i])));
    }
}

/* For people: what the family is about, and the words that have occurred. */
static void write_family(const page_t *page, const cp_meter_t *meter, int id)
{
    const cp_meter_family_t *family = &cp_meter_families[id];
    apr_pool_t *p = page->r->pool;
    const char *all = "";
    int i;

    for (i = 0; family->words[i] != NULL; i++) {
        apr_uint64_t count = atomic_load(&meter->counts[id][i]);
        const char *number = apr_psprintf(p, "%" APR_UINT64_T_FMT, count);

        if (page->is_short) {
            write_line(page,
                       apr_psprintf(p, "%s{%s=\"%s\"}", family->name,
                                    family->label, family->words[i]),
                       number);
        }
        else if (count > 0) {
            all = apr_pstrcat(p, all, all[0] == '\0' ? "" : ", ",
                              family->words[i], " ", number, NULL);
        }
    }
    if (!page->is_short) {
        write_line(page, family->help, all[0] == '\0' ? "none" : all);
    }
}

static void write_timer(const page_t *page, const cp_meter_t *meter, int id)
{
    const cp_meter_timer_t *timer = &cp_meter_timers[id];
    const cp_histogram_t *times = &meter->times[id];
    apr_pool_t *p = page->r->pool;
    apr_uint64_t count = 0;
    double mean_ms = 0;
    int i;

    for (i = 0; i <= CP_METER_BOUNDS; i++) {
        count += atomic_load(&times->buckets[i]);
    }
    if (count > 0) {
        mean_ms = (double)atomic_load(&times->sum) / (double)count / 1000;
    }
    write_line(page, page->is_short ? timer->name : timer->help,
               apr_psprintf(p,
                            "%" APR_UINT64_T_FMT " times, %.1f ms on average",
                            count, mean_ms));
}

/* Not why a sign-in was refused: this page is easily opened to everybody, by
 * the "Require all granted" of a portal at "/", and would tell who guesses
 * whether the name or the password was wrong. */
static int status_hook(request_rec *r, int flags)
{
    const cp_meter_t *meter = cp_server_config_of(r->server)->meter;
    page_t page = {r, (flags & AP_STATUS_SHORT) != 0};
    int i;

    if (!page.is_short) {
        ap_rputs("<hr>\n<h2>ClinicPortal</h2>\n<table border=\"0\">\n", r);
    }
    cp_portals_each(ap_server_conf, write_portal, &page);
    for (i = 0; i < CP_METER_FAMILIES; i++) {
        if (i != CP_METER_SIGNIN_REFUSALS) {
            write_family(&page, meter, i);
        }
    }
    for (i = 0; i < CP_METER_TIMERS; i++) {
        write_timer(&page, meter, i);
    }
    if (!page.is_short) {
        ap_rputs("</table>\n", r);
    }
    return OK;
}

void cp_server_status_register(apr_pool_t *p)
{
    APR_OPTIONAL_HOOK(ap, status_hook, status_hook, NULL, NULL,
                      APR_HOOK_MIDDLE);
}
