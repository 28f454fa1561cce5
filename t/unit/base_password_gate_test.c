/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Who gets through the gate before the hash. libsodium's check and APR's timed
 * wait go through functions of this file, which can hold and fail them. */
#include "base/password.h"

#include "password.h"

#include "base/status.h"

#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>
#include <apr_thread_proc.h>
#include <dlfcn.h>
#include <errno.h>
#include <sodium.h>
#include <unistd.h>

#define LONG_WAIT apr_time_from_sec(600)
/* Of no matter: what it is compared to is up to us. */
#define A_HASH                                                                 \
    "$argon2id$v=19$m=19456,t=4,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA"

typedef apr_status_t (*wait_t)(apr_thread_cond_t *, apr_thread_mutex_t *,
                               apr_interval_time_t);

static struct {
    enum { FITS, FITS_NOT, NO_MEMORY, HOLD } verdict;
    apr_thread_mutex_t *mutex;
    apr_thread_cond_t *changed;
    int is_open; /* HOLD: until then, and then it fits */
    int inside, most_inside, passed, refused;
} spy;

static struct {
    int is_faked, calls, wakes; /* so often it wakes without a reason */
} waits;

static int hold(void)
{
    apr_thread_mutex_lock(spy.mutex);
    spy.inside++;
    spy.most_inside =
        spy.inside > spy.most_inside ? spy.inside : spy.most_inside;
    while (!spy.is_open) {
        apr_thread_cond_wait(spy.changed, spy.mutex);
    }
    spy.inside--;
    apr_thread_mutex_unlock(spy.mutex);
    return 0;
}

int crypto_pwhash_str_verify(const char hash[crypto_pwhash_STRBYTES],
                             const char *const password, unsigned long long len)
{
    switch (spy.verdict) {
    case HOLD:
        return hold();
    case NO_MEMORY:
        errno = ENOMEM;
        return -1;
    case FITS_NOT:
        errno = EINVAL;
        return -1;
    default:
        return 0;
    }
}

apr_status_t apr_thread_cond_timedwait(apr_thread_cond_t *cond,
                                       apr_thread_mutex_t *mutex,
                                       apr_interval_time_t timeout)
{
    wait_t real = (wait_t)dlsym(RTLD_NEXT, "apr_thread_cond_timedwait");

    if (!waits.is_faked) {
        return real(cond, mutex, timeout);
    }
    return ++waits.calls > waits.wakes ? APR_TIMEUP : APR_SUCCESS;
}

static int gate_setup(void **state)
{
    memset(&spy, 0, sizeof(spy));
    memset(&waits, 0, sizeof(waits));
    return pool_setup(state) ||
           apr_thread_mutex_create(&spy.mutex, APR_THREAD_MUTEX_DEFAULT,
                                   *state) != APR_SUCCESS ||
           apr_thread_cond_create(&spy.changed, *state) != APR_SUCCESS;
}

#define GATE_TEST(function)                                                    \
    cmocka_unit_test_setup_teardown(function, gate_setup, pool_teardown)

static apr_status_t verify(cp_password_gate_t *gate, apr_pool_t *p)
{
    int needs_rehash;

    return cp_password_verify(gate, "secret", A_HASH, &needs_rehash, p);
}

static void slots_are_given_back(void **state)
{
    static const struct {
        int verdict;
        apr_status_t rv;
    } rows[] = {
        {FITS, APR_SUCCESS},
        {FITS_NOT, CP_EDENIED},
        {NO_MEMORY, CP_EUNAVAILABLE},
        {FITS, APR_SUCCESS},
    };
    cp_password_gate_t *gate = gate_of(1, 0, 0, *state);
    const char *hash;
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        spy.verdict = rows[i].verdict;
        assert_int_equal(verify(gate, *state), rows[i].rv);
        assert_int_equal(cp_password_hash(&hash, gate, "secret", *state),
                         APR_SUCCESS);
    }
}

/* Even what fits the hash that stands in for a stranger's is refused. */
static void nobody_is_a_stranger(void **state)
{
    cp_password_gate_t *gate = gate_of(1, 0, 0, *state);
    int needs_rehash;

    spy.verdict = FITS;
    assert_int_equal(
        cp_password_verify(gate, "secret", NULL, &needs_rehash, *state),
        CP_EDENIED);
    assert_int_equal(
        cp_password_verify(gate, "", A_HASH, &needs_rehash, *state),
        CP_EDENIED);
    assert_int_equal(verify(gate, *state), APR_SUCCESS);
}

static void waiting_ends(void **state)
{
    cp_password_gate_t *gate = gate_of(0, 1, LONG_WAIT, *state);
    int i;

    waits.is_faked = 1;
    waits.wakes = 2;
    for (i = 0; i < 3; i++) {
        waits.calls = 0;
        assert_int_equal(verify(gate, *state), CP_EUNAVAILABLE);
        /* Woken for nothing it waits on; its place in line is given back. */
        assert_int_equal(waits.calls, 3);
    }
}

static void nobody_waits_who_may_not(void **state)
{
    waits.is_faked = 1;
    assert_int_equal(verify(gate_of(0, 1, 0, *state), *state), CP_EUNAVAILABLE);
    assert_int_equal(verify(gate_of(0, 0, LONG_WAIT, *state), *state),
                     CP_EUNAVAILABLE);
    assert_int_equal(verify(NULL, *state), CP_EUNAVAILABLE);
    assert_int_equal(waits.calls, 0);
}

static void *knock(apr_thread_t *thread, void *gate)
{
    apr_status_t rv = verify(gate, apr_thread_pool_get(thread));

    apr_thread_mutex_lock(spy.mutex);
    spy.passed += rv == APR_SUCCESS;
    spy.refused += rv == CP_EUNAVAILABLE;
    apr_thread_cond_broadcast(spy.changed);
    apr_thread_mutex_unlock(spy.mutex);
    return NULL;
}

/* Nine come, two are served, three wait, and four are refused while nobody has
 * left yet; then the other three are served, never more than two at a time. */
static void excess_is_refused_at_once(void **state)
{
    cp_password_gate_t *gate = gate_of(2, 3, LONG_WAIT, *state);
    apr_thread_t *threads[9];
    apr_status_t rv;
    apr_size_t i;

    spy.verdict = HOLD;
    for (i = 0; i < ROWS(threads); i++) {
        assert_int_equal(
            apr_thread_create(&threads[i], NULL, knock, gate, *state),
            APR_SUCCESS);
    }
    apr_thread_mutex_lock(spy.mutex);
    while (spy.refused < 4) {
        apr_thread_cond_wait(spy.changed, spy.mutex);
    }
    assert_int_equal(spy.passed, 0);
    spy.is_open = 1;
    apr_thread_cond_broadcast(spy.changed);
    apr_thread_mutex_unlock(spy.mutex);
    for (i = 0; i < ROWS(threads); i++) {
        assert_int_equal(apr_thread_join(&rv, threads[i]), APR_SUCCESS);
    }
    assert_int_equal(spy.refused, 4);
    assert_int_equal(spy.passed, 5);
    assert_in_range(spy.most_inside, 1, 2);
}

static int group_setup(void **state)
{
    alarm(60); /* a gate that never opens must fail the test, not hang it */
    return password_group_setup(state);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        GATE_TEST(slots_are_given_back),
        GATE_TEST(nobody_is_a_stranger),
        GATE_TEST(waiting_ends),
        GATE_TEST(nobody_waits_who_may_not),
        GATE_TEST(excess_is_refused_at_once),
    };

    return cmocka_run_group_tests(tests, group_setup, apr_teardown);
}
