/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What the ALTCHA widget does in the browser, for challenges that cost
 * nothing. */
#ifndef CP_T_ALTCHA_SOLVE_H
#define CP_T_ALTCHA_SOLVE_H

#include "unit.h"

#include "base/json.h"

#include <apr_base64.h>
#include <openssl/evp.h>
#include <stdio.h>

#define ALTCHA_KEY_BYTES 32
#define ALTCHA_NONCE_BYTES 16

static inline void altcha_read_hex(unsigned char *bytes, size_t len,
                                   const char *hex)
{
    size_t i;

    for (i = 0; i < len; i++) {
        unsigned value = 0;

        assert_int_equal(sscanf(hex + 2 * i, "%2x", &value), 1);
        bytes[i] = (unsigned char)value;
    }
}

/* The key of one counter, as hexadecimal digits. */
static inline void altcha_derive(char hex[2 * ALTCHA_KEY_BYTES + 1],
                                 const json_t *parameters, unsigned counter)
{
    unsigned char password[ALTCHA_NONCE_BYTES + 4];
    unsigned char salt[ALTCHA_NONCE_BYTES];
    unsigned char key[ALTCHA_KEY_BYTES];
    int i;

    altcha_read_hex(password, ALTCHA_NONCE_BYTES,
                    cp_json_string(parameters, "nonce", ""));
    altcha_read_hex(salt, ALTCHA_NONCE_BYTES,
                    cp_json_string(parameters, "salt", ""));
    for (i = 0; i < 4; i++) {
        password[ALTCHA_NONCE_BYTES + i] =
            (unsigned char)(counter >> (24 - 8 * i));
    }
    assert_int_equal(
        PKCS5_PBKDF2_HMAC((const char *)password, sizeof(password), salt,
                          sizeof(salt),
                          (int)cp_json_integer(parameters, "cost", 0),
                          EVP_sha256(), ALTCHA_KEY_BYTES, key),
        1);
    for (i = 0; i < ALTCHA_KEY_BYTES; i++) {
        snprintf(hex + 2 * i, 3, "%02x", key[i]);
    }
}

/* What the widget does: try counters until the key starts as it should. */
static inline const char *altcha_solve(json_t *challenge, apr_pool_t *p)
{
    const json_t *parameters = json_object_get(challenge, "parameters");
    const char *prefix = cp_json_string(parameters, "keyPrefix", "none");
    char hex[2 * ALTCHA_KEY_BYTES + 1];
    unsigned counter = 0;
    json_t *payload;
    const char *text;
    char *field;

    do {
        counter++;
        assert_true(counter < 1000);
        altcha_derive(hex, parameters, counter);
    } while (strncmp(hex, prefix, strlen(prefix)) != 0);
    payload =
        cp_json_own(json_pack("{s:O, s:{s:i, s:s, s:f}}", "challenge",
                              challenge, "solution", "counter", (int)counter,
                              "derivedKey", hex, "time", 1.5),
                    p);
    text = cp_json_text(payload, p);
    field = apr_palloc(p, (apr_size_t)apr_base64_encode_len((int)strlen(text)));
    apr_base64_encode(field, text, (int)strlen(text));
    return field;
}

#endif
