/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Any text as a sealed value opens nothing, and any bytes can be sealed and
 * come back, in their own place alone. */
#include "base/sealed.h"

#include "fuzz.h"

#include "base/status.h"

#include <apr_strings.h>

#define CONTEXT "kept"

static const cp_keys_t keys = {
    (const unsigned char *)"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 32,
    (const unsigned char *)"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", 32, NULL};

/* The seed "genuine" holds what this nonce gives of "/portal/staff/". */
static apr_status_t count_up(void *ctx, void *buf, apr_size_t len)
{
    apr_size_t i;

    for (i = 0; i < len; i++) {
        ((unsigned char *)buf)[i] = (unsigned char)i;
    }
    return ctx == NULL ? APR_SUCCESS : APR_EGENERAL;
}

static const cp_port_t port = {.random = count_up};

static const char *sealed(const void *bytes, size_t size, const char *context,
                          apr_pool_t *p)
{
    cp_seal_t seal = {&keys, &port, context};
    const char *text = NULL;

    demand(cp_sealed_make(&text, &seal, bytes, size, p) == APR_SUCCESS);
    return text;
}

static apr_status_t open_text(cp_unsealed_t *unsealed, const char *context,
                              const char *text, apr_pool_t *p)
{
    cp_seal_t seal = {&keys, &port, context};

    return cp_sealed_open(unsealed, &seal, text, p);
}

static void check_forgery(const char *text, apr_pool_t *p)
{
    const char *ours = "/portal/staff/";
    cp_unsealed_t unsealed;
    apr_status_t rv = open_text(&unsealed, CONTEXT, text, p);
    int is_ours = strcmp(text, sealed(ours, strlen(ours), CONTEXT, p)) == 0;

    demand(rv == (is_ours ? APR_SUCCESS : CP_EDENIED));
    demand(!is_ours || strcmp(unsealed.bytes, ours) == 0);
}

static void check_return(const uint8_t *data, size_t size, const char *context,
                         apr_pool_t *p)
{
    const char *text = sealed(data, size, context, p);
    cp_unsealed_t unsealed;

    demand(open_text(&unsealed, context, text, p) == APR_SUCCESS);
    demand(unsealed.len == size && memcmp(unsealed.bytes, data, size) == 0);
    demand(unsealed.bytes[unsealed.len] == '\0');
    demand(open_text(&unsealed, apr_pstrcat(p, context, "x", NULL), text, p) ==
           CP_EDENIED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = fuzz_pool();
    const char *text = apr_pstrmemdup(p, (const char *)data, size);

    check_forgery(text, p);
    check_return(data, size, CONTEXT, p);
    check_return(data, size, text, p);
    apr_pool_destroy(p);
    return 0;
}
