/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Where the next page of a list begins. */
#include "clinic/page_cursor.h"

#include "base/encode.h"
#include "base/ident.h"
#include "base/json.h"
#include "base/status.h"

#include <apr_strings.h>
#include <string.h>

/* 20 characters of a number, a dot and an id, in base64url. */
#define CURSOR_LENGTH_MAX 64

const char *cp_page_cursor_make(apr_time_t at, const char *id, apr_pool_t *p)
{
    const char *plain = apr_psprintf(p, "%" APR_TIME_T_FMT ".%s", at, id);

    return cp_encode_base64url(plain, strlen(plain), p);
}

apr_status_t cp_page_cursor_read(cp_page_cursor_t *cursor, const char *text,
                                 apr_pool_t *p)
{
    unsigned char *data;
    apr_size_t len;
    char *dot;

    if (text == NULL) {
        cursor->at = APR_INT64_MAX;
        cursor->id = "";
        return APR_SUCCESS;
    }
    if (strlen(text) > CURSOR_LENGTH_MAX ||
        cp_decode_base64url(&data, &len, text, p) != APR_SUCCESS) {
        return CP_EINPUT;
    }
    cursor->at = apr_strtoi64(apr_pstrmemdup(p, (char *)data, len), &dot, 10);
    if (*dot != '.' || !cp_ident_is_public_id(dot + 1)) {
        return CP_EINPUT;
    }
    cursor->id = dot + 1;
    /* Numbers have many spellings; only ours leads back to the same text. */
    return strcmp(text, cp_page_cursor_make(cursor->at, cursor->id, p)) == 0
               ? APR_SUCCESS
               : CP_EINPUT;
}

const char *cp_page_cursor_cut(cp_rows_t *rows, int size, const char *at,
                               apr_pool_t *p)
{
    cp_row_t last = {rows, size - 1};

    if (rows->count <= size) {
        return NULL;
    }
    rows->count = size;
    return cp_page_cursor_make(cp_row_integer(last, at),
                               cp_row_text(last, "id"), p);
}
