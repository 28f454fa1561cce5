/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The schedule, by day and by week, in the clinic's zone. */
#include "pages/schedule.h"

#include "base/encode.h"
#include "base/json.h"
#include "base/status.h"
#include "clinic/local_time.h"
#include "clinic/schedule.h"
#include "pages/list.h"

#include <apr_strings.h>
#include <string.h>

#define WEEK 7
#define HALF_A_DAY apr_time_from_sec(12 * 3600)

/* What is shown: `days` days from `first`, around the date asked for. */
typedef struct span_t {
    cp_calendar_t *calendar;
    const char *view;
    const char *date;
    const char *first;
    int days;
} span_t;

static apr_status_t read_span(cp_request_t *req, span_t *span)
{
    cp_ctx_t *cx = &req->cx;
    apr_status_t rv = cp_local_time_calendar(cx, req->session, &span->calendar);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    span->view = cp_request_query(req, "view");
    span->date = cp_request_query(req, "date");
    if (span->date == NULL) {
        span->date =
            cp_calendar_date(span->calendar, cp_now(cx->port), cx->pool);
    }
    if (span->view == NULL || strcmp(span->view, "day") == 0) {
        span->view = "day";
        span->first = span->date;
        span->days = 1;
        return APR_SUCCESS;
    }
    span->days = WEEK;
    return strcmp(span->view, "week") == 0
               ? cp_calendar_week_start(span->calendar, span->date,
                                        &span->first, cx->pool)
               : CP_EINPUT;
}

static const char *url_of(const cp_request_t *req, const char *date,
                          const char *view)
{
    const char *of = cp_request_query(req, "of");

    return cp_request_url(req, "/%s/schedule?date=%s&view=%s%s%s",
                          cp_kind_word(req->kind), date, view,
                          of == NULL ? "" : "&of=",
                          of == NULL ? "" : cp_encode_url(of, req->cx.pool));
}

/* NULL where the calendar ends. */
static const char *url_beside(const cp_request_t *req, const span_t *span,
                              int days)
{
    const char *date;

    return cp_calendar_add_days(span->calendar, span->date, days, &date,
                                req->cx.pool) == APR_SUCCESS
               ? url_of(req, date, span->view)
               : NULL;
}

static apr_time_t start_of(const span_t *span, const char *date)
{
    apr_time_t start = 0;
    apr_time_t end;

    (void)cp_calendar_day(span->calendar, date, &start, &end);
    return start;
}

static const char *day_short(const span_t *span, const json_t *day,
                             apr_pool_t *p)
{
    return cp_calendar_text(span->calendar,
                            start_of(span, cp_json_string(day, "date", "")),
                            CP_CALENDAR_DAY_SHORT, p);
}

static const char *title_of(const span_t *span, const json_t *days,
                            apr_pool_t *p)
{
    if (span->days == 1) {
        return cp_json_string(json_array_get(days, 0), "day_text", "");
    }
    return apr_pstrcat(
        p, day_short(span, json_array_get(days, 0), p), " \xE2\x80\x93 ",
        day_short(span, json_array_get(days, WEEK - 1), p), NULL);
}

/* At noon, since clocks change in the night: the name holds for the day. */
static const char *zone_text(const span_t *span, apr_pool_t *p)
{
    return cp_calendar_text(span->calendar,
                            start_of(span, span->first) + HALF_A_DAY,
                            CP_CALENDAR_ZONE, p);
}

static int any_day(const json_t *days, const char *claim)
{
    const json_t *day;
    size_t i;

    json_array_foreach(days, i, day)
    {
        if (cp_json_is_true(day, claim)) {
            return 1;
        }
    }
    return 0;
}

static void put_urls(const cp_request_t *req, const span_t *span, json_t *model)
{
    cp_json_put_text(model, "previous_url", url_beside(req, span, -span->days));
    cp_json_put_text(model, "next_url", url_beside(req, span, span->days));
    cp_json_put_text(
        model, "today_url",
        url_of(req,
               cp_calendar_date(span->calendar, cp_now(req->cx.port),
                                req->cx.pool),
               span->view));
    cp_json_put_text(model, "day_url", url_of(req, span->date, "day"));
    cp_json_put_text(model, "week_url", url_of(req, span->date, "week"));
}

/* For those who may see other schedules: whose there are, and whose this is. */
static apr_status_t put_whose(cp_request_t *req, const char *name,
                              json_t *model)
{
    const char *of = cp_request_query(req, "of");
    json_t *practitioners;
    json_t *practitioner;
    size_t i;
    apr_status_t rv;

    cp_json_put_text(model, "of", of);
    cp_json_put_text(model, "whose", name);
    if (!cp_schedule_may_see_all(req->session)) {
        return APR_SUCCESS;
    }
    rv = cp_schedule_practitioners(&req->cx, req->session, &practitioners);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    json_array_foreach(practitioners, i, practitioner)
    {
        const char *id = cp_json_string(practitioner, "id", "");

        cp_json_put(practitioner, "is_shown",
                    json_boolean(strcmp(id, of == NULL ? req->session->person_id
                                                       : of) == 0));
    }
    cp_json_put(model, "has_practitioners",
                json_boolean(json_array_size(practitioners) > 1));
    cp_json_put(model, "practitioners", json_incref(practitioners));
    return rv;
}

apr_status_t cp_page_schedule_show(cp_request_t *req, cp_reply_t *reply)
{
    apr_pool_t *p = req->cx.pool;
    span_t span;
    json_t *days;
    json_t *model;
    const char *of = cp_request_query(req, "of");
    const char *name = NULL;
    apr_status_t rv = read_span(req, &span);

    if (of != NULL && strcmp(of, req->session->person_id) == 0) {
        of = NULL;
    }
    if (rv == APR_SUCCESS && of != NULL) {
        rv = cp_schedule_open(&req->cx, req->session, of, &name);
    }
    if (rv == APR_SUCCESS) {
        cp_schedule_span_t shown = {of, span.first, span.days};

        rv = cp_schedule_days(&req->cx, req->session, &shown, &days);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    model = json_pack("{s:O, s:b, s:b, s:s, s:s, s:s, s:b, s:b}", "days", days,
                      "view_day", span.days == 1, "view_week",
                      span.days == WEEK, "title_text", title_of(&span, days, p),
                      "date", span.date, "zone_text", zone_text(&span, p),
                      "is_today", any_day(days, "is_today"), "has_any",
                      any_day(days, "has_appointments"));
    put_urls(req, &span, model);
    rv = put_whose(req, name, model);
    cp_reply_view(req, reply, "schedule", model);
    return rv;
}
