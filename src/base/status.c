/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Text of the status codes. */
#include "base/status.h"

#include <stddef.h>

static const char *const texts[] = {
    "the input is malformed",
    "refused",
    "too many tries, come back later",
    "the input is too large",
    "a needed part is unavailable",
    "the database failed",
    "expired",
};

const char *cp_status_text(apr_status_t rv)
{
    int index = rv - CP_EINPUT;

    if (index >= 0 && index < (int)(sizeof(texts) / sizeof(texts[0]))) {
        return texts[index];
    }
    if (rv == APR_ENOENT) {
        return "not found";
    }
    if (rv == APR_EEXIST) {
        return "already there";
    }
    return rv == APR_SUCCESS ? "success" : "a system call failed";
}
