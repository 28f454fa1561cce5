/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* PostgreSQL behind a pooler that gives a connection another session for each
 * transaction: here by changing the handles under the wrapper. */
#include "db_items.h"

static cp_db_connection_t *connection_of(const database_t *database,
                                         const cp_db_source_t *source)
{
    cp_db_connection_t *connection;

    assert_int_equal(source->open(source->ctx, &connection, database->pool),
                     APR_SUCCESS);
    source->close(source->ctx, connection);
    return connection;
}

static void assert_refused(const database_t *database)
{
    const char *line = APR_ARRAY_IDX(database->lines, 0, const char *);

    assert_int_equal(database->lines->nelts, 1);
    if (strncmp(line, "CP0309: ", 8) != 0) {
        fail_msg("%s", line);
    }
}

static database_t *items_with_one(apr_pool_t *p)
{
    database_t *database = items_make(p);

    if (!items_is_pgsql(database)) {
        skip();
    }
    assert_int_equal(items_add(database->db, "a", "x"), APR_SUCCESS);
    return database;
}

/* A new connection, served by the session of an old one. */
static void test_shared_session_is_refused(void **state)
{
    database_t *database = items_with_one(*state);
    cp_db_connection_t *old = connection_of(database, &database->source);
    cp_db_source_t source;
    cp_db_connection_t *new;
    apr_dbd_t *own;
    apr_status_t rv;

    database_connect(database, &source, *state);
    new = connection_of(database, &source);
    own = new->handle;
    new->handle = old->handle;
    new->prepared = NULL;
    rv = items_look(
        cp_db_make(&source, database->catalog, &database->port.port, *state));
    new->handle = own;
    assert_int_equal(rv, CP_EDB);
    assert_refused(database);
    assert_int_equal(items_look(database->db), APR_SUCCESS);
}

/* An old connection comes to a session where another has a statement of the
 * same name and another text. */
static void test_text_of_another_is_never_run(void **state)
{
    database_t *database = items_with_one(*state);
    cp_db_connection_t *mine = connection_of(database, &database->source);
    apr_dbd_t *own = mine->handle;
    cp_catalog_t *catalog = cp_catalog_make(database->driver, *state);
    cp_db_source_t source;
    const char *error = "";
    apr_status_t rv;

    assert_int_equal(
        cp_catalog_read(catalog,
                        database_source_path("t/unit/fixtures/db/sql", *state),
                        &error, *state),
        APR_SUCCESS);
    assert_int_equal(
        cp_catalog_override(catalog, "item_add",
                            "DELETE FROM item WHERE id = :id AND name <> :name "
                            "AND size < :size:int AND is_open < :is_open:int",
                            "test", &error),
        APR_SUCCESS);
    database_connect(database, &source, *state);
    assert_int_equal(
        items_add(cp_db_make(&source, catalog, &database->port.port, *state),
                  "a", "x"),
        APR_EGENERAL);

    mine->handle = connection_of(database, &source)->handle;
    rv = items_add(database->db, "b", "y");
    mine->handle = own;
    assert_int_equal(rv, CP_EDB);
    assert_refused(database);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(test_shared_session_is_refused),
        POOL_TEST(test_text_of_another_is_never_run),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
