/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A section of mod_status's page, where that is loaded. */
#ifndef CP_MONITOR_SERVER_STATUS_H
#define CP_MONITOR_SERVER_STATUS_H

#include <apr_pools.h>

void cp_server_status_register(apr_pool_t *p);

#endif
