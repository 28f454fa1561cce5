/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Four threads with a connection each, while the schema changes (SQLite) or
 * the server restarts (PostgreSQL, see db_heal_test.c). */
#include "db_items.h"

#include <apr_thread_cond.h>
#include <apr_thread_proc.h>

#define WORKERS 4
#define ROUNDS 25

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
    apr_status_t rv = items_look(worker->db);
    apr_status_t written;

    apr_thread_mutex_lock(worker->load->writing);
    written = cp_db_transaction(worker->db, items_grow, NULL);
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
    items_make_stale(database, "VACUUM");
    if (is_file) {
        items_run_elsewhere(database, "ALTER TABLE item ADD COLUMN more TEXT");
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

    if (items_is_pgsql(database) && getenv("CP_TEST_DB_RESTART") == NULL) {
        skip();
    }
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
        POOL_TEST(test_heals_under_load),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
