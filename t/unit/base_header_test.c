/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Names of headers that a client may not send in our place. */
#include "base/header.h"

#include "unit.h"

static void names_are_compared_as_back_ends_read_them(void **state)
{
    static const struct {
        const char *sent;
        int is_ours;
    } cases[] = {
        {"X-ClinicPortal-User", 1},  {"x-clinicportal-user", 1},
        {"X_ClinicPortal_User", 1},  {"X_CLINICPORTAL-USER", 1},
        {"X-ClinicPortal-Users", 0}, {"X-ClinicPortal-Use", 0},
        {"X-ClinicPortal-", 0},      {"X-ClinicPortalUser", 0},
        {"X.ClinicPortal.User", 0},  {"", 0},
    };
    size_t i;

    (void)state;
    for (i = 0; i < ROWS(cases); i++) {
        if (cp_header_is(cases[i].sent, "X-ClinicPortal-", "User") !=
            cases[i].is_ours) {
            fail_msg("%s", cases[i].sent);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_compared_as_back_ends_read_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
