/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What the module keeps of one request_rec, from phase to phase. */
#ifndef CP_WEB_NOTE_H
#define CP_WEB_NOTE_H

#include "clinic/session.h"
#include "web/portal.h"

#include <httpd.h>

typedef struct cp_note_t {
    const cp_portal_t *portal;   /* that answers it; NULL: none */
    const cp_session_t *session; /* of the person it is let through for; NULL:
                                  * not guarded, or open to everybody */
    struct cp_who_t *who;        /* that asks for it; NULL: not guarded */
    struct cp_who_t *found;      /* of the client's own request: all that were
                                  * looked up */
    const char *cookies;         /* likewise: the Cookie header as sent, once
                                  * ours are taken out of it; NULL: untouched */
    int is_asking;               /* src/guard/guard: others are being asked */
    const struct ap_conf_vector_t *told_for; /* likewise: the settings by which
                                              * the application was told */
} cp_note_t;

/* The note, made on first use in the request's pool. */
cp_note_t *cp_note_of(request_rec *r);

/* The same, or NULL as long as there is none. */
const cp_note_t *cp_note_find(const request_rec *r);

/* The client's own request, of which r is a sub-request or an internal
 * redirect; r itself if it is that. */
request_rec *cp_note_top(request_rec *r);

#endif
