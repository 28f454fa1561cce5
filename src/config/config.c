/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Create, merge and read the settings; all of it drawn from the one list. */
#include "config/config.h"

#include <string.h>

extern module AP_MODULE_DECLARE_DATA clinicportal_module;

const char *const cp_fact_words[] = {
#define X(fact, word, variable) word,
    CP_FACTS(X)
#undef X
        NULL};

void *cp_config_create(apr_pool_t *p, char *directory)
{
    cp_config_t *cfg = apr_pcalloc(p, sizeof(*cfg));

#define X(type, name, unset, otherwise) cfg->name = unset;
    CP_CONFIG_SCALARS(X)
#undef X
    cfg->sql = apr_array_make(p, 0, sizeof(cp_sql_override_t));
    return cfg;
}

/* Whatever order the sections are written in. */
static const char *innermost(const char *one, const char *other)
{
    if (one == NULL || other == NULL) {
        return one == NULL ? other : one;
    }
    return strlen(other) < strlen(one) ? one : other;
}

static int is_another(const char *outer, const char *inner)
{
    return outer != NULL && inner != NULL && strcmp(outer, inner) != 0;
}

/* What belongs to one server is inherited with it or not at all: nobody's
 * password goes to another's. */
static void keep_apart(cp_config_t *cfg, const cp_config_t *base,
                       const cp_config_t *add)
{
    if (is_another(base->mail_url, add->mail_url)) {
        cfg->mail_user = add->mail_user;
        cfg->mail_password = add->mail_password;
        cfg->mail_ca_file = add->mail_ca_file;
    }
    if (is_another(base->captcha, add->captcha)) {
        cfg->captcha_site_key = add->captcha_site_key;
        cfg->captcha_secret = add->captcha_secret;
        cfg->captcha_verify_url = add->captcha_verify_url;
        cfg->captcha_ca_file = add->captcha_ca_file;
    }
}

void *cp_config_merge(apr_pool_t *p, void *base_config, void *add_config)
{
    const cp_config_t *base = base_config;
    const cp_config_t *add = add_config;
    cp_config_t *cfg = apr_pcalloc(p, sizeof(*cfg));

#define X(type, name, unset, otherwise)                                        \
    cfg->name = add->name == (unset) ? base->name : add->name;
    CP_CONFIG_SCALARS(X)
#undef X
    keep_apart(cfg, base, add);
    cfg->mount = add->mount == NULL ? base->mount : add->mount;
    cfg->app_path = innermost(base->app_path, add->app_path);
    cfg->captcha_hosts =
        add->captcha_hosts == NULL ? base->captcha_hosts : add->captcha_hosts;
    cfg->sql = apr_array_append(p, base->sql, add->sql);
    return cfg;
}

void *cp_server_config_create(apr_pool_t *p, server_rec *s)
{
    cp_server_config_t *cfg = apr_pcalloc(p, sizeof(*cfg));

    cfg->mounts = apr_array_make(p, 1, sizeof(cp_mount_t *));
    cfg->login_uses = apr_array_make(p, 1, sizeof(cp_login_use_t));
    cfg->portals = apr_hash_make(p);
    return cfg;
}

void *cp_server_config_merge(apr_pool_t *p, void *base_config, void *add_config)
{
    const cp_server_config_t *base = base_config;
    const cp_server_config_t *add = add_config;
    cp_server_config_t *cfg = apr_pcalloc(p, sizeof(*cfg));

    cfg->mounts = apr_array_append(p, base->mounts, add->mounts);
    cfg->login_uses = apr_array_append(p, base->login_uses, add->login_uses);
    cfg->portals = apr_hash_make(p);
    return cfg;
}

const cp_config_t *cp_config_of(const ap_conf_vector_t *per_dir)
{
    return ap_get_module_config(per_dir, &clinicportal_module);
}

cp_server_config_t *cp_server_config_of(const server_rec *s)
{
    return ap_get_module_config(s->module_config, &clinicportal_module);
}

#define X(type, name, unset, otherwise)                                        \
    type cp_config_##name(const cp_config_t *cfg)                              \
    {                                                                          \
        return cfg->name == (unset) ? (otherwise) : cfg->name;                 \
    }
CP_CONFIG_SCALARS(X)
#undef X
