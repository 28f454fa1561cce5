/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Password hashing behind a gate. */
#include "base/password.h"

#include "base/gate.h"
#include "base/ident.h"
#include "base/password_format.h"
#include "base/port.h"
#include "base/status.h"

#include <sodium.h>
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#define UNITS_MAX (CP_PASSWORD_MAX * 6) /* U+FDFA: 3 bytes become 18 units */
#define NORMAL_MAX (UNITS_MAX * 3 + 1)

struct cp_password_gate_t {
    cp_gate_t *gate;
    int passes;
    cp_meter_t *meter;
};

/* *since: when the slot was taken. */
static apr_status_t enter(const cp_password_gate_t *gate, apr_time_t *since)
{
    apr_time_t came = cp_now(&cp_port_system);
    apr_status_t rv;

    if (gate == NULL) {
        return CP_EUNAVAILABLE;
    }
    rv = cp_gate_enter(gate->gate);
    *since = cp_now(&cp_port_system);
    cp_meter_time(gate->meter, CP_METER_HASH_WAIT, *since - came);
    cp_meter_count(gate->meter, CP_METER_HASHES,
                   rv == APR_SUCCESS ? "done" : "busy");
    return rv;
}

static void leave(const cp_password_gate_t *gate, apr_time_t since)
{
    cp_meter_time(gate->meter, CP_METER_HASH_TIME,
                  cp_now(&cp_port_system) - since);
    cp_gate_leave(gate->gate);
}

/* A password as it came, and in NFKC; to be wiped. */
typedef struct typed_t {
    const char *password;
    char normal[NORMAL_MAX];
} typed_t;

/* CP_EINPUT: it is none, and both are "". CP_EUNAVAILABLE: ICU has no data. */
static apr_status_t normalise(typed_t *typed, const char *password)
{
    apr_size_t len = password == NULL ? 0 : strlen(password);
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfkc = unorm2_getNFKCInstance(&status);
    UChar units[CP_PASSWORD_MAX];
    UChar normal[UNITS_MAX];
    int32_t count = 0;

    typed->password = "";
    typed->normal[0] = '\0';
    if (len == 0 || len > CP_PASSWORD_MAX || !cp_utf8_is_valid(password, len)) {
        return CP_EINPUT;
    }
    typed->password = password;
    u_strFromUTF8(units, CP_PASSWORD_MAX, &count, password, (int32_t)len,
                  &status);
    count = unorm2_normalize(nfkc, units, count, normal, UNITS_MAX, &status);
    u_strToUTF8(typed->normal, NORMAL_MAX, NULL, normal, count, &status);
    sodium_memzero(units, sizeof(units));
    sodium_memzero(normal, sizeof(normal));
    return U_SUCCESS(status) ? APR_SUCCESS : CP_EUNAVAILABLE;
}

apr_status_t cp_password_init(void)
{
    return sodium_init() < 0 ? CP_EUNAVAILABLE : APR_SUCCESS;
}

apr_status_t cp_password_gate_make(cp_password_gate_t **result,
                                   const cp_password_limits_t *limits,
                                   apr_pool_t *p)
{
    *result = apr_pcalloc(p, sizeof(**result));
    (*result)->passes = limits->passes;
    return cp_gate_make(&(*result)->gate, limits->slots, limits->waiters,
                        limits->wait_for, p);
}

void cp_password_gate_count_in(cp_password_gate_t *gate, cp_meter_t *meter)
{
    gate->meter = meter;
}

apr_status_t cp_password_hash(const char **hash, cp_password_gate_t *gate,
                              const char *password, apr_pool_t *p)
{
    char *out = apr_pcalloc(p, crypto_pwhash_STRBYTES);
    typed_t typed;
    apr_time_t since;
    apr_status_t rv = normalise(&typed, password);

    if (rv == APR_SUCCESS) {
        rv = enter(gate, &since);
    }
    if (rv == APR_SUCCESS) {
        rv = crypto_pwhash_str(out, typed.normal, strlen(typed.normal),
                               (unsigned long long)gate->passes,
                               CP_PASSWORD_MEMORY) == 0
                 ? APR_SUCCESS
                 : CP_EUNAVAILABLE;
        leave(gate, since);
    }
    sodium_memzero(&typed, sizeof(typed));
    if (rv == APR_SUCCESS) {
        *hash = out;
    }
    return rv;
}

apr_status_t cp_password_fits(cp_password_gate_t *gate, const char *password,
                              const char *hash)
{
    typed_t typed;
    apr_time_t since;
    apr_status_t rv =
        cp_format_is_known(hash) ? normalise(&typed, password) : CP_EINPUT;

    if (rv == APR_SUCCESS) {
        rv = enter(gate, &since);
    }
    if (rv == APR_SUCCESS) {
        rv = cp_format_compare(typed.password, typed.normal, hash);
        leave(gate, since);
    }
    sodium_memzero(&typed, sizeof(typed));
    return rv == CP_EINPUT ? CP_EDENIED : rv;
}

/* Whoever comes in here hashes, whatever there is to compare. */
apr_status_t cp_password_verify(cp_password_gate_t *gate, const char *password,
                                const char *hash, int *needs_rehash,
                                apr_pool_t *p)
{
    typed_t typed;
    apr_time_t since;
    apr_status_t rv = normalise(&typed, password);
    int is_decoy = hash == NULL || !cp_format_is_known(hash) || rv == CP_EINPUT;

    *needs_rehash = 0;
    if (rv == APR_SUCCESS || rv == CP_EINPUT) {
        rv = enter(gate, &since);
    }
    if (rv == APR_SUCCESS) {
        const char *first = is_decoy ? cp_format_decoy(gate->passes, p) : hash;
        const char *second = cp_format_missing(first, gate->passes, p);

        rv = cp_format_compare(typed.password, typed.normal, first);
        if (second != NULL) {
            (void)cp_format_compare(typed.password, typed.normal, second);
        }
        leave(gate, since);
    }
    sodium_memzero(&typed, sizeof(typed));
    if (rv != APR_SUCCESS || is_decoy) {
        return rv == APR_SUCCESS ? CP_EDENIED : rv;
    }
    *needs_rehash = !cp_format_is_of(hash, gate->passes);
    return APR_SUCCESS;
}
