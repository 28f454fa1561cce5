/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The permission model: which words there are and whether a list has one. */
#include "clinic/access.h"

#include <string.h>

int cp_access_is_permission(const char *word)
{
    static const char *const words[] = {
        CP_PERMISSION_STAFF_PORTAL, CP_PERMISSION_PATIENT_PORTAL,
        CP_PERMISSION_SCHEDULE_ALL, CP_PERMISSION_DOCUMENTS_ALL,
        CP_PERMISSION_CLINIC_ADMIN,
    };
    size_t i;

    for (i = 0; word != NULL && i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(word, words[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

const char *cp_access_portal_permission(cp_kind_t kind)
{
    return kind == CP_KIND_STAFF ? CP_PERMISSION_STAFF_PORTAL
                                 : CP_PERMISSION_PATIENT_PORTAL;
}

int cp_access_has(const char *words, const char *word)
{
    size_t len = word == NULL ? 0 : strlen(word);

    if (words == NULL || len == 0 || strchr(word, ' ') != NULL) {
        return 0;
    }
    for (;;) {
        size_t span = strcspn(words, " ");

        if (span == len && memcmp(words, word, len) == 0) {
            return 1;
        }
        if (words[span] == '\0') {
            return 0;
        }
        words += span + 1;
    }
}
