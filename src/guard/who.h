/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Who asks for something in a guarded location: one look-up of a session for
 * one request of a client, however many sub-requests and internal redirects
 * come of it. */
#ifndef CP_GUARD_WHO_H
#define CP_GUARD_WHO_H

#include "web/note.h"
#include "web/request.h"

/* What was found behind the cookie of one kind of account. */
typedef struct cp_who_door_t {
    int is_known;
    apr_status_t rv; /* as cp_identity_find */
    const cp_session_t *session;
    cp_session_end_t why;
} cp_who_door_t;

/* In the pool of the client's own request. */
typedef struct cp_who_t {
    const cp_portal_t *portal;
    cp_request_t req; /* of the client; no route. req.session: of the location
                       * that asked last */
    cp_who_door_t doors[2]; /* by cp_kind_t */
    int lacks;              /* CP_LACKS_ bits: what Require lines missed that
                             * the person could give */
    const char
        *factor_wanted;    /* with CP_LACKS_FACTOR: "any", "otp" or "mail" */
    int assumes_given;     /* would it do, if that were given? */
    struct cp_who_t *next; /* found through another portal */
} cp_who_t;

#define CP_LACKS_FACTOR 1
#define CP_LACKS_AGE 2

/* The one that ClinicPortalLogin of this location names, with req.session set
 * if one of the kinds the location lets in is signed in for good. NULL: the
 * location names no portal of this virtual host; logged. rv: APR_SUCCESS (also
 * if nobody is signed in), or what cp_identity_find failed with. */
cp_who_t *cp_who_find(request_rec *r, apr_status_t *rv);

/* Why nobody is signed in: the kind of account to ask for (NULL: either), and
 * how the last session ended (NULL: there was none). */
void cp_who_missing(const request_rec *r, const cp_who_t *who,
                    const cp_kind_t **kind, const cp_session_end_t **why);

/* A session that has a step to go, of those the location lets in; or NULL. */
const cp_session_t *cp_who_halfway(const request_rec *r, const cp_who_t *who);

/* Whose session has just run out in this browser, of those the location lets
 * in; as cp_session_find_ended. NULL: nobody's. */
const cp_session_t *cp_who_ended(const request_rec *r, cp_who_t *who);

#endif
