/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What the core needs from outside and tests replace: the clock, random
 * bytes, a place for log lines, and one for numbers. Nothing below src/web calls the system
 * clock, RAND_bytes or a log function directly. */
#ifndef CP_PORT_H
#define CP_PORT_H

#include "base/meter.h"

#include <apr_errno.h>
#include <apr_time.h>

typedef enum cp_log_level_t {
    CP_LOG_ERROR,
    CP_LOG_WARNING,
    CP_LOG_NOTICE,
    CP_LOG_INFO,
    CP_LOG_DEBUG
} cp_log_level_t;

typedef struct cp_port_t {
    /* Microseconds since 1970, UTC. */
    apr_time_t (*now)(void *ctx);
    /* Fill buf with len bytes fit for keys, or fail; a failure must make the
     * caller fail (never fall back to weaker bytes). */
    apr_status_t (*random)(void *ctx, void *buf, apr_size_t len);
    /* Write one line. text starts with its tag, "CP0301: ". Never carries a
     * secret, a token, a row value or anything a person typed. */
    void (*log)(void *ctx, cp_log_level_t level, apr_status_t rv,
                const char *text);
    void *ctx;
    cp_meter_t *meter; /* NULL: nothing is counted */
} cp_port_t;

/* The tag of a log line: CP_TAG(0301) is "CP0301: ". By layer: 01xx start-up
 * and configuration, 02xx base, 03xx database, 04xx network, 05xx clinic
 * rules, 06xx web, 07xx pages, 09xx command line. A number is never reused
 * and stands in one place; docs/log-messages.md says what to do about it. */
#define CP_TAG(number) "CP" #number ": "

/* System clock, OpenSSL's RAND_bytes, log lines dropped, nothing counted. */
extern const cp_port_t cp_port_system;

apr_time_t cp_now(const cp_port_t *port);
apr_status_t cp_random(const cp_port_t *port, void *buf, apr_size_t len);
void cp_log(const cp_port_t *port, cp_log_level_t level, apr_status_t rv,
            const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
