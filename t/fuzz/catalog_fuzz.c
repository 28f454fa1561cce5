/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Any bytes as the text of ClinicPortalSQL: no crash, and what is accepted
 * has as many parameters as apr_dbd will count in it. */
#include "db/sqltext.h"

#include "fuzz.h"

#include "base/status.h"

#include <apr_lib.h>
#include <apr_strings.h>

/* As apr_dbd_prepare counts. */
static int count_params(const char *sql)
{
    int count = 0;

    for (; *sql != '\0'; sql++) {
        if (*sql == '%') {
            sql++;
            demand(*sql == '%' || *sql == 's' || strncmp(sql, "lld", 3) == 0);
            count += *sql != '%';
        }
    }
    return count;
}

static void try_driver(const char *text, const char *driver, apr_pool_t *p)
{
    cp_statement_t statement = {NULL};
    const char *error = NULL;
    apr_status_t rv = cp_sqltext_translate(&statement, text, driver, &error, p);
    int i;

    if (rv != APR_SUCCESS) {
        demand(rv == CP_EINPUT && error != NULL);
        return;
    }
    demand(*statement.sql != '\0');
    demand(!apr_isspace(*statement.sql));
    demand(count_params(statement.sql) == statement.param_count);
    for (i = 0; i < statement.param_count; i++) {
        demand(apr_islower(*statement.params[i].name));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = fuzz_pool();
    const char *text = apr_pstrmemdup(p, (const char *)data, size);

    try_driver(text, "sqlite3", p);
    try_driver(text, "pgsql", p);
    apr_pool_destroy(p);
    return 0;
}
