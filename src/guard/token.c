/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Claims about the person. */
#include "guard/token.h"

#include "base/json.h"
#include "base/jwt.h"
#include "base/status.h"
#include "base/token.h"
#include "config/config.h"
#include "guard/who.h"

#include <apr_strings.h>
#include <string.h>

static json_t *words(const char *list, apr_pool_t *p)
{
    json_t *array = json_array();
    char *copy = apr_pstrdup(p, list);
    char *last = NULL;
    char *word;

    for (word = apr_strtok(copy, " ", &last); word != NULL;
         word = apr_strtok(NULL, " ", &last)) {
        (void)json_array_append_new(array, json_string(word));
    }
    return array;
}

/* Authentication Method Reference values (RFC 8176). A device that may skip the
 * second factor gave none. */
static json_t *methods(const char *factor)
{
    return factor[0] == '\0' || strcmp(factor, "device") == 0
               ? json_pack("[s]", "pwd")
               : json_pack("[s, s, s]", "pwd", "otp", "mfa");
}

static const char *issuer_of(const cp_request_t *req)
{
    return apr_pstrcat(req->cx.pool, req->origin == NULL ? "" : req->origin,
                       req->portal->base, NULL);
}

const char *cp_guard_token(request_rec *r, const cp_session_t *session)
{
    const cp_config_t *cfg = cp_config_of(r->per_dir_config);
    const char *audience = cp_config_token_audience(cfg);
    cp_request_t *req = &cp_note_of(r)->who->req;
    json_int_t now = (json_int_t)apr_time_sec(cp_now(req->cx.port));
    const char *token = NULL;
    const char *id;
    json_t *claims;
    apr_status_t rv;

    if (audience[0] == '\0') {
        return NULL;
    }
    rv = cp_token_public_id(&id, req->cx.port, r->pool);
    if (rv == APR_SUCCESS) {
        claims = cp_json_own(
            json_pack(
                "{s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:o, "
                "s:o, s:s, s:o, s:I}",
                "iss", issuer_of(req), "aud", audience, "sub",
                session->account_id, "iat", now, "exp",
                now + cp_config_token_lifetime_s(cfg), "jti", id, "clinic",
                session->clinic->code, "type", cp_kind_word(session->kind),
                "preferred_username", session->username, "name",
                session->display_name, "roles", words(session->roles, r->pool),
                "permissions", words(session->permissions, r->pool), "factor",
                session->factor, "amr", methods(session->factor), "auth_time",
                (json_int_t)apr_time_sec(session->authenticated_at)),
            r->pool);
        rv = claims == NULL
                 ? APR_ENOMEM
                 : cp_jwt_sign(&token, req->portal->token_key, claims, r->pool);
    }
    if (rv != APR_SUCCESS) {
        cp_log(req->cx.port, CP_LOG_ERROR, rv,
               CP_TAG(0702) "a token for %s could not be made: %s", audience,
               cp_status_text(rv));
    }
    return token;
}
