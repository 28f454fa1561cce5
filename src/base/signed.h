/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Values the portal hands to a browser and wants back unchanged: the csrf
 * token, the place to return to, the last clinic. Not secret, only genuine:
 * version.expiry.value.mac, base64url, HMAC-SHA-256. */
#ifndef CP_SIGNED_H
#define CP_SIGNED_H

#include "base/keys.h"

/* What a value is signed with, and bound to. */
typedef struct cp_signer_t {
    const cp_keys_t *keys;
    const char *purpose; /* a fixed ASCII word such as "csrf" */
    const char *context; /* a visit or session id the reader must present too;
                          * "" for none */
} cp_signer_t;

/* Sign `value`, good until expires_at. */
apr_status_t cp_signed_make(const char **text, const cp_signer_t *signer,
                            const char *value, apr_time_t expires_at,
                            apr_pool_t *p);

/* Read one back; either key may have made it. CP_EDENIED: forged, cut, of
 * another purpose or context. CP_EEXPIRED: genuine, but its time is over (now
 * > expiry); *value is set then too. Input over 8 KiB is refused unread. */
apr_status_t cp_signed_read(const char **value, const cp_signer_t *signer,
                            const char *text, apr_time_t now, apr_pool_t *p);

#endif
