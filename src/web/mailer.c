/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Sends the portals' mail. */
#include "web/mailer.h"

#include "base/status.h"
#include "web/portals.h"
#include "web/watchdog.h"

#include <http_config.h>
#include <http_core.h>
#include <http_log.h>

APLOG_USE_MODULE(clinicportal);

#define NAME "_clinicportal_"
#define SEND_EVERY apr_time_from_sec(1)
#define PRUNE_EVERY apr_time_from_sec(3600)
#define MAILS_AT_ONCE 20 /* then the others' turn, and a look at the state */

typedef void (*work_t)(cp_ctx_t *cx, const cp_mail_sender_t *sender);

typedef struct tick_t {
    work_t work;
    apr_pool_t *pool;
} tick_t;

static void send_some(cp_ctx_t *cx, const cp_mail_sender_t *sender)
{
    apr_status_t rv = APR_SUCCESS;
    int i;

    for (i = 0; i < MAILS_AT_ONCE && rv == APR_SUCCESS; i++) {
        rv = cp_mail_send_next(cx, sender);
    }
}

static void prune(cp_ctx_t *cx, const cp_mail_sender_t *sender)
{
    (void)cp_mail_prune(cx); /* a failure is logged, and it comes again */
}

/* For one portal, in a pool of its own. */
static void run(server_rec *s, const cp_mount_t *mount, cp_portal_t *portal,
                void *baton)
{
    const tick_t *tick = baton;
    cp_ctx_t cx;
    apr_pool_t *p;

    if (portal->mail == NULL ||
        apr_pool_create(&p, tick->pool) != APR_SUCCESS) {
        return;
    }
    cp_portals_context(&cx, s, portal, p);
    tick->work(&cx, portal->mail);
    apr_pool_destroy(p);
}

static void run_all(server_rec *first, work_t work, apr_pool_t *p)
{
    tick_t tick = {work, p};

    cp_portals_each(first, run, &tick);
}

static void send_all(void *first, apr_pool_t *p)
{
    run_all(first, send_some, p);
}

static void prune_all(void *first, apr_pool_t *p)
{
    run_all(first, prune, p);
}

static void look_for_mail(server_rec *s, const cp_mount_t *mount,
                          cp_portal_t *portal, void *baton)
{
    *(int *)baton |= portal->mail != NULL;
}

static int has_mail(server_rec *first)
{
    int found = 0;

    cp_portals_each(first, look_for_mail, &found);
    return found;
}

static int post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                       server_rec *first)
{
    const cp_watchdog_task_t send = {NAME, SEND_EVERY, send_all, first};
    const cp_watchdog_task_t prunes = {NAME, PRUNE_EVERY, prune_all, first};
    apr_status_t rv;

    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG ||
        !has_mail(first)) {
        return OK;
    }
    rv = cp_watchdog_add(&send, first, pconf);
    if (rv == APR_SUCCESS) {
        rv = cp_watchdog_add(&prunes, first, pconf);
    }
    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, rv, first,
                     CP_TAG(0104) "the task that sends mail cannot be made");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    return OK;
}

void cp_mailer_register(apr_pool_t *p)
{
    ap_hook_post_config(post_config, NULL, NULL, APR_HOOK_MIDDLE);
}
