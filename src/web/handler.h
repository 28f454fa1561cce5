/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The content handler: one request from httpd's hands to the page and back. */
#ifndef CP_WEB_HANDLER_H
#define CP_WEB_HANDLER_H

#include <apr_pools.h>

void cp_handler_register(apr_pool_t *p);

#endif
