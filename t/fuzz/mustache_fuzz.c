/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Any bytes as a model and templates: parts parted by a line "====". The
 * first is the model in JSON, the next the template "a", then "b" and so on.
 * No crash, no endless work, an error that says where, and the same text each
 * time. */
#include "base/mustache.h"

#include "fuzz.h"

#include "base/json.h"
#include "base/status.h"

#include <apr_strings.h>

#define PARTING "====\n"
#define PARTS_MAX 8
#define TEXT_MAX (4 * 1024 * 1024)

typedef struct parts_t {
    const char *part[PARTS_MAX];
    int count;
} parts_t;

static void split(parts_t *parts, char *text)
{
    parts->count = 0;
    while (text != NULL && parts->count < PARTS_MAX) {
        char *parting = strstr(text, PARTING);

        parts->part[parts->count++] = text;
        if (parting != NULL) {
            *parting = '\0';
            parting += strlen(PARTING);
        }
        text = parting;
    }
}

static const char *load_part(void *baton, const char *name, apr_pool_t *p)
{
    const parts_t *parts = baton;
    int i = name[0] - 'a' + 1;

    return name[1] == '\0' && i > 0 && i < parts->count ? parts->part[i] : NULL;
}

static void render_twice(const cp_mustache_t *set, const json_t *model,
                         apr_pool_t *p)
{
    cp_mustache_text_t text, again;
    apr_status_t rv = cp_mustache_render(set, "a", model, &text, p);

    demand(rv == APR_SUCCESS || rv == CP_ETOOLARGE);
    demand(cp_mustache_render(set, "a", model, &again, p) == rv);
    if (rv == APR_SUCCESS) {
        demand(text.len <= TEXT_MAX && text.bytes[text.len] == '\0');
        demand(text.len == again.len &&
               memcmp(text.bytes, again.bytes, text.len) == 0);
    }
}

static void run(parts_t *parts, int is_strict, apr_pool_t *p)
{
    json_t *model = cp_json_own(
        json_loads(parts->part[0], JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL), p);
    cp_mustache_t *set;
    const char *error;
    apr_status_t rv;

    demand(cp_mustache_make(&set, load_part, parts, is_strict, p) ==
           APR_SUCCESS);
    rv = cp_mustache_compile(set, "a", &error);
    if (rv == APR_SUCCESS) {
        render_twice(set, model, p);
        return;
    }
    demand(rv == CP_EINPUT && error[0] >= 'a' && error[1] == ':');
    demand(error[2] >= '1' && error[2] <= '9');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = fuzz_pool();
    parts_t parts;

    split(&parts, apr_pstrmemdup(p, (const char *)data, size));
    run(&parts, 0, p);
    run(&parts, 1, p);
    apr_pool_destroy(p);
    return 0;
}
