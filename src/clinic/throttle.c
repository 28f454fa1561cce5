/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Failed tries counted in the database.
 *
 * Address and clinic: more than `tries` within a window that starts with the
 * first of them are refused until the window ends; refused tries do not move
 * it. A try refused by its address is counted nowhere else, so that one
 * address can neither close a clinic nor lock more accounts than its limit.
 *
 * Account: after `tries` failures it is locked for 30 seconds; after that each
 * further failure locks it again for twice as long, up to an hour. A try while
 * it is locked is neither looked at nor counted, so that hammering does not
 * keep the owner out longer. A good sign-in forgets all; so does a window
 * without a failure after the last lock has ended.
 *
 * All counters are taken in the same order (address, clinic, account) by
 * everyone, so that no two transactions wait for each other. */
#include "clinic/throttle.h"

#include "base/json.h"
#include "base/status.h"

#include <apr_strings.h>
#include <arpa/inet.h>
#include <string.h>

#define LOCK_FIRST_FOR apr_time_from_sec(30)
#define LOCK_LONGEST_FOR apr_time_from_sec(3600)
#define LOCK_DOUBLINGS_MAX 7 /* 30 s * 2^7 is over an hour */

/* One row of the table and the limit it is held to. */
typedef struct counter_t {
    const char *clinic_id;
    const char *kind;
    const char *key;
    const cp_limit_t *limit;
} counter_t;

typedef struct count_t {
    apr_int64_t failures;
    apr_time_t window_at;
} count_t;

typedef struct entry_t {
    cp_ctx_t *cx;
    const cp_clinic_t *clinic;
    const char *username_key;
    apr_time_t now;
    cp_throttle_verdict_t *verdict;
} entry_t;

static counter_t address_counter(cp_ctx_t *cx)
{
    counter_t counter = {"*", "address",
                         cp_throttle_network(cx->address, cx->pool),
                         &cx->options->limits.address};

    return counter;
}

static counter_t clinic_counter(cp_ctx_t *cx, const cp_clinic_t *clinic)
{
    counter_t counter = {clinic->clinic_id, "clinic", "",
                         &cx->options->limits.clinic};

    return counter;
}

static counter_t account_counter(cp_ctx_t *cx, const cp_clinic_t *clinic,
                                 const char *username_key)
{
    counter_t counter = {clinic->clinic_id, "account", username_key,
                         &cx->options->limits.account};

    return counter;
}

static json_t *counter_key(const counter_t *counter)
{
    return json_pack("{s:s, s:s, s:s}", "clinic_id", counter->clinic_id,
                     "key_kind", counter->kind, "key", counter->key);
}

static apr_status_t run(cp_db_t *db, const char *statement,
                        const counter_t *counter)
{
    return cp_db_execute(db, statement, counter_key(counter), NULL);
}

/* APR_ENOENT: the key is locked, the try was not counted. */
static apr_status_t count_try(const entry_t *entry, const counter_t *counter,
                              count_t *count)
{
    json_t *row;
    apr_status_t rv = cp_db_find(
        entry->cx->db, "throttle_count",
        json_pack("{s:s, s:s, s:s, s:I, s:I}", "clinic_id", counter->clinic_id,
                  "key_kind", counter->kind, "key", counter->key, "now",
                  (json_int_t)entry->now, "window_start",
                  (json_int_t)(entry->now - counter->limit->window)),
        &row, entry->cx->pool);

    if (rv == APR_SUCCESS) {
        count->failures = cp_json_integer(row, "failures", 0);
        count->window_at = cp_json_integer(row, "window_at", 0);
    }
    return rv;
}

/* Count at an address or a clinic; over its limit the verdict is busy. */
static apr_status_t enter_crowd(const entry_t *entry, const counter_t *counter)
{
    count_t count;
    apr_interval_time_t left_for;
    apr_status_t rv = count_try(entry, counter, &count);

    if (rv != APR_SUCCESS || count.failures <= counter->limit->tries) {
        return rv;
    }
    left_for = count.window_at + counter->limit->window - entry->now;
    entry->verdict->is_busy = 1;
    entry->verdict->retry_after_s =
        (int)apr_time_sec(left_for + APR_USEC_PER_SEC - 1);
    return APR_SUCCESS;
}

static apr_status_t lock_account(const entry_t *entry, const counter_t *counter,
                                 const count_t *count)
{
    apr_int64_t doublings = count->failures - counter->limit->tries;
    apr_interval_time_t locked_for = LOCK_LONGEST_FOR;
    json_t *args = counter_key(counter);

    if (doublings < LOCK_DOUBLINGS_MAX) {
        locked_for = LOCK_FIRST_FOR << doublings;
    }
    if (json_object_set_new(args, "locked_until",
                            json_integer(entry->now + locked_for)) != 0) {
        json_decref(args);
        return CP_EINPUT;
    }
    return cp_db_execute(entry->cx->db, "throttle_lock", args, NULL);
}

/* The lock is set before the password of the last free try is looked at, so
 * that no parallel try passes meanwhile; if the try is good, it is forgotten
 * with the rest. */
static apr_status_t enter_account(const entry_t *entry)
{
    counter_t counter =
        account_counter(entry->cx, entry->clinic, entry->username_key);
    count_t count;
    apr_status_t rv = count_try(entry, &counter, &count);

    if (rv == APR_ENOENT) {
        entry->verdict->is_account_locked = 1;
        return APR_SUCCESS;
    }
    if (rv != APR_SUCCESS || count.failures < counter.limit->tries) {
        return rv;
    }
    return lock_account(entry, &counter, &count);
}

static apr_status_t enter(cp_db_t *db, void *baton)
{
    const entry_t *entry = baton;
    counter_t address = address_counter(entry->cx);
    counter_t clinic = clinic_counter(entry->cx, entry->clinic);
    apr_status_t rv = enter_crowd(entry, &address);

    if (rv != APR_SUCCESS || entry->verdict->is_busy) {
        return rv;
    }
    rv = enter_crowd(entry, &clinic);
    if (rv != APR_SUCCESS || entry->verdict->is_busy) {
        entry->verdict->is_clinic_busy = entry->verdict->is_busy;
        return rv;
    }
    return enter_account(entry);
}

apr_status_t cp_throttle_enter(cp_ctx_t *cx, const cp_clinic_t *clinic,
                               const char *username_key,
                               cp_throttle_verdict_t *verdict)
{
    entry_t entry = {cx, clinic, username_key, cp_now(cx->port), verdict};

    memset(verdict, 0, sizeof(*verdict));
    return cp_db_transaction(cx->db, enter, &entry);
}

static apr_status_t clear(cp_db_t *db, void *baton)
{
    const entry_t *entry = baton;
    counter_t address = address_counter(entry->cx);
    counter_t clinic = clinic_counter(entry->cx, entry->clinic);
    counter_t account =
        account_counter(entry->cx, entry->clinic, entry->username_key);
    apr_status_t rv = run(db, "throttle_take_back", &address);

    if (rv == APR_SUCCESS) {
        rv = run(db, "throttle_take_back", &clinic);
    }
    if (rv == APR_SUCCESS) {
        rv = run(db, "throttle_forget", &account);
    }
    return rv;
}

apr_status_t cp_throttle_clear(cp_ctx_t *cx, const cp_clinic_t *clinic,
                               const char *username_key)
{
    entry_t entry = {cx, clinic, username_key, cp_now(cx->port), NULL};

    return cp_db_transaction(cx->db, clear, &entry);
}

/* An address with a zone ("fe80::1%eth0") counts without it. What is no
 * address shares one counter, so that it cannot dodge the limit. */
const char *cp_throttle_network(const char *address, apr_pool_t *p)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    unsigned char bytes[16];
    char text[INET6_ADDRSTRLEN];
    const char *plain = apr_pstrndup(p, address, strcspn(address, "%"));

    if (inet_pton(AF_INET, plain, bytes) == 1) {
        return plain;
    }
    if (inet_pton(AF_INET6, plain, bytes) != 1) {
        return "unknown";
    }
    if (memcmp(bytes, mapped, sizeof(mapped)) == 0) {
        inet_ntop(AF_INET, bytes + sizeof(mapped), text, sizeof(text));
        return apr_pstrdup(p, text);
    }
    memset(bytes + 8, 0, 8);
    inet_ntop(AF_INET6, bytes, text, sizeof(text));
    return apr_pstrcat(p, text, "/64", NULL);
}
