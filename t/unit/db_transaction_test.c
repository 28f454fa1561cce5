/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Transactions of the wrapper, on SQLite or, with CP_TEST_DB, on
 * PostgreSQL. */
#include "base/json.h"
#include "db_items.h"

static apr_status_t put(cp_db_t *db, const char *id)
{
    return items_add(db, id, "x");
}

static apr_status_t count_items(cp_db_t *db, size_t *count)
{
    json_t *rows;
    apr_pool_t *p;
    apr_status_t rv = apr_pool_create(&p, NULL);

    if (rv == APR_SUCCESS) {
        rv = cp_db_select(db, "item_all", json_object(), &rows, p);
    }
    if (rv == APR_SUCCESS) {
        *count = json_array_size(rows);
    }
    apr_pool_destroy(p);
    return rv;
}

static void assert_items(cp_db_t *db, size_t expected)
{
    size_t count = 0;

    assert_int_equal(count_items(db, &count), APR_SUCCESS);
    assert_int_equal(count, expected);
}

static void assert_one_line(const database_t *database, const char *tag)
{
    const char *line;

    assert_int_equal(database->lines->nelts, 1);
    line = APR_ARRAY_IDX(database->lines, 0, const char *);
    if (strncmp(line, tag, strlen(tag)) != 0) {
        fail_msg("%s is not %s", line, tag);
    }
}

static apr_status_t put_two(cp_db_t *db, void *baton)
{
    size_t *seen = baton;
    apr_status_t rv = put(db, "a");

    if (rv == APR_SUCCESS) {
        rv = put(db, "b");
    }
    return rv == APR_SUCCESS ? count_items(db, seen) : rv;
}

static apr_status_t put_and_refuse(cp_db_t *db, void *baton)
{
    apr_status_t rv = put(db, "a");

    return rv == APR_SUCCESS ? CP_EDENIED : rv;
}

static void test_commit(void **state)
{
    database_t *database = items_make(*state);
    size_t seen = 0;

    assert_int_equal(cp_db_transaction(database->db, put_two, &seen),
                     APR_SUCCESS);
    assert_int_equal(seen, 2);
    assert_items(database->db, 2);
    assert_int_equal(database->lines->nelts, 0);
}

static void test_refusal_rolls_back(void **state)
{
    database_t *database = items_make(*state);

    assert_int_equal(cp_db_transaction(database->db, put_and_refuse, NULL),
                     CP_EDENIED);
    assert_items(database->db, 0);
    assert_int_equal(database->lines->nelts, 0);
}

static apr_status_t fail_and_go_on(cp_db_t *db, void *baton)
{
    size_t count;

    assert_int_equal(put(db, "a"), APR_SUCCESS);
    assert_int_equal(put(db, "a"), CP_EDB);
    assert_int_equal(put(db, "b"), CP_EDB);
    assert_int_equal(count_items(db, &count), CP_EDB);
    return APR_SUCCESS;
}

/* Also when the work overlooks it: half of it must not stay. */
static void test_failure_inside_rolls_back(void **state)
{
    database_t *database = items_make(*state);

    assert_int_equal(cp_db_transaction(database->db, fail_and_go_on, NULL),
                     CP_EDB);
    assert_one_line(database, "CP0303: ");
    assert_items(database->db, 0);
    assert_int_equal(put(database->db, "a"), APR_SUCCESS);
}

static apr_status_t fail_in_values(cp_db_t *db, void *baton)
{
    json_t *row;

    assert_int_equal(put(db, "a"), APR_SUCCESS);
    assert_int_equal(cp_db_find(db, "no_such", json_object(), &row, baton),
                     CP_EDB);
    assert_int_equal(put(db, "b"), CP_EDB);
    return APR_SUCCESS;
}

static void test_every_kind_of_failure_rolls_back(void **state)
{
    database_t *database = items_make(*state);

    assert_int_equal(cp_db_transaction(database->db, fail_in_values, *state),
                     CP_EDB);
    assert_items(database->db, 0);
}

static apr_status_t add_orphan(cp_db_t *db, void *baton)
{
    return cp_db_execute(db, "part_add", json_pack("{s:s}", "item_id", "none"),
                         NULL);
}

static apr_status_t run_nonsense(cp_db_t *db, void *p)
{
    const char *error = "";

    assert_int_equal(put(db, "a"), APR_SUCCESS);
    assert_int_equal(cp_db_run(db, "SELEKT", &error, p), CP_EDB);
    assert_int_equal(put(db, "b"), CP_EDB);
    return APR_SUCCESS;
}

static void test_failure_of_a_constant_text_rolls_back(void **state)
{
    database_t *database = items_make(*state);

    assert_int_equal(cp_db_transaction(database->db, run_nonsense, *state),
                     CP_EDB);
    assert_items(database->db, 0);
    assert_int_equal(put(database->db, "a"), APR_SUCCESS);
    assert_int_equal(database->lines->nelts, 0);
}

/* The foreign key is deferred: only COMMIT finds out. */
static void test_failed_commit(void **state)
{
    database_t *database = items_make(*state);
    size_t seen = 0;

    assert_int_equal(cp_db_transaction(database->db, add_orphan, NULL), CP_EDB);
    assert_one_line(database, "CP0307: ");
    assert_int_equal(cp_db_transaction(database->db, put_two, &seen),
                     APR_SUCCESS);
    assert_int_equal(database->lines->nelts, 1);
}

static void test_foreign_keys_are_checked(void **state)
{
    database_t *database = items_make(*state);

    assert_int_equal(add_orphan(database->db, NULL), CP_EDB);
    assert_one_line(database, "CP0303: ");
}

/* SQLite waits with the lock that all of the process's statements need; after a
 * heal as well as after the first use. */
static void test_sqlite_itself_hardly_waits(void **state)
{
    database_t *database = items_make(*state);
    json_t *row;
    int i;

    for (i = 0; i < 2; i++) {
        assert_int_equal(
            cp_db_find(database->db, "waiting", json_object(), &row, *state),
            APR_SUCCESS);
        assert_in_range(cp_json_integer(row, "ms", -1), 0, 10);
        assert_int_equal(items_add(database->db, i == 0 ? "a" : "b", "x"),
                         APR_SUCCESS);
        items_make_stale(database, "VACUUM");
        assert_int_equal(items_look(database->db), APR_SUCCESS);
    }
}

/* So long, and so often as the driver tries: a request ends within seconds. */
static void test_sqlite_alone_waits_longer(void **state)
{
    database_t *database = items_make(*state);
    const cp_db_source_t *source = &database->source;
    cp_db_connection_t *connection;
    json_t *row;

    if (items_is_pgsql(database)) {
        skip();
    }
    assert_int_equal(source->open(source->ctx, &connection, database->pool),
                     APR_SUCCESS);
    connection->is_alone = 1;
    source->close(source->ctx, connection);
    assert_int_equal(
        cp_db_find(database->db, "waiting", json_object(), &row, *state),
        APR_SUCCESS);
    assert_in_range(cp_json_integer(row, "ms", -1), 50, 200);
}

static apr_status_t nest(cp_db_t *db, void *baton)
{
    assert_int_equal(put(db, "z"), APR_SUCCESS);
    assert_int_equal(cp_db_transaction(db, put_two, baton), CP_EINPUT);
    return APR_SUCCESS;
}

static void test_nesting_is_refused(void **state)
{
    database_t *database = items_make(*state);
    size_t seen = 0;

    assert_int_equal(cp_db_transaction(database->db, nest, &seen), APR_SUCCESS);
    assert_int_equal(seen, 0);
    assert_items(database->db, 1);
    assert_one_line(database, "CP0308: ");
}

static apr_status_t leave(cp_db_t *db, void *baton)
{
    assert_int_equal(put(db, "a"), APR_SUCCESS);
    longjmp(*(jmp_buf *)baton, 1);
}

/* Its pool goes before the work returns. */
static void test_abandoned_work_rolls_back(void **state)
{
    database_t *database = items_make(*state);
    apr_pool_t *request;
    cp_db_t *db;
    jmp_buf out;

    assert_int_equal(apr_pool_create(&request, *state), APR_SUCCESS);
    db = cp_db_make(&database->source, database->catalog, &database->port.port,
                    request);
    if (setjmp(out) == 0) {
        (void)cp_db_transaction(db, leave, &out);
        fail();
    }
    assert_int_equal(put(database->db, "b"), CP_EUNAVAILABLE);
    assert_one_line(database, "CP0301: ");
    apr_pool_destroy(request);
    assert_items(database->db, 0);
}

/* Left open by another module that shares the connection. */
static void test_open_transaction_is_closed_first(void **state)
{
    database_t *database = items_make(*state);
    const char *error = "";
    size_t seen = 0;

    if (items_is_pgsql(database)) {
        skip();
    }
    assert_int_equal(cp_db_run(database->db, "BEGIN", &error, *state),
                     APR_SUCCESS);
    assert_int_equal(put(database->db, "stray"), APR_SUCCESS);
    assert_int_equal(cp_db_transaction(database->db, put_two, &seen),
                     APR_SUCCESS);
    assert_int_equal(seen, 2);
    assert_one_line(database, "CP0302: ");
}

/* One failure to get a connection is one line, and not a driver's. */
static apr_status_t refuse_to_open(void *ctx, cp_db_connection_t **connection,
                                   apr_pool_t *p)
{
    return CP_EUNAVAILABLE;
}

static void test_no_connection(void **state)
{
    database_t *database = items_make(*state);
    cp_db_source_t source = {refuse_to_open, NULL, NULL};
    cp_db_t *db =
        cp_db_make(&source, database->catalog, &database->port.port, *state);
    const char *error = "";
    size_t seen = 0;

    assert_int_equal(put(db, "a"), CP_EUNAVAILABLE);
    assert_one_line(database, "CP0301: ");
    assert_int_equal(cp_db_transaction(db, put_two, &seen), CP_EUNAVAILABLE);
    assert_int_equal(cp_db_check_statements(db, &error, *state),
                     CP_EUNAVAILABLE);
    assert_string_not_equal(error, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(test_commit),
        POOL_TEST(test_refusal_rolls_back),
        POOL_TEST(test_failure_inside_rolls_back),
        POOL_TEST(test_every_kind_of_failure_rolls_back),
        POOL_TEST(test_failure_of_a_constant_text_rolls_back),
        POOL_TEST(test_failed_commit),
        POOL_TEST(test_foreign_keys_are_checked),
        POOL_TEST(test_sqlite_itself_hardly_waits),
        POOL_TEST(test_sqlite_alone_waits_longer),
        POOL_TEST(test_nesting_is_refused),
        POOL_TEST(test_abandoned_work_rolls_back),
        POOL_TEST(test_open_transaction_is_closed_first),
        POOL_TEST(test_no_connection),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
