/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Require clinic-user, clinic-id, clinic-type, clinic-role, clinic-permission,
 * clinic-factor and clinic-auth-age, as providers of mod_authz_core: so they go
 * together with RequireAll, RequireAny, RequireNone and "not". */
#ifndef CP_GUARD_REQUIRE_H
#define CP_GUARD_REQUIRE_H

#include <apr_pools.h>

void cp_require_register(apr_pool_t *p);

#endif
