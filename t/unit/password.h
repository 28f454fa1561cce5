/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What tests of passwords share. */
#ifndef CP_T_PASSWORD_H
#define CP_T_PASSWORD_H

#include "unit.h"

#include "base/password.h"

#define PASSES 4

static inline cp_password_gate_t *
gate_of(int slots, int waiters, apr_interval_time_t wait_for, apr_pool_t *p)
{
    cp_password_limits_t limits = {.passes = PASSES,
                                   .slots = slots,
                                   .waiters = waiters,
                                   .wait_for = wait_for};
    cp_password_gate_t *gate = NULL;

    assert_int_equal(cp_password_gate_make(&gate, &limits, p), APR_SUCCESS);
    return gate;
}

/* Group setup. */
static inline int password_group_setup(void **state)
{
    return apr_setup(state) || cp_password_init() != APR_SUCCESS;
}

#endif
