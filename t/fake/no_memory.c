/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Preloaded into httpd: while the file CP_NO_MEMORY exists there is no memory
 * for an object whose first member is the one that it names. */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_named(const char *member)
{
    const char *path = getenv("CP_NO_MEMORY");
    FILE *file = path == NULL ? NULL : fopen(path, "r");
    char name[64] = "";

    if (file == NULL) {
        return 0;
    }
    if (fgets(name, sizeof(name), file) != NULL) {
        name[strcspn(name, "\n")] = '\0';
    }
    (void)fclose(file);
    return strcmp(name, member) == 0;
}

json_t *json_pack(const char *format, ...)
{
    va_list first;
    va_list all;
    json_t *made = NULL;

    va_start(first, format);
    va_start(all, format);
    if (strncmp(format, "{s", 2) != 0 || !is_named(va_arg(first, char *))) {
        made = json_vpack_ex(NULL, 0, format, all);
    }
    va_end(all);
    va_end(first);
    return made;
}
