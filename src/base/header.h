/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Names of request headers, as those who read them take them. */
#ifndef CP_HEADER_H
#define CP_HEADER_H

/* Would a back end take the header `sent` for the one named `prefix` `word`?
 * ASCII case does not count, and some read "_" and "-" alike (RFC 3875 section
 * 4.1.18 makes the same variable of both). */
int cp_header_is(const char *sent, const char *prefix, const char *word);

#endif
