/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The answer to a visitor of an inside page who is not signed in. */
#ifndef CP_WEB_SIGNED_OUT_H
#define CP_WEB_SIGNED_OUT_H

#include "web/reply.h"

/* 303 to the sign-in page of the clinic and tab they were in, with the reason
 * and a signed way back; 401 JSON when asked by a program. why NULL: the
 * browser had no cookie. Drops the dead cookie, but not for a program. Returns
 * DONE, or an HTTP status. */
int cp_signed_out_reply(cp_request_t *req, cp_reply_t *reply,
                        const cp_session_end_t *why);

/* The answer to a session that is at another step of its sign-in than the page
 * is for: 303 to the page of that step, or home; 403 JSON. Returns DONE. */
int cp_signed_out_step(cp_request_t *req, cp_reply_t *reply);

/* The page to sign in at: of the remembered clinic, on the tab of *kind (NULL:
 * the remembered one). reason: one of the words below, or NULL; next: a way
 * back that cp_signed_out_next made, or NULL. */
const char *cp_signed_out_address(cp_request_t *req, const cp_kind_t *kind,
                                  const char *reason, const char *next);

/* The page of the session's step, or home when it has none left. */
const char *cp_signed_out_step_address(cp_request_t *req, const char *next);

/* The word for why a session ended; NULL for NULL. */
const char *cp_signed_out_reason(const cp_session_end_t *why);

/* 401, for a program. */
void cp_signed_out_refuse(cp_request_t *req, cp_reply_t *reply,
                          const char *reason);

/* The sentence for a reason word of the sign-in page's address; NULL for an
 * unknown word. In the request's pool. */
const char *cp_signed_out_text(cp_request_t *req, const char *word);

/* The way back: the address signed for the form, and read from it. Both are
 * NULL unless it is on this host; the latter also unless it is genuine. */
const char *cp_signed_out_next(const cp_request_t *req, const char *target);
const char *cp_signed_out_target(const cp_request_t *req, const char *next);

#endif
