/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Require lines as they are read with the configuration: nonsense is refused
 * there, with httpd adding file and line. */
#ifndef CP_GUARD_REQUIRE_PARSE_H
#define CP_GUARD_REQUIRE_PARSE_H

#include <apr_tables.h>
#include <apr_time.h>
#include <httpd.h>
#include <http_config.h>

/* What a line asks: its words (const char *), each checked and in the form it
 * is compared in, or an age. */
typedef struct cp_require_t {
    apr_array_header_t *words;
    apr_interval_time_t age;
} cp_require_t;

/* One of clinic-user's, whose lines parse to an array of these. */
typedef struct cp_require_user_t {
    const char *key;       /* of the user name */
    const char *clinic_id; /* NULL: of any clinic */
    const char *type;      /* "staff" or "patient"; NULL: not said */
} cp_require_user_t;

/* Each as authz_provider wants it: NULL and *parsed, in the configuration's
 * pool, or what is wrong. */
const char *cp_require_parse_user(cmd_parms *cmd, const char *line,
                                  const void **parsed);
const char *cp_require_parse_clinic(cmd_parms *cmd, const char *line,
                                    const void **parsed);
const char *cp_require_parse_type(cmd_parms *cmd, const char *line,
                                  const void **parsed);
const char *cp_require_parse_role(cmd_parms *cmd, const char *line,
                                  const void **parsed);
const char *cp_require_parse_permission(cmd_parms *cmd, const char *line,
                                        const void **parsed);
const char *cp_require_parse_factor(cmd_parms *cmd, const char *line,
                                    const void **parsed);
const char *cp_require_parse_age(cmd_parms *cmd, const char *line,
                                 const void **parsed);

#endif
