/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The directives of guarded locations. */
#include "config/config.h"
#include "config/directives_impl.h"
#include "config/values.h"

#include <string.h>
#include <strings.h>

static int is_location(const cmd_parms *cmd)
{
    const ap_directive_t *section = cmd->directive->parent;

    return section != NULL &&
           strncasecmp(section->directive, "<Location", 9) == 0;
}

/* In an .htaccess file the server's settings are not to be touched any more:
 * whether there is such a portal is found at the request. */
const char *cp_directive_login(cmd_parms *cmd, void *config, const char *base,
                               const char *kind)
{
    static const char *const words[] = {"staff", "patient", "either", NULL};
    cp_config_t *cfg = config;
    const char *word = "either";
    const char *error =
        kind == NULL ? NULL : cp_value_word(&word, kind, words, cmd->pool);

    if (base[0] != '/') {
        error = "names the portal by its path, such as / or /portal";
    }
    if (error != NULL) {
        return cp_directive_complain(cmd, error);
    }
    cfg->login_base = cp_directive_path(cmd->pool, base);
    cfg->login_kinds = word == words[0]   ? CP_LOGIN_STAFF
                       : word == words[1] ? CP_LOGIN_PATIENT
                                          : CP_LOGIN_EITHER;
    cfg->app_path = is_location(cmd) ? cmd->path : NULL;
    if (ap_check_cmd_context(cmd, NOT_IN_HTACCESS) == NULL) {
        cp_login_use_t *use =
            apr_array_push(cp_server_config_of(cmd->server)->login_uses);

        use->base = cfg->login_base;
        use->origin = cp_directive_origin(cmd);
    }
    return NULL;
}

/* {clinic}, {user}, {type} and {id}, and plain characters between them. */
const char *cp_directive_remote_user(cmd_parms *cmd, void *config,
                                     const char *arg)
{
    static const char *const words[] = {"{clinic}", "{user}", "{type}", "{id}",
                                        NULL};
    int names_person = 0;
    const char *at;

    for (at = arg; *at != '\0'; at++) {
        int i;

        if (*at != '{') {
            continue;
        }
        for (i = 0; words[i] != NULL; i++) {
            if (strncmp(at, words[i], strlen(words[i])) == 0) {
                break;
            }
        }
        if (words[i] == NULL) {
            return cp_directive_complain(
                cmd, "knows {clinic}, {user}, {type} and {id}");
        }
        names_person |= i == 1 || i == 3;
        at += strlen(words[i]) - 1;
    }
    if (!names_person) {
        return cp_directive_complain(
            cmd, "must hold {user} or {id}, to tell people apart");
    }
    ((cp_config_t *)config)->remote_user = arg;
    return NULL;
}

static int is_header_prefix(const char *text)
{
    return text[0] != '\0' &&
           text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static int fact_of(const char *word)
{
    int fact = 0;

    while (fact < CP_FACT_COUNT && strcasecmp(word, cp_fact_words[fact]) != 0) {
        fact++;
    }
    return fact;
}

/* "Off", or a prefix and the facts to send; without any, all of them. */
const char *cp_directive_headers(cmd_parms *cmd, void *config, int argc,
                                 char *const argv[])
{
    cp_config_t *cfg = config;
    int i;

    cfg->header_facts = 0;
    if (argc == 1 && strcasecmp(argv[0], "Off") == 0) {
        return NULL;
    }
    if (argc < 1 || !is_header_prefix(argv[0])) {
        return cp_directive_complain(
            cmd, "takes Off, or a prefix of letters, digits and -, "
                 "such as " CP_HEADER_PREFIX ", and which facts to send");
    }
    cfg->header_prefix = argv[0];
    for (i = 1; i < argc; i++) {
        int fact = fact_of(argv[i]);
        const char *unused;

        if (fact == CP_FACT_COUNT) {
            return cp_directive_complain(
                cmd, cp_value_word(&unused, argv[i], cp_fact_words, cmd->pool));
        }
        cfg->header_facts |= 1 << fact;
    }
    if (argc == 1) {
        cfg->header_facts = (1 << CP_FACT_COUNT) - 1;
    }
    return NULL;
}

const char *cp_directive_token(cmd_parms *cmd, void *config,
                               const char *audience, const char *lifetime)
{
    cp_config_t *cfg = config;

    cfg->token_audience = strcasecmp(audience, "Off") == 0 ? "" : audience;
    return lifetime == NULL
               ? NULL
               : cp_directive_complain(
                     cmd, cp_value_seconds(&cfg->token_lifetime_s, lifetime, 5,
                                           3600, cmd->pool));
}
