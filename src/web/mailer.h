/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Sends the portals' mail: a task of mod_watchdog, in one process at a time. */
#ifndef CP_WEB_MAILER_H
#define CP_WEB_MAILER_H

#include <apr_pools.h>

void cp_mailer_register(apr_pool_t *p);

#endif
