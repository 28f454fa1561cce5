/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What the operator sees: the handlers clinicportal-metrics and
 * clinicportal-health, and a section of mod_status's page. */
#ifndef CP_MONITOR_H
#define CP_MONITOR_H

#include <apr_pools.h>

void cp_monitor_register(apr_pool_t *p);

#endif
