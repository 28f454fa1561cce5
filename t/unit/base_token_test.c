/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Random tokens, digests and comparisons. */
#include "base/token.h"

#include "base/ident.h"
#include "base/status.h"

#include "unit.h"

/* A port whose next byte is `next`. */
static const cp_port_t *port_at(fake_port_t *fake, int next)
{
    fake_port_init(fake);
    fake->next = (unsigned char)next;
    return &fake->port;
}

static void tokens_are_random_bytes(void **state)
{
    fake_port_t fake;
    const cp_port_t *port = port_at(&fake, 1);
    const char *token;
    const char *again;
    const char *id;

    assert_int_equal(cp_token_make(&token, port, *state), APR_SUCCESS);
    assert_string_equal(token, "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA");
    assert_int_equal(strlen(token), CP_TOKEN_LENGTH);
    assert_int_equal(cp_token_make(&again, port, *state), APR_SUCCESS);
    assert_string_not_equal(token, again);
    assert_int_equal(cp_token_public_id(&id, port_at(&fake, 1), *state),
                     APR_SUCCESS);
    assert_string_equal(id, "AQIDBAUGBwgJCgsMDQ4PEA");
    assert_true(cp_ident_is_public_id(id));
}

static void without_random_bytes_there_is_no_token(void **state)
{
    fake_port_t fake;
    const char *token = NULL;

    fake_port_init(&fake);
    fake.random_fails = 1;
    assert_int_equal(cp_token_make(&token, &fake.port, *state), APR_EGENERAL);
    assert_int_equal(cp_token_public_id(&token, &fake.port, *state),
                     APR_EGENERAL);
    assert_null(token);
    assert_string_equal(cp_token_reference(&fake.port, *state), "0000-0000");
}

static apr_status_t random_breaks_off(void *ctx, void *buf, apr_size_t len)
{
    memset(buf, 7, len);
    return APR_EGENERAL;
}

static void bytes_of_a_failure_are_not_used(void **state)
{
    fake_port_t fake;

    fake_port_init(&fake);
    fake.port.random = random_breaks_off;
    assert_string_equal(cp_token_reference(&fake.port, *state), "0000-0000");
}

static void references_can_be_read_out(void **state)
{
    static const struct {
        int first; /* random byte; the others follow it */
        const char *expected;
    } cases[] = {
        {0, "0123-4567"},  {8, "89AB-CDEF"},   {16, "GHJK-MNPQ"},
        {24, "RSTV-WXYZ"}, {252, "WXYZ-0123"},
    };
    fake_port_t fake;
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        assert_string_equal(
            cp_token_reference(port_at(&fake, cases[i].first), *state),
            cases[i].expected);
    }
}

/* FIPS 180-2, appendix B. */
static void digests_are_sha256(void **state)
{
    assert_string_equal(
        cp_token_digest("abc", *state),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(
        cp_token_digest("", *state),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 4231, test case 2. */
static void macs_are_hmac_sha256(void **state)
{
    static const unsigned char expected[32] = {
        0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24,
        0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27,
        0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43};
    static const char data[] = "what do ya want for nothing?";
    unsigned char mac[CP_MAC_BYTES];

    cp_token_mac(mac, (const unsigned char *)"Jefe", 4, data, sizeof(data) - 1);
    assert_memory_equal(mac, expected, sizeof(mac));
}

static void missing_is_equal_to_nothing(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        int expected;
    } cases[] = {
        {"abc", "abc", 1}, {"", "", 1},      {"abc", "abd", 0},
        {"abc", "Abc", 0}, {"abc", "ab", 0}, {"ab", "abc", 0},
        {"", "a", 0},      {"a", "", 0},     {NULL, "a", 0},
        {"a", NULL, 0},    {NULL, "", 0},    {"", NULL, 0},
        {NULL, NULL, 0},
    };
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        assert_int_equal(cp_token_equal(cases[i].a, cases[i].b),
                         cases[i].expected);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        POOL_TEST(tokens_are_random_bytes),
        POOL_TEST(without_random_bytes_there_is_no_token),
        POOL_TEST(bytes_of_a_failure_are_not_used),
        POOL_TEST(references_can_be_read_out),
        POOL_TEST(digests_are_sha256),
        POOL_TEST(macs_are_hmac_sha256),
        POOL_TEST(missing_is_equal_to_nothing),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
