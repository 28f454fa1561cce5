/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Failed tries counted in the database, by account, by address and by clinic.
 *
 * A try is counted before the password is looked at, in one atomic statement
 * per key, so that parallel tries cannot slip through between reading and
 * writing; a success takes its own count back. */
#ifndef CP_THROTTLE_H
#define CP_THROTTLE_H

#include "clinic/clinic.h"

typedef struct cp_throttle_verdict_t {
    int is_account_locked; /* says nothing to the person: same text as wrong */
    int is_busy;           /* too many from this address or at this clinic */
    int is_clinic_busy;    /* with is_busy: the clinic's limit, not the
                            * address's */
    int retry_after_s;     /* with is_busy */
} cp_throttle_verdict_t;

/* Count one try by username (its key, cp_ident_username_key; one counter for
 * both kinds, so that the other tab is no way round a lock) and tell whether
 * it may go on. IPv6 addresses count by /64. */
apr_status_t cp_throttle_enter(cp_ctx_t *cx, const cp_clinic_t *clinic,
                               const char *username_key,
                               cp_throttle_verdict_t *verdict);

/* The try was good: forget the account's failures, take this try back from the
 * address and the clinic. */
apr_status_t cp_throttle_clear(cp_ctx_t *cx, const cp_clinic_t *clinic,
                               const char *username_key);

/* The address as the throttle counts it: IPv4 whole, IPv6 its /64, an
 * IPv4-mapped IPv6 address as IPv4. */
const char *cp_throttle_network(const char *address, apr_pool_t *p);

#endif
