/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Why somebody cannot sign in: the gates of src/clinic/signin in their order,
 * without a password and without counting a try. */
#ifndef CP_WHYNOT_H
#define CP_WHYNOT_H

#include "clinic/clinic.h"

typedef struct cp_whynot_t {
    const char *gate;   /* the word for the gate that refuses; NULL: none */
    const char *why;    /* a sentence */
    const char *remedy; /* the command line that changes it; NULL: none can */
} cp_whynot_t;

/* Everything in *answer lives in cx->pool. CP_EDB: the database failed. */
apr_status_t cp_whynot(cp_ctx_t *cx, const char *code, cp_kind_t kind,
                       const char *username, cp_whynot_t *answer);

#endif
