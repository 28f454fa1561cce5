/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Mail to people. */
#include "clinic/mail.h"

#include "base/encode.h"
#include "base/json.h"
#include "base/status.h"
#include "base/token.h"
#include "clinic/factor.h"

#include <apr_strings.h>
#include <string.h>

#define ATTEMPTS_MAX 8
#define LEASE_FOR apr_time_from_sec(120) /* longer than a sending may take */
#define SETTLE_TRIES_MAX 10
#define SETTLE_AGAIN_AFTER apr_time_from_sec(1)
#define RETRY_FIRST_AFTER apr_time_from_sec(60)
#define RETRY_LONGEST_AFTER apr_time_from_sec(3600)
#define KEPT_FOR apr_time_from_sec(7 * 86400)
#define DEAD_KEPT_FOR apr_time_from_sec(30 * 86400)

typedef struct sending_t {
    cp_ctx_t *cx;
    const cp_mail_sender_t *sender;
    cp_row_t row;
    const char *clinic_id;
    const char *mail_id;
    apr_time_t now;
    const char *error;
} sending_t;

/* What is good for a while in a mail: a link, or a code. */
typedef struct link_t {
    const char *template;
    apr_interval_time_t good_for;
    const char *good_for_text;
} link_t;

static const link_t links[] = {
    {CP_MAIL_RESET, CP_MAIL_RESET_FOR, "15 minutes"},
    {CP_MAIL_INVITATION, CP_MAIL_INVITATION_FOR, "3 days"},
    {CP_MAIL_CODE, CP_MAIL_CODE_FOR, "10 minutes"},
};

apr_status_t cp_mail_add_to(cp_ctx_t *cx, const char *clinic_id,
                            const char *account_id, const char *recipient,
                            const char *template)
{
    const char *mail_id;
    apr_status_t rv = cp_token_public_id(&mail_id, cx->port, cx->pool);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    return cp_db_execute(
        cx->db, "mail_add",
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "clinic_id", clinic_id,
                  "mail_id", mail_id, "template", template, "account_id",
                  account_id == NULL ? "" : account_id, "recipient", recipient,
                  "status", account_id == NULL ? "void" : "waiting", "now",
                  (json_int_t)cp_now(cx->port)),
        NULL);
}

apr_status_t cp_mail_add(cp_ctx_t *cx, const char *clinic_id,
                         const char *account_id, const char *template)
{
    return cp_mail_add_to(cx, clinic_id, account_id, "", template);
}

apr_status_t cp_mail_forget_tokens(cp_ctx_t *cx, const char *clinic_id,
                                   const char *account_id)
{
    return cp_db_execute(cx->db, "mail_token_forget_all",
                         json_pack("{s:s, s:s}", "clinic_id", clinic_id,
                                   "account_id", account_id),
                         NULL);
}

static const link_t *link_of(const char *template)
{
    apr_size_t i;

    for (i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        if (strcmp(links[i].template, template) == 0) {
            return &links[i];
        }
    }
    return NULL;
}

typedef struct new_token_t {
    const sending_t *sending;
    const link_t *link;
    const char *hash;
} new_token_t;

/* The newest of its purpose is the only one. */
static apr_status_t token_work(cp_db_t *db, void *baton)
{
    const new_token_t *token = baton;
    const sending_t *s = token->sending;
    const char *account_id = cp_row_text(s->row, "account_id");
    apr_status_t rv = cp_db_execute(
        db, "mail_token_forget",
        json_pack("{s:s, s:s, s:s}", "clinic_id", s->clinic_id, "account_id",
                  account_id, "purpose", token->link->template),
        NULL);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    return cp_db_execute(
        db, "mail_token_add",
        json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}", "clinic_id", s->clinic_id,
                  "token_hash", token->hash, "account_id", account_id,
                  "purpose", token->link->template, "now", (json_int_t)s->now,
                  "expires_at", (json_int_t)(s->now + token->link->good_for)),
        NULL);
}

static apr_status_t make_link(const sending_t *s, json_t *model,
                              const char **hash)
{
    cp_ctx_t *cx = s->cx;
    const char *token;
    apr_status_t rv = cp_token_make(&token, cx->port, cx->pool);

    if (rv == APR_SUCCESS) {
        *hash = cp_token_digest(token, cx->pool);
        cp_json_put_text(
            model, "url",
            apr_pstrcat(cx->pool, s->sender->address, "/reset?clinicID=",
                        cp_row_text(s->row, "code"), "&token=", token, NULL));
    }
    return rv;
}

/* Six digits, each as likely as any other. */
static apr_status_t make_code(const sending_t *s, json_t *model,
                              const char **hash)
{
    cp_ctx_t *cx = s->cx;
    apr_uint32_t number = APR_UINT32_MAX;
    const char *code;
    apr_status_t rv = APR_SUCCESS;

    while (rv == APR_SUCCESS && number >= 4294000000u) {
        rv = cp_random(cx->port, &number, sizeof(number));
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    code = apr_psprintf(cx->pool, "%06u", number % 1000000u);
    cp_json_put_text(model, "code", code);
    return cp_factor_code_hash(cx, cp_row_text(s->row, "account_id"), code,
                               hash);
}

static apr_status_t add_link(const sending_t *s, json_t *model,
                             const link_t *link)
{
    new_token_t new = {s, link, NULL};
    apr_status_t rv = strcmp(link->template, CP_MAIL_CODE) == 0
                          ? make_code(s, model, &new.hash)
                          : make_link(s, model, &new.hash);

    cp_json_put_text(model, "good_for", link->good_for_text);
    return rv == APR_SUCCESS ? cp_db_transaction(s->cx->db, token_work, &new)
                             : rv;
}

static apr_status_t make_model(const sending_t *s, json_t **model)
{
    cp_row_t row = s->row;
    const link_t *link = link_of(cp_row_text(row, "template"));
    const char *kind =
        strcmp(cp_row_text(row, "kind"), "staff") == 0 ? "Staff" : "Patient";

    *model =
        cp_json_own(json_pack("{s:s, s:s, s:s, s:s++++}", "clinic_name",
                              cp_row_text(row, "name"), "username",
                              cp_row_text(row, "username"), "support",
                              cp_row_text(row, "support_contact"), "login_url",
                              s->sender->address, "/index.aspx?clinicID=",
                              cp_row_text(row, "code"), "&LoginType=", kind),
                    s->cx->pool);
    if (*model == NULL) {
        return APR_ENOMEM;
    }
    return link == NULL ? APR_SUCCESS : add_link(s, *model, link);
}

/* RFC 5322 3.3. */
static const char *date_text(apr_time_t at, apr_pool_t *p)
{
    char *text = apr_palloc(p, APR_RFC822_DATE_LEN);

    return apr_rfc822_date(text, at) == APR_SUCCESS
               ? apr_pstrcat(p, apr_pstrndup(p, text, strcspn(text, "G")),
                             "+0000", NULL)
               : "Thu, 01 Jan 1970 00:00:00 +0000";
}

/* The first line of the rendered text is the subject, the rest, after an empty
 * line, the message. */
static apr_status_t send_mail(sending_t *s)
{
    apr_pool_t *p = s->cx->pool;
    cp_smtp_message_t message = {
        .to = cp_row_text(s->row, "email"),
        .from_name = cp_row_text(s->row, "name"),
        .date = date_text(s->now, p),
        .id = s->mail_id,
    };
    cp_mustache_text_t rendered;
    const char *text;
    json_t *model;
    apr_status_t rv = make_model(s, &model);

    s->error = "its contents cannot be made";
    if (rv == APR_SUCCESS) {
        rv = cp_mustache_render(s->sender->templates,
                                cp_row_text(s->row, "template"), model,
                                &rendered, p);
        s->error = "its template cannot be rendered";
    }
    if (rv != APR_SUCCESS) {
        return rv == APR_ENOENT ? CP_EINPUT : rv;
    }
    text = rendered.bytes;
    message.subject = apr_pstrmemdup(p, text, strcspn(text, "\n"));
    text += strcspn(text, "\n");
    message.text = text + strspn(text, "\n");
    return cp_smtp_send(&s->sender->server, &message, &s->error, p);
}

/* With the one that runs. */
static apr_int64_t attempts_of(const sending_t *s)
{
    return cp_row_integer(s->row, "attempts") + 1;
}

static apr_status_t settle_once(const sending_t *s, const char *status,
                                apr_time_t next_at)
{
    return cp_db_execute(s->cx->db, "mail_settle",
                         json_pack("{s:s, s:s, s:s, s:I, s:s}", "clinic_id",
                                   s->clinic_id, "mail_id", s->mail_id,
                                   "status", status, "next_at",
                                   (json_int_t)next_at, "last_error", s->error),
                         NULL);
}

/* A mail that is out, and not noted as such, goes out again when the lease is
 * over; so somebody else's lock, or a restart of the database, is waited for.
 */
static apr_status_t settle(const sending_t *s, const char *status,
                           apr_time_t next_at)
{
    apr_status_t rv = settle_once(s, status, next_at);
    int tries;

    for (tries = 1;
         tries < SETTLE_TRIES_MAX && (rv == CP_EDB || rv == CP_EUNAVAILABLE) &&
         cp_now(s->cx->port) < s->now + LEASE_FOR / 2;
         tries++) {
        apr_sleep(SETTLE_AGAIN_AFTER);
        rv = settle_once(s, status, next_at);
    }
    return rv;
}

/* As "mail retry" wants it named. */
static void report(const sending_t *s, const char *outcome)
{
    cp_log(s->cx->port, CP_LOG_WARNING, APR_SUCCESS,
           CP_TAG(0541) "mail %s %s: try %" APR_INT64_T_FMT
                        " to send it failed: %s%s",
           cp_row_text(s->row, "code"), s->mail_id, attempts_of(s), s->error,
           outcome);
}

static apr_status_t give_up(const sending_t *s)
{
    report(s, "; it is given up");
    cp_meter_count(s->cx->port->meter, CP_METER_MAILS, "given-up");
    return settle(s, "dead", s->now);
}

static apr_status_t put_off(const sending_t *s, apr_status_t cause)
{
    apr_int64_t attempts = attempts_of(s);
    apr_interval_time_t after = RETRY_LONGEST_AFTER;
    int is_dead =
        cause == CP_EDENIED || cause == CP_EINPUT || attempts >= ATTEMPTS_MAX;

    if (attempts <= 6) {
        after = RETRY_FIRST_AFTER << (attempts - 1);
    }
    if (is_dead) {
        return give_up(s);
    }
    report(s, "");
    cp_meter_count(s->cx->port->meter, CP_METER_MAILS, "put-off");
    return settle(s, "waiting", s->now + after);
}

/* Whom there is nothing to send to. */
static const char *refusal(const sending_t *s)
{
    if (strcmp(cp_row_text(s->row, "status"), "active") != 0) {
        return "there is no such account, or it is disabled";
    }
    return cp_row_text(s->row, "email")[0] == '\0'
               ? "the account has no mail address"
               : NULL;
}

static apr_status_t lease(const sending_t *s, int *count)
{
    return cp_db_execute(
        s->cx->db, "mail_lease",
        json_pack("{s:s, s:s, s:I, s:I}", "clinic_id", s->clinic_id, "mail_id",
                  s->mail_id, "next_at", (json_int_t)(s->now + LEASE_FOR),
                  "old_next_at", (json_int_t)cp_row_integer(s->row, "next_at")),
        count);
}

apr_status_t cp_mail_send_next(cp_ctx_t *cx, const cp_mail_sender_t *sender)
{
    sending_t s = {.cx = cx, .sender = sender, .now = cp_now(cx->port)};
    int count = 0;
    apr_status_t rv = cp_db_row(
        cx->db, "mail_due", CP_ARGS(CP_INT("now", s.now)), &s.row, cx->pool);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    s.clinic_id = cp_row_text(s.row, "clinic_id");
    s.mail_id = cp_row_text(s.row, "mail_id");
    rv = lease(&s, &count);
    if (rv != APR_SUCCESS || count == 0) {
        return rv; /* another has it: there may be more */
    }
    s.error = refusal(&s);
    if (s.error != NULL) {
        return give_up(&s);
    }
    rv = send_mail(&s);
    if (rv == CP_EDB) {
        return rv;
    }
    if (rv != APR_SUCCESS) {
        return put_off(&s, rv);
    }
    s.error = "";
    cp_meter_count(cx->port->meter, CP_METER_MAILS, "sent");
    return settle(&s, "sent", s.now);
}

apr_status_t cp_mail_prune(cp_ctx_t *cx)
{
    apr_time_t now = cp_now(cx->port);
    apr_status_t rv = cp_db_execute(
        cx->db, "mail_prune",
        json_pack("{s:I, s:I}", "before", (json_int_t)(now - KEPT_FOR),
                  "dead_before", (json_int_t)(now - DEAD_KEPT_FOR)),
        NULL);

    return rv == APR_SUCCESS
               ? cp_db_execute(cx->db, "mail_token_prune",
                               json_pack("{s:I}", "before", (json_int_t)now),
                               NULL)
               : rv;
}

apr_status_t cp_mail_list(cp_ctx_t *cx, const char *clinic_id, int limit,
                          json_t **mails)
{
    return cp_db_select(
        cx->db, "mail_list",
        json_pack("{s:s, s:i}", "clinic_id", clinic_id, "limit", limit), mails,
        cx->pool);
}

apr_status_t cp_mail_retry(cp_ctx_t *cx, const char *clinic_id,
                           const char *mail_id, int *count)
{
    return cp_db_execute(cx->db, "mail_retry",
                         json_pack("{s:s, s:s, s:I}", "clinic_id", clinic_id,
                                   "mail_id", mail_id, "now",
                                   (json_int_t)cp_now(cx->port)),
                         count);
}
