/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The command line, held to the tables of the commands. */
#include "ctl/ctl.h"

#include "base/status.h"

#include <apr_env.h>
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#define WORDS_MAX 2 /* of a command's name */

static const cp_ctl_command_t *const families[] = {
    cp_ctl_db,     cp_ctl_clinic, cp_ctl_person,  cp_ctl_passwd,
    cp_ctl_access, cp_ctl_whynot, cp_ctl_session, cp_ctl_audit,
    cp_ctl_import, cp_ctl_secret, cp_ctl_mail,    cp_ctl_factor};

#define FAMILIES (sizeof(families) / sizeof(families[0]))

/* One piece of a command's `arguments`. */
typedef struct piece_t {
    const char *text;  /* "CLINIC", "staff|patient", "--email" */
    const char *value; /* of an option: "ADDRESS", "on|off" */
    int is_option;
    int is_flag;
    int may_be_missing;
} piece_t;

/* The next piece of *text, which is stepped over. 0: there is none. */
static int next_piece(const char **text, piece_t *piece, apr_pool_t *p)
{
    apr_size_t len;

    *text += strspn(*text, " ");
    if (**text == '\0') {
        return 0;
    }
    piece->may_be_missing = **text == '[';
    *text += piece->may_be_missing;
    len = strcspn(*text, " ]");
    piece->text = apr_pstrmemdup(p, *text, len);
    piece->is_option = strncmp(piece->text, "--", 2) == 0;
    *text += len;
    piece->is_flag = piece->is_option && **text != ' ';
    if (piece->is_option && !piece->is_flag) {
        *text += 1;
        len = strcspn(*text, " ]");
        piece->value = apr_pstrmemdup(p, *text, len);
        *text += len;
    }
    *text += **text == ']';
    return 1;
}

const cp_ctl_command_t *cp_ctl_find(const char *words)
{
    apr_size_t i;

    for (i = 0; i < FAMILIES; i++) {
        const cp_ctl_command_t *command = families[i];

        for (; command->words != NULL; command++) {
            if (strcmp(command->words, words) == 0) {
                return command;
            }
        }
    }
    return NULL;
}

/* Whether the command's words are `words` or begin with them. */
static int is_below(const cp_ctl_command_t *command, const char *words)
{
    apr_size_t len = words == NULL ? 0 : strlen(words);

    return len == 0 ||
           (strncmp(command->words, words, len) == 0 &&
            (command->words[len] == '\0' || command->words[len] == ' '));
}

static int has_any(const char *words)
{
    apr_size_t i;

    for (i = 0; i < FAMILIES; i++) {
        const cp_ctl_command_t *command = families[i];

        for (; command->words != NULL; command++) {
            if (is_below(command, words)) {
                return 1;
            }
        }
    }
    return 0;
}

void cp_ctl_help(const char *words)
{
    const char *only = words != NULL && has_any(words) ? words : NULL;
    apr_size_t i;

    if (only == NULL) {
        printf(
            "usage: clinicportalctl [--db DRIVER:PARAMS] [--data DIR]\n"
            "                       [--timeout SECONDS] [--passes N] [--json]\n"
            "                       COMMAND ...\n"
            "       clinicportalctl --version\n\n"
            "  --db       the words of DBDriver and DBDParams, as in\n"
            "             sqlite3:/var/lib/clinicportal/portal.db (or the\n"
            "             environment variable CLINICPORTAL_DB)\n"
            "  --data     where schema and sql are, unless %s\n"
            "             (or CLINICPORTAL_DATA)\n"
            "  --timeout  the longest wait for an answer of PostgreSQL: 300\n"
            "             unless said, 3600 for db init and db migrate\n"
            "  --passes   the portal's ClinicPortalPasswordPasses, for "
            "passwords\n"
            "             that are set or imported: from %d to %d, %d unless\n"
            "             said (or CLINICPORTAL_PASSES)\n"
            "  --json     answers for machines: {\"data\": ...}\n"
            "  --help     after the words of a command: about that "
            "command\n\n",
            CP_DATADIR, CP_PASSWORD_PASSES_MIN, CP_PASSWORD_PASSES_MAX,
            CP_PASSWORD_PASSES);
    }
    for (i = 0; i < FAMILIES; i++) {
        const cp_ctl_command_t *command = families[i];

        for (; command->words != NULL; command++) {
            if (is_below(command, only)) {
                printf("%s%s%s\n    %s\n", command->words,
                       command->arguments[0] == '\0' ? "" : " ",
                       command->arguments, command->help);
            }
        }
    }
}

/* The option of that name, as the command has it. 0: it has none. */
static int find_option(const cp_ctl_command_t *command, const char *name,
                       piece_t *piece, apr_pool_t *p)
{
    const char *text = command->arguments;

    while (next_piece(&text, piece, p)) {
        if (piece->is_option && strcmp(piece->text, name) == 0) {
            return 1;
        }
    }
    return 0;
}

/* Where a setting that goes with every command is kept, or NULL. */
static const char **setting_of(cp_ctl_t *ctl, const char *name)
{
    if (strcmp(name, "--db") == 0) {
        return &ctl->database;
    }
    if (strcmp(name, "--timeout") == 0) {
        return &ctl->timeout;
    }
    if (strcmp(name, "--passes") == 0) {
        return &ctl->passes;
    }
    return strcmp(name, "--data") == 0 ? &ctl->data : NULL;
}

/* Whether text is one of "a|b|c", which may as well be no choice at all. */
static int is_choice(const char *choices, const char *text, apr_pool_t *p)
{
    char *rest = apr_pstrdup(p, choices);
    char *choice;

    if (strchr(choices, '|') == NULL) {
        return 1;
    }
    while ((choice = apr_strtok(rest, "|", &rest)) != NULL) {
        if (strcmp(choice, text) == 0) {
            return 1;
        }
    }
    return 0;
}

/* Read the option argv[*i], with its value, and step over them. */
static apr_status_t read_option(cp_ctl_t *ctl, int argc,
                                const char *const *argv, int *i)
{
    const char *name = argv[*i];
    const char **setting = setting_of(ctl, name);
    piece_t piece = {NULL};

    if (strcmp(name, "--json") == 0) {
        ctl->is_json = 1;
        return APR_SUCCESS;
    }
    if (setting == NULL &&
        (ctl->command == NULL ||
         !find_option(ctl->command, name, &piece, ctl->pool))) {
        return cp_ctl_fail(ctl, CP_EINPUT, "there is no option %s", name);
    }
    if (!piece.is_flag && ++*i >= argc) {
        return cp_ctl_fail(ctl, CP_EINPUT, "%s needs a value", name);
    }
    if (setting != NULL) {
        *setting = argv[*i];
    }
    else if (!piece.is_flag && !is_choice(piece.value, argv[*i], ctl->pool)) {
        return cp_ctl_fail(ctl, CP_EINPUT, "%s is %s", name, piece.value);
    }
    else if (cp_ctl_option(ctl, name + 2) != NULL) {
        return cp_ctl_fail(ctl, CP_EINPUT, "%s is there twice", name);
    }
    else {
        apr_table_setn(ctl->options, name + 2, piece.is_flag ? "" : argv[*i]);
    }
    return APR_SUCCESS;
}

/* Hold the values to what the command wants. */
static apr_status_t check_values(cp_ctl_t *ctl)
{
    const char *text = ctl->command->arguments;
    piece_t piece;
    int i = 0;

    while (next_piece(&text, &piece, ctl->pool)) {
        const char *value;

        if (piece.is_option) {
            if (!piece.may_be_missing &&
                cp_ctl_option(ctl, piece.text + 2) == NULL) {
                return cp_ctl_fail(ctl, CP_EINPUT, "%s is missing", piece.text);
            }
            continue;
        }
        value = cp_ctl_value(ctl, i++);
        if (value == NULL && !piece.may_be_missing) {
            return cp_ctl_fail(ctl, CP_EINPUT, "%s is missing", piece.text);
        }
        if (value != NULL && !is_choice(piece.text, value, ctl->pool)) {
            return cp_ctl_fail(ctl, CP_EINPUT, "%s is not one of %s", value,
                               piece.text);
        }
    }
    return cp_ctl_value(ctl, i) == NULL
               ? APR_SUCCESS
               : cp_ctl_fail(ctl, CP_EINPUT, "%s is one word too many",
                             cp_ctl_value(ctl, i));
}

/* The words of the command, and its values behind them, have come in as
 * values; the command is the longest that fits. */
static void find_command(cp_ctl_t *ctl, const char *word)
{
    int count = ctl->values->nelts;
    const char *words = word;

    if (ctl->command == NULL && count > 0) {
        words = apr_pstrcat(ctl->pool, cp_ctl_value(ctl, 0), " ", word, NULL);
    }
    if (ctl->command == NULL && count < WORDS_MAX) {
        ctl->command = cp_ctl_find(words);
        if (ctl->command != NULL) {
            apr_array_clear(ctl->values);
            return;
        }
    }
    APR_ARRAY_PUSH(ctl->values, const char *) = word;
}

static void read_environment(cp_ctl_t *ctl)
{
    char *value = NULL;

    if (apr_env_get(&value, "CLINICPORTAL_DB", ctl->pool) == APR_SUCCESS) {
        ctl->database = value;
    }
    if (apr_env_get(&value, "CLINICPORTAL_DATA", ctl->pool) == APR_SUCCESS) {
        ctl->data = value;
    }
    if (apr_env_get(&value, "CLINICPORTAL_PASSES", ctl->pool) == APR_SUCCESS &&
        value[0] != '\0') {
        ctl->passes = value;
    }
}

static apr_status_t read_words(cp_ctl_t *ctl, int argc, const char *const *argv)
{
    apr_status_t rv = APR_SUCCESS;
    int has_ended = 0; /* "--": what follows are values */
    int i;

    for (i = 1; i < argc && rv == APR_SUCCESS; i++) {
        if (!has_ended && strcmp(argv[i], "--help") == 0) {
            return APR_INCOMPLETE;
        }
        if (!has_ended && strcmp(argv[i], "--") == 0) {
            has_ended = 1;
        }
        else if (!has_ended && strncmp(argv[i], "--", 2) == 0) {
            rv = read_option(ctl, argc, argv, &i);
        }
        else {
            find_command(ctl, argv[i]);
        }
    }
    return rv;
}

apr_status_t cp_ctl_parse(cp_ctl_t *ctl, int argc, const char *const *argv)
{
    apr_status_t rv;

    ctl->values = apr_array_make(ctl->pool, 8, sizeof(const char *));
    ctl->options = apr_table_make(ctl->pool, 8);
    ctl->data = CP_DATADIR;
    read_environment(ctl);
    rv = read_words(ctl, argc, argv);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (ctl->command == NULL) {
        return cp_ctl_fail(ctl, CP_EINPUT,
                           ctl->values->nelts == 0 ? "there is no command"
                                                   : "there is no such "
                                                     "command");
    }
    return check_values(ctl);
}

const char *cp_ctl_value(const cp_ctl_t *ctl, int index)
{
    return index < ctl->values->nelts
               ? APR_ARRAY_IDX(ctl->values, index, const char *)
               : NULL;
}

const char *cp_ctl_option(const cp_ctl_t *ctl, const char *name)
{
    return apr_table_get(ctl->options, name);
}
