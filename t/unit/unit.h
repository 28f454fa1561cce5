/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What every unit test shares: cmocka's includes in the order it wants, a
 * pool per test, and a clock and random source the test controls. */
#ifndef CP_T_UNIT_H
#define CP_T_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_pools.h>
#include <string.h>

#include "base/port.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* Setup and teardown of one test: *state is its pool. */
static inline int pool_setup(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL) != APR_SUCCESS;
}

static inline int pool_teardown(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

/* Group setup and teardown. */
static inline int apr_setup(void **state)
{
    return apr_initialize() != APR_SUCCESS;
}

static inline int apr_teardown(void **state)
{
    apr_terminate();
    return 0;
}

#define POOL_TEST(function)                                                    \
    cmocka_unit_test_setup_teardown(function, pool_setup, pool_teardown)

/* A port whose clock stands still until the test moves it, and whose random
 * bytes count up from 1 (or fail). */
typedef struct fake_port_t {
    cp_port_t port;
    apr_time_t now;
    unsigned char next;
    int random_fails;
} fake_port_t;

static inline apr_time_t fake_now(void *ctx)
{
    return ((fake_port_t *)ctx)->now;
}

static inline apr_status_t fake_random(void *ctx, void *buf, apr_size_t len)
{
    fake_port_t *fake = ctx;
    apr_size_t i;

    if (fake->random_fails) {
        return APR_EGENERAL;
    }
    for (i = 0; i < len; i++) {
        ((unsigned char *)buf)[i] = fake->next++;
    }
    return APR_SUCCESS;
}

static inline void fake_port_init(fake_port_t *fake)
{
    memset(fake, 0, sizeof(*fake));
    fake->port.now = fake_now;
    fake->port.random = fake_random;
    fake->port.ctx = fake;
    fake->now = apr_time_from_sec(1800000000);
    fake->next = 1;
}

#endif
