/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Conversations one person takes part in. */
#include "clinic/messages.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/audit.h"
#include "clinic/changes.h"
#include "clinic/local_time.h"
#include "clinic/page_cursor.h"

#include <apr_strings.h>
#include <ctype.h>
#include <string.h>

#define INBOX "inbox"
#define CONVERSATION_LIMIT 200
#define EXCERPT_BYTES 140

/* What every statement on messages wants to know about the reader. */
#define READER(session)                                                        \
    CP_TEXT("clinic_id", (session)->clinic->clinic_id),                        \
        CP_TEXT("kind", cp_kind_word((session)->kind)),                        \
        CP_TEXT("person_id", (session)->person_id)

/* The same as JSON, and the conversation it is about. */
static json_t *args_of(const cp_session_t *session, const char *thread_id)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "clinic_id",
                     session->clinic->clinic_id, "kind",
                     cp_kind_word(session->kind), "person_id",
                     session->person_id, "thread_id", thread_id);
}

/* A conversation without a message has no priority. */
static int is_urgent(cp_row_t row)
{
    const char *priority = cp_row_text(row, "priority");

    return priority[0] != '\0' && strcmp(priority, "routine") != 0;
}

/* One line: white space of any kind becomes one space, and what is too long
 * ends between two characters of UTF-8. */
static const char *excerpt(const char *payload, apr_pool_t *p)
{
    char *text = apr_pstrdup(p, payload);
    char *to = text;
    const char *from;

    for (from = payload; *from != '\0'; from++) {
        int is_space = isspace((unsigned char)*from);

        if (is_space && (to == text || to[-1] == ' ')) {
            continue;
        }
        *to++ = is_space ? ' ' : *from;
    }
    if (to > text && to[-1] == ' ') {
        to--;
    }
    *to = '\0';
    if (to - text <= EXCERPT_BYTES) {
        return text;
    }
    to = text + EXCERPT_BYTES;
    while (to > text && ((unsigned char)*to & 0xC0) == 0x80) {
        to--;
    }
    *to = '\0';
    return apr_pstrcat(p, text, "\xE2\x80\xA6", NULL);
}

static json_t *make_thread(cp_calendar_t *calendar, const cp_session_t *session,
                           cp_row_t row, apr_pool_t *p)
{
    static const char *const shown[] = {"id", "topic", "from", "unread", NULL};
    json_t *thread = json_object();

    cp_row_show(thread, row, shown);
    cp_json_put_text(thread, "excerpt",
                     excerpt(cp_row_text(row, "payload"), p));
    cp_json_put(thread, "is_unread",
                json_boolean(cp_row_integer(row, "unread") > 0));
    cp_json_put(thread, "is_urgent", json_boolean(is_urgent(row)));
    cp_local_time_put(thread, "last_message", calendar,
                      cp_row_integer(row, "last_message_at"), p);
    return thread;
}

static json_t *make_message(cp_calendar_t *calendar,
                            const cp_session_t *session, cp_row_t row,
                            apr_pool_t *p)
{
    static const char *const shown[] = {"id",      "priority", "payload",
                                        "is_mine", "from",     NULL};
    json_t *message = json_object();

    cp_row_show(message, row, shown);
    cp_json_put(message, "is_urgent", json_boolean(is_urgent(row)));
    cp_local_time_put(message, "sent", calendar, cp_row_integer(row, "sent_at"),
                      p);
    return message;
}

apr_status_t cp_messages_list(cp_ctx_t *cx, const cp_session_t *session,
                              const char *folder, const char *cursor,
                              json_t **model)
{
    cp_page_cursor_t after;
    const char *older;
    cp_rows_t *rows;
    json_t *threads;
    apr_status_t rv = cp_page_cursor_read(&after, cursor, cx->pool);

    if (rv != APR_SUCCESS || strcmp(folder, INBOX) != 0) {
        return CP_EINPUT;
    }
    rv = cp_db_rows(cx->db, "message_threads",
                    CP_ARGS(READER(session), CP_TEXT("folder", INBOX),
                            CP_INT("at", after.at), CP_TEXT("id", after.id),
                            CP_INT("limit", CP_MESSAGES_PAGE + 1)),
                    &rows, cx->pool);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    older =
        cp_page_cursor_cut(rows, CP_MESSAGES_PAGE, "last_message_at", cx->pool);
    rv = cp_local_time_all(cx, session, rows, make_thread, &threads);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    *model = cp_json_own(
        json_pack("{s:o, s:s?}", "threads", threads, "older", older), cx->pool);
    return *model == NULL ? APR_ENOMEM : APR_SUCCESS;
}

apr_status_t cp_messages_unread(cp_ctx_t *cx, const cp_session_t *session,
                                int limit, json_t **model)
{
    cp_rows_t *rows;
    json_t *threads;
    apr_status_t rv =
        cp_db_rows(cx->db, "message_unread",
                   CP_ARGS(READER(session), CP_TEXT("folder", INBOX),
                           CP_INT("limit", limit)),
                   &rows, cx->pool);

    if (rv == APR_SUCCESS) {
        rv = cp_local_time_all(cx, session, rows, make_thread, &threads);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    *model = cp_json_own(json_pack("{s:I, s:o}", "count",
                                   cp_row_integer(cp_rows_first(rows), "count"),
                                   "threads", threads),
                         cx->pool);
    return *model == NULL ? APR_ENOMEM : APR_SUCCESS;
}

typedef struct opening_t {
    cp_ctx_t *cx;
    const cp_session_t *session;
    const char *thread_id;
    json_t *thread;
    cp_rows_t *rows;
} opening_t;

/* Marked first and read then, both under the lock of the mailbox row: a
 * message that comes in between is either shown or stays unread. That it is
 * marked is no news to this page, which looks again once it holds the counter.
 */
static apr_status_t open_once(cp_db_t *db, void *baton)
{
    opening_t *o = baton;
    apr_pool_t *p = o->cx->pool;
    int marked = 0;
    apr_status_t rv =
        cp_db_find(db, "message_find_thread", args_of(o->session, o->thread_id),
                   &o->thread, p);

    if (rv == APR_SUCCESS && !o->cx->is_background) {
        rv = cp_db_execute(db, "message_mark_read",
                           args_of(o->session, o->thread_id), &marked);
    }
    if (rv == APR_SUCCESS && marked > 0) {
        rv = cp_changes_note(o->cx, o->session);
    }
    if (rv == APR_SUCCESS && marked > 0) {
        rv = cp_changes_look(o->cx, o->session);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_db_rows(db, "message_list",
                        CP_ARGS(READER(o->session),
                                CP_TEXT("thread_id", o->thread_id),
                                CP_INT("limit", CONVERSATION_LIMIT)),
                        &o->rows, p);
    }
    return rv == APR_SUCCESS
               ? cp_audit_read(o->cx, o->session, "Communication", o->thread_id)
               : rv;
}

apr_status_t cp_messages_open(cp_ctx_t *cx, const cp_session_t *session,
                              const char *thread_id, json_t **model)
{
    opening_t o = {.cx = cx, .session = session, .thread_id = thread_id};
    json_t *messages;
    apr_status_t rv = cp_db_transaction(cx->db, open_once, &o);

    if (rv == APR_SUCCESS) {
        rv = cp_local_time_all(cx, session, o.rows, make_message, &messages);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    cp_json_put(o.thread, "messages", messages);
    *model = o.thread;
    return APR_SUCCESS;
}
