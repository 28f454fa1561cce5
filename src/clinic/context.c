/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The two kinds of accounts. */
#include "clinic/context.h"

#include "base/status.h"
#include "base/token.h"

#include <strings.h>

const char *cp_kind_word(cp_kind_t kind)
{
    return kind == CP_KIND_STAFF ? "staff" : "patient";
}

const char *cp_kind_label(cp_kind_t kind)
{
    return kind == CP_KIND_STAFF ? "Staff" : "Patient";
}

cp_kind_t cp_kind_other(cp_kind_t kind)
{
    return kind == CP_KIND_STAFF ? CP_KIND_PATIENT : CP_KIND_STAFF;
}

apr_status_t cp_kind_parse(const char *text, cp_kind_t *kind)
{
    if (text != NULL && strcasecmp(text, "staff") == 0) {
        *kind = CP_KIND_STAFF;
        return APR_SUCCESS;
    }
    if (text != NULL && strcasecmp(text, "patient") == 0) {
        *kind = CP_KIND_PATIENT;
        return APR_SUCCESS;
    }
    return CP_EINPUT;
}

/* Set before it is made: a failure on the way is logged with it. */
const char *cp_ctx_reference(cp_ctx_t *cx)
{
    if (cx->reference == NULL) {
        cx->reference = "0000-0000";
        cx->reference = cp_token_reference(cx->port, cx->pool);
    }
    return cx->reference;
}

cp_seal_t cp_ctx_seal(const cp_ctx_t *cx, const char *context)
{
    cp_seal_t seal = {&cx->options->keys, cx->port, context};

    return seal;
}
