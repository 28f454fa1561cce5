/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Sessions: who is signed in. A cookie is "<clinic_id>.<256-bit token>"; the
 * database holds the token's SHA-256 only. Idle and absolute limits, the
 * account's and the clinic's state are checked in the statement that loads the
 * session, and with it the permission to use the portal, at every request. */
#ifndef CP_SESSION_H
#define CP_SESSION_H

#include "clinic/clinic.h"
#include "clinic/device.h"
#include "clinic/step.h"

typedef struct cp_session_t {
    const cp_clinic_t *clinic;
    cp_kind_t kind;
    const char *session_id; /* public */
    const char *token_hash;
    const char *account_id;
    const char *person_id; /* a practitioner or a patient, by kind */
    const char *username;
    const char *display_name;
    const char *roles;            /* words parted by one space; "" for none */
    const char *permissions;      /* likewise */
    apr_time_t idle_ends_at;      /* if no further request comes */
    apr_time_t expires_at;        /* the absolute limit */
    cp_step_t step;               /* what is still to be done to be signed in */
    const char *factor;           /* the second factor that was given; "" */
    apr_time_t authenticated_at;  /* password or factor were last given */
    apr_time_t previous_login_at; /* of the account; 0: this is the first */
} cp_session_t;

/* Why a cookie no longer opens a session. */
typedef enum cp_session_end_t {
    CP_SESSION_UNKNOWN, /* forged, signed out, or long gone */
    CP_SESSION_IDLE,    /* no request for the idle limit */
    CP_SESSION_EXPIRED, /* the absolute limit */
    CP_SESSION_DISABLED /* account, clinic or permission taken away */
} cp_session_end_t;

/* Whose session starts, in which browser. */
typedef struct cp_session_new_t {
    const cp_clinic_t *clinic;
    const cp_policy_t *policy; /* of the clinic */
    const char *account_id;
    apr_time_t password_changed_at; /* a new session: of the password given */
    const cp_device_t *device;      /* its account_id is not looked at */
    const char *device_cookie;      /* as sent: NULL or anything */
    const char *factor;             /* that was just given; NULL: none */
    const char *old_session_cookie; /* likewise */
} cp_session_new_t;

typedef struct cp_session_cookies_t {
    const char *session;
    const char *device; /* NULL: stays as it is */
    cp_step_t step;     /* what has to be done next */
} cp_session_cookies_t;

/* Start a session for an account that has just given its password. *cookies are
 * the new values; the browser's previous session is ended in the same
 * transaction, which is the caller's if there is one. APR_ENOENT: the account is
 * not active any more; CP_EDENIED: it has another password by now. */
apr_status_t cp_session_start(cp_ctx_t *cx, const cp_session_new_t *start,
                              cp_session_cookies_t *cookies);

/* The step of a session is done: find the next, under a new token. new->
 * old_session_cookie is not looked at. APR_ENOENT: the session or the account
 * has ended meanwhile. */
apr_status_t cp_session_advance(cp_ctx_t *cx, const cp_session_t *session,
                                const cp_session_new_t *new,
                                cp_session_cookies_t *cookies);

/* Password or second factor (factor NULL: as it was) were given once more: a
 * new token, *cookie, and the session counts as just authenticated. Audited.
 * APR_ENOENT: the session has ended meanwhile. */
apr_status_t cp_session_confirm(cp_ctx_t *cx, const cp_session_t *session,
                                const char *factor, const char **cookie);

/* What decides about the steps of an account's sign-in. APR_ENOENT: there is no
 * active account. */
apr_status_t cp_session_facts(cp_ctx_t *cx, const char *clinic_id,
                              const char *account_id, cp_step_facts_t *facts);

/* The live session of a cookie value, of that kind. *session in cx->pool.
 * CP_EDENIED: none; *why says which reason, for the page. last_seen_at is
 * moved at most once a minute, or ten times in the idle limit if that is
 * shorter than ten minutes. */
apr_status_t cp_session_find(cp_ctx_t *cx, cp_kind_t kind, const char *cookie,
                             const cp_session_t **session,
                             cp_session_end_t *why);

/* Whose session it was that has run out: of *session only clinic->clinic_id,
 * kind, account_id and token_hash are set. It opens nothing. APR_ENOENT: the
 * cookie is of none that ran out, or its account is not active. */
apr_status_t cp_session_find_ended(cp_ctx_t *cx, cp_kind_t kind,
                                   const char *cookie,
                                   const cp_session_t **session);

/* End it: sign-out. Writes the audit row in the same transaction. */
apr_status_t cp_session_end(cp_ctx_t *cx, const cp_session_t *session);

/* The account's sessions that are alive, newest first, as JSON objects
 * {session_id, created_at, last_seen_at, address, user_agent}. */
apr_status_t cp_session_list(cp_ctx_t *cx, const char *clinic_id,
                             const char *account_id, json_t **sessions);

/* End all of the account but this one; *count says how many. */
apr_status_t cp_session_end_others(cp_ctx_t *cx, const cp_session_t *session,
                                   int *count);

/* End one session (session_id) or all of an account (session_id NULL);
 * *count says how many. */
apr_status_t cp_session_end_listed(cp_ctx_t *cx, const char *clinic_id,
                                   const char *account_id,
                                   const char *session_id, int *count);

#endif
