/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Failed tries of many threads at once, each with a connection of its own. */
#include "clinic_throttle.h"

#include <apr_thread_proc.h>

#define THREADS 5
#define TRIES_EACH 10

typedef struct worker_t {
    clinic_test_t *test;
    cp_ctx_t cx;
    cp_db_source_t source;
    cp_port_t port;
    apr_thread_t *thread;
    int free_tries;
    int errors;
} worker_t;

/* SQLite gives up on a lock after 1.6 s; such a try was not counted. */
static void *APR_THREAD_FUNC work(apr_thread_t *thread, void *data)
{
    worker_t *worker = data;
    int left = TRIES_EACH;

    while (left > 0 && worker->errors < 100) {
        cp_throttle_verdict_t verdict;

        if (enter_at(&worker->cx, &worker->test->riverside, "doej", &verdict) !=
            APR_SUCCESS) {
            worker->errors++;
            continue;
        }
        left--;
        worker->free_tries += !verdict.is_account_locked;
    }
    return NULL;
}

static void worker_start(worker_t *worker, clinic_test_t *test)
{
    apr_pool_t *p;

    assert_int_equal(apr_pool_create(&p, NULL), APR_SUCCESS);
    worker->test = test;
    worker->cx = test->cx;
    worker->cx.pool = p;
    worker->port = test->fake->port;
    worker->port.log = NULL;
    worker->cx.port = &worker->port;
    database_connect(test->database, &worker->source, p);
    worker->cx.db =
        cp_db_make(&worker->source, test->database->catalog, &worker->port, p);
    assert_int_equal(apr_thread_create(&worker->thread, NULL, work, worker, p),
                     APR_SUCCESS);
}

static int count_free_tries(clinic_test_t *test)
{
    worker_t workers[THREADS];
    apr_status_t rv;
    int free_tries = 0;
    int i;

    memset(workers, 0, sizeof(workers));
    for (i = 0; i < THREADS; i++) {
        worker_start(&workers[i], test);
    }
    for (i = 0; i < THREADS; i++) {
        assert_int_equal(apr_thread_join(&rv, workers[i].thread), APR_SUCCESS);
        assert_true(workers[i].errors < 100);
        free_tries += workers[i].free_tries;
        apr_pool_destroy(workers[i].cx.pool);
    }
    return free_tries;
}

static void fifty_at_once_count_fifty(void **state)
{
    clinic_test_t *test = *state;

    test->options.limits.account.tries = 1000;
    assert_int_equal(count_free_tries(test), THREADS * TRIES_EACH);
    assert_int_equal(count_of(test, "riverside", "account", "doej"), 50);
    assert_int_equal(count_of(test, "riverside", "clinic", ""), 50);
    assert_int_equal(count_of(test, "*", "address", ADDRESS), 50);
}

static void of_fifty_at_once_five_are_looked_at(void **state)
{
    clinic_test_t *test = *state;

    assert_int_equal(count_free_tries(test), 5);
    assert_int_equal(count_of(test, "riverside", "account", "doej"), 5);
    assert_int_equal(member_of(test, "riverside", "account", "doej", "tries"),
                     50);
    assert_int_equal(count_of(test, "*", "address", ADDRESS), 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLINIC_TEST(fifty_at_once_count_fifty),
        CLINIC_TEST(of_fifty_at_once_five_are_looked_at),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
