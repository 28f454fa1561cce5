/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* How often a statement that fails on PostgreSQL (CP_TEST_DB) is tried, and for
 * how long: again only where that may help, and all tries within one deadline.
 * What is prepared and what is run goes through this file, which counts it. */
#include "db_items.h"

#include "base/json.h"

#include <apr_allocator.h>
#include <dlfcn.h>
#include <sys/resource.h>

#define TRIES_MOST 6 /* without any deadline */

static int preparations; /* of statements about items */
static int executions;

int apr_dbd_prepare(const apr_dbd_driver_t *driver, apr_pool_t *p,
                    apr_dbd_t *handle, const char *sql, const char *label,
                    apr_dbd_prepared_t **prepared)
{
    int (*real)(const apr_dbd_driver_t *, apr_pool_t *, apr_dbd_t *,
                const char *, const char *, apr_dbd_prepared_t **) =
        (int (*)(const apr_dbd_driver_t *, apr_pool_t *, apr_dbd_t *,
                 const char *, const char *,
                 apr_dbd_prepared_t **))dlsym(RTLD_NEXT, "apr_dbd_prepare");

    preparations += strncmp(label, "cp_item_", 8) == 0;
    return real(driver, p, handle, sql, label, prepared);
}

int apr_dbd_pbselect(const apr_dbd_driver_t *driver, apr_pool_t *p,
                     apr_dbd_t *handle, apr_dbd_results_t **results,
                     apr_dbd_prepared_t *prepared, int random,
                     const void **values)
{
    int (*real)(const apr_dbd_driver_t *, apr_pool_t *, apr_dbd_t *,
                apr_dbd_results_t **, apr_dbd_prepared_t *, int,
                const void **) =
        (int (*)(const apr_dbd_driver_t *, apr_pool_t *, apr_dbd_t *,
                 apr_dbd_results_t **, apr_dbd_prepared_t *, int,
                 const void **))dlsym(RTLD_NEXT, "apr_dbd_pbselect");

    executions++;
    return real(driver, p, handle, results, prepared, random, values);
}

static cp_db_connection_t *connection_of(const database_t *database)
{
    const cp_db_source_t *source = &database->source;
    cp_db_connection_t *connection;

    assert_int_equal(source->open(source->ctx, &connection, database->pool),
                     APR_SUCCESS);
    source->close(source->ctx, connection);
    return connection;
}

static database_t *make_counted(apr_pool_t *p)
{
    database_t *database = items_make(p);

    if (!items_is_pgsql(database)) {
        skip();
    }
    items_run_elsewhere(database, "CREATE SEQUENCE counter");
    return database;
}

/* One for all tests: the thread that watches never ends. The allocator stands
 * where LeakSanitizer, which does not look into pools, finds it. */
static cp_deadlines_t *deadlines_of_all(void)
{
    static apr_allocator_t *allocator;
    static cp_deadlines_t *deadlines;
    apr_pool_t *forever;

    if (deadlines == NULL) {
        assert_int_equal(apr_allocator_create(&allocator), APR_SUCCESS);
        assert_int_equal(
            apr_pool_create_unmanaged_ex(&forever, NULL, allocator),
            APR_SUCCESS);
        assert_int_equal(cp_deadlines_make(&deadlines, forever), APR_SUCCESS);
    }
    return deadlines;
}

static cp_db_connection_t *watch(const database_t *database,
                                 apr_interval_time_t limit)
{
    cp_db_connection_t *connection = connection_of(database);

    assert_int_equal(cp_deadline_add(&connection->deadline, deadlines_of_all(),
                                     connection->driver, connection->handle,
                                     connection->pool),
                     APR_SUCCESS);
    assert_non_null(connection->deadline);
    connection->time_limit = limit;
    return connection;
}

static apr_status_t find(const database_t *database, const char *statement,
                         json_t **row)
{
    return cp_db_find(database->db, statement,
                      json_pack("{s:s}", "counter", "counter"), row,
                      database->pool);
}

static int tries(const database_t *database)
{
    json_t *row = NULL;

    assert_int_equal(find(database, "tries", &row), APR_SUCCESS);
    return (int)cp_json_integer(row, "count", -1);
}

static void assert_only_line(const database_t *database, const char *tag)
{
    const char *line = APR_ARRAY_IDX(database->lines, 0, const char *);

    assert_int_equal(database->lines->nelts, 1);
    if (strncmp(line, tag, strlen(tag)) != 0) {
        fail_msg("%s", line);
    }
}

static void what_the_server_refuses_is_tried_once(void **state)
{
    database_t *database = make_counted(*state);
    json_t *row;

    assert_int_equal(find(database, "try_in_vain", &row), CP_EDB);
    assert_only_line(database, "CP0303: ");
    assert_int_equal(tries(database), 1);
}

static int run_on(const cp_db_connection_t *connection, const char *sql)
{
    int count;

    return apr_dbd_query(connection->driver, connection->handle, &count, sql);
}

/* Whatever is refused is prepared once more, to see that it is not for the
 * connection. */
static void assert_is_refused(const database_t *database, int prepared, int run)
{
    preparations = 0;
    executions = 0;
    assert_int_equal(items_look(database->db), CP_EDB);
    assert_only_line(database, "CP0303: ");
    assert_int_equal(preparations, prepared + 1);
    assert_int_equal(executions, run);
}

static void what_the_user_may_not_do_is_tried_once(void **state)
{
    database_t *database = make_counted(*state);

    items_run_elsewhere(database,
                        apr_pstrcat(*state, "GRANT USAGE ON SCHEMA ",
                                    database->schema, " TO pg_monitor", NULL));
    assert_int_equal(run_on(connection_of(database), "SET ROLE pg_monitor"), 0);
    assert_is_refused(database, 1, 1);
}

static void what_waits_too_long_for_a_lock_is_tried_once(void **state)
{
    database_t *database = make_counted(*state);
    cp_db_connection_t *other;
    cp_db_source_t source;

    assert_int_equal(items_look(database->db), APR_ENOENT);
    database_connect(database, &source, *state);
    assert_int_equal(source.open(source.ctx, &other, *state), APR_SUCCESS);
    assert_int_equal(run_on(other, "BEGIN; LOCK TABLE item"), 0);
    assert_int_equal(
        run_on(connection_of(database), "SET lock_timeout = '100ms'"), 0);
    assert_is_refused(database, 0, 1);
}

static void what_cannot_be_prepared_is_not_run(void **state)
{
    database_t *database = make_counted(*state);

    items_run_elsewhere(database, "ALTER TABLE item RENAME TO thing");
    assert_is_refused(database, 1, 0);
}

/* On a connection that another module uses, too. */
static void what_was_forgotten_is_prepared_again(void **state)
{
    database_t *database = make_counted(*state);

    assert_int_equal(items_add(database->db, "a", "x"), APR_SUCCESS);
    assert_int_equal(items_look(database->db), APR_SUCCESS);
    assert_int_equal(run_on(connection_of(database), "DEALLOCATE ALL"), 0);
    assert_int_equal(items_look(database->db), APR_SUCCESS);
    assert_only_line(database, "CP0302: ");
}

/* Another module has left a transaction open, and failed. */
static void a_transaction_left_failed_is_rolled_back(void **state)
{
    database_t *database = make_counted(*state);

    assert_int_equal(items_add(database->db, "a", "x"), APR_SUCCESS);
    assert_int_equal(items_look(database->db), APR_SUCCESS);
    assert_int_not_equal(run_on(connection_of(database), "BEGIN; SELECT 1 / 0"),
                         0);
    assert_int_equal(items_look(database->db), APR_SUCCESS);
    assert_only_line(database, "CP0302: ");
}

/* Each try is well within the limit. */
static void all_tries_have_one_deadline(void **state)
{
    database_t *database = make_counted(*state);
    json_t *row;
    int count;

    (void)watch(database, apr_time_from_msec(1250));
    assert_int_equal(find(database, "try_and_be_cut_off", &row), CP_EDB);
    assert_only_line(database, "CP0310: ");
    apr_array_clear(database->lines);
    count = tries(database);
    assert_in_range(count, 2, TRIES_MOST - 1);
}

/* As portals do that share connections, and not the limit. */
static void each_call_has_its_own_limit(void **state)
{
    database_t *database = make_counted(*state);
    cp_db_connection_t *connection = watch(database, apr_time_from_msec(250));
    json_t *row;

    assert_int_equal(find(database, "slow", &row), CP_EDB);
    connection->time_limit = apr_time_from_sec(30);
    assert_int_equal(find(database, "slow", &row), APR_SUCCESS);
    connection->time_limit = apr_time_from_msec(250);
    assert_int_equal(find(database, "slow", &row), CP_EDB);
}

/* Those that are open stay open. */
static void let_open_files(rlim_t count)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = count;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static rlim_t files_max(void)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    return limit.rlim_cur;
}

/* The deadline needs a file of its own. */
static void a_call_that_cannot_be_cut_off_fails(void **state)
{
    database_t *database = make_counted(*state);
    rlim_t many = files_max();
    apr_status_t rv;

    (void)watch(database, apr_time_from_sec(5));
    assert_int_equal(items_add(database->db, "a", "x"), APR_SUCCESS);
    let_open_files(1);
    rv = items_look(database->db);
    let_open_files(many);
    assert_int_equal(rv, CP_EDB);
    assert_only_line(database, "CP0313: ");
    apr_array_clear(database->lines);
    assert_int_equal(items_look(database->db), APR_SUCCESS);
    assert_only_line(database, "CP0302: ");
}

static apr_status_t add_and_run_out_of_files(cp_db_t *db, void *baton)
{
    assert_int_equal(items_add(db, "a", "x"), APR_SUCCESS);
    let_open_files(1);
    return items_add(db, "b", "x");
}

static apr_status_t add_more(cp_db_t *db, void *baton)
{
    return items_add(db, "c", "x");
}

/* Not even ROLLBACK may be asked for: the next transaction must not find itself
 * in what is left of this one. */
static void a_transaction_that_cannot_be_cut_off_is_rolled_back(void **state)
{
    database_t *database = make_counted(*state);
    rlim_t many = files_max();
    apr_status_t rv;

    (void)watch(database, apr_time_from_sec(5));
    rv = cp_db_transaction(database->db, add_and_run_out_of_files, NULL);
    let_open_files(many);
    assert_int_equal(rv, CP_EDB);
    assert_int_equal(cp_db_transaction(database->db, add_more, NULL),
                     APR_SUCCESS);
    assert_int_equal(items_look(database->db), APR_ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(what_the_server_refuses_is_tried_once),
        POOL_TEST(what_the_user_may_not_do_is_tried_once),
        POOL_TEST(what_waits_too_long_for_a_lock_is_tried_once),
        POOL_TEST(what_cannot_be_prepared_is_not_run),
        POOL_TEST(what_was_forgotten_is_prepared_again),
        POOL_TEST(a_transaction_left_failed_is_rolled_back),
        POOL_TEST(all_tries_have_one_deadline),
        POOL_TEST(each_call_has_its_own_limit),
        POOL_TEST(a_call_that_cannot_be_cut_off_fails),
        POOL_TEST(a_transaction_that_cannot_be_cut_off_is_rolled_back),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
