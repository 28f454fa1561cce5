/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What an account may be like. */
#include "clinic/account_rules.h"

#include "base/ident.h"
#include "clinic/line.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#define ROLE_MAX 32        /* bytes */
#define NAME_MAX_BYTES 200 /* of a person */
#define EMAIL_MAX 254      /* RFC 5321 */

static apr_size_t count_code_points(const char *text)
{
    apr_size_t count = 0;

    for (; *text != '\0'; text++) {
        count += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return count;
}

const char *cp_account_refuse_password(const char *password)
{
    apr_size_t len = strlen(password);

    if (len > CP_PASSWORD_MAX) {
        return "the password is longer than 256 bytes";
    }
    if (!cp_utf8_is_valid(password, len)) {
        return "the password is not valid UTF-8";
    }
    if (count_code_points(password) < CP_ACCOUNT_PASSWORD_LEAST) {
        return "the password is shorter than 15 characters";
    }
    return NULL;
}

static int is_role(const char *word)
{
    apr_size_t len = strlen(word);

    return len <= ROLE_MAX && apr_islower(word[0]) &&
           strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* Staff and patients share no permission. */
static int is_permission_of(const char *word, cp_kind_t kind)
{
    int is_patients = strcmp(word, CP_PERMISSION_PATIENT_PORTAL) == 0;

    return cp_access_is_permission(word) &&
           is_patients == (kind == CP_KIND_PATIENT);
}

apr_array_header_t *cp_account_words(const char *words, apr_pool_t *p)
{
    apr_array_header_t *list = apr_array_make(p, 4, sizeof(const char *));
    char *rest = apr_pstrdup(p, words == NULL ? "" : words);
    char *word;

    while ((word = apr_strtok(rest, " ", &rest)) != NULL) {
        APR_ARRAY_PUSH(list, const char *) = word;
    }
    return list;
}

static const char *refuse_words(const cp_account_fields_t *fields,
                                cp_kind_t kind, apr_pool_t *p)
{
    apr_array_header_t *roles = cp_account_words(fields->roles, p);
    apr_array_header_t *permissions = cp_account_words(fields->permissions, p);
    int i;

    for (i = 0; i < roles->nelts; i++) {
        if (!is_role(APR_ARRAY_IDX(roles, i, const char *))) {
            return "a role is a word of a-z, 0-9 and -, at most 32 long";
        }
    }
    for (i = 0; i < permissions->nelts; i++) {
        if (!is_permission_of(APR_ARRAY_IDX(permissions, i, const char *),
                              kind)) {
            return kind == CP_KIND_STAFF
                       ? "the permissions of staff are staff-portal, "
                         "schedule-all, documents-all, clinic-admin"
                       : "the only permission of patients is patient-portal";
        }
    }
    return NULL;
}

const char *cp_account_refuse_fields(const cp_account_fields_t *fields,
                                     cp_kind_t kind, apr_pool_t *p)
{
    if (fields->display_name != NULL &&
        (fields->display_name[0] == '\0' ||
         !cp_line_is_valid(fields->display_name, NAME_MAX_BYTES))) {
        return "a display name is one line of 1 to 200 bytes";
    }
    if (fields->email != NULL && fields->email[0] != '\0' &&
        (!cp_line_is_valid(fields->email, EMAIL_MAX) ||
         strchr(fields->email, '@') == NULL)) {
        return "an e-mail address has an @ and at most 254 bytes";
    }
    if (fields->status != NULL && strcmp(fields->status, "active") != 0 &&
        strcmp(fields->status, "disabled") != 0) {
        return "a status is active or disabled";
    }
    return refuse_words(fields, kind, p);
}
