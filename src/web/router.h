/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The one table in which every address of the portal stands. */
#ifndef CP_ROUTER_H
#define CP_ROUTER_H

#include "web/reply.h"

typedef enum cp_method_t { CP_GET, CP_POST } cp_method_t; /* GET covers HEAD */

typedef enum cp_area_t {
    CP_PUBLIC,      /* anybody */
    CP_SIGNED_IN,   /* a live session of the path's {kind} */
    CP_SIGNED_IN_BY /* a live session of either kind: the one whose csrf token
                     * the form carries */
} cp_area_t;

/* Fill in the reply. Anything but APR_SUCCESS becomes an error page:
 * APR_ENOENT 404, CP_EINPUT 400, CP_EDENIED 403, CP_EDB and CP_EUNAVAILABLE
 * 503, others 500. */
typedef apr_status_t (*cp_page_t)(cp_request_t *req, cp_reply_t *reply);

typedef struct cp_route_t {
    cp_method_t method;
    const char *path; /* "/{kind}/documents/{id}": {kind} is staff or
                       * patient, {id} a public id; case counts, as it does
                       * in the sections of httpd that guard a path, but for
                       * is_any_case */
    cp_area_t area;
    int needs_csrf;
    const char *const *fields; /* NULL-terminated: names read from the query
                                * (GET) or the body (POST) */
    const char *section;       /* which tab of the navigation is current */
    cp_page_t page;
    cp_page_t stale;   /* instead of page when the csrf token or the origin is
                        * wrong; NULL: a 403 error page */
    int is_background; /* asked by our script: no sign of a person */
    cp_step_t step;    /* CP_SIGNED_IN: the step of a sign-in that a session
                        * has to be at; none: signed in for good */
    const char *draft; /* POST: the field of a long text, which is kept if the
                        * session has ended, for the page
                        * "/{kind}/SECTION/{id}" */
    int is_file;       /* GET: answers a file or picture, and no page */
    int is_any_case;   /* answered in any letter case; only without {kind} or
                        * {id} */
} cp_route_t;

/* All of them, defined in src/pages/routes.c. */
extern const cp_route_t cp_routes[];
extern const int cp_route_count;

typedef struct cp_match_t {
    const cp_route_t *route;
    cp_kind_t kind;
    const char *id;
    const char *allow; /* with CP_EDENIED: value of the Allow header */
} cp_match_t;

/* The route of `method` ("GET", "HEAD", "POST", anything) and path (below the
 * base, "" or starting with "/"; one final slash is ignored). APR_ENOENT: no
 * route has that path; CP_EDENIED: one has it, for other methods. */
apr_status_t cp_router_match(cp_match_t *match, const char *method,
                             const char *path, apr_pool_t *p);

/* The path, of a route's own spelling, at which what `path` asks for stands: it
 * fits a route of GET but for the case of its letters. NULL: none, or the
 * method is neither GET nor HEAD. For what cp_router_match did not find. */
const char *cp_router_respell(const char *method, const char *path,
                              apr_pool_t *p);

#endif
