/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* One row for each directive, one shared setter for each kind of value.
 * Nonsense is refused here, with httpd adding file and line. */
#include "config/directives.h"

#include "config/config.h"
#include "config/directives_impl.h"
#include "config/values.h"

#include <apr_strings.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define SLOT(name) (void *)offsetof(cp_config_t, name)
#define FIELD(type, cfg, cmd)                                                  \
    ((type *)((char *)(cfg) + (apr_size_t)(cmd)->info))

#define YEAR_S (365 * 86400)
#define WAIT_MAX_S 300 /* longer nobody waits for a page */

const char *cp_directive_complain(cmd_parms *cmd, const char *message)
{
    return message == NULL
               ? NULL
               : apr_pstrcat(cmd->pool, cmd->cmd->name, ": ", message, NULL);
}

const char *cp_directive_origin(cmd_parms *cmd)
{
    return apr_psprintf(cmd->pool, "%s:%d", cmd->directive->filename,
                        cmd->directive->line_num);
}

static const char *set_text(cmd_parms *cmd, void *cfg, const char *arg)
{
    *FIELD(const char *, cfg, cmd) = arg;
    return NULL;
}

static const char *set_flag(cmd_parms *cmd, void *cfg, int flag)
{
    *FIELD(int, cfg, cmd) = flag;
    return NULL;
}

static const char *set_path(cmd_parms *cmd, void *cfg, const char *arg)
{
    const char *path = ap_server_root_relative(cmd->pool, arg);

    if (path == NULL) {
        return cp_directive_complain(
            cmd, apr_pstrcat(cmd->pool, "\"", arg, "\" is not a path", NULL));
    }
    *FIELD(const char *, cfg, cmd) = path;
    return NULL;
}

static const char *set_seconds(cmd_parms *cmd, void *cfg, const char *arg)
{
    return cp_directive_complain(
        cmd, cp_value_seconds(FIELD(int, cfg, cmd), arg, 1, YEAR_S, cmd->pool));
}

static const char *set_wait(cmd_parms *cmd, void *cfg, const char *arg)
{
    return cp_directive_complain(
        cmd,
        cp_value_seconds(FIELD(int, cfg, cmd), arg, 1, WAIT_MAX_S, cmd->pool));
}

static const char *set_number(cmd_parms *cmd, void *cfg, const char *arg)
{
    return cp_directive_complain(
        cmd, cp_value_number(FIELD(int, cfg, cmd), arg, 1, 1024, cmd->pool));
}

static const char *set_passes(cmd_parms *cmd, void *cfg, const char *arg)
{
    return cp_directive_complain(
        cmd, cp_value_number(FIELD(int, cfg, cmd), arg, CP_PASSWORD_PASSES_MIN,
                             CP_PASSWORD_PASSES_MAX, cmd->pool));
}

static const char *set_origin(cmd_parms *cmd, void *cfg, const char *arg)
{
    return cp_directive_complain(
        cmd, cp_value_origin(FIELD(const char *, cfg, cmd), arg, cmd->pool));
}

/* "file:PATH" (relative to ServerRoot) or, where allowed, "exec:PROGRAM". */
static const char *secret_source(cmd_parms *cmd, const char **source,
                                 const char *arg)
{
    const char *path = arg + 5;

    if (strncmp(arg, "exec:", 5) == 0 && path[0] == '/') {
        *source = arg;
        return NULL;
    }
    if (strncmp(arg, "file:", 5) != 0 || path[0] == '\0') {
        return cp_directive_complain(
            cmd, "must be file:PATH or exec:/PATH/TO/PROGRAM");
    }
    *source = apr_pstrcat(
        cmd->pool, "file:", ap_server_root_relative(cmd->pool, path), NULL);
    return NULL;
}

/* Naming no previous one takes that of an outer section away. */
static const char *set_secret(cmd_parms *cmd, void *config, const char *current,
                              const char *previous)
{
    cp_config_t *cfg = config;
    const char *error = secret_source(cmd, &cfg->secret, current);

    cfg->previous_secret = "";
    if (error == NULL && previous != NULL) {
        error = secret_source(cmd, &cfg->previous_secret, previous);
    }
    return error;
}

static const char *set_captcha_secret(cmd_parms *cmd, void *config,
                                      const char *arg)
{
    return secret_source(cmd, &((cp_config_t *)config)->captcha_secret, arg);
}

static const char *set_captcha(cmd_parms *cmd, void *config, const char *arg)
{
    static const char *const words[] = {"altcha",    "recaptcha", "hcaptcha",
                                        "turnstile", "off",       NULL};

    return cp_directive_complain(
        cmd, cp_value_word(&((cp_config_t *)config)->captcha, arg, words,
                           cmd->pool));
}

static const char *add_captcha_host(cmd_parms *cmd, void *config,
                                    const char *arg)
{
    cp_config_t *cfg = config;

    if (cfg->captcha_hosts == NULL) {
        cfg->captcha_hosts = apr_array_make(cmd->pool, 2, sizeof(const char *));
    }
    APR_ARRAY_PUSH(cfg->captcha_hosts, const char *) = arg;
    return NULL;
}

static const char *set_captcha_cost(cmd_parms *cmd, void *config,
                                    const char *cost, const char *least,
                                    const char *most)
{
    cp_config_t *cfg = config;
    const char *error =
        cp_value_number(&cfg->captcha_cost, cost, 1, 1000000, cmd->pool);

    if (error == NULL && least != NULL) {
        error = cp_value_number(&cfg->captcha_counter_min, least, 1, 1000000,
                                cmd->pool);
    }
    if (error == NULL && most != NULL) {
        error = cp_value_number(&cfg->captcha_counter_max, most, 1, 1000000,
                                cmd->pool);
    }
    if (error == NULL && (least == NULL) != (most == NULL)) {
        error = "takes COST, or COST LEAST-TRIES MOST-TRIES";
    }
    if (error == NULL && most != NULL &&
        cfg->captcha_counter_max < cfg->captcha_counter_min) {
        error = "the most tries must not be below the least";
    }
    return cp_directive_complain(cmd, error);
}

static const char *set_login_limit(cmd_parms *cmd, void *config,
                                   const char *kind, const char *tries,
                                   const char *window)
{
    cp_config_t *cfg = config;
    const struct {
        const char *kind;
        int *tries;
        int *window_s;
    } limits[] = {
        {"account", &cfg->account_tries, &cfg->account_window_s},
        {"address", &cfg->address_tries, &cfg->address_window_s},
        {"clinic", &cfg->clinic_tries, &cfg->clinic_window_s},
    };
    const char *error = "must name account, address or clinic first";
    apr_size_t i;

    for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        if (strcasecmp(kind, limits[i].kind) == 0) {
            error =
                cp_value_number(limits[i].tries, tries, 1, 1000000, cmd->pool);
            if (error == NULL) {
                error = cp_value_seconds(limits[i].window_s, window, 1, 86400,
                                         cmd->pool);
            }
        }
    }
    return cp_directive_complain(cmd, error);
}

static const char *add_sql(cmd_parms *cmd, void *config, const char *name,
                           const char *sql)
{
    cp_sql_override_t *row = apr_array_push(((cp_config_t *)config)->sql);

    row->name = name;
    row->sql = sql;
    row->origin = cp_directive_origin(cmd);
    return NULL;
}

static const char *set_mail(cmd_parms *cmd, void *config, const char *url,
                            const char *from)
{
    cp_config_t *cfg = config;

    if (strncasecmp(url, "smtps://", 8) != 0 &&
        strncasecmp(url, "smtp://", 7) != 0) {
        return cp_directive_complain(cmd,
                                     "the server is smtps://HOST[:PORT], or "
                                     "smtp://HOST[:PORT] for STARTTLS");
    }
    if (strchr(url, '@') != NULL) {
        return cp_directive_complain(cmd, "a user and password belong in "
                                          "ClinicPortalMailLogin");
    }
    cfg->mail_url = url;
    cfg->mail_from = from;
    return NULL;
}

static const char *set_mail_login(cmd_parms *cmd, void *config,
                                  const char *user, const char *password)
{
    cp_config_t *cfg = config;

    cfg->mail_user = user;
    return secret_source(cmd, &cfg->mail_password, password);
}

static int is_plain_location(const cmd_parms *cmd)
{
    const ap_directive_t *section = cmd->directive->parent;

    return section != NULL &&
           strcasecmp(section->directive, "<Location") == 0 &&
           section->args[0] != '~' && cmd->path != NULL && cmd->path[0] == '/';
}

const char *cp_directive_path(apr_pool_t *p, const char *path)
{
    apr_size_t len = strlen(path);

    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    return apr_pstrmemdup(p, path, len);
}

static const char *set_mount(cmd_parms *cmd, void *config, int on)
{
    static const cp_mount_t unmounted = {NULL, NULL, NULL};
    cp_config_t *cfg = config;
    cp_mount_t *mount;

    if (!is_plain_location(cmd)) {
        return cp_directive_complain(
            cmd, "belongs in a <Location /path> section (no "
                 "pattern): it mounts the portal there");
    }
    if (!on) {
        cfg->mount = &unmounted;
        return NULL;
    }
    mount = apr_pcalloc(cmd->pool, sizeof(*mount));
    mount->path = cp_directive_path(cmd->pool, cmd->path);
    mount->origin = cp_directive_origin(cmd);
    mount->own = cfg;
    cfg->mount = mount;
    APR_ARRAY_PUSH(cp_server_config_of(cmd->server)->mounts, cp_mount_t *) =
        mount;
    return NULL;
}

#define ANYWHERE (RSRC_CONF | ACCESS_CONF)

const command_rec cp_directives[] = {
    AP_INIT_FLAG("ClinicPortal", set_mount, NULL, ACCESS_CONF,
                 "On mounts the portal at this <Location>"),
    AP_INIT_TAKE1("ClinicPortalOrigin", set_origin, SLOT(origin), ANYWHERE,
                  "address of this server as browsers see it, such as "
                  "https://portal.example"),
    AP_INIT_TAKE12("ClinicPortalSecret", set_secret, NULL, ANYWHERE,
                   "file:PATH or exec:PROGRAM of the portal's secret, and the "
                   "previous one while it is being replaced"),
    AP_INIT_FLAG("ClinicPortalRequireTLS", set_flag, SLOT(requires_tls),
                 ANYWHERE, "Off serves the portal without TLS (demo only)"),
    AP_INIT_TAKE1("ClinicPortalData", set_path, SLOT(data_dir), ANYWHERE,
                  "directory of the installed statements, views and assets"),
    AP_INIT_TAKE1("ClinicPortalViews", set_path, SLOT(views_dir), ANYWHERE,
                  "directory of your own views, asked before the installed"),
    AP_INIT_TAKE2("ClinicPortalSQL", add_sql, NULL, ANYWHERE,
                  "name and text of a statement to use instead of ours"),
    AP_INIT_TAKE1("ClinicPortalDocuments", set_path, SLOT(documents_dir),
                  ANYWHERE, "directory the document files are stored in"),
    AP_INIT_TAKE1("ClinicPortalDatabaseTimeout", set_wait,
                  SLOT(database_timeout_s), ANYWHERE,
                  "longest time to wait for an answer of PostgreSQL"),
    AP_INIT_TAKE1("ClinicPortalSessionIdle", set_seconds, SLOT(session_idle_s),
                  ANYWHERE, "time without a request that ends a session"),
    AP_INIT_TAKE1("ClinicPortalSessionMax", set_seconds, SLOT(session_max_s),
                  ANYWHERE, "longest time a session lasts"),
    AP_INIT_TAKE1("ClinicPortalCaptcha", set_captcha, NULL, ANYWHERE,
                  "altcha, recaptcha, hcaptcha, turnstile or off"),
    AP_INIT_TAKE1("ClinicPortalCaptchaSiteKey", set_text,
                  SLOT(captcha_site_key), ANYWHERE,
                  "the site key the CAPTCHA provider gave you"),
    AP_INIT_TAKE1("ClinicPortalCaptchaSecret", set_captcha_secret, NULL,
                  ANYWHERE, "file:PATH of the provider's secret key"),
    AP_INIT_TAKE1("ClinicPortalCaptchaVerifyURL", set_text,
                  SLOT(captcha_verify_url), ANYWHERE,
                  "address to verify answers at, if not the provider's own"),
    AP_INIT_TAKE1("ClinicPortalCaptchaCAFile", set_path, SLOT(captcha_ca_file),
                  ANYWHERE,
                  "certificate authorities to trust for that address"),
    AP_INIT_ITERATE("ClinicPortalCaptchaHost", add_captcha_host, NULL, ANYWHERE,
                    "host names under which the box may have been solved"),
    AP_INIT_TAKE123("ClinicPortalCaptchaCost", set_captcha_cost, NULL, ANYWHERE,
                    "work of an ALTCHA answer: rounds, least and most tries"),
    AP_INIT_TAKE1("ClinicPortalCaptchaTimeout", set_wait,
                  SLOT(captcha_timeout_s), ANYWHERE,
                  "longest wait for the CAPTCHA provider"),
    AP_INIT_FLAG("ClinicPortalCaptchaTestKeys", set_flag,
                 SLOT(captcha_test_keys), ANYWHERE,
                 "On accepts a provider's public test keys (tests only)"),
    AP_INIT_TAKE1("ClinicPortalPasswordPasses", set_passes,
                  SLOT(password_passes), ANYWHERE,
                  "passes of argon2id over its memory for each hash"),
    AP_INIT_TAKE1("ClinicPortalPasswordSlots", set_number, SLOT(password_slots),
                  ANYWHERE, "passwords hashed at once in one process"),
    AP_INIT_TAKE3("ClinicPortalLoginLimit", set_login_limit, NULL, ANYWHERE,
                  "account, address or clinic, tries, and within which time"),
    AP_INIT_TAKE2("ClinicPortalMail", set_mail, NULL, ANYWHERE,
                  "mail server, smtps://HOST or smtp://HOST, and the sender's "
                  "address"),
    AP_INIT_TAKE2("ClinicPortalMailLogin", set_mail_login, NULL, ANYWHERE,
                  "user name at the mail server, and file:PATH or exec:PROGRAM "
                  "of its password"),
    AP_INIT_TAKE1("ClinicPortalMailCAFile", set_path, SLOT(mail_ca_file),
                  ANYWHERE, "certificate authorities to trust for it"),
    AP_INIT_TAKE1("ClinicPortalSupport", set_text, SLOT(support), ANYWHERE,
                  "whom people ask for help, shown on sign-in and error pages"),
    AP_INIT_TAKE12("ClinicPortalLogin", cp_directive_login, NULL, OR_AUTHCFG,
                   "path of the portal that AuthType ClinicPortal signs in "
                   "with, and staff, patient or either"),
    AP_INIT_TAKE1("ClinicPortalRemoteUser", cp_directive_remote_user, NULL,
                  OR_AUTHCFG,
                  "what REMOTE_USER is, of {clinic}, {user}, {type} and {id}"),
    AP_INIT_TAKE_ARGV("ClinicPortalHeaders", cp_directive_headers, NULL,
                      OR_AUTHCFG,
                      "Off, or the prefix of the request headers that tell an "
                      "application who is signed in, and which of them"),
    /* Not in .htaccess: whoever writes one could be its visitors elsewhere. */
    AP_INIT_FLAG("ClinicPortalPassCookies", set_flag, SLOT(passes_cookies),
                 ANYWHERE, "On shows the application the portal's own cookies"),
    AP_INIT_TAKE12("ClinicPortalToken", cp_directive_token, NULL, ANYWHERE,
                   "Off, or the audience of the signed token for the "
                   "application, and how long one is good"),
    {NULL}};
