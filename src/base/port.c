/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The real clock and the real source of random bytes. */
#include "base/port.h"

#include "base/status.h"

#include <limits.h>
#include <openssl/rand.h>
#include <stdarg.h>
#include <stdio.h>

#define LINE_BYTES_MAX 1024

static apr_time_t system_now(void *ctx)
{
    return apr_time_now();
}

static apr_status_t system_random(void *ctx, void *buf, apr_size_t len)
{
    if (len > INT_MAX || RAND_bytes(buf, (int)len) != 1) {
        return CP_EUNAVAILABLE;
    }
    return APR_SUCCESS;
}

const cp_port_t cp_port_system = {system_now, system_random, NULL, NULL};

apr_time_t cp_now(const cp_port_t *port)
{
    return port->now(port->ctx);
}

apr_status_t cp_random(const cp_port_t *port, void *buf, apr_size_t len)
{
    apr_status_t rv = port->random(port->ctx, buf, len);

    if (rv != APR_SUCCESS) {
        cp_log(port, CP_LOG_ERROR, rv,
               CP_TAG(0201) "no random bytes: nobody can sign in until the "
                            "system gives them again");
    }
    return rv;
}

void cp_log(const cp_port_t *port, cp_log_level_t level, apr_status_t rv,
            const char *format, ...)
{
    char line[LINE_BYTES_MAX];
    va_list args;

    if (port->log == NULL) {
        return;
    }
    va_start(args, format);
    (void)vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    port->log(port->ctx, level, rv, line);
}
