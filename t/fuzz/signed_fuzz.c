/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Any text as a signed value is a forgery unless it is the very text we made,
 * and any text can be signed and comes back. */
#include "base/signed.h"

#include "fuzz.h"

#include "base/status.h"

#include <apr_strings.h>

#define NOW apr_time_from_sec(1800000000)
#define PURPOSE "next"
#define CONTEXT "visit"

static const cp_keys_t keys = {
    (const unsigned char *)"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 32,
    (const unsigned char *)"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", 32};
static const cp_signer_t signer = {&keys, PURPOSE, CONTEXT};

/* The seed "genuine" holds this one, for mutations to start from. */
static int is_ours(const char *text, apr_pool_t *p)
{
    const char *ours;

    demand(cp_signed_make(&ours, &signer, "/portal/staff/", NOW, p) ==
           APR_SUCCESS);
    return strcmp(text, ours) == 0;
}

static void check_forgery(const char *text, apr_pool_t *p)
{
    const char *value = NULL;
    apr_status_t rv = cp_signed_read(&value, &signer, text, NOW, p);

    demand(rv == (is_ours(text, p) ? APR_SUCCESS : CP_EDENIED));
    demand((value != NULL) == (rv == APR_SUCCESS));
    demand(value == NULL || strcmp(value, "/portal/staff/") == 0);
}

static void check_return(const char *given, const char *context, apr_pool_t *p)
{
    cp_signer_t theirs = {&keys, PURPOSE, context};
    const char *text;
    const char *value;
    apr_status_t expected;

    demand(cp_signed_make(&text, &theirs, given, NOW, p) == APR_SUCCESS);
    expected = strlen(text) > 8192 ? CP_EDENIED : APR_SUCCESS;
    demand(cp_signed_read(&value, &theirs, text, NOW, p) == expected);
    demand(expected != APR_SUCCESS || strcmp(value, given) == 0);
    theirs.context = apr_pstrcat(p, context, "x", NULL);
    demand(cp_signed_read(&value, &theirs, text, NOW, p) == CP_EDENIED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = fuzz_pool();
    const char *text = apr_pstrmemdup(p, (const char *)data, size);

    check_forgery(text, p);
    check_return(text, CONTEXT, p);
    check_return("value", text, p);
    apr_pool_destroy(p);
    return 0;
}
