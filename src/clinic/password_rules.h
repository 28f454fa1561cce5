/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What a password has to be like: NIST SP 800-63B-4 3.1.1.2 (length, no common
 * ones), and what a clinic asks beyond that. The same list is shown before
 * typing and says afterwards which rule a password breaks. */
#ifndef CP_PASSWORD_RULES_H
#define CP_PASSWORD_RULES_H

#include "clinic/policy.h"

/* Whose password it is to be. */
typedef struct cp_password_owner_t {
    const cp_policy_t *policy; /* of the clinic */
    const char *username;
    const char *display_name;
    const char *clinic_code;
    const char *clinic_name;
    int has_factor; /* a second factor is asked for at sign-in */
} cp_password_owner_t;

/* The rules as an array of {code, text, is_broken}, in cx->pool. password
 * NULL: none is broken yet. *broken: how many are, those with the code
 * "history" aside, which needs the former hashes. */
apr_status_t cp_password_rules(cp_ctx_t *cx, const cp_password_owner_t *owner,
                               const char *password, json_t **rules,
                               int *broken);

/* Mark the rule of that code as broken. */
void cp_password_rules_break(json_t *rules, const char *code);

/* The broken rules in one sentence, for the command line. */
const char *cp_password_rules_text(const json_t *rules, apr_pool_t *p);

#endif
