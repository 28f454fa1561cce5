/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* db: makes, upgrades and checks the schema. */
#include "ctl/ctl.h"

#include "base/status.h"
#include "db/schema.h"

#include <apr_strings.h>

static apr_status_t migrate(cp_ctl_t *ctl)
{
    const char *error = "";
    cp_schema_change_t change;
    apr_status_t rv =
        cp_schema_migrate(ctl->cx.db, cp_ctl_data_path(ctl, "schema"), &change,
                          &error, ctl->pool);

    if (rv == APR_SUCCESS) {
        rv = cp_db_renew_plans(ctl->cx.db, &error, ctl->pool);
    }
    if (rv != APR_SUCCESS) {
        return cp_ctl_fail(ctl, rv, "%s", error);
    }
    if (change.from == change.to) {
        cp_ctl_say(
            ctl, json_pack("{s:i, s:i}", "from", change.from, "to", change.to),
            "the schema is at version %d already", change.to);
        return rv;
    }
    cp_ctl_say(ctl,
               json_pack("{s:i, s:i}", "from", change.from, "to", change.to),
               "the schema went from version %d to %d", change.from, change.to);
    return rv;
}

static apr_status_t init(cp_ctl_t *ctl)
{
    int version = 0;
    apr_status_t rv = cp_schema_version(&version, ctl->cx.db, ctl->pool);

    if (rv != APR_SUCCESS) {
        return cp_ctl_fail(ctl, rv, "the schema's version cannot be read");
    }
    if (version > 0) {
        return cp_ctl_fail(ctl, APR_EEXIST,
                           "there is a schema of version %d already (db "
                           "migrate brings it up to date)",
                           version);
    }
    return migrate(ctl);
}

static apr_status_t check(cp_ctl_t *ctl)
{
    const char *error = "";
    int version = 0;
    apr_status_t rv = cp_schema_version(&version, ctl->cx.db, ctl->pool);

    if (rv == APR_SUCCESS) {
        rv = cp_db_check_statements(ctl->cx.db, &error, ctl->pool);
    }
    if (rv != APR_SUCCESS) {
        return cp_ctl_fail(ctl, rv, "%s", error);
    }
    cp_ctl_say(ctl, json_pack("{s:i}", "version", version),
               "good: schema version %d, and every statement fits it", version);
    return rv;
}

const cp_ctl_command_t cp_ctl_db[] = {
    {"db init", "", "Make the schema in an empty database.",
     CP_CTL_NEW_DATABASE, init},
    {"db migrate", "", "Bring the schema to the version of this program.",
     CP_CTL_DATABASE, migrate},
    {"db check", "", "Is the schema current, and does every statement fit it?",
     CP_CTL_SCHEMA, check},
    {NULL}};
