/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* All portals of a running httpd, for work that no request asks for. */
#ifndef CP_WEB_PORTALS_H
#define CP_WEB_PORTALS_H

#include "config/config.h"
#include "web/portal.h"

typedef void (*cp_portals_work_t)(server_rec *s, const cp_mount_t *mount,
                                  cp_portal_t *portal, void *baton);

/* Work on every portal once, with the first server it is mounted on, in the
 * order of the configuration. Virtual hosts without a line of ours share the
 * main server's. */
void cp_portals_each(server_rec *first, cp_portals_work_t work, void *baton);

/* Work on those of one server, likewise. */
void cp_portals_of(server_rec *s, cp_portals_work_t work, void *baton);

/* Does `s` share its settings with a server before it in the list? */
int cp_portals_are_shared(const server_rec *first, const server_rec *s);

/* What the rules of the clinic work with while nobody asks, in p. */
void cp_portals_context(cp_ctx_t *cx, server_rec *s, const cp_portal_t *portal,
                        apr_pool_t *p);

#endif
