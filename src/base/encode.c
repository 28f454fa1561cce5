/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* One encoder per context. */
#include "base/encode.h"

#include "base/ident.h"
#include "base/status.h"

#include <apr_encode.h>
#include <apr_escape.h>
#include <apr_strings.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#define UNRESERVED                                                             \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
#define FILE_NAME_MAX 150

static const char *entity_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

const char *cp_encode_html(const char *text, apr_pool_t *p)
{
    apr_size_t extra = 0;
    const char *in;
    char *result;
    char *out;

    for (in = text; *in != '\0'; in++) {
        extra += entity_of(*in) == NULL ? 0 : strlen(entity_of(*in));
    }
    result = out = apr_palloc(p, strlen(text) + extra + 1);
    for (in = text; *in != '\0'; in++) {
        const char *entity = entity_of(*in);

        if (entity == NULL) {
            *out++ = *in;
        }
        else {
            memcpy(out, entity, strlen(entity));
            out += strlen(entity);
        }
    }
    *out = '\0';
    return result;
}

/* All but the bytes of `plain` as %XX. */
static const char *percent_encode(const char *text, const char *plain,
                                  apr_pool_t *p)
{
    static const char digits[] = "0123456789ABCDEF";
    char *result = apr_palloc(p, 3 * strlen(text) + 1);
    char *out = result;

    for (; *text != '\0'; text++) {
        if (strchr(plain, *text) != NULL) {
            *out++ = *text;
        }
        else {
            *out++ = '%';
            *out++ = digits[(unsigned char)*text >> 4];
            *out++ = digits[(unsigned char)*text & 15];
        }
    }
    *out = '\0';
    return result;
}

const char *cp_encode_url(const char *text, apr_pool_t *p)
{
    return percent_encode(text, UNRESERVED, p);
}

const char *cp_encode_header(const char *text, apr_pool_t *p)
{
    return percent_encode(text, UNRESERVED " !\"#$&'()*+,/:;<=>?@[\\]^`{|}", p);
}

const char *cp_encode_base64url(const void *data, apr_size_t len, apr_pool_t *p)
{
    return apr_pencode_base64_binary(p, data, (apr_ssize_t)len,
                                     APR_ENCODE_BASE64URL, NULL);
}

apr_status_t cp_decode_base64url(unsigned char **data, apr_size_t *len,
                                 const char *text, apr_pool_t *p)
{
    const unsigned char *decoded;

    if (text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                          "0123456789-_")] != '\0') {
        return CP_EINPUT;
    }
    decoded = apr_pdecode_base64_binary(p, text, APR_ENCODE_STRING,
                                        APR_ENCODE_BASE64URL, len);
    /* One text for one value: stray trailing bits do not come back. */
    if (decoded == NULL ||
        strcmp(cp_encode_base64url(decoded, *len, p), text) != 0) {
        return CP_EINPUT;
    }
    *data = (unsigned char *)apr_pstrmemdup(p, (const char *)decoded, *len);
    return APR_SUCCESS;
}

const char *cp_encode_hex(const void *data, apr_size_t len, apr_pool_t *p)
{
    return apr_pescape_hex(p, data, len, 0);
}

/* Those that turn the writing direction can make "gpj.exe" of "exe.jpg". */
static void drop_bidi_controls(char *name)
{
    int32_t len = (int32_t)strlen(name);
    int32_t next = 0;

    while (next < len) {
        int32_t at = next;
        UChar32 c;

        U8_NEXT((const uint8_t *)name, next, len, c);
        if (u_hasBinaryProperty(c, UCHAR_BIDI_CONTROL)) {
            memset(name + at, '_', (size_t)(next - at));
        }
    }
}

/* A name that is safe to save under: no path, no control character, no leading
 * dot. */
static char *safe_file_name(const char *name, apr_pool_t *p)
{
    char *safe = apr_pstrndup(p, name, FILE_NAME_MAX);
    char *c;

    while (!cp_utf8_is_valid(safe, strlen(safe))) {
        safe[strlen(safe) - 1] = '\0';
    }
    drop_bidi_controls(safe);
    for (c = safe; *c != '\0'; c++) {
        memset(c, '_', (apr_size_t)cp_utf8_control(c));
        if (strchr("/\\:*?\"<>|", *c) != NULL || (c == safe && *c == '.')) {
            *c = '_';
        }
    }
    return *safe == '\0' ? apr_pstrdup(p, "document") : safe;
}

const char *cp_encode_attachment(const char *name, apr_pool_t *p)
{
    char *safe = safe_file_name(name, p);
    char *ascii = apr_pstrdup(p, safe);
    char *c;

    for (c = ascii; *c != '\0'; c++) {
        if ((unsigned char)*c >= 0x80 || *c == '%') {
            *c = '_';
        }
    }
    return apr_pstrcat(p, "attachment; filename=\"", ascii,
                       "\"; filename*=UTF-8''",
                       percent_encode(safe, UNRESERVED, p), NULL);
}
