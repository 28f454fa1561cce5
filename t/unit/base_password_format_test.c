/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Which hashes are taken, and what each costs. */
#include "base/password_format.h"

#include "password_spy.h"

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

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
        assert_false(cp_format_is_known(rows[i]));
        assert_int_equal(verify("secret", rows[i], &needs_rehash, *state),
                         CP_EDENIED);
        if (spy.calls != 1 ||
            crypto_pwhash_str_needs_rehash(spy.hash, PASSES, MEMORY) != 0) {
            fail_msg("row %d", (int)i);
        }
    }
    assert_true(
        cp_format_is_known("$argon2id$v=19$m=1048576,t=1000,p=4$c2FsdHNhbHQ$"
                           "aGFzaGhhc2hoYXNoaGFzaA"));
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
        PASSWORD_TEST(an_older_hash_costs_the_same),
        PASSWORD_TEST(a_bad_hash_costs_the_same),
        PASSWORD_TEST(imported_hashes_are_taken_once),
        PASSWORD_TEST(memory_that_is_really_short_is_no_verdict),
    };

    return cmocka_run_group_tests(tests, password_group_setup, apr_teardown);
}
