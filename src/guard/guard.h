/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* AuthType ClinicPortal: any location is guarded by the clinic's own sign-in.
 */
#ifndef CP_GUARD_H
#define CP_GUARD_H

#include <apr_pools.h>

void cp_guard_register(apr_pool_t *p);

#endif
