/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Forms kept over a sign-in. */
#include "clinic/kept.h"

#include "base/sealed.h"
#include "base/status.h"
#include "base/token.h"
#include "clinic/network.h"

#include <apr_strings.h>
#include <string.h>

#define KEPT_FOR apr_time_from_sec(3600)
#define ADDRESS_MAX 60
#define ALL_MAX 10000

typedef struct take_t {
    cp_ctx_t *cx;
    const cp_session_t *session;
    const char *visit_digest;
    const char *id;
    cp_kept_t *kept;
} take_t;

static cp_seal_t seal_of(const cp_ctx_t *cx, const char *id)
{
    return cp_ctx_seal(cx, apr_pstrcat(cx->pool, "kept ", id, NULL));
}

/* Target, NUL, type, NUL, body. */
static const char *packed(cp_ctx_t *cx, const cp_kept_t *kept, apr_size_t *len)
{
    apr_size_t target = strlen(kept->target) + 1;
    apr_size_t type = strlen(kept->type) + 1;
    char *bytes = apr_palloc(cx->pool, target + type + kept->len);

    memcpy(bytes, kept->target, target);
    memcpy(bytes + target, kept->type, type);
    memcpy(bytes + target + type, kept->body, kept->len);
    *len = target + type + kept->len;
    return bytes;
}

static apr_status_t unpack(cp_kept_t *kept, const char *bytes, apr_size_t len)
{
    const char *end = bytes + len;
    const char *type = memchr(bytes, '\0', len);
    const char *body;

    if (type == NULL || ++type == end) {
        return APR_ENOENT;
    }
    body = memchr(type, '\0', (apr_size_t)(end - type));
    if (body == NULL) {
        return APR_ENOENT;
    }
    kept->target = bytes;
    kept->type = type;
    kept->body = body + 1;
    kept->len = (apr_size_t)(end - kept->body);
    return APR_SUCCESS;
}

static apr_status_t prune(cp_ctx_t *cx)
{
    return cp_db_execute(
        cx->db, "kept_prune",
        json_pack("{s:I}", "before", (json_int_t)(cp_now(cx->port) - KEPT_FOR)),
        NULL);
}

static apr_status_t add_row(cp_ctx_t *cx, const cp_session_t *session,
                            const char *visit_digest, const char *id,
                            const char *sealed)
{
    apr_time_t now = cp_now(cx->port);
    int count = 0;
    apr_status_t rv = cp_db_execute(
        cx->db, "kept_add",
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:i, s:i, s:s}",
                  "kept_id", id, "clinic_id",
                  session == NULL ? "" : session->clinic->clinic_id,
                  "account_id", session == NULL ? "" : session->account_id,
                  "visit_hash", session == NULL ? visit_digest : "", "address",
                  cp_network_of(cx->address, cx->pool), "now", (json_int_t)now,
                  "since", (json_int_t)(now - KEPT_FOR), "address_max",
                  ADDRESS_MAX, "all_max", ALL_MAX, "body", sealed),
        &count);

    return rv == APR_SUCCESS && count == 0 ? CP_ETOOMANY : rv;
}

apr_status_t cp_kept_add(cp_ctx_t *cx, const cp_session_t *session,
                         const char *visit_digest, const cp_kept_t *kept,
                         const char **id)
{
    const char *sealed = NULL;
    cp_seal_t seal;
    const char *bytes;
    apr_size_t len;
    apr_status_t rv;

    if (kept->len > CP_KEPT_MAX ||
        (session == NULL && visit_digest[0] == '\0')) {
        return CP_EINPUT;
    }
    rv = cp_token_public_id(id, cx->port, cx->pool);
    if (rv == APR_SUCCESS) {
        bytes = packed(cx, kept, &len);
        seal = seal_of(cx, *id);
        rv = cp_sealed_make(&sealed, &seal, bytes, len, cx->pool);
    }
    if (rv == APR_SUCCESS) {
        rv = prune(cx);
    }
    return rv == APR_SUCCESS ? add_row(cx, session, visit_digest, *id, sealed)
                             : rv;
}

apr_status_t cp_kept_find(cp_ctx_t *cx, const cp_session_t *session,
                          const char *visit_digest, const char *id,
                          cp_kept_t *kept)
{
    cp_seal_t seal = seal_of(cx, id);
    cp_unsealed_t unsealed;
    cp_row_t row;
    apr_status_t rv = cp_db_row(
        cx->db, "kept_find",
        CP_ARGS(CP_TEXT("clinic_id", session->clinic->clinic_id),
                CP_TEXT("account_id", session->account_id),
                CP_TEXT("visit_hash", visit_digest), CP_TEXT("kept_id", id),
                CP_INT("since", cp_now(cx->port) - KEPT_FOR)),
        &row, cx->pool);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = cp_sealed_open(&unsealed, &seal, cp_row_text(row, "body"), cx->pool);
    return rv == APR_SUCCESS ? unpack(kept, unsealed.bytes, unsealed.len)
                             : APR_ENOENT;
}

/* Two clicks at once: one of them takes it. */
static apr_status_t take_work(cp_db_t *db, void *baton)
{
    const take_t *t = baton;
    int count = 0;
    apr_status_t rv =
        cp_kept_find(t->cx, t->session, t->visit_digest, t->id, t->kept);

    if (rv == APR_SUCCESS) {
        rv = cp_db_execute(db, "kept_remove",
                           json_pack("{s:s, s:s, s:s, s:s}", "kept_id", t->id,
                                     "clinic_id", t->session->clinic->clinic_id,
                                     "account_id", t->session->account_id,
                                     "visit_hash", t->visit_digest),
                           &count);
    }
    return rv == APR_SUCCESS && count == 0 ? APR_ENOENT : rv;
}

apr_status_t cp_kept_take(cp_ctx_t *cx, const cp_session_t *session,
                          const char *visit_digest, const char *id,
                          cp_kept_t *kept)
{
    take_t t = {cx, session, visit_digest, id, kept};

    return cp_db_transaction(cx->db, take_work, &t);
}
