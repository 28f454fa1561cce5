/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Connections that go stale: on SQLite when another connection changes the
 * schema, on PostgreSQL (CP_TEST_DB) when the server restarts, for which
 * CP_TEST_DB_RESTART is a shell command. */
#include "db_items.h"

#include <apr_thread_cond.h>
#include <apr_thread_proc.h>
#include <stdlib.h>

#define WORKERS 4
#define ROUNDS 25

static apr_status_t grow(cp_db_t *db, void *baton)
{
    int count = 0;
    apr_status_t rv =
        cp_db_execute(db, "item_grow", json_pack("{s:s}", "id", "a"), &count);

    return rv == APR_SUCCESS && count != 1 ? CP_EINPUT : rv;
}

static apr_status_t look(cp_db_t *db)
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

static void run_elsewhere(const database_t *database, const char *sql)
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
static void make_stale(const database_t *database, const char *change)
{
    if (!items_is_pgsql(database)) {
        run_elsewhere(database, change);
        return;
    }
    if (getenv("CP_TEST_DB_RESTART") == NULL) {
        skip();
    }
    assert_int_equal(system(getenv("CP_TEST_DB_RESTART")), 0);
}

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
    assert_int_equal(look(database->db), APR_SUCCESS);
    assert_int_equal(grow(database->db, NULL), APR_SUCCESS);
    for (i = 0; i < ROWS(changes); i++) {
        make_stale(database, changes[i]);
        assert_int_equal(look(database->db), APR_SUCCESS);
        assert_int_equal(grow(database->db, NULL), APR_SUCCESS);
        assert_healed(database, (int)i + 1);
    }
}

static void test_writing_heals(void **state)
{
    database_t *database = items_make(*state);

    assert_int_equal(items_add(database->db, "a", "x"), APR_SUCCESS);
    assert_int_equal(grow(database->db, NULL), APR_SUCCESS);
    make_stale(database, "VACUUM");
    assert_int_equal(grow(database->db, NULL), APR_SUCCESS);
    assert_healed(database, 1);
}

/* The first statement after the change has never been prepared before. */
static void test_new_statement_heals(void **state)
{
    database_t *database = items_make(*state);

    assert_int_equal(items_add(database->db, "a", "x"), APR_SUCCESS);
    make_stale(database, "VACUUM");
    assert_int_equal(look(database->db), APR_SUCCESS);
    assert_int_equal(items_add(database->db, "b", "x"), APR_SUCCESS);
    assert_healed(database, 1);
}

static apr_status_t add_and_grow(cp_db_t *db, void *baton)
{
    apr_status_t rv = items_add(db, baton, "x");

    return rv == APR_SUCCESS ? grow(db, NULL) : rv;
}

/* Its second statement is an old one, its first a new one. */
static void test_transaction_heals_before_it_works(void **state)
{
    database_t *database = items_make(*state);
    cp_db_t *other;

    run_elsewhere(database, "INSERT INTO item (id, size) VALUES ('a', 1)");
    other = cp_db_make(&database->source, database->catalog,
                       &database->port.port, *state);
    assert_int_equal(grow(other, NULL), APR_SUCCESS);
    make_stale(database, "VACUUM");
    assert_int_equal(cp_db_transaction(other, add_and_grow, "b"), APR_SUCCESS);
    assert_healed(database, 1);
}

/* Foreign keys and the encoding are set anew. */
static void test_healed_connection_is_set_up(void **state)
{
    database_t *database = items_make(*state);

    assert_int_equal(items_add(database->db, "a", "x"), APR_SUCCESS);
    make_stale(database, "VACUUM");
    assert_int_equal(look(database->db), APR_SUCCESS);
    assert_int_equal(cp_db_execute(database->db, "part_add",
                                   json_pack("{s:s}", "item_id", "none"), NULL),
                     CP_EDB);
}

/* A plan that the server itself finds stale, while all others are good. */
static void test_changed_column_type_heals(void **state)
{
    database_t *database = items_make(*state);

    if (!items_is_pgsql(database)) {
        skip();
    }
    assert_int_equal(items_add(database->db, "a", "x"), APR_SUCCESS);
    assert_int_equal(look(database->db), APR_SUCCESS);
    run_elsewhere(database, "ALTER TABLE item ALTER COLUMN size TYPE INTEGER");
    assert_int_equal(look(database->db), APR_SUCCESS);
    assert_healed(database, 1);
}

/* Each is one line, and the connection stays good. */
static void test_repeated_failures(void **state)
{
    database_t *database = items_make(*state);
    int i;

    assert_int_equal(items_add(database->db, "a", "x"), APR_SUCCESS);
    for (i = 1; i <= 50; i++) {
        assert_int_equal(items_add(database->db, "a", "x"), CP_EDB);
        assert_int_equal(database->lines->nelts, i);
    }
    assert_int_equal(look(database->db), APR_SUCCESS);
}

/* Workers that go on while the ground moves. */
typedef struct load_t {
    apr_thread_mutex_t *lock;
    apr_thread_mutex_t *writing; /* SQLite has one writer: no contest here */
    apr_thread_cond_t *advanced;
    int phase; /* 0 before, 1 while, 2 after the change, 3 end */
} load_t;

typedef struct worker_t {
    load_t *load;
    apr_pool_t *pool;
    cp_db_source_t source;
    cp_db_t *db;
    fake_port_t port;
    int rounds[3];
    int failures[3];
} worker_t;

static apr_status_t work_a_round(worker_t *worker)
{
    apr_status_t rv = look(worker->db);
    apr_status_t written;

    apr_thread_mutex_lock(worker->load->writing);
    written = cp_db_transaction(worker->db, grow, NULL);
    apr_thread_mutex_unlock(worker->load->writing);
    return rv != APR_SUCCESS ? rv : written;
}

static void *APR_THREAD_FUNC work(apr_thread_t *thread, void *data)
{
    worker_t *worker = data;
    load_t *load = worker->load;
    int phase = 0;

    while (phase < 3) {
        apr_status_t rv = work_a_round(worker);

        apr_thread_mutex_lock(load->lock);
        worker->rounds[phase]++;
        /* A round that saw the phase change may have met the change itself. */
        if (rv != APR_SUCCESS) {
            worker->failures[phase == load->phase ? phase : 1]++;
        }
        phase = load->phase;
        apr_thread_cond_signal(load->advanced);
        apr_thread_mutex_unlock(load->lock);
    }
    return NULL;
}

/* Wait until every worker has done its rounds in this phase. */
static void advance(load_t *load, const worker_t *workers, int phase)
{
    int i;

    apr_thread_mutex_lock(load->lock);
    for (i = 0; i < WORKERS; i++) {
        while (workers[i].rounds[phase] < ROUNDS) {
            apr_thread_cond_wait(load->advanced, load->lock);
        }
    }
    load->phase = phase + 1;
    apr_thread_mutex_unlock(load->lock);
}

static void change_under_load(const database_t *database, load_t *load)
{
    int is_file = !items_is_pgsql(database);

    if (is_file) {
        apr_thread_mutex_lock(load->writing);
    }
    make_stale(database, "VACUUM");
    if (is_file) {
        run_elsewhere(database, changes[1]);
        apr_thread_mutex_unlock(load->writing);
    }
    apr_thread_mutex_lock(load->lock);
    load->phase = 2;
    apr_thread_mutex_unlock(load->lock);
}

static void start_worker(worker_t *worker, const database_t *database,
                         load_t *load)
{
    assert_int_equal(apr_pool_create(&worker->pool, NULL), APR_SUCCESS);
    database_connect(database, &worker->source, worker->pool);
    fake_port_init(&worker->port);
    worker->load = load;
    worker->db = cp_db_make(&worker->source, database->catalog,
                            &worker->port.port, worker->pool);
}

static void test_heals_under_load(void **state)
{
    database_t *database = items_make(*state);
    apr_thread_t *threads[WORKERS];
    worker_t workers[WORKERS] = {{NULL}};
    load_t load = {NULL};
    apr_status_t rv;
    int i;

    apr_thread_mutex_create(&load.lock, APR_THREAD_MUTEX_DEFAULT, *state);
    apr_thread_mutex_create(&load.writing, APR_THREAD_MUTEX_DEFAULT, *state);
    apr_thread_cond_create(&load.advanced, *state);
    assert_int_equal(items_add(database->db, "a", "x"), APR_SUCCESS);
    for (i = 0; i < WORKERS; i++) {
        start_worker(&workers[i], database, &load);
        assert_int_equal(
            apr_thread_create(&threads[i], NULL, work, &workers[i], *state),
            APR_SUCCESS);
    }
    advance(&load, workers, 0);
    change_under_load(database, &load);
    advance(&load, workers, 2);
    for (i = 0; i < WORKERS; i++) {
        assert_int_equal(apr_thread_join(&rv, threads[i]), APR_SUCCESS);
    }
    for (i = 0; i < WORKERS; i++) {
        assert_int_equal(workers[i].failures[0], 0);
        assert_int_equal(workers[i].failures[2], 0);
        if (!items_is_pgsql(database)) {
            assert_int_equal(workers[i].failures[1], 0);
        }
        apr_pool_destroy(workers[i].pool);
    }
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
        POOL_TEST(test_repeated_failures),
        POOL_TEST(test_heals_under_load),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
