/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Passwords that everybody tries first (NIST SP 800-63B-4 3.1.1.2). */
#ifndef CP_BLOCKLIST_H
#define CP_BLOCKLIST_H

#include <apr_pools.h>

typedef struct cp_blocklist_t cp_blocklist_t;

/* Read a file of small letters, one word a line in byte order; lines that
 * start with "# " are comments, empty ones nothing. Constant from then on, in
 * p; it has one word at least. On failure *error is a sentence in p, and *list
 * is not to be used. CP_EINPUT: the lines are not in order, or there is no
 * word; CP_ETOOLARGE: over 16 MiB; else what opening or reading it gave. */
apr_status_t cp_blocklist_read(cp_blocklist_t **list, const char *path,
                               const char **error, apr_pool_t *p);

/* Whether a word of small letters is in the list; NULL has none. */
int cp_blocklist_has(const cp_blocklist_t *list, const char *word);

/* Whether the password comes down to one word of the list or of `words` (more
 * words of small letters, ends with NULL): when capitals, digits and signs in
 * front and behind, and signs that stand for letters (p@ssw0rd) do not count,
 * nor digits around the word, or as one short thing said again and again. */
int cp_blocklist_refuses(const cp_blocklist_t *list, const char *const *words,
                         const char *password, apr_pool_t *p);

#endif
