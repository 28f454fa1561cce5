/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What fuzz targets share: the entry point libFuzzer and the replay driver
 * call, and an assertion that no build switches off. */
#ifndef CP_T_FUZZ_H
#define CP_T_FUZZ_H

#include <apr_general.h>
#include <apr_pools.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void demand(int is_true)
{
    if (!is_true) {
        abort();
    }
}

/* A pool for one input; the caller destroys it. */
static inline apr_pool_t *fuzz_pool(void)
{
    apr_pool_t *p;

    demand(apr_initialize() == APR_SUCCESS);
    demand(apr_pool_create(&p, NULL) == APR_SUCCESS);
    return p;
}

#endif
