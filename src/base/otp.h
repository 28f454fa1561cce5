/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Time-based one-time passwords (RFC 6238: SHA-1, 6 digits, 30 seconds), by
 * liboath, and the picture that brings their secret to a telephone. */
#ifndef CP_OTP_H
#define CP_OTP_H

#include <apr_pools.h>
#include <apr_time.h>

#define CP_OTP_SECRET_BYTES 20
#define CP_OTP_DIGITS 6

/* The 30-second step whose code this is: that of now, the one before or the
 * one after (RFC 6238 5.2). CP_EDENIED: of none of them. */
apr_status_t cp_otp_check(const unsigned char secret[CP_OTP_SECRET_BYTES],
                          const char *code, apr_time_t now, apr_int64_t *step);

/* The secret in base32, in groups of four, for those who type it. */
const char *cp_otp_secret_text(const unsigned char secret[CP_OTP_SECRET_BYTES],
                               apr_pool_t *p);

/* The address that authenticator programs read (Key URI format). */
const char *cp_otp_uri(const unsigned char secret[CP_OTP_SECRET_BYTES],
                       const char *issuer, const char *account, apr_pool_t *p);

/* A text as a QR code (ISO/IEC 18004, by libqrencode): an SVG document, black
 * on white whatever the theme. NULL: it is too long. */
const char *cp_otp_qr_svg(const char *text, apr_pool_t *p);

#endif
