/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* staff and patient: adds, lists and changes accounts and the people behind
 * them. */
#include "ctl/ctl.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/account_rules.h"

typedef struct change_t {
    cp_ctl_t *ctl;
    cp_account_name_t name;
    cp_account_fields_t fields;
    json_t *account; /* to set; NULL: to add */
    int is_changed;
} change_t;

/* The kind is the first word of the command. */
static cp_kind_t kind_of(const cp_ctl_t *ctl)
{
    return ctl->command->words[0] == 's' ? CP_KIND_STAFF : CP_KIND_PATIENT;
}

static apr_status_t read_change(cp_ctl_t *ctl, change_t *change)
{
    cp_account_fields_t fields = {
        .display_name = cp_ctl_option(ctl, "display-name"),
        .email = cp_ctl_option(ctl, "email"),
        .roles = cp_ctl_option(ctl, "roles"),
        .permissions = cp_ctl_option(ctl, "permissions"),
    };
    const char *why =
        cp_account_refuse_fields(&fields, kind_of(ctl), ctl->pool);

    change->ctl = ctl;
    change->fields = fields;
    if (why != NULL) {
        return cp_ctl_fail(ctl, CP_EINPUT, "%s", why);
    }
    return cp_ctl_name(ctl, kind_of(ctl), 1, &change->name);
}

static apr_status_t add_work(cp_db_t *db, void *baton)
{
    change_t *change = baton;

    return cp_accounts_add(&change->ctl->cx, &change->name, &change->fields,
                           &change->account);
}

static apr_status_t set_work(cp_db_t *db, void *baton)
{
    change_t *change = baton;

    return cp_accounts_set(&change->ctl->cx, change->account, &change->fields,
                           &change->is_changed);
}

static apr_status_t add(cp_ctl_t *ctl)
{
    change_t change = {NULL};
    apr_status_t rv = read_change(ctl, &change);
    const char *word = cp_kind_word(kind_of(ctl));

    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = cp_db_transaction(ctl->cx.db, add_work, &change);
    if (rv == APR_EEXIST) {
        return cp_ctl_fail(ctl, rv, "%s has a %s account %s already",
                           cp_ctl_value(ctl, 0), word, change.name.username);
    }
    if (rv == CP_EINPUT) {
        return cp_ctl_fail(ctl, rv,
                           "a user name is 1 to 128 bytes, without a space at "
                           "either end");
    }
    if (rv == APR_SUCCESS) {
        cp_ctl_say(ctl, json_incref(change.account),
                   "added the %s account %s; it needs a password: "
                   "clinicportalctl passwd %s %s %s",
                   word, change.name.username, cp_ctl_value(ctl, 0), word,
                   change.name.username);
    }
    return rv;
}

static apr_status_t set(cp_ctl_t *ctl)
{
    change_t change = {NULL};
    apr_status_t rv = read_change(ctl, &change);

    if (rv == APR_SUCCESS && apr_is_empty_table(ctl->options)) {
        return cp_ctl_fail(ctl, CP_EINPUT, "what is to be changed? See --help");
    }
    if (rv == APR_SUCCESS) {
        rv = cp_ctl_find_account(ctl, &change.name, &change.account);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_db_transaction(ctl->cx.db, set_work, &change);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_ctl_find_account(ctl, &change.name, &change.account);
    }
    if (rv == APR_SUCCESS) {
        cp_ctl_say(ctl, json_incref(change.account),
                   change.is_changed ? "changed the %s account %s"
                                     : "the %s account %s is so already",
                   cp_kind_word(change.name.kind), change.name.username);
    }
    return rv;
}

static apr_status_t list(cp_ctl_t *ctl)
{
    static const cp_ctl_column_t columns[] = {{"USER", "username"},
                                              {"NAME", "display_name"},
                                              {"STATUS", "status"},
                                              {"PASSWORD", "has_password"},
                                              {"ROLES", "roles"},
                                              {"PERMISSIONS", "permissions"},
                                              {"LAST LOGIN", "last_login_at"},
                                              {NULL}};
    json_t *accounts;
    json_t *clinic;
    apr_status_t rv = cp_ctl_find_clinic(ctl, cp_ctl_value(ctl, 0), &clinic);

    if (rv == APR_SUCCESS) {
        rv = cp_accounts_list(&ctl->cx, cp_json_string(clinic, "clinic_id", ""),
                              kind_of(ctl), &accounts);
    }
    if (rv == APR_SUCCESS) {
        cp_ctl_table(ctl, accounts, columns);
    }
    return rv;
}

#define FIELDS                                                                 \
    "CLINIC USER [--display-name NAME] [--email ADDRESS] [--roles WORDS] "     \
    "[--permissions WORDS]"

const cp_ctl_command_t cp_ctl_person[] = {
    {"staff add", FIELDS,
     "Add a staff account, without a password, with the permission "
     "staff-portal\n    unless --permissions says otherwise.",
     CP_CTL_SCHEMA, add},
    {"staff set", FIELDS,
     "Change what is given. --roles and --permissions replace all there were: "
     "words\n    parted by spaces, \"\" for none. Permissions: staff-portal, "
     "schedule-all,\n    documents-all, clinic-admin.",
     CP_CTL_SCHEMA, set},
    {"staff list", "CLINIC", "List the staff accounts of a clinic.",
     CP_CTL_SCHEMA, list},
    {"patient add", FIELDS,
     "Add a patient account, without a password, with the permission\n    "
     "patient-portal unless --permissions says otherwise.",
     CP_CTL_SCHEMA, add},
    {"patient set", FIELDS,
     "Change what is given. The only permission of patients is "
     "patient-portal.",
     CP_CTL_SCHEMA, set},
    {"patient list", "CLINIC", "List the patient accounts of a clinic.",
     CP_CTL_SCHEMA, list},
    {NULL}};
