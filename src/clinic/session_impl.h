/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Private to src/clinic/session*.c: sessions as the database knows them. */
#ifndef CP_SESSION_IMPL_H
#define CP_SESSION_IMPL_H

#include "clinic/session.h"

/* What a cookie value says. */
typedef struct cp_session_key_t {
    const char *clinic_id;
    const char *token_hash;
} cp_session_key_t;

/* CP_EDENIED: not of the form we make. */
apr_status_t cp_session_read_cookie(const char *cookie, cp_session_key_t *key,
                                    apr_pool_t *p);

apr_status_t cp_session_remove(cp_db_t *db, const cp_session_key_t *key,
                               int *count);

#endif
