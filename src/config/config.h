/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The configuration as written: per-directory settings (inherited and merged
 * by httpd, so that a server-wide line serves every portal), and the list of
 * places where a portal is mounted. Written while the configuration is read,
 * never afterwards. */
#ifndef CP_CONFIG_H
#define CP_CONFIG_H

#include "base/meter.h"
#include "base/password.h"

#include <apr_hash.h>
#include <httpd.h>
#include <http_config.h>

#define CP_UNSET (-1)

/* Every setting that is one value: type, name, what "not set" is, default.
 * Declaration, creation, merging and the getters below come from this list. */
#define CP_CONFIG_SCALARS(X)                                                   \
    X(const char *, origin, NULL, NULL)                                        \
    X(const char *, secret, NULL, NULL)                                        \
    X(const char *, previous_secret, NULL, "")                                 \
    X(const char *, support, NULL, "")                                         \
    X(const char *, data_dir, NULL, CP_DATADIR)                                \
    X(const char *, views_dir, NULL, NULL)                                     \
    X(const char *, documents_dir, NULL, NULL)                                 \
    X(const char *, mail_url, NULL, NULL)                                      \
    X(const char *, mail_from, NULL, NULL)                                     \
    X(const char *, mail_user, NULL, NULL)                                     \
    X(const char *, mail_password, NULL, NULL)                                 \
    X(const char *, mail_ca_file, NULL, NULL)                                  \
    X(const char *, captcha, NULL, "altcha")                                   \
    X(const char *, captcha_site_key, NULL, NULL)                              \
    X(const char *, captcha_secret, NULL, NULL)                                \
    X(const char *, captcha_verify_url, NULL, NULL)                            \
    X(const char *, captcha_ca_file, NULL, NULL)                               \
    X(int, requires_tls, CP_UNSET, 1)                                          \
    X(int, captcha_test_keys, CP_UNSET, 0)                                     \
    X(int, captcha_cost, CP_UNSET, 5000)        /* PBKDF2 rounds a try */      \
    X(int, captcha_counter_min, CP_UNSET, 1000) /* tries, at least */          \
    X(int, captcha_counter_max, CP_UNSET, 2000) /* tries, at most */           \
    X(int, captcha_timeout_s, CP_UNSET, 5)                                     \
    X(int, password_passes, CP_UNSET, CP_PASSWORD_PASSES)                      \
    X(int, password_slots, CP_UNSET, 0) /* 0: one for each core */             \
    X(int, database_timeout_s, CP_UNSET, 5)                                    \
    X(int, session_idle_s, CP_UNSET, 900)                                      \
    X(int, session_max_s, CP_UNSET, 43200)                                     \
    X(int, account_tries, CP_UNSET, 5)                                         \
    X(int, account_window_s, CP_UNSET, 900)                                    \
    X(int, address_tries, CP_UNSET, 60)                                        \
    X(int, address_window_s, CP_UNSET, 900)                                    \
    X(int, clinic_tries, CP_UNSET, 600)                                        \
    X(int, clinic_window_s, CP_UNSET, 900)                                     \
    X(const char *, login_base, NULL, NULL) /* NULL: the only portal there */  \
    X(int, login_kinds, CP_UNSET, CP_LOGIN_EITHER)                             \
    X(const char *, remote_user, NULL, "{user}@{clinic}/{type}")               \
    X(const char *, header_prefix, NULL, CP_HEADER_PREFIX)                     \
    X(int, header_facts, CP_UNSET, 0) /* bits 1 << cp_fact_t */                \
    X(int, passes_cookies, CP_UNSET, 0)                                        \
    X(const char *, token_audience, NULL, "") /* "": no token */               \
    X(int, token_lifetime_s, CP_UNSET, 60)

/* Whom a guarded location lets sign in: bits. */
#define CP_LOGIN_STAFF 1
#define CP_LOGIN_PATIENT 2
#define CP_LOGIN_EITHER (CP_LOGIN_STAFF | CP_LOGIN_PATIENT)

#define CP_HEADER_PREFIX "X-ClinicPortal-"

/* What an application behind a guarded location may be told of the person: the
 * word as it stands in ClinicPortalHeaders and behind the prefix, and the
 * variable. */
#define CP_FACTS(X)                                                            \
    X(CP_FACT_CLINIC, "Clinic", "CLINICPORTAL_CLINIC")                         \
    X(CP_FACT_TYPE, "Type", "CLINICPORTAL_TYPE")                               \
    X(CP_FACT_USER, "User", "CLINICPORTAL_USER")                               \
    X(CP_FACT_NAME, "Name", "CLINICPORTAL_NAME")                               \
    X(CP_FACT_ID, "ID", "CLINICPORTAL_ID")                                     \
    X(CP_FACT_ROLE, "Role", "CLINICPORTAL_ROLE")                               \
    X(CP_FACT_PERMISSIONS, "Permissions", "CLINICPORTAL_PERMISSIONS")          \
    X(CP_FACT_FACTOR, "Factor", "CLINICPORTAL_FACTOR")                         \
    X(CP_FACT_AUTH_TIME, "Auth-Time", "CLINICPORTAL_AUTH_TIME")

typedef enum cp_fact_t {
#define X(fact, word, variable) fact,
    CP_FACTS(X)
#undef X
        CP_FACT_COUNT
} cp_fact_t;

/* The words above, by cp_fact_t; NULL-terminated. */
extern const char *const cp_fact_words[];

/* A statement a hospital puts in the place of ours. */
typedef struct cp_sql_override_t {
    const char *name;
    const char *sql;
    const char *origin; /* "portal.conf:12" */
} cp_sql_override_t;

/* One ClinicPortalLogin that names a portal, to be found at start-up. */
typedef struct cp_login_use_t {
    const char *base;
    const char *origin; /* "app.conf:12" */
} cp_login_use_t;

/* One `ClinicPortal On`. */
typedef struct cp_mount_t {
    const char *path;        /* of the <Location> */
    const char *origin;      /* "portal.conf:12", for messages */
    struct cp_config_t *own; /* the Location's settings, not yet merged */
} cp_mount_t;

typedef struct cp_config_t {
#define X(type, name, unset, otherwise) type name;
    CP_CONFIG_SCALARS(X)
#undef X
    const cp_mount_t *mount; /* NULL: not set; path NULL: Off */
    const char *app_path; /* of the innermost <Location> that names a portal to
                           * sign in with; it is not that portal itself */
    apr_array_header_t *captcha_hosts; /* const char *; NULL: not set */
    apr_array_header_t *sql;           /* cp_sql_override_t, outer first */
} cp_config_t;

typedef struct cp_tasks_t cp_tasks_t;

/* Per server: where portals are mounted (cp_mount_t *, inherited ones first),
 * which ones are named elsewhere (cp_login_use_t, likewise) and, from start-up
 * on, each one's cp_portal_t by mount. */
typedef struct cp_server_config_t {
    apr_array_header_t *mounts;
    apr_array_header_t *login_uses;
    apr_hash_t *portals;
    cp_meter_t *meter; /* NULL while the configuration is read */
    cp_tasks_t *tasks; /* src/web/watchdog: of this process, with the first */
} cp_server_config_t;

void *cp_config_create(apr_pool_t *p, char *directory);
void *cp_config_merge(apr_pool_t *p, void *base, void *add);
void *cp_server_config_create(apr_pool_t *p, server_rec *s);
void *cp_server_config_merge(apr_pool_t *p, void *base, void *add);

/* The settings in force for a request or a server; never NULL. */
const cp_config_t *cp_config_of(const ap_conf_vector_t *per_dir);
cp_server_config_t *cp_server_config_of(const server_rec *s);

/* The value of a setting, or its default: cp_config_session_idle_s(cfg). */
#define X(type, name, unset, otherwise)                                        \
    type cp_config_##name(const cp_config_t *cfg);
CP_CONFIG_SCALARS(X)
#undef X

#endif
