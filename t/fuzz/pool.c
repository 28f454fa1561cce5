/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Pools that a sanitizer sees through, for the libFuzzer builds: APR cuts what
 * it allocates from large blocks, in which a byte too far is somebody else's;
 * here each allocation is one of its own. In the place of APR's functions for
 * all that the target itself calls. */
#include "fuzz.h"

#include <apr_strings.h>

static apr_status_t release(void *memory)
{
    free(memory);
    return APR_SUCCESS;
}

void *apr_palloc(apr_pool_t *p, apr_size_t size)
{
    void *memory = malloc(size + (size == 0));

    demand(memory != NULL);
    apr_pool_cleanup_register(p, memory, release, apr_pool_cleanup_null);
    return memory;
}

char *apr_pstrmemdup(apr_pool_t *p, const char *text, apr_size_t len)
{
    char *copy = text == NULL ? NULL : apr_palloc(p, len + 1);

    if (copy != NULL) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

char *apr_pstrdup(apr_pool_t *p, const char *text)
{
    return text == NULL ? NULL : apr_pstrmemdup(p, text, strlen(text));
}

char *apr_pstrndup(apr_pool_t *p, const char *text, apr_size_t most)
{
    return text == NULL ? NULL : apr_pstrmemdup(p, text, strnlen(text, most));
}
