/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What an account may be like: the rules of the command line and of the
 * import. A refusal is a sentence for whoever typed it. */
#ifndef CP_ACCOUNT_RULES_H
#define CP_ACCOUNT_RULES_H

#include "clinic/accounts.h"

#include <apr_tables.h>

#define CP_ACCOUNT_PASSWORD_LEAST 15 /* code points */

/* Why nobody may have this password; NULL: it is good. */
const char *cp_account_refuse_password(const char *password);

/* Why an account of that kind cannot have these fields; NULL: it can. */
const char *cp_account_refuse_fields(const cp_account_fields_t *fields,
                                     cp_kind_t kind, apr_pool_t *p);

/* The words of a list, parted by spaces: an array of const char * in p. NULL
 * has none. */
apr_array_header_t *cp_account_words(const char *words, apr_pool_t *p);

#endif
