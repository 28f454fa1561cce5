/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Cache-Control of guarded locations. */
#include "guard/private.h"

#include "guard/guard.h"
#include "guard/who.h"

#include <apr_strings.h>
#include <http_protocol.h>
#include <http_request.h>
#include <string.h>
#include <strings.h>
#include <util_filter.h>

#define FILTER "CLINICPORTAL_PRIVATE"

/* Directives that would let a shared cache have it. */
static int is_shared(const char *directive)
{
    static const char *const words[] = {"public", "s-maxage", "private",
                                        "proxy-revalidate"};
    apr_size_t len = strcspn(directive, "= \t");
    apr_size_t i;

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i]) == len &&
            strncasecmp(directive, words[i], len) == 0) {
            return 1;
        }
    }
    return 0;
}

/* "private" and what else was said, but for what contradicts it. */
static const char *made_private(const char *control, apr_pool_t *p)
{
    const char *result = "private";

    while (control != NULL && *control != '\0') {
        apr_size_t len;

        control += strspn(control, ", \t");
        len = strcspn(control, ",");
        if (len > 0 && !is_shared(apr_pstrmemdup(p, control, len))) {
            result = apr_pstrcat(p, result, ", ",
                                 apr_pstrmemdup(p, control, len), NULL);
        }
        control += len;
    }
    return result;
}

static void mark(request_rec *r)
{
    const char *control = apr_table_get(r->err_headers_out, "Cache-Control");
    apr_table_t *table = control == NULL ? r->headers_out : r->err_headers_out;

    control = apr_table_getm(r->pool, table, "Cache-Control");
    if (control == NULL || ap_find_token(r->pool, control, "no-store") == 0) {
        apr_table_setn(table, "Cache-Control", made_private(control, r->pool));
    }
    apr_table_mergen(r->headers_out, "Vary", "Cookie");
}

static apr_status_t filter(ap_filter_t *f, apr_bucket_brigade *bb)
{
    mark(f->r);
    ap_remove_output_filter(f);
    return ap_pass_brigade(f->next, bb);
}

/* Also a request that a sub-request's settings were given to, which nobody has
 * judged yet; and one that was led out of a guarded location. */
static int is_one_persons(request_rec *r)
{
    const cp_note_t *note = cp_note_find(r);

    return cp_guard_is_on(r) || (note != NULL && note->who != NULL);
}

static void insert_filter(request_rec *r)
{
    if (r->main == NULL && is_one_persons(r)) {
        (void)ap_add_output_filter(FILTER, NULL, r, r->connection);
    }
}

void cp_private_register(apr_pool_t *p)
{
    (void)p;
    (void)ap_register_output_filter(FILTER, filter, NULL, AP_FTYPE_CONTENT_SET);
    ap_hook_insert_filter(insert_filter, NULL, NULL, APR_HOOK_LAST);
    ap_hook_insert_error_filter(insert_filter, NULL, NULL, APR_HOOK_LAST);
}
