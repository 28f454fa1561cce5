/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A person's own mail address, to which passwords and codes are sent. */
#ifndef CP_ADDRESS_CHANGE_H
#define CP_ADDRESS_CHANGE_H

#include "clinic/session.h"

/* Change it: the password is asked for (see cp_reauth for its failures), both
 * the old and the new address are told. CP_EINPUT: it is no address. */
apr_status_t cp_address_change(cp_ctx_t *cx, const cp_session_t *session,
                               const cp_policy_t *policy, const char *password,
                               const char *email);

#endif
