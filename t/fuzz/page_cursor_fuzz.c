/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Any text as the cursor of a list: what is read is what would be written. */
#include "clinic/page_cursor.h"

#include "base/ident.h"
#include "base/status.h"
#include "fuzz.h"

#include <apr_strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = fuzz_pool();
    const char *text = apr_pstrmemdup(p, (const char *)data, size);
    cp_page_cursor_t cursor;
    apr_status_t rv = cp_page_cursor_read(&cursor, text, p);

    demand(rv == APR_SUCCESS || rv == CP_EINPUT);
    if (rv == APR_SUCCESS) {
        demand(cp_ident_is_public_id(cursor.id));
        demand(strcmp(cp_page_cursor_make(cursor.at, cursor.id, p), text) == 0);
    }
    apr_pool_destroy(p);
    return 0;
}
