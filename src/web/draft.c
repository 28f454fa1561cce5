/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Forms that arrive too late. */
#include "web/draft.h"

#include "clinic/draft.h"
#include "web/csrf.h"
#include "web/identity.h"
#include "web/router.h"

#include <apr_strings.h>

const char *cp_draft_place(const cp_request_t *req)
{
    return req->route->draft == NULL || req->id == NULL
               ? NULL
               : apr_pstrcat(req->cx.pool, req->route->section, "/", req->id,
                             NULL);
}

void cp_draft_of_ended(const request_rec *r, cp_request_t *req)
{
    const char *place = cp_draft_place(req);
    const cp_session_t *ended;

    if (place == NULL ||
        cp_session_find_ended(&req->cx, req->kind,
                              cp_identity_cookie(req, req->kind),
                              &ended) != APR_SUCCESS) {
        return;
    }
    req->session = ended; /* for the token of the form, and no longer */
    if (cp_csrf_is_good(req, cp_request_body(req, "csrf"), r)) {
        (void)cp_draft_save(&req->cx, ended, place,
                            cp_request_body(req, req->route->draft));
    }
    req->session = NULL;
}
