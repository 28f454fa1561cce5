/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Loads the conversations of an import: thread, messages, and the mailbox of
 * everyone who takes part. */
#include "clinic/import_impl.h"

#include "base/json.h"
#include "base/status.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

typedef struct sent_t {
    apr_time_t at;
    cp_import_person_t sender;
    int is_shown; /* completed: others are not shown to anybody */
    int is_new;
} sent_t;

typedef struct load_t {
    cp_import_t *import;
    const json_t *object;
    json_t *args;     /* of the thread */
    const char *id;   /* public */
    sent_t *messages; /* by time */
    int message_count;
    int changes;
} load_t;

static int by_time(const void *a, const void *b)
{
    const sent_t *one = a;
    const sent_t *two = b;

    return (one->at > two->at) - (one->at < two->at);
}

static apr_status_t put_message(load_t *load, json_t *args, sent_t *sent)
{
    cp_import_t *import = load->import;
    int count = 0;
    apr_status_t rv = cp_import_execute(import, "import_add_message",
                                        json_incref(args), &count);

    sent->is_new = count > 0;
    if (rv == APR_SUCCESS && count == 0) {
        rv = cp_import_execute(import, "import_set_message", json_incref(args),
                               &count);
    }
    load->changes += count;
    return rv;
}

static apr_status_t load_message(load_t *load, const json_t *object,
                                 sent_t *sent)
{
    cp_import_t *import = load->import;
    json_t *args = cp_json_own(
        cp_import_args(import, &cp_import_message, object), import->scratch);
    json_t *more;

    sent->sender = cp_import_person(import, json_object_get(object, "sender"));
    sent->at = json_integer_value(json_object_get(object, "sent"));
    sent->is_shown =
        strcmp(cp_json_string(args, "status", ""), "completed") == 0;
    more = cp_json_own(json_pack("{s:s, s:s, s:s}", "thread_id", load->id,
                                 "sender_kind", sent->sender.kind, "sender_id",
                                 sent->sender.person),
                       import->scratch);
    return json_object_update(args, more) == 0 ? put_message(load, args, sent)
                                               : APR_ENOMEM;
}

static apr_status_t load_messages(load_t *load)
{
    const json_t *list = json_object_get(load->object, "messages");
    apr_status_t rv = APR_SUCCESS;
    json_t *message;
    size_t i;

    load->message_count = (int)json_array_size(list);
    load->messages =
        apr_pcalloc(load->import->scratch,
                    sizeof(sent_t) * (apr_size_t)load->message_count);
    json_array_foreach(list, i, message)
    {
        rv = load_message(load, message, &load->messages[i]);
        if (rv != APR_SUCCESS) {
            return rv;
        }
    }
    qsort(load->messages, (size_t)load->message_count, sizeof(sent_t), by_time);
    return rv;
}

static int is_from(const sent_t *sent, const cp_import_person_t *person)
{
    return strcmp(sent->sender.kind, person->kind) == 0 &&
           strcmp(sent->sender.person, person->person) == 0;
}

/* What stands behind a person's own last message is unread; *fresh: and is
 * new to the database. */
static void count_unread(const load_t *load, const cp_import_person_t *person,
                         int *unread, int *fresh)
{
    int i;

    *unread = *fresh = 0;
    for (i = load->message_count - 1; i >= 0; i--) {
        const sent_t *sent = &load->messages[i];

        if (is_from(sent, person)) {
            return;
        }
        *unread += sent->is_shown;
        *fresh += sent->is_shown && sent->is_new;
    }
}

static apr_status_t put_args(load_t *load, json_t *args)
{
    cp_import_t *import = load->import;
    int count = 0;
    apr_status_t rv = cp_import_execute(import, "import_add_mailbox",
                                        json_incref(args), &count);

    if (rv == APR_SUCCESS && count == 0) {
        rv = cp_import_execute(import, "import_set_mailbox", json_incref(args),
                               &count);
    }
    load->changes += count;
    return rv;
}

static apr_status_t put_mailbox(load_t *load, const json_t *member,
                                const cp_import_person_t *person)
{
    cp_import_t *import = load->import;
    int unread;
    int fresh;

    count_unread(load, person, &unread, &fresh);
    return put_args(
        load, cp_json_own(
                  json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:i}", "clinic_id",
                            import->clinic_id, "kind", person->kind, "person",
                            person->person, "thread_id", load->id, "folder",
                            cp_json_string(member, "folder", "inbox"), "unread",
                            cp_json_integer(member, "unread", unread), "fresh",
                            fresh),
                  import->scratch));
}

/* *list is all of them as " kind:person kind:person ". */
static apr_status_t load_members(load_t *load, const char **list)
{
    cp_import_t *import = load->import;
    apr_status_t rv = APR_SUCCESS;
    json_t *member;
    size_t i;

    *list = " ";
    json_array_foreach(json_object_get(load->object, "participant"), i, member)
    {
        cp_import_person_t person = cp_import_person(import, member);

        rv = put_mailbox(load, member, &person);
        if (rv != APR_SUCCESS) {
            break;
        }
        if (load->changes > 0) {
            cp_import_touch(import, person.kind, person.person);
        }
        *list = apr_pstrcat(import->scratch, *list, person.kind, ":",
                            person.person, " ", NULL);
    }
    return rv;
}

static apr_status_t drop_members(load_t *load, const char *list)
{
    cp_import_t *import = load->import;
    json_t *rows;
    apr_status_t rv = cp_db_select(import->cx->db, "import_drop_mailboxes",
                                   json_pack("{s:s, s:s, s:s}", "clinic_id",
                                             import->clinic_id, "thread_id",
                                             load->id, "participants", list),
                                   &rows, import->scratch);

    if (rv == APR_SUCCESS) {
        load->changes += (int)json_array_size(rows);
        cp_import_touch_rows(import, rows);
    }
    return rv;
}

apr_status_t cp_import_load_thread(cp_import_t *import, json_t *object,
                                   int *count)
{
    load_t load = {.import = import, .object = object};
    const char *list;
    apr_status_t rv;

    load.args = cp_json_own(cp_import_args(import, &cp_import_thread, object),
                            import->scratch);
    load.id = cp_json_string(load.args, "id", "");
    rv = cp_import_execute(import, "import_thread", json_incref(load.args),
                           &load.changes);
    if (rv == APR_SUCCESS) {
        rv = load_messages(&load);
    }
    if (rv == APR_SUCCESS) {
        rv = load_members(&load, &list);
    }
    if (rv == APR_SUCCESS) {
        rv = drop_members(&load, list);
    }
    *count = load.changes;
    return rv;
}
