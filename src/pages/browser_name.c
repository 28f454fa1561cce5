/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A browser as people call it. */
#include "pages/browser_name.h"

#include <apr_strings.h>
#include <string.h>

typedef struct mark_t {
    const char *in_header;
    const char *name;
} mark_t;

/* The first that is found counts: most claim to be several others as well. */
static const mark_t browsers[] = {
    {"Edg", "Edge"},
    {"OPR/", "Opera"},
    {"SamsungBrowser", "Samsung Internet"},
    {"Firefox/", "Firefox"},
    {"FxiOS/", "Firefox"},
    {"CriOS/", "Chrome"},
    {"Chrome/", "Chrome"},
    {"Safari/", "Safari"},
    {NULL, "Unknown browser"},
};

static const mark_t systems[] = {
    {"iPhone", " on iPhone"},   {"iPad", " on iPad"},
    {"Android", " on Android"}, {"Windows", " on Windows"},
    {"CrOS", " on ChromeOS"},   {"Mac OS X", " on Mac"},
    {"Linux", " on Linux"},     {NULL, ""},
};

static const char *find(const mark_t *mark, const char *text)
{
    while (mark->in_header != NULL && strstr(text, mark->in_header) == NULL) {
        mark++;
    }
    return mark->name;
}

const char *cp_browser_name(const char *user_agent, apr_pool_t *p)
{
    return apr_pstrcat(p, find(browsers, user_agent), find(systems, user_agent),
                       NULL);
}
