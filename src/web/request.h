/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A request as the pages see it: parsed, checked, plain data. Made by
 * src/web/incoming and src/web/handler from httpd's request_rec; nothing of
 * httpd shows. */
#ifndef CP_REQUEST_H
#define CP_REQUEST_H

#include "base/form.h"
#include "clinic/session.h"
#include "web/portal.h"

struct cp_route_t;

typedef struct cp_request_t {
    cp_ctx_t cx; /* for the rules; cx.pool is the request's */
    const cp_portal_t *portal;
    const struct cp_route_t *route;
    const char *id;              /* the path's {id}; NULL if it has none */
    cp_kind_t kind;              /* the path's {kind}, else unset */
    const cp_form_t *query;      /* the names the route lists; may be NULL */
    const cp_form_t *body;       /* likewise; NULL unless POST */
    const cp_session_t *session; /* signed in; NULL on public pages */
    const cp_clinic_t *clinic;   /* whose page it is; the session's, or set by
                                  * the page; NULL if none */
    const char *cookies;         /* the Cookie header; NULL if none */
    const char *visit;           /* visit cookie, perhaps new; NULL: unused */
    int wants_json;              /* Accept: application/json */
    int is_secure;               /* arrived by TLS */
    const char *origin;          /* of this host as browsers see it; NULL: the
                                  * request names no host */
    const char *target;          /* path and query as requested */
} cp_request_t;

/* Values of a known query or body field, NULL when absent. */
const char *cp_request_query(const cp_request_t *req, const char *name);
const char *cp_request_body(const cp_request_t *req, const char *name);

/* Is TLS asked for (ClinicPortalRequireTLS) and was not used? */
int cp_request_lacks_tls(const cp_request_t *req);

/* An address of this portal: base + apr_psprintf(format, ...). */
const char *cp_request_url(const cp_request_t *req, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
