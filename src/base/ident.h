/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Validators of the identifiers people and programs send, and the fold under
 * which they are compared. */
#ifndef CP_IDENT_H
#define CP_IDENT_H

#include <apr_pools.h>

#define CP_CLINIC_CODE_MAX 32
#define CP_USERNAME_MAX 128   /* bytes */
#define CP_PUBLIC_ID_BYTES 16 /* random bytes; 22 characters of base64url */
#define CP_PUBLIC_ID_LENGTH 22

/* [A-Za-z0-9][A-Za-z0-9_-]{0,31} */
int cp_ident_is_clinic_code(const char *text);

/* The form a clinic code is stored and compared in: ASCII lower case. Given
 * only valid codes. */
const char *cp_ident_clinic_id(const char *code, apr_pool_t *p);

/* 1..CP_USERNAME_MAX bytes of valid UTF-8, no control character, no space at
 * either end. */
int cp_ident_is_username(const char *text);

/* The form a user name is compared in: NFKC, then Unicode case folding (ICU).
 * NULL when the text is no user name. */
const char *cp_ident_username_key(const char *username, apr_pool_t *p);

/* 22 characters of base64url, as cp_token_public_id makes them. */
int cp_ident_is_public_id(const char *text);

/* len bytes of well-formed UTF-8 (RFC 3629), NUL not allowed. */
int cp_utf8_is_valid(const char *text, apr_size_t len);

/* The characters (code points) of valid UTF-8, a line break of CR and LF being
 * one: browsers count it so, whatever they send. */
apr_size_t cp_utf8_count(const char *text);

/* How many bytes the control character (C0, DEL or C1) at `at` has: 1 or 2,
 * 0 when it is another. `at` is not the end of the text. */
int cp_utf8_control(const char *at);

/* Valid UTF-8 without a control character other than those in `allowed`, which
 * is ASCII. */
int cp_utf8_is_plain(const char *text, const char *allowed);

#endif
