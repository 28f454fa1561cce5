/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* A browser as people call it. */
#ifndef CP_PAGES_BROWSER_NAME_H
#define CP_PAGES_BROWSER_NAME_H

#include <apr_pools.h>

/* "Firefox on Windows" from a User-Agent header; "Unknown browser" where it
 * says nothing known. For the eye only: a browser may say what it likes. */
const char *cp_browser_name(const char *user_agent, apr_pool_t *p);

#endif
