/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* clinicportalctl: what its commands share.
 *
 * A command is a row of a table. Its `arguments` are both what the help shows
 * and what the command line is held to: a word in capitals is a value, "a|b" a
 * choice, --name VALUE an option, --name alone a flag; what stands in [] may
 * be left out. */
#ifndef CP_CTL_H
#define CP_CTL_H

#include "clinic/accounts.h"

#include <apr_tables.h>

typedef struct cp_ctl_t cp_ctl_t;

/* What must be there before a command runs. */
typedef enum cp_ctl_need_t {
    CP_CTL_NOTHING,
    CP_CTL_NEW_DATABASE, /* the connection; the file may be new */
    CP_CTL_DATABASE,     /* the connection, whatever is in there */
    CP_CTL_SCHEMA        /* and the schema of this very version */
} cp_ctl_need_t;

typedef struct cp_ctl_command_t {
    const char *words;     /* "staff add" */
    const char *arguments; /* "CLINIC USER [--email ADDRESS]" */
    const char *help;      /* a sentence, or several */
    cp_ctl_need_t need;
    /* APR_SUCCESS, or a failure; ctl->why is then the sentence for it. */
    apr_status_t (*run)(cp_ctl_t *ctl);
    const char *fixed; /* the command's own: a kind, a status */
} cp_ctl_command_t;

struct cp_ctl_t {
    apr_pool_t *pool;
    const cp_ctl_command_t *command;
    apr_array_header_t *values; /* const char *, in order */
    apr_table_t *options;       /* without the dashes; flags are "" */
    const char *database;       /* "DRIVER:PARAMS" */
    const char *data;           /* the directory with schema and sql */
    const char *timeout;        /* seconds, as typed; NULL: what is usual */
    const char *passes;         /* of a hash, as typed; NULL: what is usual */
    int is_json;
    cp_port_t port;
    cp_options_t rules;
    cp_ctx_t cx;
    const char *why;    /* of a failure, for the person */
    const char *logged; /* the last error line of the layers below; or NULL */
};

/* One table for each family, ends with NULL words. */
extern const cp_ctl_command_t cp_ctl_db[];
extern const cp_ctl_command_t cp_ctl_clinic[];
extern const cp_ctl_command_t cp_ctl_person[];
extern const cp_ctl_command_t cp_ctl_passwd[];
extern const cp_ctl_command_t cp_ctl_access[];
extern const cp_ctl_command_t cp_ctl_session[];
extern const cp_ctl_command_t cp_ctl_import[];
extern const cp_ctl_command_t cp_ctl_secret[];
extern const cp_ctl_command_t cp_ctl_whynot[];
extern const cp_ctl_command_t cp_ctl_audit[];
extern const cp_ctl_command_t cp_ctl_mail[];
extern const cp_ctl_command_t cp_ctl_factor[];

/* ---- arguments.c ---- */

/* Fill command, values, options and the settings that go with every command
 * from the command line. CP_EINPUT: ctl->why. APR_INCOMPLETE: help was asked
 * for, ctl->command is what of (NULL: all). */
apr_status_t cp_ctl_parse(cp_ctl_t *ctl, int argc, const char *const *argv);

/* The value at `index`; NULL when it was left out. */
const char *cp_ctl_value(const cp_ctl_t *ctl, int index);

/* An option; NULL when it was not given. */
const char *cp_ctl_option(const cp_ctl_t *ctl, const char *name);

/* A command by its words; NULL. */
const cp_ctl_command_t *cp_ctl_find(const char *words);

/* Print the help of one command, of those whose words begin so, or of all
 * (NULL). */
void cp_ctl_help(const char *words);

/* ---- connect.c ---- */

/* What the command needs. */
apr_status_t cp_ctl_connect(cp_ctl_t *ctl);

/* The two steps of it, for why-not. */
apr_status_t cp_ctl_open_database(cp_ctl_t *ctl);
apr_status_t cp_ctl_check_schema(cp_ctl_t *ctl);

/* "schema", "sql" or another thing below the data directory. */
const char *cp_ctl_data_path(const cp_ctl_t *ctl, const char *name);

/* ---- answer.c ---- */

/* Set ctl->why and return rv. */
apr_status_t cp_ctl_fail(cp_ctl_t *ctl, apr_status_t rv, const char *format,
                         ...) __attribute__((format(printf, 3, 4)));

/* What a command did: data for machines ({"data": ...}; takes over the
 * reference), the sentence for people. */
void cp_ctl_say(cp_ctl_t *ctl, json_t *data, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A column of cp_ctl_table. */
typedef struct cp_ctl_column_t {
    const char *title;
    const char *member; /* of the rows; the name ends with "_at": a moment */
} cp_ctl_column_t;

/* Rows: as they are for machines, as a table for people. columns ends with a
 * NULL title. */
void cp_ctl_table(cp_ctl_t *ctl, json_t *rows, const cp_ctl_column_t *columns);

/* ---- find.c ---- */

/* The clinic of that code, active or not: the columns of clinics_find. */
apr_status_t cp_ctl_find_clinic(cp_ctl_t *ctl, const char *code,
                                json_t **clinic);

/* Whom the values name: the clinic is the first, the user name the one at
 * `user`. */
apr_status_t cp_ctl_name(cp_ctl_t *ctl, cp_kind_t kind, int user,
                         cp_account_name_t *name);

/* The account of that name, as cp_accounts_find gives it. */
apr_status_t cp_ctl_find_account(cp_ctl_t *ctl, const cp_account_name_t *name,
                                 json_t **account);

/* The account that the values CLINIC staff|patient USER name. */
apr_status_t cp_ctl_account(cp_ctl_t *ctl, json_t **account);

#endif
