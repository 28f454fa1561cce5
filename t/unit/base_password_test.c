/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Which passwords are the same, and which hashes are taken. libsodium's check
 * goes through a function of this file, which can see it and fail it. */
#include "base/password.h"

#include "password.h"

#include "base/status.h"

#include <apr_strings.h>
#include <dlfcn.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define MEMORY (19456UL * 1024)
#define TODAY "$argon2id$v=19$m=19456,t=" APR_STRINGIFY(PASSES) ",p=1$"

typedef int (*check_t)(const char *, const char *, unsigned long long);

static struct {
    int calls;
    int has_no_memory;
    char hash[crypto_pwhash_STRBYTES]; /* the last */
} spy;

int crypto_pwhash_str_verify(const char hash[crypto_pwhash_STRBYTES],
                             const char *const password, unsigned long long len)
{
    check_t real = (check_t)dlsym(RTLD_NEXT, "crypto_pwhash_str_verify");

    spy.calls++;
    apr_cpystrn(spy.hash, hash, sizeof(spy.hash));
    if (spy.has_no_memory) {
        errno = ENOMEM;
        return -1;
    }
    return real(hash, password, len);
}

static int password_setup(void **state)
{
    memset(&spy, 0, sizeof(spy));
    return pool_setup(state);
}

#define PASSWORD_TEST(function)                                                \
    cmocka_unit_test_setup_teardown(function, password_setup, pool_teardown)

static const char *hash_of(const char *password, apr_pool_t *p)
{
    const char *hash = NULL;

    assert_int_equal(cp_password_hash(&hash, gate_of(1, 0, 0, p), password, p),
                     APR_SUCCESS);
    return hash;
}

static apr_status_t verify(const char *password, const char *hash,
                           int *needs_rehash, apr_pool_t *p)
{
    *needs_rehash = -1;
    return cp_password_verify(gate_of(1, 0, 0, p), password, hash, needs_rehash,
                              p);
}

static void hashes_are_of_today_and_salted(void **state)
{
    const char *first = hash_of("demo-portal-passphrase", *state);
    const char *second = hash_of("demo-portal-passphrase", *state);
    int needs_rehash;

    assert_memory_equal(first, TODAY, strlen(TODAY));
    assert_string_not_equal(first, second);
    assert_int_equal(
        verify("demo-portal-passphrase", second, &needs_rehash, *state),
        APR_SUCCESS);
    assert_int_equal(needs_rehash, 0);
}

static void spellings_of_a_password(void **state)
{
    static const struct {
        const char *stored, *typed;
        apr_status_t rv;
    } rows[] = {
        {"caf\xc3\xa9", "cafe\xcc\x81", APR_SUCCESS},
        {"cafe\xcc\x81", "caf\xc3\xa9", APR_SUCCESS},
        {"\xef\xbc\xa1\xef\xac\x81", "Afi", APR_SUCCESS}, /* wide A, fi */
        {"caf\xc3\xa9", "cafe", CP_EDENIED},
        {"secret", "Secret", CP_EDENIED},
        {"secret", "secret ", CP_EDENIED},
        {" secret", "secret", CP_EDENIED},
        {"secret", "secre", CP_EDENIED},
        {"secret", "", CP_EDENIED},
        {"secret", NULL, CP_EDENIED},
        {"secret", "secret\xff", CP_EDENIED},
    };
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        const char *hash = hash_of(rows[i].stored, *state);
        int needs_rehash;

        if (verify(rows[i].typed, hash, &needs_rehash, *state) != rows[i].rv ||
            needs_rehash != 0) {
            fail_msg("row %d", (int)i);
        }
    }
}

static void every_byte_counts(void **state)
{
    char text[CP_PASSWORD_MAX + 2] = "";
    int needs_rehash;
    const char *hash;
    int i;

    memset(text, 'p', CP_PASSWORD_MAX);
    hash = hash_of(text, *state);
    assert_int_equal(verify(text, hash, &needs_rehash, *state), APR_SUCCESS);
    text[CP_PASSWORD_MAX - 1] = 'q';
    assert_int_equal(verify(text, hash, &needs_rehash, *state), CP_EDENIED);
    text[CP_PASSWORD_MAX - 1] = 'p';
    text[CP_PASSWORD_MAX] = 'p';
    assert_int_equal(verify(text, hash, &needs_rehash, *state), CP_EDENIED);
    /* Eighteen letters each: the most that normalising adds. */
    memset(text, 0, sizeof(text));
    for (i = 0; i < CP_PASSWORD_MAX / 3; i++) {
        memcpy(text + 3 * i, "\xef\xb7\xba", 3);
    }
    hash = hash_of(text, *state);
    assert_int_equal(verify(text, hash, &needs_rehash, *state), APR_SUCCESS);
}

static void what_is_no_password_is_not_hashed(void **state)
{
    char many[CP_PASSWORD_MAX + 2] = "";
    const char *rows[] = {NULL, "", many, "\xff", "\xc3", "\xed\xa0\x80"};
    cp_password_gate_t *gate = gate_of(1, 0, 0, *state);
    const char *hash = "untouched";
    apr_size_t i;

    memset(many, 'p', CP_PASSWORD_MAX + 1);
    for (i = 0; i < ROWS(rows); i++) {
        assert_int_equal(cp_password_hash(&hash, gate, rows[i], *state),
                         CP_EINPUT);
    }
    assert_int_equal(cp_password_hash(&hash, NULL, "secret", *state),
                     CP_EUNAVAILABLE);
    assert_int_equal(
        cp_password_hash(&hash, gate_of(0, 0, 0, *state), "secret", *state),
        CP_EUNAVAILABLE);
    assert_string_equal(hash, "untouched");
}

/* Nobody to compare with, or nothing to compare: refused, after one check of a
 * well-formed hash with the costs of today. */
static void a_stranger_costs_the_same(void **state)
{
    static const struct {
        const char *password, *hash;
    } rows[] = {
        {"secret", NULL},
        {"secret", ""},
        {"secret", "!"},
        {"secret", "secret"},
        {"secret", "*0"},
        {"", NULL},
        {NULL, NULL},
        {"\xff", TODAY "lXgbUNJkZwxO3C1NfzPBNA$"
                       "cV3gW0bhzsjZ9AvR3qGRM5ZyVJ2qkF4K7dJwz3Ze6ZQ"},
        {"password", "abJnggxhB/yWI"},
        {"password", "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/"},
        {"password", "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="},
        {"secret",
         TODAY "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
               "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
    };
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        int needs_rehash;

        spy.calls = 0;
        if (verify(rows[i].password, rows[i].hash, &needs_rehash, *state) !=
                CP_EDENIED ||
            needs_rehash != 0 || spy.calls != 1 ||
            crypto_pwhash_str_needs_rehash(spy.hash, PASSES, MEMORY) != 0) {
            fail_msg("row %d", (int)i);
        }
    }
}

/* In tenths of a pass over one KiB, with the clearing of the memory. */
static unsigned long work_of(unsigned long memory_kib, unsigned long passes)
{
    return memory_kib * (10 * passes + 7);
}

/* What the hash of an account lacks of today's work is done besides, whether
 * the password fits or not, in no more memory. */
static void an_older_hash_costs_the_same(void **state)
{
    static const unsigned long total = 19456 * (10 * PASSES + 7);
    static const struct {
        unsigned long passes, memory_kib;
        int is_less;
    } rows[] = {
        {1, 19456, 1},          {2, 19456, 1},     {PASSES - 1, 19456, 1},
        {PASSES, 19456, 0},     {4, 9728, 1},      {1, 8, 1},
        {PASSES + 1, 19456, 0}, {1, 4 * 19456, 0}, {1, 19457, 0},
    };
    static const char *const passwords[] = {"secret", "wrong"};
    apr_size_t i;
    apr_size_t j;

    for (i = 0; i < ROWS(rows); i++) {
        int is_todays = rows[i].passes == PASSES && rows[i].memory_kib == 19456;
        char hash[crypto_pwhash_STRBYTES];

        assert_int_equal(crypto_pwhash_str(hash, "secret", 6, rows[i].passes,
                                           rows[i].memory_kib * 1024),
                         0);
        for (j = 0; j < ROWS(passwords); j++) {
            unsigned long memory_kib;
            unsigned long passes;
            int needs_rehash;
            apr_status_t rv;

            spy.calls = 0;
            rv = verify(passwords[j], hash, &needs_rehash, *state);
            assert_int_equal(rv, j == 0 ? APR_SUCCESS : CP_EDENIED);
            assert_int_equal(needs_rehash, j == 0 && !is_todays);
            assert_int_equal(spy.calls, 1 + rows[i].is_less);
            if (rows[i].is_less) {
                unsigned long done =
                    work_of(rows[i].memory_kib, rows[i].passes);

                assert_int_equal(sscanf(spy.hash,
                                        "$argon2id$v=19$m=%lu,t=%lu,p=1$",
                                        &memory_kib, &passes),
                                 2);
                assert_in_range(memory_kib, 8, 19456);
                assert_in_range(done + work_of(memory_kib, passes),
                                total - work_of(1, passes), total);
            }
        }
    }
}

/* One that libsodium cannot read, or should not. */
static void a_bad_hash_costs_the_same(void **state)
{
    static const char *const rows[] = {
        "$argon2id$",
        "$argon2id$v=16$m=19456,t=4,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
        "$argon2id$v=19$m=19456$",
        "$argon2id$v=19$m=0,t=4,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
        "$argon2id$v=19$m=-19456,t=-4,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
        TODAY "AAAA",
        TODAY "AA$AAAA",
        "$2b$05$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz0123",
        "$6$saltsalt$damaged",
        "$y$j75$abcdefghijklmnop$ZxX7YxeYPYoiPt.iZZ8iqrJjD.g60kzekiFWrNEopL!",
        "$apr1$saltsalt",
        "$argon2id$v=19$m=19456,t=4,p=0$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
        "$argon2id$v=19$m=1048577,t=4,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
        "$argon2id$v=19$m=19456,t=1001,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
    };
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        int needs_rehash;

        spy.calls = 0;
        assert_false(cp_password_is_known_hash(rows[i]));
        assert_int_equal(verify("secret", rows[i], &needs_rehash, *state),
                         CP_EDENIED);
        if (spy.calls != 1 ||
            crypto_pwhash_str_needs_rehash(spy.hash, PASSES, MEMORY) != 0) {
            fail_msg("row %d", (int)i);
        }
    }
    assert_true(cp_password_is_known_hash(
        "$argon2id$v=19$m=1048576,t=1000,p=4$c2FsdHNhbHQ$"
        "aGFzaGhhc2hoYXNoaGFzaA"));
}

/* Whoever is in already has no secret of that kind. */
static void who_is_in_costs_one_hash(void **state)
{
    static const char *const rows[] = {"$6$saltsalt$abc", "!", "",
                                       TODAY "AAAA"};
    cp_password_gate_t *gate = gate_of(1, 0, 0, *state);
    char older[crypto_pwhash_STRBYTES];
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        assert_int_equal(cp_password_fits(gate, "secret", rows[i]), CP_EDENIED);
    }
    assert_int_equal(spy.calls, 0);
    assert_int_equal(crypto_pwhash_str(older, "secret", 6, 1, MEMORY), 0);
    assert_int_equal(cp_password_fits(gate, "secret", older), APR_SUCCESS);
    assert_int_equal(spy.calls, 1);
    assert_int_equal(cp_password_fits(gate, "wrong", older), CP_EDENIED);
    assert_int_equal(spy.calls, 2);
    assert_int_equal(cp_password_fits(gate, NULL, older), CP_EDENIED);
    assert_int_equal(cp_password_fits(gate, "", older), CP_EDENIED);
    assert_int_equal(cp_password_fits(gate, "\xff", older), CP_EDENIED);
    assert_int_equal(spy.calls, 2);
    assert_int_equal(cp_password_fits(NULL, "secret", older), CP_EUNAVAILABLE);
    spy.has_no_memory = 1;
    assert_int_equal(cp_password_fits(gate, "secret", older), CP_EUNAVAILABLE);
}

static void imported_hashes_are_taken_once(void **state)
{
    static const char *const rows[] = {
        "$6$saltsalt$0Iexn6l70my685nJuEuK6LqmK8ksx.gdUriMcTt.ChHCTRLMMs/"
        "cUNc1Ag3EnBtZOyGluhRMK1LrBLUarBbKW1",
        "$5$saltsalt$MZg9UrzCmPraHvB.xIgM.qbqFR84y3WuyKI8onsf.P0",
        "$apr1$saltsalt$Q/NnDATwv4fTluInlnqlH/",
        "$2y$04$7ykGlUeHovGlsI7VGgRzGemmU6Lh5DTv9OpRW0XFAC9l2THGdEacW",
        "$y$j75$abcdefghijklmnop$ZxX7YxeYPYoiPt.iZZ8iqrJjD.g60kzekiFWrNEopL7",
    };
    int needs_rehash;
    char weak[crypto_pwhash_STRBYTES];
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        spy.calls = 0;
        assert_int_equal(verify("Gr\xc3\xbc\xc3\x9f"
                                "e aus dem Hof",
                                rows[i], &needs_rehash, *state),
                         APR_SUCCESS);
        assert_int_equal(needs_rehash, 1);
        assert_int_equal(
            verify("Gruesse aus dem Hof", rows[i], &needs_rehash, *state),
            CP_EDENIED);
        assert_int_equal(needs_rehash, 0);
        /* Next to no work of their own, in the first three. */
        assert_int_equal(spy.calls, i < 3 ? 2 : 0);
    }
    assert_int_equal(crypto_pwhash_str(weak, "secret", 6,
                                       crypto_pwhash_OPSLIMIT_MIN,
                                       crypto_pwhash_MEMLIMIT_MIN),
                     0);
    assert_int_equal(verify("secret", weak, &needs_rehash, *state),
                     APR_SUCCESS);
    assert_int_equal(needs_rehash, 1);
    assert_int_equal(verify("wrong", weak, &needs_rehash, *state), CP_EDENIED);
    assert_int_equal(needs_rehash, 0);
}

/* They are of the bytes that were typed at the time. */
static void imported_hashes_know_one_spelling(void **state)
{
    static const char *const hash =
        "$6$saltsalt$r6v/5JJbp8Ge7iXcQdxJaFUmhRv8w0jeJMWih9BWWnXOD.Ds"
        "k/WPIYFOME.WNcaz9GlmXic6ecFsfUnxHUM4X.";
    int needs_rehash;

    assert_int_equal(verify("cafe\xcc\x81", hash, &needs_rehash, *state),
                     APR_SUCCESS);
    assert_int_equal(verify("caf\xc3\xa9", hash, &needs_rehash, *state),
                     CP_EDENIED);
}

/* Trouble of ours is not the person's wrong password. */
static void no_memory_is_no_verdict(void **state)
{
    const char *hash = hash_of("secret", *state);
    int needs_rehash;

    spy.has_no_memory = 1;
    assert_int_equal(verify("secret", hash, &needs_rehash, *state),
                     CP_EUNAVAILABLE);
    assert_int_equal(verify("secret", NULL, &needs_rehash, *state),
                     CP_EUNAVAILABLE);
}

/* libsodium 1.0.18 itself says of it what it says of a wrong password. */
static void memory_that_is_really_short_is_no_verdict(void **state)
{
    const char *hash = hash_of("secret", *state);
    unsigned long pages;
    struct rlimit before;
    struct rlimit low;
    int needs_rehash;
    apr_status_t right;
    apr_status_t nobody;
    FILE *file = fopen("/proc/self/statm", "r");

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu", &pages), 1);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    low = before;
    low.rlim_cur = pages * (unsigned long)sysconf(_SC_PAGESIZE) + MEMORY / 2;
    assert_int_equal(setrlimit(RLIMIT_AS, &low), 0);
    right = verify("secret", hash, &needs_rehash, *state);
    nobody = verify("secret", NULL, &needs_rehash, *state);
    assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
    assert_int_equal(right, CP_EUNAVAILABLE);
    assert_int_equal(nobody, CP_EUNAVAILABLE);
    assert_int_equal(verify("secret", hash, &needs_rehash, *state),
                     APR_SUCCESS);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PASSWORD_TEST(hashes_are_of_today_and_salted),
        PASSWORD_TEST(spellings_of_a_password),
        PASSWORD_TEST(every_byte_counts),
        PASSWORD_TEST(what_is_no_password_is_not_hashed),
        PASSWORD_TEST(a_stranger_costs_the_same),
        PASSWORD_TEST(an_older_hash_costs_the_same),
        PASSWORD_TEST(a_bad_hash_costs_the_same),
        PASSWORD_TEST(who_is_in_costs_one_hash),
        PASSWORD_TEST(memory_that_is_really_short_is_no_verdict),
        PASSWORD_TEST(imported_hashes_are_taken_once),
        PASSWORD_TEST(imported_hashes_know_one_spelling),
        PASSWORD_TEST(no_memory_is_no_verdict),
    };

    return cmocka_run_group_tests(tests, password_group_setup, apr_teardown);
}
