/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Which passwords are the same, and what is hashed for whom. */
#include "base/password.h"

#include "password_spy.h"

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

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PASSWORD_TEST(hashes_are_of_today_and_salted),
        PASSWORD_TEST(spellings_of_a_password),
        PASSWORD_TEST(every_byte_counts),
        PASSWORD_TEST(what_is_no_password_is_not_hashed),
        PASSWORD_TEST(a_stranger_costs_the_same),
        PASSWORD_TEST(who_is_in_costs_one_hash),
        PASSWORD_TEST(imported_hashes_know_one_spelling),
        PASSWORD_TEST(no_memory_is_no_verdict),
    };

    return cmocka_run_group_tests(tests, password_group_setup, apr_teardown);
}
