/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Settings of a clinic. */
#include "clinic/policy.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/audit.h"

#include <apr_strings.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT "default"
#define VALUE_MAX 4 /* digits */

/* Words stand for 0, 1, 2 in their order; where there are none the value is a
 * number within least..most. */
typedef struct setting_t {
    const char *name;
    apr_size_t offset; /* of the int in cp_policy_t */
    const char *standard;
    const char *words[4];
    int least;
    int most;
} setting_t;

#define AT(member) offsetof(cp_policy_t, member)
#define SWITCH                                                                 \
    {                                                                          \
        "off", "on"                                                            \
    }

static const setting_t settings[] = {
    {"lock-after", AT(lock_after), "0", {NULL}, 0, 100},
    {"lock-permanently", AT(lock_permanently), "off", SWITCH},
    {"password-length", AT(password_length), "15", {NULL}, 8, 64},
    {"password-length-with-factor",
     AT(password_length_with_factor),
     "8",
     {NULL},
     8,
     64},
    {"password-letter-digit", AT(password_letter_digit), "off", SWITCH},
    {"password-upper-lower", AT(password_upper_lower), "off", SWITCH},
    {"password-special", AT(password_special), "off", SWITCH},
    {"password-no-name", AT(password_no_name), "off", SWITCH},
    {"password-history", AT(password_history), "0", {NULL}, 0, 4},
    {"password-expiry-days", AT(password_expiry_days), "0", {NULL}, 0, 730},
    {"reset-by-mail", AT(reset_by_mail), "on", SWITCH},
    {"second-factor",
     AT(second_factor),
     "off",
     {[CP_FACTOR_OFF] = "off",
      [CP_FACTOR_ALL] = "all",
      [CP_FACTOR_PER_USER] = "per-user"}},
    {"remember-days", AT(remember_days), "30", {NULL}, 0, 90},
    {"session-idle-minutes", AT(session_idle_min), "0", {NULL}, 0, 1440},
    {"session-max-hours", AT(session_max_h), "0", {NULL}, 0, 168},
};

#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

static const setting_t *find_setting(const char *name)
{
    apr_size_t i;

    for (i = 0; i < SETTINGS; i++) {
        if (strcmp(settings[i].name, name) == 0) {
            return &settings[i];
        }
    }
    return NULL;
}

const char *cp_policy_name(int index)
{
    return index < (int)SETTINGS ? settings[index].name : NULL;
}

/* -1: no value of the setting. */
static int read_value(const setting_t *setting, const char *value)
{
    apr_size_t len = strlen(value);
    int number = 0;

    if (setting->words[0] == NULL) {
        if (len == 0 || len > VALUE_MAX || strspn(value, "0123456789") != len) {
            return -1;
        }
        number = (int)strtol(value, NULL, 10);
        return number >= setting->least && number <= setting->most ? number
                                                                   : -1;
    }
    while (setting->words[number] != NULL &&
           strcmp(setting->words[number], value) != 0) {
        number++;
    }
    return setting->words[number] == NULL ? -1 : number;
}

/* "off|on" or "8 to 64". */
static const char *allowed_text(const setting_t *setting, apr_pool_t *p)
{
    const char *text = setting->words[0];
    int i;

    if (text == NULL) {
        return apr_psprintf(p, "%d to %d", setting->least, setting->most);
    }
    for (i = 1; setting->words[i] != NULL; i++) {
        text = apr_pstrcat(p, text, "|", setting->words[i], NULL);
    }
    return text;
}

const char *cp_policy_refuse(const char *name, const char *value, apr_pool_t *p)
{
    const setting_t *setting = find_setting(name);

    if (setting == NULL) {
        return apr_pstrcat(p, "there is no setting ", name, NULL);
    }
    return strcmp(value, DEFAULT) == 0 || read_value(setting, value) >= 0
               ? NULL
               : apr_pstrcat(p, name, " is ", allowed_text(setting, p),
                             " or " DEFAULT, NULL);
}

static void put(cp_policy_t *policy, const setting_t *setting, int value)
{
    *(int *)((char *)policy + setting->offset) = value;
}

/* The clinic's choice, unless it made none (0) or the directive is stricter. */
static apr_int64_t within(apr_int64_t chosen, apr_int64_t directive)
{
    return chosen > 0 && chosen < directive ? chosen : directive;
}

static void bound(cp_policy_t *policy, const cp_options_t *options)
{
    policy->lock_after =
        (int)within(policy->lock_after, options->limits.account.tries);
    policy->session_idle =
        within(apr_time_from_sec(60) * policy->session_idle_min,
               options->session_idle);
    policy->session_max = within(
        apr_time_from_sec(3600) * policy->session_max_h, options->session_max);
}

static apr_status_t read_rows(cp_ctx_t *cx, const char *clinic_id,
                              cp_rows_t **rows)
{
    return cp_db_rows(cx->db, "policy_settings",
                      CP_ARGS(CP_TEXT("clinic_id", clinic_id)), rows, cx->pool);
}

apr_status_t cp_policy_load(cp_ctx_t *cx, const char *clinic_id,
                            cp_policy_t *policy)
{
    cp_rows_t *rows;
    cp_row_t row;
    apr_size_t i;
    apr_status_t rv = read_rows(cx, clinic_id, &rows);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    memset(policy, 0, sizeof(*policy));
    for (i = 0; i < SETTINGS; i++) {
        put(policy, &settings[i],
            read_value(&settings[i], settings[i].standard));
    }
    for (row = cp_rows_first(rows); row.index < rows->count; row.index++) {
        const setting_t *setting = find_setting(cp_row_text(row, "name"));
        int value = setting == NULL
                        ? -1
                        : read_value(setting, cp_row_text(row, "value"));

        if (value >= 0) {
            put(policy, setting, value);
        }
        else {
            cp_log(cx->port, CP_LOG_WARNING, APR_SUCCESS,
                   CP_TAG(0522) "clinic %s: a stored setting is none that this"
                                " version knows; the default counts",
                   clinic_id);
        }
    }
    bound(policy, cx->options);
    return APR_SUCCESS;
}

apr_status_t cp_policy_set(cp_ctx_t *cx, const char *clinic_id,
                           const char *name, const char *value, int *is_changed)
{
    cp_audit_event_t event = {
        .clinic_id = clinic_id,
        .event = "policy-changed",
        .outcome = CP_AUDIT_SUCCESS,
        .reason = apr_pstrcat(cx->pool, name, "=", value, NULL),
        .entity_type = "Organization",
        .entity_id = clinic_id,
    };
    json_t *args = json_pack("{s:s, s:s, s:s}", "clinic_id", clinic_id, "name",
                             name, "value", value);
    int is_default = strcmp(value, DEFAULT) == 0;
    int count = 0;
    apr_status_t rv = cp_db_execute(
        cx->db, is_default ? "policy_unset" : "policy_set", args, &count);

    if (rv != APR_SUCCESS || count == 0) {
        return rv;
    }
    *is_changed = 1;
    return cp_audit_write(cx, &event);
}

/* The value that is stored for the setting, or its default. */
static const char *value_in(const cp_rows_t *rows, const setting_t *setting)
{
    cp_row_t row;

    for (row = cp_rows_first(rows); row.index < rows->count; row.index++) {
        if (strcmp(cp_row_text(row, "name"), setting->name) == 0) {
            return cp_row_text(row, "value");
        }
    }
    return setting->standard;
}

apr_status_t cp_policy_list(cp_ctx_t *cx, const char *clinic_id, json_t **list)
{
    cp_rows_t *rows;
    apr_size_t i;
    apr_status_t rv = read_rows(cx, clinic_id, &rows);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    *list = cp_json_own(json_array(), cx->pool);
    for (i = 0; i < SETTINGS && rv == APR_SUCCESS; i++) {
        const setting_t *setting = &settings[i];

        if (json_array_append_new(
                *list, json_pack("{s:s, s:s, s:s, s:s}", "name", setting->name,
                                 "value", value_in(rows, setting), "standard",
                                 setting->standard, "allowed",
                                 allowed_text(setting, cx->pool))) != 0) {
            rv = APR_ENOMEM;
        }
    }
    return rv;
}
