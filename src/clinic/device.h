/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Browsers that somebody has signed in from. A stranger's wrong tries do not
 * lock them out, and they may skip the second factor for a while.
 *
 * The cookie holds up to four tokens of 256 bits parted by dots, the newest
 * first: one for each account that the browser was used for. The database
 * knows their SHA-256. A token is only ever made here, never taken over from a
 * browser. */
#ifndef CP_DEVICE_H
#define CP_DEVICE_H

#include "clinic/context.h"

typedef struct cp_device_owner_t {
    const char *clinic_id;
    cp_kind_t kind;
    const char *username_key;
} cp_device_owner_t;

typedef struct cp_device_t {
    const char *device_id;   /* NULL: a browser that is not known */
    const char *account_id;  /* whose it is, or is to be */
    apr_time_t factor_until; /* until then it is to need no second factor; 0: it
                              * stays as it is */
} cp_device_t;

/* The device that `cookie` (NULL or anything) makes known for the account of
 * that name and kind. Lives in cx->pool. CP_EDB. */
apr_status_t cp_device_find(cp_ctx_t *cx, const cp_device_owner_t *owner,
                            const char *cookie, cp_device_t *device);

/* *skips: the device stands for the account's second factor now. Ask in the
 * transaction that has locked the account: a new password, or a new factor,
 * takes it away. device->factor_until is not looked at. */
apr_status_t cp_device_skips_factor(cp_ctx_t *cx, const char *clinic_id,
                                    const cp_device_t *device, int *skips);

/* The account has signed in with it: note the use, in the transaction of the
 * session. device->factor_until counts only if it is later than before. For one that was not known *new_cookie is the cookie's next value,
 * with the tokens of other accounts kept; otherwise NULL. */
apr_status_t cp_device_note(cp_ctx_t *cx, const char *clinic_id,
                            const cp_device_t *device, const char *cookie,
                            const char **new_cookie);

/* The account's devices, the last used first: JSON objects {device_id,
 * created_at, last_used_at, factor_until, address, user_agent}. */
apr_status_t cp_device_list(cp_ctx_t *cx, const char *clinic_id,
                            const char *account_id, json_t **devices);

/* Forget one device, or all (device_id NULL). *count: how many. */
apr_status_t cp_device_remove(cp_ctx_t *cx, const char *clinic_id,
                              const char *account_id, const char *device_id,
                              int *count);

/* None of the account's devices skips the second factor any more. */
apr_status_t cp_device_distrust(cp_ctx_t *cx, const char *clinic_id,
                                const char *account_id);

/* Remove some of those that were not used for half a year. */
apr_status_t cp_device_prune(cp_ctx_t *cx);

#endif
