/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What every rule of the clinic works with: the first argument of all of
 * them. Made per request (or per command) by the caller. */
#ifndef CP_CONTEXT_H
#define CP_CONTEXT_H

#include "base/altcha.h"
#include "base/blocklist.h"
#include "base/calendar_pool.h"
#include "base/keys.h"
#include "base/password.h"
#include "base/port.h"
#include "base/sealed.h"
#include "base/siteverify.h"
#include "db/db.h"
#include "net/http.h"

typedef enum cp_captcha_mode_t {
    CP_CAPTCHA_OFF,
    CP_CAPTCHA_ALTCHA,
    CP_CAPTCHA_REMOTE
} cp_captcha_mode_t;

typedef struct cp_captcha_options_t {
    cp_captcha_mode_t mode;
    cp_altcha_policy_t altcha;
    const cp_siteverify_t *provider; /* CP_CAPTCHA_REMOTE only, as below */
    const char *site_key;
    const char *secret;
    const char *verify_url;
    const char *ca_file;             /* NULL: the system's authorities */
    const apr_array_header_t *hosts; /* const char *: names we answer to */
    int timeout_ms;
    cp_http_pool_t *http;
} cp_captcha_options_t;

/* At most `tries` failures within `window`. */
typedef struct cp_limit_t {
    int tries;
    apr_interval_time_t window;
} cp_limit_t;

typedef struct cp_login_limits_t {
    cp_limit_t account;
    cp_limit_t address;
    cp_limit_t clinic;
} cp_login_limits_t;

/* Constant after start-up. */
typedef struct cp_options_t {
    cp_keys_t keys;
    cp_captcha_options_t captcha;
    cp_login_limits_t limits;
    apr_interval_time_t session_idle;
    apr_interval_time_t session_max;
    const char *documents_dir; /* NULL: documents are off */
    int sends_mail;            /* ClinicPortalMail is set */
    /* Of this process: */
    cp_password_gate_t *gate;
    cp_calendar_pool_t *calendars;   /* NULL: none are kept */
    const cp_blocklist_t *blocklist; /* common passwords; NULL: none */
} cp_options_t;

typedef struct cp_ctx_t {
    apr_pool_t *pool; /* of the request */
    const cp_port_t *port;
    cp_db_t *db;
    const cp_options_t *options;
    const char *address;    /* of the client, r->useragent_ip; "" for ctl */
    const char *user_agent; /* at most 256 bytes of UTF-8; "" if none */
    int is_background;      /* asked by a program, not a person: the session's
                             * idle time runs on */
    const char *reference;  /* NULL until asked for; "" for ctl */
    const char *version;    /* of the account, see cp_changes_look; NULL: not
                             * known */
    apr_array_header_t *kept_audits; /* see clinic/audit.h; NULL: they are
                                      * written at once */
} cp_ctx_t;

/* The number that the error page shows and the log repeats, made when first
 * asked for. */
const char *cp_ctx_reference(cp_ctx_t *cx);

/* The seal of this portal for that context (base/sealed.h). */
cp_seal_t cp_ctx_seal(const cp_ctx_t *cx, const char *context);

typedef enum cp_kind_t { CP_KIND_STAFF, CP_KIND_PATIENT } cp_kind_t;

/* "staff" and "patient": as stored, in URLs and in cookie names. */
const char *cp_kind_word(cp_kind_t kind);

/* "Staff" and "Patient", as in LoginType. */
const char *cp_kind_label(cp_kind_t kind);

cp_kind_t cp_kind_other(cp_kind_t kind);

/* A kind from text, ignoring ASCII case. CP_EINPUT: neither. */
apr_status_t cp_kind_parse(const char *text, cp_kind_t *kind);

#endif
