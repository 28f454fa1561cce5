/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The log and the system's clock and random bytes, as a cp_port_t. */
#ifndef CP_WEB_LOG_H
#define CP_WEB_LOG_H

#include "web/request.h"

#include <httpd.h>

/* Lines go to the request's log, each with the reference number of its
 * context; or to the server's log. In the request's pool, or the given one. */
const cp_port_t *cp_log_port_request(request_rec *r, cp_ctx_t *cx);
const cp_port_t *cp_log_port_server(server_rec *s, apr_pool_t *p);

/* Notes for LogFormat: %{clinicportal-clinic}n, %{clinicportal-user}n (of
 * whoever is signed in, as user@clinic/type) and %{clinicportal-reference}n,
 * the number that error pages and log lines of the request carry. Once the
 * request is answered, or let through. */
void cp_log_notes(request_rec *r, const cp_request_t *req);

#endif
