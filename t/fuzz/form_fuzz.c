/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Any bytes as a query: what is accepted is clean, within the limits, and the
 * same when encoded and parsed again; what is absent stays absent. */
#include "base/form.h"

#include "fuzz.h"

#include "base/encode.h"
#include "base/ident.h"
#include "base/status.h"

#include <apr_strings.h>

static const char *const known[] = {"a", "name", "clinicID", NULL};

static void check_value(const char *value)
{
    const char *c;

    demand(strlen(value) <= CP_FORM_VALUE_MAX);
    demand(cp_utf8_is_valid(value, strlen(value)));
    for (c = value; *c != '\0'; c++) {
        demand(strchr("\t\r\n", *c) != NULL || (unsigned char)*c >= 0x20);
        demand(*c != 0x7f);
    }
}

/* The values of `form` as a query. */
static const char *encoded(const cp_form_t *form, apr_pool_t *p)
{
    const char *query = "";
    int i;

    for (i = 0; known[i] != NULL; i++) {
        const char *value = cp_form_get(form, known[i]);

        if (value != NULL) {
            check_value(value);
            query = apr_pstrcat(p, query, known[i], "=",
                                cp_encode_url(value, p), "&", NULL);
        }
    }
    return query;
}

static void check_same(const cp_form_t *a, const cp_form_t *b)
{
    int i;

    for (i = 0; known[i] != NULL; i++) {
        const char *one = cp_form_get(a, known[i]);
        const char *other = cp_form_get(b, known[i]);

        demand((one == NULL) == (other == NULL));
        demand(one == NULL || strcmp(one, other) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = fuzz_pool();
    cp_form_t *form = NULL;
    cp_form_t *again = NULL;
    const char *query;
    apr_status_t rv = cp_form_parse(&form, (const char *)data, size, known, p);

    demand(rv == APR_SUCCESS || rv == CP_EINPUT);
    if (rv == APR_SUCCESS) {
        demand(memchr(data, '\0', size) == NULL);
        demand(cp_form_get(form, "unknown") == NULL);
        query = encoded(form, p);
        demand(cp_form_parse(&again, query, strlen(query), known, p) ==
               APR_SUCCESS);
        check_same(form, again);
    }
    apr_pool_destroy(p);
    return 0;
}
