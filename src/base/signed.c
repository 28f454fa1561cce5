/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Values a browser hands back unchanged. */
#include "base/signed.h"

#include "base/encode.h"
#include "base/status.h"
#include "base/token.h"

#include <apr_strings.h>
#include <string.h>

#define VERSION "1"
#define TEXT_MAX 8192

/* base64url of the HMAC over signed_text. */
static apr_status_t mac_of(const char **mac, const cp_signer_t *signer,
                           int is_previous, const char *signed_text,
                           apr_pool_t *p)
{
    unsigned char bytes[CP_MAC_BYTES];
    apr_status_t rv = cp_keys_mac(signer->keys, is_previous, signer->purpose,
                                  signed_text, bytes);

    if (rv == APR_SUCCESS) {
        *mac = cp_encode_base64url(bytes, sizeof(bytes), p);
    }
    return rv;
}

/* What is signed. The length keeps a context from sliding into the body. */
static const char *with_context(const char *body, const char *context,
                                apr_pool_t *p)
{
    return apr_psprintf(p, "%" APR_SIZE_T_FMT ":%s%s", strlen(context), context,
                        body);
}

apr_status_t cp_signed_make(const char **text, const cp_signer_t *signer,
                            const char *value, apr_time_t expires_at,
                            apr_pool_t *p)
{
    const char *body =
        apr_psprintf(p, VERSION ".%" APR_TIME_T_FMT ".%s", expires_at,
                     cp_encode_base64url(value, strlen(value), p));
    const char *mac;
    apr_status_t rv =
        mac_of(&mac, signer, 0, with_context(body, signer->context, p), p);

    if (rv == APR_SUCCESS) {
        *text = apr_pstrcat(p, body, ".", mac, NULL);
    }
    return rv;
}

static int is_genuine(const cp_signer_t *signer, const char *signed_text,
                      const char *mac, apr_pool_t *p)
{
    const char *expected;
    int is_previous;

    for (is_previous = 0; is_previous < 2; is_previous++) {
        if (mac_of(&expected, signer, is_previous, signed_text, p) ==
                APR_SUCCESS &&
            cp_token_equal(mac, expected)) {
            return 1;
        }
    }
    return 0;
}

/* Read "1.<expiry>.<value>", known to be ours. */
static apr_status_t read_body(const char **value, const char *body,
                              apr_time_t now, apr_pool_t *p)
{
    const char *expiry = body + strlen(VERSION ".");
    const char *dot = strchr(expiry, '.');
    unsigned char *bytes;
    apr_size_t len;

    if (dot == NULL ||
        cp_decode_base64url(&bytes, &len, dot + 1, p) != APR_SUCCESS) {
        return CP_EDENIED;
    }
    *value = apr_pstrmemdup(p, (const char *)bytes, len);
    return now > apr_atoi64(expiry) ? CP_EEXPIRED : APR_SUCCESS;
}

apr_status_t cp_signed_read(const char **value, const cp_signer_t *signer,
                            const char *text, apr_time_t now, apr_pool_t *p)
{
    const char *dot;
    const char *body;

    if (text == NULL || strnlen(text, TEXT_MAX + 1) > TEXT_MAX ||
        strncmp(text, VERSION ".", strlen(VERSION ".")) != 0) {
        return CP_EDENIED;
    }
    dot = strrchr(text, '.');
    body = apr_pstrmemdup(p, text, (apr_size_t)(dot - text));
    if (!is_genuine(signer, with_context(body, signer->context, p), dot + 1,
                    p)) {
        return CP_EDENIED;
    }
    return read_body(value, body, now, p);
}
