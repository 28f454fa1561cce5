/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Home: today, and what waits for this person. */
#include "pages/home.h"

#include "base/json.h"
#include "clinic/local_time.h"
#include "clinic/messages.h"
#include "clinic/schedule.h"
#include "pages/list.h"

#define DIGEST_LIMIT 5

static apr_status_t load_today(cp_request_t *req, json_t **today)
{
    cp_ctx_t *cx = &req->cx;
    cp_schedule_span_t span = {.days = 1};
    cp_calendar_t *calendar;
    json_t *days;
    apr_status_t rv = cp_local_time_calendar(cx, req->session, &calendar);

    if (rv == APR_SUCCESS) {
        span.first = cp_calendar_date(calendar, cp_now(cx->port), cx->pool);
        rv = cp_schedule_days(cx, req->session, &span, &days);
    }
    if (rv == APR_SUCCESS) {
        *today = json_array_get(days, 0);
    }
    return rv;
}

/* Whoever does not remember that sign-in looks at the account page. */
static void put_previous_login(cp_request_t *req, json_t *model)
{
    cp_calendar_t *calendar;

    if (req->session->previous_login_at > 0 &&
        cp_local_time_calendar(&req->cx, req->session, &calendar) ==
            APR_SUCCESS) {
        cp_local_time_put(model, "previous_login", calendar,
                          req->session->previous_login_at, req->cx.pool);
    }
}

apr_status_t cp_page_home_show(cp_request_t *req, cp_reply_t *reply)
{
    json_t *today;
    json_t *unread;
    json_t *waiting;
    json_t *model;
    apr_status_t rv = load_today(req, &today);

    if (rv == APR_SUCCESS) {
        rv = cp_messages_unread(&req->cx, req->session, DIGEST_LIMIT, &unread);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_documents_waiting(&req->cx, req->session, DIGEST_LIMIT,
                                  &waiting);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    model = json_pack(
        "{s:O, s:s, s:o, s:o}", "today", today, "greeting_name",
        req->session->display_name, "unread",
        cp_page_list_digest(req, unread, "threads", "messages"), "waiting",
        cp_page_list_digest(req, waiting, "documents", "documents"));
    cp_json_put_text(model, "schedule_url", cp_page_list_url(req, "schedule"));
    put_previous_login(req, model);
    cp_reply_view(req, reply, "home", model);
    return APR_SUCCESS;
}
