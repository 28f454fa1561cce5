/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Time-based one-time passwords. */
#include "base/otp.h"

#include "base/encode.h"
#include "base/status.h"

#include <apr_strings.h>
#include <liboath/oath.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>

#define STEP_S 30
#define QUIET 4 /* modules around a QR code */

apr_status_t cp_otp_check(const unsigned char secret[CP_OTP_SECRET_BYTES],
                          const char *code, apr_time_t now, apr_int64_t *step)
{
    apr_int64_t at = apr_time_sec(now) / STEP_S;
    apr_int64_t i;

    if (strlen(code) != CP_OTP_DIGITS ||
        strspn(code, "0123456789") != CP_OTP_DIGITS) {
        return CP_EDENIED;
    }
    for (i = at - 1; i <= at + 1; i++) {
        if (oath_totp_validate((const char *)secret, CP_OTP_SECRET_BYTES,
                               (time_t)(i * STEP_S), STEP_S, 0, 0, code) == 0) {
            *step = i;
            return APR_SUCCESS;
        }
    }
    return CP_EDENIED;
}

static const char *base32(const unsigned char *secret, apr_pool_t *p)
{
    char *heap = NULL;
    const char *text = "";

    if (oath_base32_encode((const char *)secret, CP_OTP_SECRET_BYTES, &heap,
                           NULL) == OATH_OK) {
        text = apr_pstrdup(p, heap);
    }
    free(heap);
    return text;
}

const char *cp_otp_secret_text(const unsigned char secret[CP_OTP_SECRET_BYTES],
                               apr_pool_t *p)
{
    const char *text = base32(secret, p);
    const char *grouped = "";

    for (; *text != '\0'; text += strlen(text) < 4 ? strlen(text) : 4) {
        grouped = apr_pstrcat(p, grouped, grouped[0] == '\0' ? "" : " ",
                              apr_pstrndup(p, text, 4), NULL);
    }
    return grouped;
}

const char *cp_otp_uri(const unsigned char secret[CP_OTP_SECRET_BYTES],
                       const char *issuer, const char *account, apr_pool_t *p)
{
    const char *name = cp_encode_url(issuer, p);

    return apr_pstrcat(p, "otpauth://totp/", name, ":",
                       cp_encode_url(account, p), "?secret=", base32(secret, p),
                       "&issuer=", name, NULL);
}

/* One path: each run of dark modules in a row is a rectangle. */
static const char *path_of(const QRcode *code, apr_pool_t *p)
{
    apr_size_t room = (apr_size_t)code->width * (apr_size_t)code->width * 24;
    char *path = apr_palloc(p, room + 1);
    char *at = path;
    int x;
    int y;

    for (y = 0; y < code->width; y++) {
        const unsigned char *row = code->data + y * code->width;

        for (x = 0; x < code->width; x++) {
            int run = 0;

            while (x + run < code->width && (row[x + run] & 1)) {
                run++;
            }
            if (run > 0) {
                at += apr_snprintf(at, room - (apr_size_t)(at - path),
                                   "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET,
                                   run, run);
                x += run;
            }
        }
    }
    *at = '\0';
    return path;
}

const char *cp_otp_qr_svg(const char *text, apr_pool_t *p)
{
    QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    const char *svg;
    int size;

    if (code == NULL) {
        return NULL;
    }
    size = code->width + 2 * QUIET;
    svg = apr_psprintf(p,
                       "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 "
                       "0 %d %d\" shape-rendering=\"crispEdges\"><path "
                       "fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"%s\"/>"
                       "</svg>\n",
                       size, size, size, size, path_of(code, p));
    QRcode_free(code);
    return svg;
}
