/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The "I'm not a robot" box: one interface over ALTCHA (ours, no outside
 * network) and the remote providers. */
#ifndef CP_CAPTCHA_H
#define CP_CAPTCHA_H

#include "clinic/clinic.h"

/* The form an answer is good for: in ALTCHA challenges, and the widget's
 * data-action where the provider has one. */
#define CP_CAPTCHA_FORM "login"

/* The form field the answer arrives in; NULL when the box is off. */
const char *cp_captcha_field(const cp_captcha_options_t *options);

/* An ALTCHA challenge document for the sign-in form of that clinic.
 * APR_ENOENT when the mode is another. visit: digest of the visit cookie. */
apr_status_t cp_captcha_challenge(cp_ctx_t *cx, const cp_clinic_t *clinic,
                                  const char *visit, json_t **challenge);

/* A right answer that has not been spent yet. nonce: NULL where there is
 * nothing to spend (no box, or a provider that has done so itself). Lives in
 * cx->pool. */
typedef struct cp_captcha_pass_t {
    const char *clinic_id;
    const char *nonce;
    apr_time_t expires_at;
} cp_captcha_pass_t;

/* Judge an answer (NULL or "" when the box was left out), without the
 * database. CP_EDENIED: missing, wrong or expired; CP_EUNAVAILABLE: the
 * provider cannot say. Misconfiguration is logged at error (CP_TAG 0511), a
 * provider that cannot say at warning (0512, 0513). */
apr_status_t cp_captcha_judge(cp_ctx_t *cx, const cp_clinic_t *clinic,
                              const char *visit, const char *answer,
                              cp_captcha_pass_t *pass);

/* Spend what was judged; nothing may be granted before. In the transaction of
 * the caller if there is one, who then waits for the disk once only.
 * CP_EDENIED: spent before; else what the database said. */
apr_status_t cp_captcha_spend(cp_ctx_t *cx, const cp_captcha_pass_t *pass);

#endif
