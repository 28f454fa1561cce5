/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Any text as what people call themselves, their clinic and their mailbox:
 * what is accepted has one form to be compared in, and UTF-8 is what RFC 3629
 * says. */
#include "base/ident.h"

#include "fuzz.h"

#include "net/smtp.h"

#include <apr_strings.h>
#include <strings.h>

/* RFC 3629 section 4, byte by byte, for the other decoder to be held
 * against: how long the character at `at` is, 0 if it is none. */
static size_t rfc3629_length(const uint8_t *at, size_t left)
{
    static const struct {
        uint8_t first_least, first_most, second_least, second_most;
        size_t length;
    } forms[] = {
        {0x01, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2},
        {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
        {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    size_t i;
    size_t k;

    for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (at[0] >= forms[i].first_least && at[0] <= forms[i].first_most) {
            break;
        }
    }
    if (i == sizeof(forms) / sizeof(forms[0]) || forms[i].length > left ||
        (forms[i].length > 1 &&
         (at[1] < forms[i].second_least || at[1] > forms[i].second_most))) {
        return 0;
    }
    for (k = 2; k < forms[i].length; k++) {
        if ((at[k] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return forms[i].length;
}

static void check_utf8(const uint8_t *data, size_t size)
{
    size_t at = 0;
    size_t length = 1;

    while (at < size && length > 0) {
        length = rfc3629_length(data + at, size - at);
        at += length;
    }
    demand(cp_utf8_is_valid((const char *)data, size) == (length > 0));
}

static void check_username(const char *text, apr_pool_t *p)
{
    const char *key = cp_ident_username_key(text, p);
    const char *again;

    demand(key == NULL || cp_ident_is_username(text));
    if (key != NULL) {
        demand(key[0] != '\0' && cp_utf8_is_valid(key, strlen(key)));
        again = cp_ident_username_key(key, p);
        demand(again == NULL || strcmp(again, key) == 0);
    }
}

static void check_code(const char *text, apr_pool_t *p)
{
    const char *id;

    if (cp_ident_is_clinic_code(text)) {
        id = cp_ident_clinic_id(text, p);
        demand(strcasecmp(id, text) == 0 && cp_ident_is_clinic_code(id));
        demand(strcmp(cp_ident_clinic_id(id, p), id) == 0);
        demand(id[strcspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ./%")] == '\0');
    }
}

static void check_mailbox(const char *text)
{
    if (cp_smtp_is_address(text)) {
        demand(text[strcspn(text, "\r\n\t <>,;\"")] == '\0');
        demand(strchr(text, '@') == strrchr(text, '@'));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = fuzz_pool();
    const char *text = apr_pstrmemdup(p, (const char *)data, size);

    check_utf8(data, size);
    check_username(text, p);
    check_code(text, p);
    check_mailbox(text);
    apr_pool_destroy(p);
    return 0;
}
