/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* One mounted portal as it runs: everything the configuration says, checked,
 * compiled and derived at start-up, constant from then on. */
#ifndef CP_PORTAL_H
#define CP_PORTAL_H

#include "base/gate.h"
#include "base/jwt.h"
#include "base/mustache.h"
#include "clinic/mail.h"

#include <httpd.h>

typedef struct cp_portal_t {
    const char *path;        /* of its <Location>: "/" or "/portal" */
    const char *place;       /* "portal.example/portal", no other's; see
                              * src/monitor/seen.h */
    const char *base;        /* the same as a prefix: "" or "/portal" */
    const char *origin;      /* ClinicPortalOrigin, "https://portal.example";
                              * NULL: the request's own */
    const char *secure_origin; /* the same if it is https:, or NULL */
    const char *assets_url;  /* "/portal/assets/0123456789abcdef" */
    const char *assets_dir;  /* directory that holds the hashed one */
    const char *support;     /* ClinicPortalSupport; "" if not set */
    const char *csp;         /* Content-Security-Policy of every page */
    const char *csp_captcha; /* of a page with the box */
    const cp_jwt_key_t *token_key; /* of the tokens for guarded locations */
    int requires_tls;
    cp_options_t options;
    const cp_mail_sender_t *mail; /* NULL: no ClinicPortalMail */
    cp_mustache_t *views;
    cp_catalog_t *catalog;
    server_rec *server;        /* whose settings, and pool of mod_dbd, it has:
                                * also where another without any serves it */
    const char *database;      /* DBDParams: tells one from another */
    const char *database_pool; /* DBDriver, DBDParams and DBDMax: tells one
                                * pool of mod_dbd from another */
    const char *sqlite_file;   /* NULL: another database */
    int connections_max;       /* DBDMax */
    apr_interval_time_t database_timeout;
    int schema_version;     /* of the database, that the module needs */
    int is_unchecked;       /* the database was out of reach at the start */
    int has_threads;        /* of the MPM: not prefork */
    struct cp_seen_t *seen; /* src/monitor/seen.h; NULL: nobody looks */
    /* Shared by all of httpd's processes: true while the database is known not
     * to answer. NULL: nobody looks. */
    _Atomic int *is_database_gone;
    /* Of this process: */
    cp_gate_t *connections; /* before mod_dbd's pool, of all portals that share
                             * it; NULL: the process could not get ready */
    cp_deadlines_t *deadlines;
} cp_portal_t;

#endif
