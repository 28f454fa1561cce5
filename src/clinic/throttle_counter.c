/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
#include "clinic/throttle_counter.h"

#include "base/json.h"
#include "base/status.h"

#include <string.h>

#define CLOCKS_DIFFER_BY apr_time_from_sec(300) /* of nodes, at most */

static json_t *key_of(const cp_counter_t *counter)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "clinic_id", counter->clinic_id,
                     "key_kind", counter->kind, "key", counter->key, "place",
                     counter->place);
}

static json_t *add_args(const cp_counter_t counter[2], apr_time_t now)
{
    json_t *args = key_of(&counter[0]);

    cp_json_put(args, "window_us", json_integer(counter[0].window));
    cp_json_put_text(args, "second_clinic_id", counter[1].clinic_id);
    cp_json_put_text(args, "second_kind", counter[1].kind);
    cp_json_put_text(args, "second_key", counter[1].key);
    cp_json_put_text(args, "second_place", counter[1].place);
    cp_json_put(args, "second_window_us", json_integer(counter[1].window));
    cp_json_put(args, "now", json_integer(now));
    cp_json_put(args, "latest", json_integer(now + CLOCKS_DIFFER_BY));
    return args;
}

/* The rows come in any order. A count that is missing is not taken for none:
 * CP_EDB. */
static apr_status_t find_count(const json_t *rows, const cp_counter_t *counter,
                               cp_count_t *count)
{
    json_t *row;
    size_t i;

    memset(count, 0, sizeof(*count));
    if (counter->kind[0] == '\0') {
        return APR_SUCCESS;
    }
    json_array_foreach(rows, i, row)
    {
        if (strcmp(cp_json_string(row, "key_kind", ""), counter->kind) == 0 &&
            strcmp(cp_json_string(row, "place", ""), counter->place) == 0) {
            count->tries = cp_json_integer(row, "tries", 0);
            count->failures = cp_json_integer(row, "failures", 0);
            count->locked_until = cp_json_integer(row, "locked_until", 0);
            count->ends_at = cp_json_integer(row, "ends_at", 0);
            return APR_SUCCESS;
        }
    }
    return CP_EDB;
}

apr_status_t cp_counter_add(cp_ctx_t *cx, const cp_counter_t counter[2],
                            apr_time_t now, cp_count_t count[2])
{
    json_t *rows;
    apr_status_t rv = cp_db_select(cx->db, "throttle_count",
                                   add_args(counter, now), &rows, cx->pool);

    if (rv == APR_SUCCESS) {
        rv = find_count(rows, &counter[0], &count[0]);
    }
    return rv == APR_SUCCESS ? find_count(rows, &counter[1], &count[1]) : rv;
}

apr_status_t cp_counter_undo(cp_ctx_t *cx, const cp_counter_t *counter,
                             apr_time_t now)
{
    json_t *args = key_of(counter);

    cp_json_put(args, "now", json_integer(now));
    return cp_db_execute(cx->db, "throttle_undo", args, NULL);
}

apr_status_t cp_counter_lock(cp_ctx_t *cx, const cp_counter_t *counter,
                             apr_time_t until)
{
    json_t *args = key_of(counter);
    apr_time_t ends_at = until < APR_INT64_MAX - counter->window
                             ? until + counter->window
                             : APR_INT64_MAX;

    cp_json_put(args, "locked_until", json_integer(until));
    cp_json_put(args, "ends_at", json_integer(ends_at));
    return cp_db_execute(cx->db, "throttle_lock", args, NULL);
}

apr_status_t cp_counter_forgive(cp_ctx_t *cx, const char *network,
                                const char *clinic_id)
{
    return cp_db_execute(
        cx->db, "throttle_forgive",
        json_pack("{s:s, s:s}", "network", network, "clinic_id", clinic_id),
        NULL);
}

static json_t *two_places(const cp_counter_t *counter, const char *other_place)
{
    json_t *args = key_of(counter);

    cp_json_put_text(args, "other_place", other_place);
    return args;
}

apr_status_t cp_counter_take_back(cp_ctx_t *cx, const cp_counter_t *counter,
                                  const char *other_place, apr_time_t now)
{
    json_t *args = two_places(counter, other_place);

    cp_json_put(args, "latest_end", json_integer(now + counter->window));
    return cp_db_execute(cx->db, "throttle_take_back", args, NULL);
}

apr_status_t cp_counter_forget(cp_ctx_t *cx, const cp_counter_t *counter,
                               const char *other_place, int *count)
{
    return cp_db_execute(cx->db, "throttle_forget",
                         two_places(counter, other_place), count);
}
