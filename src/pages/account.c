/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The account page. */
#include "pages/account.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/access.h"
#include "clinic/accounts.h"
#include "clinic/audit.h"
#include "clinic/local_time.h"
#include "pages/browser_name.h"

#include <string.h>

/* Ending sessions or forgetting devices, with its audit row. */
typedef struct ending_t {
    cp_request_t *req;
    const char *id; /* NULL: all (of the sessions, all others) */
    const char *event;
    int count;
} ending_t;

static const char *account_url(cp_request_t *req, const char *behind)
{
    return cp_request_url(req, "/%s/account%s",
                          cp_kind_word(req->session->kind), behind);
}

static json_t *session_item(cp_request_t *req, cp_calendar_t *calendar,
                            const json_t *row)
{
    const char *id = cp_json_string(row, "session_id", "");
    json_t *item = json_pack(
        "{s:s, s:s, s:s, s:b}", "id", id, "browser",
        cp_browser_name(cp_json_string(row, "user_agent", ""), req->cx.pool),
        "address", cp_json_string(row, "address", ""), "is_this",
        strcmp(id, req->session->session_id) == 0);

    cp_local_time_put(item, "started", calendar,
                      cp_json_integer(row, "created_at", 0), req->cx.pool);
    cp_local_time_put(item, "last_used", calendar,
                      cp_json_integer(row, "last_seen_at", 0), req->cx.pool);
    return item;
}

static json_t *device_item(cp_request_t *req, cp_calendar_t *calendar,
                           const json_t *row)
{
    int skips = cp_json_integer(row, "factor_until", 0) > cp_now(req->cx.port);
    json_t *item = json_pack(
        "{s:s, s:s, s:s, s:b}", "id", cp_json_string(row, "device_id", ""),
        "browser",
        cp_browser_name(cp_json_string(row, "user_agent", ""), req->cx.pool),
        "address", cp_json_string(row, "address", ""), "skips_factor", skips);

    cp_local_time_put(item, "last_used", calendar,
                      cp_json_integer(row, "last_used_at", 0), req->cx.pool);
    if (skips) {
        cp_local_time_put(item, "factor_until", calendar,
                          cp_json_integer(row, "factor_until", 0),
                          req->cx.pool);
    }
    return item;
}

typedef json_t *(*item_t)(cp_request_t *req, cp_calendar_t *calendar,
                          const json_t *row);

static json_t *items_of(cp_request_t *req, cp_calendar_t *calendar,
                        const json_t *rows, item_t make)
{
    json_t *items = json_array();
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        (void)json_array_append_new(items, make(req, calendar, row));
    }
    return items;
}

/* What a person has just done here; the address says so after a 303. */
static const char *notice_of(const cp_request_t *req)
{
    static const char *const words[][2] = {
        {"password", "Your password is changed. Your other sessions have "
                     "ended."},
        {"session", "That session has ended."},
        {"sessions", "All your other sessions have ended."},
        {"device", "That device is forgotten."},
        {"devices", "All devices are forgotten."},
        {"factor",
         "Your second factor is set. Your other sessions have ended."},
        {"mail", "Your mail address is changed."},
        {"no-factor", "Your second factor is taken away."},
    };
    const char *done = cp_request_query(req, "done");
    size_t i;

    for (i = 0; done != NULL && i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i][0], done) == 0) {
            return words[i][1];
        }
    }
    return NULL;
}

static json_t *make_model(cp_request_t *req, cp_calendar_t *calendar,
                          const json_t *sessions, const json_t *devices)
{
    json_t *model = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:b, s:o, s:b, s:o}", "name",
        req->session->display_name, "username", req->session->username,
        "password_url", account_url(req, "/password"), "factor_url",
        account_url(req, "/factor"), "mail_url", account_url(req, "/mail"),
        "end_session_url", account_url(req, "/sessions/end"),
        "forget_device_url", account_url(req, "/devices/forget"), "notice",
        notice_of(req), "has_other_sessions", json_array_size(sessions) > 1,
        "sessions", items_of(req, calendar, sessions, session_item),
        "has_devices", json_array_size(devices) > 0, "devices",
        items_of(req, calendar, devices, device_item));

    if (cp_access_has(req->session->permissions, CP_PERMISSION_CLINIC_ADMIN)) {
        cp_json_put_text(model, "whynot_url",
                         cp_request_url(req, "/staff/admin/why-not"));
    }
    if (req->session->previous_login_at > 0) {
        cp_local_time_put(model, "previous_login", calendar,
                          req->session->previous_login_at, req->cx.pool);
    }
    return model;
}

apr_status_t cp_page_account_show(cp_request_t *req, cp_reply_t *reply)
{
    const cp_session_t *session = req->session;
    const char *clinic_id = session->clinic->clinic_id;
    cp_calendar_t *calendar;
    json_t *sessions;
    json_t *devices;
    apr_status_t rv = cp_local_time_calendar(&req->cx, session, &calendar);

    if (rv == APR_SUCCESS) {
        rv = cp_session_list(&req->cx, clinic_id, session->account_id,
                             &sessions);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_device_list(&req->cx, clinic_id, session->account_id, &devices);
    }
    if (rv == APR_SUCCESS) {
        cp_reply_view(req, reply, "account",
                      make_model(req, calendar, sessions, devices));
    }
    return rv;
}

static apr_status_t audit(const ending_t *ending)
{
    const cp_session_t *session = ending->req->session;
    cp_audit_event_t event = {
        .clinic_id = session->clinic->clinic_id,
        .event = ending->event,
        .outcome = CP_AUDIT_SUCCESS,
        .account_id = session->account_id,
        .kind = cp_kind_word(session->kind),
        .username = session->username,
    };

    return ending->count == 0 ? APR_SUCCESS
                              : cp_audit_write(&ending->req->cx, &event);
}

static apr_status_t end_work(cp_db_t *db, void *baton)
{
    ending_t *ending = baton;
    const cp_session_t *session = ending->req->session;
    const char *clinic_id = session->clinic->clinic_id;
    cp_ctx_t *cx = &ending->req->cx;
    apr_status_t rv =
        ending->id == NULL
            ? cp_session_end_others(cx, session, &ending->count)
            : cp_session_end_listed(cx, clinic_id, session->account_id,
                                    ending->id, &ending->count);

    return rv == APR_SUCCESS ? audit(ending) : rv;
}

static apr_status_t forget_work(cp_db_t *db, void *baton)
{
    ending_t *ending = baton;
    const cp_session_t *session = ending->req->session;
    apr_status_t rv =
        cp_device_remove(&ending->req->cx, session->clinic->clinic_id,
                         session->account_id, ending->id, &ending->count);

    return rv == APR_SUCCESS ? audit(ending) : rv;
}

/* An id that is none (any more) is no failure: it is gone, as asked. */
apr_status_t cp_page_account_end_session(cp_request_t *req, cp_reply_t *reply)
{
    ending_t ending = {req, cp_request_body(req, "session"), "session-ended"};
    apr_status_t rv = cp_db_transaction(req->cx.db, end_work, &ending);

    cp_reply_redirect(reply,
                      account_url(req, ending.id == NULL ? "?done=sessions"
                                                         : "?done=session"));
    return rv;
}

apr_status_t cp_page_account_forget_device(cp_request_t *req, cp_reply_t *reply)
{
    ending_t ending = {req, cp_request_body(req, "device"), "device-forgotten"};
    apr_status_t rv = cp_db_transaction(req->cx.db, forget_work, &ending);

    cp_reply_redirect(
        reply,
        account_url(req, ending.id == NULL ? "?done=devices" : "?done=device"));
    return rv;
}
