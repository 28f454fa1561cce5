/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The one table in which every address of the portal stands. */
#ifndef CP_ROUTER_H
#define CP_ROUTER_H

#include "web/reply.h"

typedef enum cp_method_t { CP_GET, CP_POST } cp_method_t; /* GET covers HEAD */

typedef enum cp_area_t {
    CP_PUBLIC,   /* anybody */
    CP_SIGNED_IN /* a live session of the path's {kind} */
} cp_area_t;

/* Fill in the reply. Anything but APR_SUCCESS becomes an error page:
 * APR_ENOENT 404, CP_EINPUT 400, CP_EDENIED 403, CP_EDB and CP_EUNAVAILABLE
 * 503, others 500. */
typedef apr_status_t (*cp_page_t)(cp_request_t *req, cp_reply_t *reply);

typedef struct cp_route_t {
    cp_method_t method;
    const char *path; /* "/{kind}/documents/{id}": {kind} is staff or
                       * patient, {id} a public id; compared ignoring
                       * case only where the route says so */
    cp_area_t area;
    int needs_csrf;
    const char *const *fields; /* NULL-terminated: names read from the query
                                * (GET) or the body (POST) */
    const char *section;       /* which tab of the navigation is current */
    cp_page_t page;
} cp_route_t;

/* All of them, defined in src/pages/routes.c. */
extern const cp_route_t cp_routes[];
extern const int cp_route_count;

#endif
