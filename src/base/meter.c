/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Counters and histograms. */
#include "base/meter.h"

#include <string.h>

#define MS(n) ((n)*APR_TIME_C(1000))

const cp_meter_family_t cp_meter_families[CP_METER_FAMILIES] = {
    [CP_METER_SIGNINS] = {"clinicportal_signins_total",
                          "Tries to sign in with a password, by what came of "
                          "them.",
                          "outcome",
                          {"done", "captcha", "wrong", "other-kind",
                           "no-portal", "too-many", "unavailable", "other"}},
    [CP_METER_SIGNIN_REFUSALS] = {"clinicportal_signin_refusals_total",
                                  "Tries to sign in that were refused, by the "
                                  "reason in the audit trail.",
                                  "reason",
                                  {"captcha-missing", "captcha-refused",
                                   "unknown-user", "wrong-password", "locked",
                                   "disabled", "other-kind", "no-portal",
                                   "too-many-address", "too-many-clinic",
                                   "unavailable", "other"}},
    [CP_METER_FACTORS] = {"clinicportal_second_factors_total",
                          "Second factors given, by what came of them.",
                          "outcome",
                          {"done", "wrong", "locked", "failed", "other"}},
    [CP_METER_CAPTCHAS] = {"clinicportal_captcha_verifications_total",
                           "CAPTCHA answers judged, by the verdict.",
                           "outcome",
                           {"passed", "refused", "unavailable", "other"}},
    [CP_METER_HASHES] = {"clinicportal_password_hashes_total",
                         "Passwords to be hashed or compared; busy: no slot "
                         "became free in time.",
                         "outcome",
                         {"done", "busy", "other"}},
    [CP_METER_GUARDED] = {"clinicportal_guarded_requests_total",
                          "Requests for guarded locations, by the verdict.",
                          "verdict",
                          {"passed", "open", "sign-in", "confirm", "denied",
                           "failed", "other"}},
    [CP_METER_DATABASE] = {"clinicportal_database_events_total",
                           "Connections that could not be had, connections "
                           "healed, and statements that failed.",
                           "event",
                           {"no-connection", "healed", "failed", "other"}},
    [CP_METER_MAILS] = {"clinicportal_mail_deliveries_total",
                        "Tries to send a mail, by what came of them.",
                        "outcome",
                        {"sent", "put-off", "given-up", "other"}},
};

const cp_meter_timer_t cp_meter_timers[CP_METER_TIMERS] = {
    [CP_METER_REQUEST_TIME] = {"clinicportal_request_duration_seconds",
                               "From the request's first line to its answer."},
    [CP_METER_CAPTCHA_TIME] = {"clinicportal_captcha_verification_duration_"
                               "seconds",
                               "Time to judge a CAPTCHA answer."},
    [CP_METER_HASH_WAIT] = {"clinicportal_password_hash_wait_seconds",
                            "Time in line for a hashing slot."},
    [CP_METER_HASH_TIME] = {"clinicportal_password_hash_duration_seconds",
                            "Time a hashing slot was in use."},
    [CP_METER_DATABASE_WAIT] = {"clinicportal_database_connection_wait_seconds",
                                "Time in line for a connection of mod_dbd's "
                                "pool."},
};

const apr_interval_time_t cp_meter_bounds[CP_METER_BOUNDS] = {
    MS(1),   MS(2),   MS(5),    MS(10),   MS(25),   MS(50),
    MS(100), MS(250), MS(1000), MS(2500), MS(5000), MS(10000)};

static void add(_Atomic apr_uint64_t *number, apr_uint64_t amount)
{
    atomic_fetch_add_explicit(number, amount, memory_order_relaxed);
}

void cp_meter_count(cp_meter_t *meter, cp_meter_family_id_t family,
                    const char *word)
{
    const char *const *words = cp_meter_families[family].words;
    int i = 0;

    while (words[i + 1] != NULL && strcmp(words[i], word) != 0) {
        i++;
    }
    if (meter != NULL) {
        add(&meter->counts[family][i], 1);
    }
}

void cp_meter_time(cp_meter_t *meter, cp_meter_timer_id_t timer,
                   apr_interval_time_t took)
{
    int i = 0;

    if (meter == NULL) {
        return;
    }
    took = took < 0 ? 0 : took;
    while (i < CP_METER_BOUNDS && took > cp_meter_bounds[i]) {
        i++;
    }
    add(&meter->times[timer].buckets[i], 1);
    add(&meter->times[timer].sum, (apr_uint64_t)took);
}

void cp_meter_request(cp_meter_t *meter, int route, int status)
{
    int class = status / 100 - 1;

    if (meter != NULL && route >= 0 && route < CP_METER_ROUTES && class >= 0 &&
        class < CP_METER_CLASSES) {
        add(&meter->requests[route][class], 1);
    }
}
