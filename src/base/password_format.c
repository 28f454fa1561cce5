/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What a hash is of, what it costs, and whether a password fits it. */
#include "base/password_format.h"

#include "base/password.h"
#include "base/status.h"

#include <apr_md5.h>
#include <apr_strings.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/mman.h>

#define MEMORY_KIB ((int)(CP_PASSWORD_MEMORY / 1024))
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
                                          CP_PASSWORD_MEMORY);
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

int cp_format_is_known(const char *hash)
{
    return find_imported(hash) < IMPORTED || is_good_argon2id(hash);
}

int cp_format_is_of(const char *hash, int passes)
{
    return is_other_than(hash, passes) == 0;
}

/* libsodium 1.0.18 calls a want of memory a mismatch. */
static int is_memory_short(const char *hash)
{
    apr_size_t len = (apr_size_t)memory_kib_of(hash) * 1024;
    void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return memory == MAP_FAILED || munmap(memory, len) != 0;
}

static apr_status_t compare_argon2id(const char *normal, const char *hash)
{
    char padded[crypto_pwhash_STRBYTES] = {0};

    memcpy(padded, hash, strlen(hash));
    errno = 0;
    if (crypto_pwhash_str_verify(padded, normal, strlen(normal)) == 0) {
        return APR_SUCCESS;
    }
    return errno == ENOMEM || is_memory_short(hash) ? CP_EUNAVAILABLE
                                                    : CP_EDENIED;
}

/* Other systems hashed the bytes as they were typed. */
static apr_status_t compare_imported(const char *password, const char *hash)
{
    return apr_password_validate(password, hash) == APR_SUCCESS ? APR_SUCCESS
                                                                : CP_EDENIED;
}

apr_status_t cp_format_compare(const char *password, const char *normal,
                               const char *hash)
{
    return is_argon2id(hash) ? compare_argon2id(normal, hash)
                             : compare_imported(password, hash);
}

static const char *decoy_of(apr_int64_t memory_kib, apr_int64_t passes,
                            apr_pool_t *p)
{
    return apr_psprintf(p, DECOY, (int)memory_kib, (int)passes);
}

const char *cp_format_decoy(int passes, apr_pool_t *p)
{
    return decoy_of(MEMORY_KIB, passes, p);
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

const char *cp_format_missing(const char *hash, int passes, apr_pool_t *p)
{
    apr_size_t i = find_imported(hash);

    if (i < IMPORTED) {
        return imported[i].is_quick ? cp_format_decoy(passes, p) : NULL;
    }
    if (memory_kib_of(hash) > MEMORY_KIB) {
        return NULL; /* it takes longer than its work, and than ours */
    }
    return hash_of_work(work_of(MEMORY_KIB, passes) -
                            work_of(memory_kib_of(hash), passes_of(hash)),
                        p);
}
