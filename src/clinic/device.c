/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Browsers that somebody has signed in from. */
#include "clinic/device.h"

#include "base/token.h"

#include <apr_strings.h>
#include <string.h>

#define TOKENS 4
#define KNOWN_FOR apr_time_from_sec(180LL * 86400)
#define TOKEN_CHARACTERS                                                       \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/* The tokens of a cookie, those well-formed; "" for the rest. */
static void read_cookie(const char *cookie, const char *tokens[TOKENS],
                        apr_pool_t *p)
{
    const char *at = cookie == NULL ? "" : cookie;
    int i;

    for (i = 0; i < TOKENS; i++) {
        apr_size_t len = strspn(at, TOKEN_CHARACTERS);
        int is_token =
            len == CP_TOKEN_LENGTH && (at[len] == '.' || at[len] == '\0');

        tokens[i] = is_token ? apr_pstrmemdup(p, at, len) : "";
        at += is_token ? len : strlen(at);
        at += *at == '.';
    }
}

static const char *digest_of(const char *token, apr_pool_t *p)
{
    return token[0] == '\0' ? "" : cp_token_digest(token, p);
}

apr_status_t cp_device_find(cp_ctx_t *cx, const cp_device_owner_t *owner,
                            const char *cookie, cp_device_t *device)
{
    const char *tokens[TOKENS];
    cp_row_t row;
    apr_status_t rv;

    memset(device, 0, sizeof(*device));
    read_cookie(cookie, tokens, cx->pool);
    if (tokens[0][0] == '\0') { /* then the others are empty, too */
        return APR_SUCCESS;
    }
    rv = cp_db_row(cx->db, "device_find",
                   CP_ARGS(CP_TEXT("clinic_id", owner->clinic_id),
                           CP_TEXT("kind", cp_kind_word(owner->kind)),
                           CP_TEXT("username_key", owner->username_key),
                           CP_TEXT("token_1", digest_of(tokens[0], cx->pool)),
                           CP_TEXT("token_2", digest_of(tokens[1], cx->pool)),
                           CP_TEXT("token_3", digest_of(tokens[2], cx->pool)),
                           CP_TEXT("token_4", digest_of(tokens[3], cx->pool)),
                           CP_INT("since", cp_now(cx->port) - KNOWN_FOR)),
                   &row, cx->pool);
    if (rv == APR_SUCCESS) {
        device->device_id = cp_row_text(row, "device_id");
        device->account_id = cp_row_text(row, "account_id");
    }
    return rv == APR_ENOENT ? APR_SUCCESS : rv;
}

apr_status_t cp_device_skips_factor(cp_ctx_t *cx, const char *clinic_id,
                                    const cp_device_t *device, int *skips)
{
    cp_row_t row;
    apr_status_t rv =
        cp_db_row(cx->db, "device_factor_until",
                  CP_ARGS(CP_TEXT("clinic_id", clinic_id),
                          CP_TEXT("account_id", device->account_id),
                          CP_TEXT("device_id", device->device_id)),
                  &row, cx->pool);

    *skips = rv == APR_SUCCESS &&
             cp_row_integer(row, "factor_until") > cp_now(cx->port);
    return rv == APR_ENOENT ? APR_SUCCESS : rv;
}

/* device_add takes token_hash as well, device_use does not look at it. */
static json_t *note_args(cp_ctx_t *cx, const char *clinic_id,
                         const cp_device_t *device, const char *token_hash)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:s}", "clinic_id",
                     clinic_id, "account_id", device->account_id, "device_id",
                     device->device_id, "token_hash", token_hash, "now",
                     (json_int_t)cp_now(cx->port), "factor_until",
                     (json_int_t)device->factor_until, "address", cx->address,
                     "user_agent", cx->user_agent);
}

/* The new token in front of those there were, of which the last goes. */
static const char *next_cookie(const char *token, const char *cookie,
                               apr_pool_t *p)
{
    const char *tokens[TOKENS];
    const char *next = token;
    int i;

    read_cookie(cookie, tokens, p);
    for (i = 0; i < TOKENS - 1 && tokens[i][0] != '\0'; i++) {
        next = apr_pstrcat(p, next, ".", tokens[i], NULL);
    }
    return next;
}

apr_status_t cp_device_note(cp_ctx_t *cx, const char *clinic_id,
                            const cp_device_t *device, const char *cookie,
                            const char **new_cookie)
{
    cp_device_t made = *device;
    const char *token;
    apr_status_t rv;

    *new_cookie = NULL;
    if (device->device_id != NULL) {
        return cp_db_execute(cx->db, "device_use",
                             note_args(cx, clinic_id, device, ""), NULL);
    }
    rv = cp_token_make(&token, cx->port, cx->pool);
    if (rv == APR_SUCCESS) {
        rv = cp_token_public_id(&made.device_id, cx->port, cx->pool);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_db_execute(
            cx->db, "device_add",
            note_args(cx, clinic_id, &made, cp_token_digest(token, cx->pool)),
            NULL);
        *new_cookie = next_cookie(token, cookie, cx->pool);
    }
    return rv;
}

apr_status_t cp_device_list(cp_ctx_t *cx, const char *clinic_id,
                            const char *account_id, json_t **devices)
{
    return cp_db_select(cx->db, "device_list",
                        json_pack("{s:s, s:s, s:I}", "clinic_id", clinic_id,
                                  "account_id", account_id, "since",
                                  (json_int_t)(cp_now(cx->port) - KNOWN_FOR)),
                        devices, cx->pool);
}

apr_status_t cp_device_remove(cp_ctx_t *cx, const char *clinic_id,
                              const char *account_id, const char *device_id,
                              int *count)
{
    return cp_db_execute(
        cx->db, device_id == NULL ? "device_remove_all" : "device_remove",
        json_pack("{s:s, s:s, s:s?}", "clinic_id", clinic_id, "account_id",
                  account_id, "device_id", device_id),
        count);
}

apr_status_t cp_device_distrust(cp_ctx_t *cx, const char *clinic_id,
                                const char *account_id)
{
    return cp_db_execute(cx->db, "device_distrust",
                         json_pack("{s:s, s:s}", "clinic_id", clinic_id,
                                   "account_id", account_id),
                         NULL);
}

apr_status_t cp_device_prune(cp_ctx_t *cx)
{
    return cp_db_execute(cx->db, "device_prune",
                         json_pack("{s:I}", "before",
                                   (json_int_t)(cp_now(cx->port) - KNOWN_FOR)),
                         NULL);
}
