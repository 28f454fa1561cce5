/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Is this address one of ours? The only redirects the portal makes to an
 * address it was given go through here. */
#ifndef CP_URL_H
#define CP_URL_H

#include <apr_pools.h>

#define CP_URL_LOCAL_MAX 2048

/* True when `target` is an absolute path on this very host, below `base`
 * ("/" or "/portal"), in a form every browser reads the same way: one leading
 * slash, no second slash or backslash behind it, no backslash, control
 * character or space anywhere, no dot segment (decoded forms included), valid
 * %-escapes, no "#", at most CP_URL_LOCAL_MAX bytes. */
int cp_url_is_local(const char *target, const char *base);

#endif
