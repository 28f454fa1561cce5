/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Failed tries counted in the database.
 *
 * Address and clinic: more than `tries` within a window that starts with the
 * first of them (or with one that was refused, where there was none) are
 * refused until the window ends; refused tries do not move it. A try refused by
 * its address is counted nowhere else, so that one address can neither close a
 * clinic nor lock more accounts than its limit.
 *
 * Account and place: after the clinic's number of failures it is locked for 30
 * seconds; after that each further failure locks it again for twice as long, up
 * to an hour. A try while it is locked is counted but is no failure, so that
 * hammering does not keep the owner out longer. A good sign-in forgets all; so
 * does a window without a failure after the last lock has ended. Somebody
 * elsewhere, or a device that has signed in before, is another place.
 *
 * Account: the unknown places together, and a known device. NIST SP 800-63B-4
 * 3.2.2 allows 100 failures in a row, however slowly they come: after them each
 * further one locks as above. Where the clinic locks permanently, its own
 * number counts here, within a day, and only an administrator ends the lock.
 *
 * Second factor: whoever gets that far knows the password. Five failures in a
 * row lock as above, a hundred until an administrator ends it.
 *
 * A name that a member of staff and a patient share has one set of counters,
 * since a try on either tab is a guess at both. A good sign-in of one takes
 * back its own try there and forgets nothing, or it would free guesses at the
 * other.
 *
 * All counters are taken in the same order by everyone, address and clinic
 * first, so that no two transactions wait for each other. */
#include "clinic/throttle.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/network.h"
#include "clinic/throttle_counter.h"

#include <string.h>

#define LOCK_FIRST_FOR apr_time_from_sec(30)
#define LOCK_LONGEST_FOR apr_time_from_sec(3600)
#define LOCK_DOUBLINGS_MAX 7 /* 30 s * 2^7 is over an hour */
#define UNKNOWN_PLACES ""    /* all of them together */
#define FACTOR_TRIES 5

/* Failures in a row, which a time without one ends too: where locks are for
 * good a short one, so that a month's slips of the finger lock nobody out. */
#define ROW_MAX 100
#define ROW_ENDS_AFTER apr_time_from_sec(30 * 86400)
#define STRICT_ROW_ENDS_AFTER apr_time_from_sec(86400)

typedef struct entry_t {
    cp_ctx_t *cx;
    const cp_throttle_who_t *who;
    apr_time_t now;
    cp_throttle_verdict_t *verdict;
    const char *clinic_id; /* the two for a second factor, without `who` */
    const char *account_id;
} entry_t;

static cp_counter_t crowd_counter(const char *clinic_id, const char *kind,
                                  const char *key, const cp_limit_t *limit)
{
    cp_counter_t counter = {clinic_id,    kind,          key, "",
                            limit->tries, limit->window, 0};

    return counter;
}

static cp_counter_t address_counter(cp_ctx_t *cx)
{
    return crowd_counter("*", "address", cp_network_of(cx->address, cx->pool),
                         &cx->options->limits.address);
}

static cp_counter_t clinic_counter(const entry_t *entry)
{
    return crowd_counter(entry->who->clinic->clinic_id, "clinic", "",
                         &entry->cx->options->limits.clinic);
}

/* Of a known device. */
static cp_counter_t device_counter(const entry_t *entry)
{
    const cp_throttle_who_t *who = entry->who;
    const cp_policy_t *policy = who->policy;
    cp_counter_t counter = {who->clinic->clinic_id,
                            "account",
                            who->username_key,
                            who->device_id,
                            policy->lock_after,
                            ROW_ENDS_AFTER,
                            0};

    if (policy->lock_permanently) {
        counter.window = STRICT_ROW_ENDS_AFTER;
        counter.for_good_after = policy->lock_after;
    }
    return counter;
}

static cp_counter_t place_counter(const entry_t *entry)
{
    cp_counter_t counter = device_counter(entry);

    if (counter.place == NULL) {
        counter.place = cp_network_of(entry->cx->address, entry->cx->pool);
        counter.window = entry->cx->options->limits.account.window;
    }
    return counter;
}

static cp_counter_t unknown_counter(const entry_t *entry)
{
    cp_counter_t counter = device_counter(entry);

    counter.place = UNKNOWN_PLACES;
    if (counter.for_good_after == 0 && counter.tries < ROW_MAX) {
        counter.tries = ROW_MAX;
    }
    return counter;
}

/* Over its limit an address or a clinic is busy. */
static int check_crowd(const entry_t *entry, const cp_counter_t *counter,
                       const cp_count_t *count)
{
    apr_interval_time_t left_for = count->ends_at - entry->now;

    if (count->failures <= counter->tries) {
        return 0;
    }
    entry->verdict->is_busy = 1;
    entry->verdict->is_busy_still = count->failures > counter->tries + 1;
    entry->verdict->retry_after_s =
        (int)apr_time_sec(left_for + APR_USEC_PER_SEC - 1);
    return 1;
}

static apr_time_t lock_end(const entry_t *entry, const cp_counter_t *counter,
                           const cp_count_t *count)
{
    apr_int64_t doublings = count->failures - counter->tries;

    if (counter->for_good_after > 0 &&
        count->failures >= counter->for_good_after) {
        return CP_LOCKED_FOR_GOOD;
    }
    return entry->now + (doublings < LOCK_DOUBLINGS_MAX
                             ? LOCK_FIRST_FOR << doublings
                             : LOCK_LONGEST_FOR);
}

/* The lock is set before the password of the last free try is looked at, so
 * that no parallel try passes meanwhile; if the try is good, it is forgotten
 * with the rest. */
static apr_status_t check_account(const entry_t *entry,
                                  const cp_counter_t *counter,
                                  const cp_count_t *count)
{
    if (count->locked_until > entry->now) {
        entry->verdict->is_account_locked = 1;
        entry->verdict->is_locked_still = count->tries > count->failures + 1;
        return APR_SUCCESS;
    }
    entry->verdict->is_last |= count->failures == counter->tries;
    return count->failures < counter->tries
               ? APR_SUCCESS
               : cp_counter_lock(entry->cx, counter,
                                 lock_end(entry, counter, count));
}

/* What a place is locked for is no failure of the account. */
static apr_status_t enter_places(const entry_t *entry)
{
    int is_known = entry->who->device_id != NULL;
    cp_counter_t counter[2] = {place_counter(entry), CP_NO_COUNTER};
    cp_count_t count[2];
    apr_status_t rv;

    if (!is_known) {
        counter[1] = unknown_counter(entry);
    }
    rv = cp_counter_add(entry->cx, counter, entry->now, count);
    if (rv == APR_SUCCESS) {
        rv = check_account(entry, &counter[0], &count[0]);
    }
    if (rv != APR_SUCCESS || is_known) {
        return rv;
    }
    return entry->verdict->is_account_locked
               ? cp_counter_undo(entry->cx, &counter[1], entry->now)
               : check_account(entry, &counter[1], &count[1]);
}

/* What an address is refused for is no try at the clinic. */
static apr_status_t enter(cp_db_t *db, void *baton)
{
    const entry_t *entry = baton;
    cp_counter_t counter[2] = {address_counter(entry->cx),
                               clinic_counter(entry)};
    cp_count_t count[2];
    apr_status_t rv = cp_counter_add(entry->cx, counter, entry->now, count);

    (void)db;
    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (check_crowd(entry, &counter[0], &count[0])) {
        return cp_counter_undo(entry->cx, &counter[1], entry->now);
    }
    if (check_crowd(entry, &counter[1], &count[1])) {
        entry->verdict->is_clinic_busy = 1;
        return APR_SUCCESS;
    }
    return enter_places(entry);
}

apr_status_t cp_throttle_enter(cp_ctx_t *cx, const cp_throttle_who_t *who,
                               cp_throttle_verdict_t *verdict)
{
    entry_t entry = {cx, who, cp_now(cx->port), verdict};

    memset(verdict, 0, sizeof(*verdict));
    return cp_db_atomically(cx->db, enter, &entry);
}

/* The place of a try and the other where it was counted. */
static cp_counter_t both_places(const entry_t *entry, const char **other_place)
{
    cp_counter_t place = place_counter(entry);

    *other_place = entry->who->device_id != NULL ? place.place : UNKNOWN_PLACES;
    return place;
}

static apr_status_t take_back(const entry_t *entry)
{
    const char *other_place;
    cp_counter_t place = both_places(entry, &other_place);

    place.window = device_counter(entry).window; /* the longer one */
    return cp_counter_take_back(entry->cx, &place, other_place, entry->now);
}

static apr_status_t clear(cp_db_t *db, void *baton)
{
    const entry_t *entry = baton;
    const char *other_place;
    cp_counter_t place = both_places(entry, &other_place);
    apr_status_t rv = cp_counter_forgive(
        entry->cx, cp_network_of(entry->cx->address, entry->cx->pool),
        entry->who->clinic->clinic_id);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    return entry->who->is_shared && entry->who->device_id == NULL
               ? take_back(entry)
               : cp_counter_forget(entry->cx, &place, other_place, NULL);
}

apr_status_t cp_throttle_clear(cp_ctx_t *cx, const cp_throttle_who_t *who)
{
    entry_t entry = {cx, who, cp_now(cx->port), NULL};

    return cp_db_atomically(cx->db, clear, &entry);
}

apr_status_t cp_throttle_take_back(cp_ctx_t *cx, const cp_throttle_who_t *who)
{
    entry_t entry = {cx, who, cp_now(cx->port), NULL};

    return take_back(&entry);
}

apr_status_t cp_throttle_forget(cp_ctx_t *cx, const cp_throttle_key_t *key,
                                int *count)
{
    return cp_db_execute(cx->db, "throttle_forget_all",
                         json_pack("{s:s, s:s, s:s}", "clinic_id",
                                   key->clinic_id, "key_kind", key->kind, "key",
                                   key->key),
                         count);
}

apr_status_t cp_throttle_unlock(cp_ctx_t *cx, const char *clinic_id,
                                const char *username_key, int *count)
{
    cp_throttle_key_t key = {clinic_id, "account", username_key};

    return cp_throttle_forget(cx, &key, count);
}

typedef struct single_t {
    entry_t entry;
    cp_counter_t counter[2]; /* the second is none */
} single_t;

static apr_status_t count_single(cp_db_t *db, void *baton)
{
    const single_t *single = baton;
    const entry_t *entry = &single->entry;
    cp_count_t count[2];
    apr_status_t rv =
        cp_counter_add(entry->cx, single->counter, entry->now, count);

    if (rv == APR_SUCCESS) {
        (void)check_crowd(entry, &single->counter[0], &count[0]);
    }
    return rv;
}

apr_status_t cp_throttle_count(cp_ctx_t *cx, const cp_throttle_key_t *key,
                               const cp_limit_t *limit,
                               cp_throttle_verdict_t *verdict)
{
    single_t single = {
        {cx, NULL, cp_now(cx->port), verdict},
        {crowd_counter(key->clinic_id, key->kind, key->key, limit),
         CP_NO_COUNTER}};

    memset(verdict, 0, sizeof(*verdict));
    return cp_db_atomically(cx->db, count_single, &single);
}

apr_status_t cp_throttle_captcha(cp_ctx_t *cx, int *is_over)
{
    cp_throttle_key_t key = {"*", "captcha",
                             cp_network_of(cx->address, cx->pool)};

    cp_throttle_verdict_t verdict;
    apr_status_t rv =
        cp_throttle_count(cx, &key, &cx->options->limits.address, &verdict);

    *is_over = verdict.is_busy;
    return rv;
}

static cp_counter_t factor_counter(const char *clinic_id,
                                   const char *account_id)
{
    cp_counter_t counter = {clinic_id,    "factor",       account_id, "",
                            FACTOR_TRIES, ROW_ENDS_AFTER, ROW_MAX};

    return counter;
}

static apr_status_t factor_work(cp_db_t *db, void *baton)
{
    const entry_t *entry = baton;
    cp_counter_t counter[2] = {
        factor_counter(entry->clinic_id, entry->account_id), CP_NO_COUNTER};
    cp_count_t count[2];
    apr_status_t rv = cp_counter_add(entry->cx, counter, entry->now, count);

    (void)db;
    return rv == APR_SUCCESS ? check_account(entry, &counter[0], &count[0])
                             : rv;
}

apr_status_t cp_throttle_factor(cp_ctx_t *cx, const char *clinic_id,
                                const char *account_id,
                                cp_throttle_verdict_t *verdict)
{
    entry_t entry = {cx,      NULL,      cp_now(cx->port),
                     verdict, clinic_id, account_id};

    memset(verdict, 0, sizeof(*verdict));
    return cp_db_transaction(cx->db, factor_work, &entry);
}

apr_status_t cp_throttle_factor_clear(cp_ctx_t *cx, const char *clinic_id,
                                      const char *account_id, int *count)
{
    cp_counter_t counter = factor_counter(clinic_id, account_id);

    return cp_counter_forget(cx, &counter, counter.place, count);
}

apr_status_t cp_throttle_factor_take_back(cp_ctx_t *cx, const char *clinic_id,
                                          const char *account_id)
{
    cp_counter_t counter = factor_counter(clinic_id, account_id);

    return cp_counter_take_back(cx, &counter, counter.place, cp_now(cx->port));
}
