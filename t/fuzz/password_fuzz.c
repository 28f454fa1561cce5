/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Any text as a new password, and the lines behind its first as the names of
 * its owner: no crash, as many broken rules as are marked, and none passes that
 * is short, too long or the user name. */
#include "clinic/password_rules.h"

#include "fuzz.h"

#include "base/ident.h"
#include "base/json.h"
#include "base/password.h"

#include <apr_strings.h>

#define LEAST 8

static int count_broken(const json_t *rules)
{
    const json_t *rule;
    size_t i;
    int count = 0;

    json_array_foreach(rules, i, rule)
    {
        demand(cp_json_string(rule, "text", "")[0] != '\0');
        count += cp_json_is_true(rule, "is_broken");
    }
    return count;
}

static const cp_policy_t policy = {
    .password_length = LEAST,
    .password_letter_digit = 1,
    .password_upper_lower = 1,
    .password_special = 1,
};

static int judge(const cp_password_owner_t *owner, const char *password,
                 apr_pool_t *p)
{
    static const cp_options_t options;
    cp_ctx_t cx = {.pool = p, .options = &options};
    json_t *rules;
    int broken;

    demand(cp_password_rules(&cx, owner, password, &rules, &broken) ==
           APR_SUCCESS);
    demand(count_broken(rules) == broken);
    demand((cp_password_rules_text(rules, p)[0] == '\0') == (broken == 0));
    return broken;
}

/* The next line of *text, "" when there is none. */
static const char *next_line(char **text)
{
    char *line = *text;
    char *end = strchr(line, '\n');

    if (end == NULL) {
        *text += strlen(line);
    }
    else {
        *end = '\0';
        *text = end + 1;
    }
    return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = fuzz_pool();
    char *text = apr_pstrmemdup(p, (const char *)data, size);
    const char *password = next_line(&text);
    const char *username = next_line(&text);
    cp_password_owner_t owner = {.policy = &policy,
                                 .username = username,
                                 .display_name = next_line(&text),
                                 .clinic_code = next_line(&text),
                                 .clinic_name = next_line(&text)};
    int broken = judge(&owner, password, p);

    demand(broken > 0 || strlen(password) >= LEAST);
    demand(broken > 0 || strlen(password) <= CP_PASSWORD_MAX);
    demand(broken > 0 || cp_utf8_is_valid(password, strlen(password)));
    demand(broken > 0 || strcmp(password, username) != 0 ||
           !cp_ident_is_username(username));
    apr_pool_destroy(p);
    return 0;
}
