/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Check and build every portal while the configuration is read, and make each
 * child process ready to serve. */
#ifndef CP_WEB_STARTUP_H
#define CP_WEB_STARTUP_H

#include <apr_pools.h>

void cp_startup_register(apr_pool_t *p);

#endif
