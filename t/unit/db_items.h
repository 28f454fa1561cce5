/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The table and statements of fixtures/db, for the tests of src/db. */
#ifndef CP_T_DB_ITEMS_H
#define CP_T_DB_ITEMS_H

#include "database.h"

#include "base/status.h"

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

#endif
