/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Addresses and the networks they count by. */
#include "clinic/network.h"

#include "unit.h"

static void addresses_count_by_network(void **state)
{
    static const struct {
        const char *address;
        const char *expected;
        const char *why;
    } cases[] = {
        {"192.0.2.7", "192.0.2.7", "IPv4 is taken whole"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "IPv6 by its network"},
        {"2001:DB8:1:2:ffff::1", "2001:db8:1:2::/64", "however it is written"},
        {"2001:db8:1:3::1", "2001:db8:1:3::/64", "another network"},
        {"::1", "::/64", "loopback"},
        {"::ffff:192.0.2.7", "192.0.2.7", "mapped IPv4 is IPv4"},
        {"::ffff:c000:207", "192.0.2.7", "in hexadecimal too"},
        {"fe80::1%eth0", "fe80::/64", "a zone does not matter"},
        {"::fffe:c000:207", "::/64", "not quite mapped"},
        {"", "unknown", "no address"},
        {"unix:/run/socket", "unknown", "nor is this"},
        {"192.0.2.7.8", "unknown", "nor this"},
    };
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        const char *network = cp_network_of(cases[i].address, *state);

        if (strcmp(network, cases[i].expected) != 0) {
            fail_msg("%s: %s", cases[i].why, network);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        POOL_TEST(addresses_count_by_network),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
