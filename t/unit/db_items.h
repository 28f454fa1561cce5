/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The table and statements of fixtures/db, for the tests of src/db, and how to
 * make what a connection has prepared go stale. */
#ifndef CP_T_DB_ITEMS_H
#define CP_T_DB_ITEMS_H

#include "database.h"

#include "base/status.h"

#include <stdlib.h>

static inline database_t *items_make(apr_pool_t *p)
{
    return database_make_from("t/unit/fixtures/db/schema",
                              "t/unit/fixtures/db/sql", p);
}

static inline int items_is_pgsql(const database_t *database)
{
    return strcmp(database->driver, "pgsql") == 0;
}

static inline apr_status_t items_add(cp_db_t *db, const char *id,
                                     const char *name)
{
    int count = -1;
    apr_status_t rv =
        cp_db_execute(db, "item_add",
                      json_pack("{s:s, s:s, s:i, s:b}", "id", id, "name", name,
                                "size", 7, "is_open", 1),
                      &count);

    return rv == APR_SUCCESS && count != 1 ? APR_EGENERAL : rv;
}

static inline apr_status_t items_grow(cp_db_t *db, void *baton)
{
    int count = 0;
    apr_status_t rv =
        cp_db_execute(db, "item_grow", json_pack("{s:s}", "id", "a"), &count);

    return rv == APR_SUCCESS && count != 1 ? CP_EINPUT : rv;
}

static inline apr_status_t items_look(cp_db_t *db)
{
    apr_pool_t *p;
    json_t *row;
    apr_status_t rv = apr_pool_create(&p, NULL);

    if (rv == APR_SUCCESS) {
        rv =
            cp_db_find(db, "item_find", json_pack("{s:s}", "id", "a"), &row, p);
    }
    apr_pool_destroy(p);
    return rv;
}

static inline void items_run_elsewhere(const database_t *database,
                                       const char *sql)
{
    cp_db_source_t source;
    const char *error = "";
    apr_pool_t *p;

    assert_int_equal(apr_pool_create(&p, NULL), APR_SUCCESS);
    database_connect(database, &source, p);
    if (cp_db_run(cp_db_make(&source, database->catalog, &cp_port_system, p),
                  sql, &error, p) != APR_SUCCESS) {
        fail_msg("%s: %s", sql, error);
    }
    apr_pool_destroy(p);
}

/* Break what every connection has prepared; `change` is for SQLite. */
static inline void items_make_stale(const database_t *database,
                                    const char *change)
{
    if (!items_is_pgsql(database)) {
        items_run_elsewhere(database, change);
        return;
    }
    if (getenv("CP_TEST_DB_RESTART") == NULL) {
        skip();
    }
    assert_int_equal(system(getenv("CP_TEST_DB_RESTART")), 0);
}

#endif
