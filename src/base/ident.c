/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Validators of identifiers. */
#include "base/ident.h"

#include <apr_strings.h>
#include <stdint.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

/* Room for a user name under NFKC and folding: U+FDFA, the character that grows
 * most, becomes 18 UTF-16 units from 3 bytes. */
#define KEY_UNITS (CP_USERNAME_MAX * 6)

/* Spaces of any kind at an end cannot be seen; U+00A0 even becomes an ordinary
 * one in the key. The text is valid and not empty. */
static int has_outer_space(const char *text, int32_t len)
{
    const uint8_t *bytes = (const uint8_t *)text;
    int32_t start = 0;
    int32_t end = len;
    UChar32 first;
    UChar32 last;

    U8_NEXT(bytes, start, len, first);
    U8_PREV(bytes, 0, end, last);
    return u_isUWhiteSpace(first) || u_isUWhiteSpace(last);
}

/* Most text is ASCII, of which eight bytes are looked at at once: none has its
 * high bit set, nor gets it by borrowing, as a NUL would (a 0x01 before a NUL
 * does as well: it is looked at again). */
static int is_ascii_word(const unsigned char *bytes)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    return ((word | (word - ones)) & (ones << 7)) == 0;
}

int cp_utf8_is_valid(const char *text, apr_size_t len)
{
    const unsigned char *bytes = (const unsigned char *)text;
    int32_t length = (int32_t)len;
    int32_t i = 0;

    if (len > INT32_MAX) {
        return 0;
    }
    while (i < length) {
        UChar32 c;

        if (length - i >= 8 && is_ascii_word(bytes + i)) {
            i += 8;
            continue;
        }
        U8_NEXT(bytes, i, length, c);
        if (c <= 0) {
            return 0;
        }
    }
    return 1;
}

apr_size_t cp_utf8_count(const char *text)
{
    apr_size_t count = 0;

    for (; *text != '\0'; text++) {
        count += !U8_IS_TRAIL((uint8_t)*text) &&
                 !(text[0] == '\r' && text[1] == '\n');
    }
    return count;
}

int cp_utf8_control(const char *at)
{
    const unsigned char *byte = (const unsigned char *)at;

    if (byte[0] == 0xc2 && byte[1] >= 0x80 && byte[1] < 0xa0) {
        return 2;
    }
    return byte[0] < 0x20 || byte[0] == 0x7f;
}

int cp_utf8_is_plain(const char *text, const char *allowed)
{
    const char *c;

    for (c = text; *c != '\0'; c++) {
        if (cp_utf8_control(c) > 0 && strchr(allowed, *c) == NULL) {
            return 0;
        }
    }
    return cp_utf8_is_valid(text, strlen(text));
}

int cp_ident_is_clinic_code(const char *text)
{
    apr_size_t len = strlen(text);

    return len >= 1 && len <= CP_CLINIC_CODE_MAX && text[0] != '-' &&
           text[0] != '_' &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                        "0123456789_-") == len;
}

const char *cp_ident_clinic_id(const char *code, apr_pool_t *p)
{
    char *id = apr_pstrdup(p, code);
    char *c;

    for (c = id; *c != '\0'; c++) {
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
    }
    return id;
}

int cp_ident_is_username(const char *text)
{
    apr_size_t len = strlen(text);

    return len > 0 && len <= CP_USERNAME_MAX && cp_utf8_is_plain(text, "") &&
           !has_outer_space(text, (int32_t)len);
}

const char *cp_ident_username_key(const char *username, apr_pool_t *p)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *fold = unorm2_getNFKCCasefoldInstance(&status);
    UChar units[CP_USERNAME_MAX];
    UChar *folded;
    char *key;
    int32_t len;

    if (!cp_ident_is_username(username)) {
        return NULL;
    }
    folded = apr_palloc(p, KEY_UNITS * sizeof(UChar));
    key = apr_palloc(p, KEY_UNITS * 3 + 1);
    u_strFromUTF8(units, CP_USERNAME_MAX, &len, username, -1, &status);
    len = unorm2_normalize(fold, units, len, folded, KEY_UNITS, &status);
    u_strToUTF8(key, KEY_UNITS * 3 + 1, NULL, folded, len, &status);
    return U_SUCCESS(status) && key[0] != '\0' ? key : NULL;
}

int cp_ident_is_public_id(const char *text)
{
    return strlen(text) == CP_PUBLIC_ID_LENGTH &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                        "0123456789_-") == CP_PUBLIC_ID_LENGTH;
}
