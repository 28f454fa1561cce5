/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The status codes of this product, above those of APR.
 *
 * Every function below src/web that can fail returns an apr_status_t: 0,
 * a code of APR, or one of these. Only src/web turns one into an HTTP
 * status (cp_http_status). "Not there" is APR_ENOENT, "already there" is
 * APR_EEXIST. */
#ifndef CP_STATUS_H
#define CP_STATUS_H

#include <apr_errno.h>
#include <errno.h>

#define CP_EINPUT (APR_OS_START_USERERR + 1)       /* malformed by the caller */
#define CP_EDENIED (APR_OS_START_USERERR + 2)      /* understood and refused */
#define CP_ETOOMANY (APR_OS_START_USERERR + 3)     /* throttled: try later */
#define CP_ETOOLARGE (APR_OS_START_USERERR + 4)    /* over a size limit */
#define CP_EUNAVAILABLE (APR_OS_START_USERERR + 5) /* a needed part is down */
#define CP_EDB (APR_OS_START_USERERR + 6)          /* the database failed */
#define CP_EEXPIRED (APR_OS_START_USERERR + 7)     /* genuine, but too old */

/* One English sentence for rv, ours or APR's. Static or APR storage; never
 * NULL. For logs and the command line, not for web pages. */
const char *cp_status_text(apr_status_t rv);

/* errno, for the call that has just failed: never APR_SUCCESS. Inline, so that
 * an analyser of the caller sees that. */
static inline apr_status_t cp_status_of_errno(void)
{
    int code = errno;

    return code == 0 ? APR_EGENERAL : APR_FROM_OS_ERROR(code);
}

#endif
