/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* passwd: sets a password, which never is an argument: those are there for
 * everybody on the machine to see. */
#include "ctl/ctl.h"

#include "base/ident.h"
#include "base/json.h"
#include "base/status.h"
#include "clinic/password_change.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ROOM (CP_PASSWORD_MAX + 3) /* one byte too long, newline, NUL */

typedef struct change_t {
    cp_ctl_t *ctl;
    const json_t *account;
    const char *hash;
} change_t;

/* Byte by byte: whoever writes may keep the pipe open, and what follows the
 * line is not for us. Without the newline. */
static apr_size_t read_bytes(char *password)
{
    apr_size_t len = 0;

    while (len < ROOM - 1) {
        ssize_t got = read(STDIN_FILENO, password + len, 1);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0 || password[len] == '\n') {
            break;
        }
        len++;
    }
    return len;
}

static apr_status_t read_line(cp_ctl_t *ctl, char *password)
{
    apr_size_t len = read_bytes(password);

    len -= len > 0 && password[len - 1] == '\r';
    password[len] = '\0';
    if (strlen(password) != len) {
        return cp_ctl_fail(ctl, CP_EINPUT, "the password holds a NUL");
    }
    return APR_SUCCESS;
}

static apr_status_t ask(cp_ctl_t *ctl, const char *prompt, char *password)
{
    apr_size_t len = ROOM;

    return apr_password_get(prompt, password, &len) == APR_SUCCESS
               ? APR_SUCCESS
               : cp_ctl_fail(ctl, CP_EINPUT,
                             "the password cannot be read, or "
                             "is longer than 256 bytes");
}

static apr_status_t ask_twice(cp_ctl_t *ctl, char *password)
{
    char again[ROOM] = "";
    apr_status_t rv = ask(ctl, "New password: ", password);

    if (rv == APR_SUCCESS) {
        rv = ask(ctl, "Once more: ", again);
    }
    if (rv == APR_SUCCESS && strcmp(password, again) != 0) {
        rv = cp_ctl_fail(ctl, CP_EINPUT, "the two are not the same");
    }
    OPENSSL_cleanse(again, sizeof(again));
    return rv;
}

static apr_status_t read_blocklist(cp_ctl_t *ctl)
{
    const char *error = "";
    cp_blocklist_t *list = NULL;
    apr_status_t rv =
        cp_blocklist_read(&list, cp_ctl_data_path(ctl, "common-passwords.txt"),
                          &error, ctl->pool);

    ctl->rules.blocklist = list;
    return rv == APR_SUCCESS ? rv : cp_ctl_fail(ctl, rv, "%s", error);
}

/* The rules of the account's clinic. */
static apr_status_t check(cp_ctl_t *ctl, const json_t *account,
                          const char *password)
{
    const char *clinic_id = cp_json_string(account, "clinic_id", "");
    cp_policy_t policy;
    cp_password_owner_t owner = {
        .policy = &policy,
        .username = cp_json_string(account, "username", ""),
        .display_name = cp_json_string(account, "display_name", ""),
        .clinic_code = clinic_id,
        .clinic_name = "",
    };
    json_t *clinic;
    json_t *rules;
    int broken = 0;
    apr_status_t rv = read_blocklist(ctl);

    if (!cp_utf8_is_valid(password, strlen(password))) {
        return cp_ctl_fail(ctl, CP_EINPUT, "the password is not valid UTF-8");
    }
    if (rv == APR_SUCCESS) {
        rv = cp_ctl_find_clinic(ctl, clinic_id, &clinic);
    }
    if (rv == APR_SUCCESS) {
        owner.clinic_name = cp_json_string(clinic, "name", "");
        rv = cp_policy_load(&ctl->cx, clinic_id, &policy);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_password_rules(&ctl->cx, &owner, password, &rules, &broken);
    }
    return rv == APR_SUCCESS && broken > 0
               ? cp_ctl_fail(ctl, CP_EINPUT, "the password is not good: %s",
                             cp_password_rules_text(rules, ctl->pool))
               : rv;
}

/* *hash of the password that is typed or piped in. */
static apr_status_t read_hash(cp_ctl_t *ctl, const json_t *account,
                              const char **hash)
{
    char password[ROOM] = "";
    apr_status_t rv = isatty(STDIN_FILENO) ? ask_twice(ctl, password)
                                           : read_line(ctl, password);

    if (rv == APR_SUCCESS) {
        rv = check(ctl, account, password);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_password_hash(hash, ctl->rules.gate, password, ctl->pool);
    }
    OPENSSL_cleanse(password, sizeof(password));
    return rv;
}

static apr_status_t work(cp_db_t *db, void *baton)
{
    change_t *change = baton;

    return cp_accounts_set_password(
        &change->ctl->cx, change->account, change->hash,
        cp_ctl_option(change->ctl, "must-change") != NULL);
}

static apr_status_t passwd(cp_ctl_t *ctl)
{
    change_t change = {.ctl = ctl};
    json_t *account;
    apr_status_t rv = cp_ctl_account(ctl, &account);

    change.account = account;
    if (rv == APR_SUCCESS) {
        rv = read_hash(ctl, account, &change.hash);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_db_transaction(ctl->cx.db, work, &change);
    }
    if (rv == APR_SUCCESS) {
        cp_ctl_say(ctl,
                   json_pack("{s:O}", "username",
                             json_object_get(account, "username")),
                   "%s has a new password; other sessions have ended",
                   cp_ctl_value(ctl, 2));
    }
    return rv;
}

const cp_ctl_command_t cp_ctl_passwd[] = {
    {"passwd", "CLINIC staff|patient USER [--must-change]",
     "Set a password by the rules of the clinic: asked for twice on a "
     "terminal, "
     "else\n    one line of standard input. Ends the sessions of the account. "
     "With --must-change\n    whoever signs in with it has to choose another.",
     CP_CTL_SCHEMA, passwd},
    {NULL}};
