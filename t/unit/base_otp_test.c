/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Time-based one-time passwords: the vectors of RFC 6238 appendix B. */
#include "base/otp.h"

#include "unit.h"

#include "base/status.h"

#include <string.h>

static const unsigned char secret[] = "12345678901234567890";

/* Its eight digits end with our six. */
static void codes_are_those_of_the_standard(void **state)
{
    static const struct {
        apr_int64_t at_s;
        const char *code;
    } rows[] = {
        {59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
        {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"},
    };
    apr_int64_t step;
    size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        assert_int_equal(cp_otp_check(secret, rows[i].code,
                                      apr_time_from_sec(rows[i].at_s), &step),
                         APR_SUCCESS);
        assert_int_equal(step, rows[i].at_s / 30);
    }
}

static void one_step_off_is_good_and_no_more(void **state)
{
    apr_int64_t step;
    apr_int64_t at;

    for (at = 0; at < 180; at += 30) {
        apr_status_t rv =
            cp_otp_check(secret, "287082", apr_time_from_sec(at), &step);

        /* The code is that of step 1. */
        assert_int_equal(rv, at / 30 <= 2 ? APR_SUCCESS : CP_EDENIED);
        if (rv == APR_SUCCESS) {
            assert_int_equal(step, 1);
        }
    }
}

static void what_is_no_code_is_refused(void **state)
{
    static const char *const codes[] = {
        "", "28708", "2870820", "28708x", " 28708", "-28708", "2\xc2\xb2" "8708"};
    apr_int64_t step;
    size_t i;

    for (i = 0; i < ROWS(codes); i++) {
        assert_int_equal(
            cp_otp_check(secret, codes[i], apr_time_from_sec(59), &step),
            CP_EDENIED);
    }
}

static void the_secret_is_shown_in_groups(void **state)
{
    assert_string_equal(cp_otp_secret_text(secret, *state),
                        "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
}

static void the_address_names_clinic_and_person(void **state)
{
    assert_string_equal(
        cp_otp_uri(secret, "Riverside & Co", "DoeJ", *state),
        "otpauth://totp/Riverside%20%26%20Co:DoeJ?secret="
        "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Riverside%20%26%20Co");
}

static void the_picture_is_svg(void **state)
{
    const char *svg = cp_otp_qr_svg("otpauth://totp/x", *state);
    char long_text[4000];

    assert_non_null(svg);
    assert_int_equal(strncmp(svg, "<svg xmlns=", 11), 0);
    assert_non_null(strstr(svg, "</svg>"));
    assert_null(strstr(svg, "<script"));
    memset(long_text, 'x', sizeof(long_text));
    long_text[sizeof(long_text) - 1] = '\0';
    assert_null(cp_otp_qr_svg(long_text, *state));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(codes_are_those_of_the_standard),
        POOL_TEST(one_step_off_is_good_and_no_more),
        POOL_TEST(what_is_no_code_is_refused),
        POOL_TEST(the_secret_is_shown_in_groups),
        POOL_TEST(the_address_names_clinic_and_person),
        POOL_TEST(the_picture_is_svg),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
