/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* clinic: adds, lists and changes clinics. */
#include "ctl/ctl.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/clinics.h"
#include "clinic/policy.h"

typedef struct change_t {
    cp_ctl_t *ctl;
    const char *code;
    cp_clinic_fields_t fields;
    json_t *clinic; /* to set; NULL: to add */
    int is_changed;
} change_t;

static apr_status_t read_fields(cp_ctl_t *ctl, change_t *change)
{
    cp_clinic_fields_t fields = {
        .name = cp_ctl_option(ctl, "name"),
        .active = cp_ctl_option(ctl, "active"),
        .time_zone = cp_ctl_option(ctl, "time-zone"),
        .locale = cp_ctl_option(ctl, "locale"),
        .default_tab = cp_ctl_option(ctl, "default-tab"),
        .support_contact = cp_ctl_option(ctl, "support"),
        .crisis_text = cp_ctl_option(ctl, "crisis"),
    };
    const char *why = cp_clinics_refuse(&fields, ctl->pool);
    int i;

    for (i = 0; why == NULL && cp_policy_name(i) != NULL; i++) {
        const char *value = cp_ctl_option(ctl, cp_policy_name(i));

        if (value != NULL) {
            why = cp_policy_refuse(cp_policy_name(i), value, ctl->pool);
        }
    }
    change->ctl = ctl;
    change->code = cp_ctl_value(ctl, 0);
    change->fields = fields;
    return why == NULL ? APR_SUCCESS : cp_ctl_fail(ctl, CP_EINPUT, "%s", why);
}

static apr_status_t add_work(cp_db_t *db, void *baton)
{
    change_t *change = baton;

    return cp_clinics_add(&change->ctl->cx, change->code, &change->fields);
}

static apr_status_t set_work(cp_db_t *db, void *baton)
{
    change_t *change = baton;
    cp_ctl_t *ctl = change->ctl;
    const char *clinic_id = cp_json_string(change->clinic, "clinic_id", "");
    apr_status_t rv = cp_clinics_set(&ctl->cx, change->clinic, &change->fields,
                                     &change->is_changed);
    int i;

    for (i = 0; rv == APR_SUCCESS && cp_policy_name(i) != NULL; i++) {
        const char *value = cp_ctl_option(ctl, cp_policy_name(i));

        if (value != NULL) {
            rv = cp_policy_set(&ctl->cx, clinic_id, cp_policy_name(i), value,
                               &change->is_changed);
        }
    }
    return rv;
}

static apr_status_t add(cp_ctl_t *ctl)
{
    change_t change = {NULL};
    apr_status_t rv = read_fields(ctl, &change);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = cp_db_transaction(ctl->cx.db, add_work, &change);
    if (rv == APR_EEXIST) {
        return cp_ctl_fail(ctl, rv, "there is a clinic %s already",
                           change.code);
    }
    if (rv == CP_EINPUT) {
        return cp_ctl_fail(ctl, rv,
                           "a clinic code is 1 to 32 letters, digits, _ and "
                           "-, with a letter or digit first");
    }
    if (rv == APR_SUCCESS) {
        cp_ctl_say(ctl, json_pack("{s:s}", "code", change.code),
                   "added the clinic %s", change.code);
    }
    return rv;
}

static apr_status_t set(cp_ctl_t *ctl)
{
    change_t change = {NULL};
    apr_status_t rv = read_fields(ctl, &change);

    if (apr_is_empty_table(ctl->options)) {
        return cp_ctl_fail(ctl, CP_EINPUT, "what is to be changed? See --help");
    }
    if (rv == APR_SUCCESS) {
        rv = cp_ctl_find_clinic(ctl, change.code, &change.clinic);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_db_transaction(ctl->cx.db, set_work, &change);
    }
    if (rv == APR_SUCCESS) {
        cp_ctl_say(ctl,
                   json_pack("{s:O, s:b}", "code",
                             json_object_get(change.clinic, "code"), "changed",
                             change.is_changed),
                   change.is_changed ? "changed the clinic %s"
                                     : "the clinic %s is so already",
                   change.code);
    }
    return rv;
}

static apr_status_t list(cp_ctl_t *ctl)
{
    static const cp_ctl_column_t columns[] = {{"CLINIC", "code"},
                                              {"NAME", "name"},
                                              {"ACTIVE", "active"},
                                              {"TIME ZONE", "time_zone"},
                                              {"LOCALE", "locale"},
                                              {"TAB", "default_tab"},
                                              {NULL}};
    json_t *clinics;
    apr_status_t rv = cp_clinics_list(&ctl->cx, &clinics);

    if (rv == APR_SUCCESS) {
        cp_ctl_table(ctl, clinics, columns);
    }
    return rv;
}

static apr_status_t show(cp_ctl_t *ctl)
{
    static const cp_ctl_column_t columns[] = {{"SETTING", "name"},
                                              {"VALUE", "value"},
                                              {"DEFAULT", "standard"},
                                              {"ALLOWED", "allowed"},
                                              {NULL}};
    json_t *clinic;
    json_t *settings;
    apr_status_t rv = cp_ctl_find_clinic(ctl, cp_ctl_value(ctl, 0), &clinic);

    if (rv == APR_SUCCESS) {
        rv = cp_policy_list(&ctl->cx, cp_json_string(clinic, "clinic_id", ""),
                            &settings);
    }
    if (rv == APR_SUCCESS) {
        cp_ctl_table(ctl, settings, columns);
    }
    return rv;
}

const cp_ctl_command_t cp_ctl_clinic[] = {
    {"clinic add",
     "CLINIC --name NAME --time-zone ZONE [--locale LOCALE] [--active on|off] "
     "[--default-tab staff|patient] [--support TEXT] [--crisis TEXT]",
     "Add a clinic. CLINIC is the clinicID of its address; ZONE is one such as "
     "America/New_York.",
     CP_CTL_SCHEMA, add},
    {"clinic set",
     "CLINIC [--name NAME] [--time-zone ZONE] [--locale LOCALE] "
     "[--active on|off] [--default-tab staff|patient] [--support TEXT] "
     "[--crisis TEXT] [--lock-after N] [--lock-permanently VALUE] "
     "[--password-length N] [--password-length-with-factor N] "
     "[--password-letter-digit VALUE] [--password-upper-lower VALUE] "
     "[--password-special VALUE] [--password-no-name VALUE] "
     "[--password-history N] [--password-expiry-days N] "
     "[--reset-by-mail VALUE] [--second-factor VALUE] [--remember-days N] "
     "[--session-idle-minutes N] [--session-max-hours N]",
     "Change what is given. A clinic that is not active lets nobody in, and "
     "whoever is in is signed out. For what the rest may be see clinic show; "
     "\"default\" takes a decision back.",
     CP_CTL_SCHEMA, set},
    {"clinic show", "CLINIC", "What a clinic has decided about sign-in.",
     CP_CTL_SCHEMA, show},
    {"clinic list", "", "List all clinics.", CP_CTL_SCHEMA, list},
    {NULL}};
