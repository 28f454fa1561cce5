/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Password hashing behind a gate. */
#include "base/password.h"

#include "base/gate.h"
#include "base/ident.h"
#include "base/port.h"
#include "base/status.h"

#include <apr_md5.h>
#include <apr_strings.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#define MEMORY_KIB 19456
#define MEMORY_LIMIT (MEMORY_KIB * 1024UL)
#define UNITS_MAX (CP_PASSWORD_MAX * 6) /* U+FDFA: 3 bytes become 18 units */
#define NORMAL_MAX (UNITS_MAX * 3 + 1)

/* What the costs of a hash stand behind. */
#define COSTS "$argon2id$v=19$m="

/* A hash of random bytes nobody kept, so that an account that does not exist
 * costs the same work: memory and passes are to be filled in. */
#define DECOY                                                                  \
    COSTS "%d,t=%d,p=1$lXgbUNJkZwxO3C1NfzPBNA$"                                \
          "cV3gW0bhzsjZ9AvR3qGRM5ZyVJ2qkF4K7dJwz3Ze6ZQ"

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

/* The password in NFKC, in NORMAL_MAX bytes that the caller wipes.
 * CP_EUNAVAILABLE: ICU has no data. */
static apr_status_t normalise(char *result, const char *password)
{
    apr_size_t len = password == NULL ? 0 : strlen(password);
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfkc = unorm2_getNFKCInstance(&status);
    UChar units[CP_PASSWORD_MAX];
    UChar normal[UNITS_MAX];
    int32_t count = 0;

    if (len == 0 || len > CP_PASSWORD_MAX || !cp_utf8_is_valid(password, len)) {
        return CP_EINPUT;
    }
    u_strFromUTF8(units, CP_PASSWORD_MAX, &count, password, (int32_t)len,
                  &status);
    count = unorm2_normalize(nfkc, units, count, normal, UNITS_MAX, &status);
    u_strToUTF8(result, NORMAL_MAX, NULL, normal, count, &status);
    sodium_memzero(units, sizeof(units));
    sodium_memzero(normal, sizeof(normal));
    return U_SUCCESS(status) ? APR_SUCCESS : CP_EUNAVAILABLE;
}

static int is_argon2id(const char *hash)
{
    return strncmp(hash, "$argon2id$", strlen("$argon2id$")) == 0;
}

/* By how it begins. Not the formats that cut a password after eight characters
 * or know no salt, which apr_password_validate would take too. */
int cp_password_is_known_hash(const char *hash)
{
    static const char *const imported[] = {"$2a$", "$2b$", "$2y$",  "$5$",
                                           "$6$",  "$y$",  "$apr1$"};
    apr_size_t i;

    for (i = 0; i < sizeof(imported) / sizeof(imported[0]); i++) {
        if (strncmp(hash, imported[i], strlen(imported[i])) == 0) {
            return 1;
        }
    }
    return is_argon2id(hash) && strlen(hash) < crypto_pwhash_STRBYTES;
}

/* The work of a hash in passes over the memory of today, rounded down; 0: it
 * does not say. */
static apr_int64_t passes_of(const char *hash)
{
    apr_int64_t memory;
    apr_int64_t passes;
    char *end;

    if (strncmp(hash, COSTS, strlen(COSTS)) != 0) {
        return 0;
    }
    memory = apr_strtoi64(hash + strlen(COSTS), &end, 10);
    if (strncmp(end, ",t=", 3) != 0) {
        return 0;
    }
    passes = apr_strtoi64(end + 3, &end, 10);
    return memory < 1 || memory > APR_INT32_MAX || passes < 1 ||
                   passes > APR_INT32_MAX
               ? 0
               : memory * passes / MEMORY_KIB;
}

static apr_status_t check(const char *normal, const char *hash)
{
    char padded[crypto_pwhash_STRBYTES] = {0};

    memcpy(padded, hash, strlen(hash));
    errno = 0;
    if (crypto_pwhash_str_verify(padded, normal, strlen(normal)) == 0) {
        return APR_SUCCESS;
    }
    return errno == ENOMEM ? CP_EUNAVAILABLE : CP_EDENIED;
}

static const char *decoy_of(apr_int64_t passes, apr_pool_t *p)
{
    return apr_psprintf(p, DECOY, MEMORY_KIB, (int)passes);
}

/* So many passes a hash takes less time than one of today. That the kernel
 * clears the memory of a second one takes about as long as a pass. */
static apr_int64_t missing_passes(const cp_password_gate_t *gate,
                                  const char *hash)
{
    apr_int64_t done = passes_of(hash);

    return done == 0 ? gate->passes : gate->passes - done - 1;
}

static apr_status_t compare_argon2id(const cp_password_gate_t *gate,
                                     const char *normal, const char *hash,
                                     apr_pool_t *p)
{
    apr_int64_t missing = missing_passes(gate, hash);
    apr_status_t rv = check(normal, hash);

    if (missing > 0) {
        (void)check(normal, decoy_of(missing, p));
    }
    return rv;
}

/* Other systems hashed the bytes as they were typed. */
static apr_status_t compare_imported(const char *password, const char *hash)
{
    return apr_password_validate(password, hash) == APR_SUCCESS ? APR_SUCCESS
                                                                : CP_EDENIED;
}

static int is_of_today(const cp_password_gate_t *gate, const char *hash)
{
    return is_argon2id(hash) &&
           crypto_pwhash_str_needs_rehash(
               hash, (unsigned long long)gate->passes, MEMORY_LIMIT) == 0;
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
    char normal[NORMAL_MAX];
    apr_time_t since;
    apr_status_t rv = normalise(normal, password);

    if (rv == APR_SUCCESS) {
        rv = enter(gate, &since);
    }
    if (rv == APR_SUCCESS) {
        rv = crypto_pwhash_str(out, normal, strlen(normal),
                               (unsigned long long)gate->passes,
                               MEMORY_LIMIT) == 0
                 ? APR_SUCCESS
                 : CP_EUNAVAILABLE;
        leave(gate, since);
    }
    sodium_memzero(normal, sizeof(normal));
    if (rv == APR_SUCCESS) {
        *hash = out;
    }
    return rv;
}

apr_status_t cp_password_verify(cp_password_gate_t *gate, const char *password,
                                const char *hash, int *needs_rehash,
                                apr_pool_t *p)
{
    char normal[NORMAL_MAX];
    apr_time_t since;
    apr_status_t rv = normalise(normal, password);
    int is_decoy =
        hash == NULL || !cp_password_is_known_hash(hash) || rv == CP_EINPUT;

    *needs_rehash = 0;
    if (rv == CP_EINPUT) {
        normal[0] = '\0';
        rv = APR_SUCCESS;
    }
    if (rv == APR_SUCCESS) {
        rv = enter(gate, &since);
    }
    if (rv == APR_SUCCESS) {
        hash = is_decoy ? decoy_of(gate->passes, p) : hash;
        rv = is_argon2id(hash) ? compare_argon2id(gate, normal, hash, p)
                               : compare_imported(password, hash);
        leave(gate, since);
    }
    sodium_memzero(normal, sizeof(normal));
    if (rv != APR_SUCCESS || is_decoy) {
        return rv == APR_SUCCESS ? CP_EDENIED : rv;
    }
    *needs_rehash = !is_of_today(gate, hash);
    return APR_SUCCESS;
}
