/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The log and the system's clock and random bytes, as a cp_port_t. */
#ifndef CP_WEB_LOG_H
#define CP_WEB_LOG_H

#include "clinic/context.h"

#include <httpd.h>

/* Lines go to the request's log, each with the reference number of its
 * context; or to the server's log. In the request's pool, or the given one. */
const cp_port_t *cp_log_port_request(request_rec *r, cp_ctx_t *cx);
const cp_port_t *cp_log_port_server(server_rec *s, apr_pool_t *p);

#endif
