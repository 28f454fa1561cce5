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
#include <sys/mman.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#define MEMORY_KIB 19456
#define MEMORY_LIMIT (MEMORY_KIB * 1024UL)
#define UNITS_MAX (CP_PASSWORD_MAX * 6) /* U+FDFA: 3 bytes become 18 units */
#define NORMAL_MAX (UNITS_MAX * 3 + 1)

#define MEMORY_KIB_MIN 8 /* of argon2id */

/* The most that an argon2id hash from elsewhere may ask for. */
#define MEMORY_KIB_MAX (1024 * 1024)
#define PASSES_MAX (10 * CP_PASSWORD_PASSES_MAX)

/* What the costs of a hash stand behind. */
#define COSTS "$argon2id$v=19$m="

/* A hash of random bytes nobody kept: memory and passes are to be filled in. */
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

static int begins_with(const char *hash, const char *start)
{
    return strncmp(hash, start, strlen(start)) == 0;
}

static int is_argon2id(const char *hash)
{
    return begins_with(hash, "$argon2id$");
}

/* -1: it is none; 1: of other costs. */
static int is_other_than(const char *hash, int passes)
{
    char padded[crypto_pwhash_STRBYTES] = {0};

    if (strlen(hash) >= sizeof(padded)) {
        return -1;
    }
    (void)apr_cpystrn(padded, hash, sizeof(padded));
    return crypto_pwhash_str_needs_rehash(padded, (unsigned long long)passes,
                                          MEMORY_LIMIT);
}

/* The costs of an argon2id hash that libsodium can read. */
static apr_int64_t memory_kib_of(const char *hash)
{
    return apr_strtoi64(hash + strlen(COSTS), NULL, 10);
}

static apr_int64_t passes_of(const char *hash)
{
    return apr_strtoi64(strstr(hash, ",t=") + strlen(",t="), NULL, 10);
}

static int is_good_argon2id(const char *hash)
{
    return begins_with(hash, COSTS) &&
           is_other_than(hash, CP_PASSWORD_PASSES_MIN) >= 0 &&
           memory_kib_of(hash) <= MEMORY_KIB_MAX &&
           passes_of(hash) <= PASSES_MAX;
}

/* The formats of other systems: how each begins, and how many characters stand
 * behind the last "$" of a whole one. Not those that cut a password after eight
 * characters or know no salt, which apr_password_validate would take too. */
static const struct {
    const char *start;
    apr_size_t tail;
    int is_quick;
} imported[] = {
    {"$2a$", 53, 0}, {"$2b$", 53, 0}, {"$2y$", 53, 0},   {"$y$", 43, 0},
    {"$5$", 43, 1},  {"$6$", 86, 1},  {"$apr1$", 22, 1},
};

#define IMPORTED (sizeof(imported) / sizeof(imported[0]))
#define CRYPT_CHARACTERS                                                       \
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* IMPORTED: it is none of them. */
static apr_size_t find_imported(const char *hash)
{
    const char *dollar = strrchr(hash, '$');
    const char *tail = dollar == NULL ? "" : dollar + 1;
    apr_size_t i = 0;

    while (i < IMPORTED && !begins_with(hash, imported[i].start)) {
        i++;
    }
    return i < IMPORTED && strlen(tail) == imported[i].tail &&
                   strspn(tail, CRYPT_CHARACTERS) == imported[i].tail
               ? i
               : IMPORTED;
}

int cp_password_is_known_hash(const char *hash)
{
    return find_imported(hash) < IMPORTED || is_good_argon2id(hash);
}

/* libsodium 1.0.18 calls a want of memory a mismatch. */
static int is_memory_short(const char *hash)
{
    apr_size_t len = (apr_size_t)memory_kib_of(hash) * 1024;
    void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return memory == MAP_FAILED || munmap(memory, len) != 0;
}

static apr_status_t compare_argon2id(const typed_t *typed, const char *hash)
{
    char padded[crypto_pwhash_STRBYTES] = {0};

    memcpy(padded, hash, strlen(hash));
    errno = 0;
    if (crypto_pwhash_str_verify(padded, typed->normal,
                                 strlen(typed->normal)) == 0) {
        return APR_SUCCESS;
    }
    return errno == ENOMEM || is_memory_short(hash) ? CP_EUNAVAILABLE
                                                    : CP_EDENIED;
}

/* Other systems hashed the bytes as they were typed. */
static apr_status_t compare_imported(const typed_t *typed, const char *hash)
{
    return apr_password_validate(typed->password, hash) == APR_SUCCESS
               ? APR_SUCCESS
               : CP_EDENIED;
}

static apr_status_t compare(const typed_t *typed, const char *hash)
{
    return is_argon2id(hash) ? compare_argon2id(typed, hash)
                             : compare_imported(typed, hash);
}

static const char *decoy_of(apr_int64_t memory_kib, apr_int64_t passes,
                            apr_pool_t *p)
{
    return apr_psprintf(p, DECOY, (int)memory_kib, (int)passes);
}

static const char *whole_decoy(const cp_password_gate_t *gate, apr_pool_t *p)
{
    return decoy_of(MEMORY_KIB, gate->passes, p);
}

/* In tenths of a pass over one KiB. That the kernel clears the memory takes
 * about as long as seven tenths of a pass. */
static apr_int64_t work_of(apr_int64_t memory_kib, apr_int64_t passes)
{
    return memory_kib * (10 * passes + 7);
}

/* A hash of so much work, over as much of the memory of today as there can be;
 * NULL: so little is none. */
static const char *hash_of_work(apr_int64_t work, apr_pool_t *p)
{
    apr_int64_t passes = 1;

    while (work_of(MEMORY_KIB, passes) < work) {
        passes++;
    }
    return work < work_of(MEMORY_KIB_MIN, passes)
               ? NULL
               : decoy_of(work / work_of(1, passes), passes, p);
}

/* A hash of the work that this one lacks of a hash of today; NULL: none. */
static const char *missing_work(const cp_password_gate_t *gate,
                                const char *hash, apr_pool_t *p)
{
    apr_size_t i = find_imported(hash);

    if (i < IMPORTED) {
        return imported[i].is_quick ? whole_decoy(gate, p) : NULL;
    }
    if (memory_kib_of(hash) > MEMORY_KIB) {
        return NULL; /* it takes longer than its work, and than ours */
    }
    return hash_of_work(work_of(MEMORY_KIB, gate->passes) -
                            work_of(memory_kib_of(hash), passes_of(hash)),
                        p);
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
                               MEMORY_LIMIT) == 0
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
    apr_status_t rv = cp_password_is_known_hash(hash)
                          ? normalise(&typed, password)
                          : CP_EINPUT;

    if (rv == APR_SUCCESS) {
        rv = enter(gate, &since);
    }
    if (rv == APR_SUCCESS) {
        rv = compare(&typed, hash);
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
    int is_decoy =
        hash == NULL || !cp_password_is_known_hash(hash) || rv == CP_EINPUT;

    *needs_rehash = 0;
    if (rv == APR_SUCCESS || rv == CP_EINPUT) {
        rv = enter(gate, &since);
    }
    if (rv == APR_SUCCESS) {
        const char *first = is_decoy ? whole_decoy(gate, p) : hash;
        const char *second = missing_work(gate, first, p);

        rv = compare(&typed, first);
        if (second != NULL) {
            (void)compare(&typed, second);
        }
        leave(gate, since);
    }
    sodium_memzero(&typed, sizeof(typed));
    if (rv != APR_SUCCESS || is_decoy) {
        return rv == APR_SUCCESS ? CP_EDENIED : rv;
    }
    *needs_rehash = is_other_than(hash, gate->passes) != 0;
    return APR_SUCCESS;
}
