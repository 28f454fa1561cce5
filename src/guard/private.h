/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What a guarded location answers is one person's: no shared cache may keep it
 * (RFC 9111 section 5.2.2.7). */
#ifndef CP_GUARD_PRIVATE_H
#define CP_GUARD_PRIVATE_H

#include <apr_pools.h>

void cp_private_register(apr_pool_t *p);

#endif
