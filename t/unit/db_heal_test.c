/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Connections that go stale: on SQLite when another connection changes the
 * schema, on PostgreSQL (CP_TEST_DB) when the server restarts, for which
 * CP_TEST_DB_RESTART is a shell command. */
#include "db_items.h"

#include "base/json.h"

static void assert_healed(const database_t *database, int times)
{
    int i;

    for (i = 0; i < database->lines->nelts; i++) {
        const char *line = APR_ARRAY_IDX(database->lines, i, const char *);

        if (strncmp(line, "CP0302: the connection was healed", 33) != 0) {
            fail_msg("%s", line);
        }
    }
    assert_int_equal(database->lines->nelts, times);
}

static const char *const changes[] = {
    "VACUUM",
    "ALTER TABLE item ADD COLUMN more TEXT",
    "CREATE INDEX item_name ON item (name)",
};

static void test_statements_heal(void **state)
{
    database_t *database = items_make(*state);
    size_t i;

    assert_int_equal(items_add(database->db, "a", "x"), APR_SUCCESS);
    assert_int_equal(items_look(database->db), APR_SUCCESS);
    assert_int_equal(items_grow(database->db, NULL), APR_SUCCESS);
    for (i = 0; i < ROWS(changes); i++) {
        items_make_stale(database, changes[i]);
        assert_int_equal(items_look(database->db), APR_SUCCESS);
        assert_int_equal(items_grow(database->db, NULL), APR_SUCCESS);
        assert_healed(database, (int)i + 1);
    }
}

static void test_writing_heals(void **state)
{
    database_t *database = items_make(*state);

    assert_int_equal(items_add(database->db, "a", "x"), APR_SUCCESS);
    assert_int_equal(items_grow(database->db, NULL), APR_SUCCESS);
    items_make_stale(database, "VACUUM");
    assert_int_equal(items_grow(database->db, NULL), APR_SUCCESS);
    assert_healed(database, 1);
}

/* The first statement after the change has never been prepared before. */
static void test_new_statement_heals(void **state)
{
    database_t *database = items_make(*state);

    assert_int_equal(items_add(database->db, "a", "x"), APR_SUCCESS);
    items_make_stale(database, "VACUUM");
    assert_int_equal(items_look(database->db), APR_SUCCESS);
    assert_int_equal(items_add(database->db, "b", "x"), APR_SUCCESS);
    assert_healed(database, 1);
}

static apr_status_t add_and_grow(cp_db_t *db, void *baton)
{
    apr_status_t rv = items_add(db, baton, "x");

    return rv == APR_SUCCESS ? items_grow(db, NULL) : rv;
}

/* Its second statement is an old one, its first a new one. */
static void test_transaction_heals_before_it_works(void **state)
{
    database_t *database = items_make(*state);
    cp_db_t *other;

    items_run_elsewhere(database,
                        "INSERT INTO item (id, size) VALUES ('a', 1)");
    other = cp_db_make(&database->source, database->catalog,
                       &database->port.port, *state);
    assert_int_equal(items_grow(other, NULL), APR_SUCCESS);
    items_make_stale(database, "VACUUM");
    assert_int_equal(cp_db_transaction(other, add_and_grow, "b"), APR_SUCCESS);
    assert_healed(database, 1);
}

/* Foreign keys, and how PostgreSQL plans, are set anew. */
static void test_healed_connection_is_set_up(void **state)
{
    database_t *database = items_make(*state);
    json_t *row;

    assert_int_equal(items_add(database->db, "a", "x"), APR_SUCCESS);
    items_make_stale(database, "VACUUM");
    assert_int_equal(items_look(database->db), APR_SUCCESS);
    assert_int_equal(cp_db_execute(database->db, "part_add",
                                   json_pack("{s:s}", "item_id", "none"), NULL),
                     CP_EDB);
    if (items_is_pgsql(database)) {
        assert_int_equal(
            cp_db_find(database->db, "plans", json_object(), &row, *state),
            APR_SUCCESS);
        assert_string_equal(cp_json_string(row, "mode", ""),
                            "force_generic_plan");
    }
}

/* A plan that the server itself finds stale, while all others are good. */
static void test_changed_column_type_heals(void **state)
{
    database_t *database = items_make(*state);

    if (!items_is_pgsql(database)) {
        skip();
    }
    assert_int_equal(items_add(database->db, "a", "x"), APR_SUCCESS);
    assert_int_equal(items_look(database->db), APR_SUCCESS);
    items_run_elsewhere(database,
                        "ALTER TABLE item ALTER COLUMN size TYPE INTEGER");
    assert_int_equal(items_look(database->db), APR_SUCCESS);
    assert_healed(database, 1);
}

static apr_status_t look_inside(cp_db_t *db, void *baton)
{
    return items_look(db);
}

/* Not what it had run before, but the next one. */
static void test_changed_column_type_heals_transactions(void **state)
{
    database_t *database = items_make(*state);

    if (!items_is_pgsql(database)) {
        skip();
    }
    assert_int_equal(items_add(database->db, "a", "x"), APR_SUCCESS);
    assert_int_equal(cp_db_transaction(database->db, look_inside, NULL),
                     APR_SUCCESS);
    items_run_elsewhere(database,
                        "ALTER TABLE item ALTER COLUMN size TYPE INTEGER");
    assert_int_equal(cp_db_transaction(database->db, look_inside, NULL),
                     CP_EDB);
    assert_int_equal(cp_db_transaction(database->db, look_inside, NULL),
                     APR_SUCCESS);
}

/* What the connection has prepared; changes when it is healed. */
static const void *prepared_of(const database_t *database)
{
    const cp_db_source_t *source = &database->source;
    cp_db_connection_t *connection;

    assert_int_equal(source->open(source->ctx, &connection, database->pool),
                     APR_SUCCESS);
    source->close(source->ctx, connection);
    return connection->prepared;
}

/* Each is one line. SQLite's driver would keep what is prepared again. */
static void test_genuine_failures_do_not_heal(void **state)
{
    database_t *database = items_make(*state);
    const void *prepared;
    int i;

    assert_int_equal(items_add(database->db, "a", "x"), APR_SUCCESS);
    prepared = prepared_of(database);
    for (i = 1; i <= 3; i++) {
        assert_int_equal(items_add(database->db, "a", "x"), CP_EDB);
        assert_int_equal(database->lines->nelts, i);
    }
    if (!items_is_pgsql(database)) {
        assert_ptr_equal(prepared_of(database), prepared);
    }
    assert_int_equal(items_look(database->db), APR_SUCCESS);
}

static apr_status_t lock_out(cp_db_t *db, void *baton)
{
    database_t *database = baton;

    assert_int_equal(items_add(database->db, "b", "x"), CP_EDB);
    return APR_SUCCESS;
}

/* The driver has waited for the lock: waiting twice helps nobody. */
static void test_locked_out_writer_fails_once(void **state)
{
    database_t *database = items_make(*state);
    cp_db_source_t source;
    apr_pool_t *p;
    cp_db_t *writer;

    if (items_is_pgsql(database)) {
        skip();
    }
    assert_int_equal(apr_pool_create(&p, *state), APR_SUCCESS);
    database_connect(database, &source, p);
    writer = cp_db_make(&source, database->catalog, &cp_port_system, p);
    assert_int_equal(items_add(database->db, "a", "x"), APR_SUCCESS);
    assert_int_equal(cp_db_transaction(writer, lock_out, database),
                     APR_SUCCESS);
    assert_int_equal(database->lines->nelts, 1);
    assert_non_null(
        strstr(APR_ARRAY_IDX(database->lines, 0, const char *), "code 5"));
    assert_int_equal(items_add(database->db, "b", "x"), APR_SUCCESS);
    apr_pool_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(test_statements_heal),
        POOL_TEST(test_writing_heals),
        POOL_TEST(test_new_statement_heals),
        POOL_TEST(test_transaction_heals_before_it_works),
        POOL_TEST(test_healed_connection_is_set_up),
        POOL_TEST(test_changed_column_type_heals),
        POOL_TEST(test_changed_column_type_heals_transactions),
        POOL_TEST(test_genuine_failures_do_not_heal),
        POOL_TEST(test_locked_out_writer_fails_once),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
