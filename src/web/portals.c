/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* All portals of a running httpd. */
#include "web/portals.h"

#include "web/dbd.h"
#include "web/log.h"

#include <string.h>

int cp_portals_are_shared(const server_rec *first, const server_rec *s)
{
    const server_rec *other;

    for (other = first; other != s; other = other->next) {
        if (cp_server_config_of(other) == cp_server_config_of(s)) {
            return 1;
        }
    }
    return 0;
}

void cp_portals_of(server_rec *s, cp_portals_work_t work, void *baton)
{
    const cp_server_config_t *cfg = cp_server_config_of(s);
    int i;

    for (i = 0; i < cfg->mounts->nelts; i++) {
        const cp_mount_t *mount =
            APR_ARRAY_IDX(cfg->mounts, i, const cp_mount_t *);
        cp_portal_t *portal =
            apr_hash_get(cfg->portals, &mount, APR_SIZEOF_VOIDP);

        if (portal != NULL) {
            work(s, mount, portal, baton);
        }
    }
}

void cp_portals_each(server_rec *first, cp_portals_work_t work, void *baton)
{
    server_rec *s;

    for (s = first; s != NULL; s = s->next) {
        if (!cp_portals_are_shared(first, s)) {
            cp_portals_of(s, work, baton);
        }
    }
}

void cp_portals_context(cp_ctx_t *cx, server_rec *s, const cp_portal_t *portal,
                        apr_pool_t *p)
{
    memset(cx, 0, sizeof(*cx));
    cx->options = &portal->options;
    cx->address = "";
    cx->user_agent = "";
    cx->is_background = 1;
    cx->reference = "";
    cx->pool = p;
    cx->port = cp_log_port_server(s, p);
    cx->db = cp_db_make(cp_dbd_source(portal, p), portal->catalog, cx->port, p);
}
