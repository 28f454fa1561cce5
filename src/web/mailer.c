/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Sends the portals' mail. */
#include "web/mailer.h"

#include "base/status.h"
#include "config/config.h"
#include "web/dbd.h"
#include "web/log.h"
#include "web/portal.h"

#include <apr_optional.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <mod_watchdog.h>

APLOG_USE_MODULE(clinicportal);

#define NAME "_clinicportal_"
#define SEND_EVERY apr_time_from_sec(1)
#define PRUNE_EVERY apr_time_from_sec(3600)
#define MAILS_AT_ONCE 20 /* then the others' turn, and a look at the state */

typedef void (*work_t)(cp_ctx_t *cx, const cp_mail_sender_t *sender);

int cp_mailer_can_run(void)
{
    return APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_get_instance) != NULL;
}

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
static void run(server_rec *s, const cp_portal_t *portal, work_t work,
                apr_pool_t *parent)
{
    cp_ctx_t cx = {.options = &portal->options,
                   .address = "",
                   .user_agent = "",
                   .is_background = 1,
                   .reference = ""};

    if (apr_pool_create(&cx.pool, parent) != APR_SUCCESS) {
        return;
    }
    cx.port = cp_log_port_server(s, cx.pool);
    cx.db = cp_db_make(cp_dbd_source(s, cx.pool), portal->catalog, cx.port,
                       cx.pool);
    work(&cx, portal->mail);
    apr_pool_destroy(cx.pool);
}

static void run_all(server_rec *first, work_t work, apr_pool_t *p)
{
    server_rec *s;

    for (s = first; s != NULL; s = s->next) {
        apr_hash_index_t *entry;

        for (entry = apr_hash_first(p, cp_server_config_of(s)->portals);
             entry != NULL; entry = apr_hash_next(entry)) {
            const cp_portal_t *portal = apr_hash_this_val(entry);

            if (portal->mail != NULL) {
                run(s, portal, work, p);
            }
        }
    }
}

static apr_status_t send_tick(int state, void *first, apr_pool_t *p)
{
    if (state == AP_WATCHDOG_STATE_RUNNING) {
        run_all(first, send_some, p);
    }
    return APR_SUCCESS;
}

static apr_status_t prune_tick(int state, void *first, apr_pool_t *p)
{
    if (state == AP_WATCHDOG_STATE_RUNNING) {
        run_all(first, prune, p);
    }
    return APR_SUCCESS;
}

static int has_mail(server_rec *first, apr_pool_t *p)
{
    server_rec *s;

    for (s = first; s != NULL; s = s->next) {
        apr_hash_index_t *entry;

        for (entry = apr_hash_first(p, cp_server_config_of(s)->portals);
             entry != NULL; entry = apr_hash_next(entry)) {
            if (((cp_portal_t *)apr_hash_this_val(entry))->mail != NULL) {
                return 1;
            }
        }
    }
    return 0;
}

static int post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                       server_rec *first)
{
    APR_OPTIONAL_FN_TYPE(ap_watchdog_get_instance) *get =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_get_instance);
    APR_OPTIONAL_FN_TYPE(ap_watchdog_register_callback) *add =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_register_callback);
    ap_watchdog_t *watchdog = NULL;
    apr_status_t rv;

    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG ||
        !has_mail(first, ptemp)) {
        return OK;
    }
    rv = get(&watchdog, NAME, 0, 1, pconf);
    if (rv == APR_SUCCESS) {
        rv = add(watchdog, SEND_EVERY, first, send_tick);
    }
    if (rv == APR_SUCCESS) {
        rv = add(watchdog, PRUNE_EVERY, first, prune_tick);
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
