/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What a password has to be like: each rule alone, and whose names do not
 * make a password. */
#include "clinic/password_rules.h"

#include "unit.h"

#include "base/json.h"
#include "base/status.h"

#include <apr_strings.h>

static const cp_password_owner_t jane = {.username = "doe.jane-88",
                                         .display_name = "Jane Doe, MD",
                                         .clinic_code = "RIVERSIDE",
                                         .clinic_name = "River Side Clinic"};

/* The codes of the broken rules, parted by spaces; NULL: fit for the
 * password. */
static const char *broken(const cp_policy_t *policy, const char *password,
                          apr_pool_t *p)
{
    static const cp_options_t options;
    cp_ctx_t cx = {.pool = p, .options = &options};
    cp_password_owner_t owner = jane;
    const char *codes = "";
    const json_t *rule;
    json_t *rules;
    int count = 0;
    size_t i;

    owner.policy = policy;
    assert_int_equal(cp_password_rules(&cx, &owner, password, &rules, &count),
                     APR_SUCCESS);
    json_array_foreach(rules, i, rule)
    {
        if (cp_json_is_true(rule, "is_broken")) {
            codes = apr_pstrcat(p, codes, codes[0] == '\0' ? "" : " ",
                                cp_json_string(rule, "code", "?"), NULL);
            count--;
        }
    }
    assert_int_equal(count, 0);
    return codes;
}

static void each_rule_stands_alone(void **state)
{
    static const struct {
        cp_policy_t policy;
        const char *password;
        const char *expected;
    } cases[] = {
        {{.password_length = 8}, "seven77", "length"},
        {{.password_length = 8}, "eight888", ""},
        {{.password_length = 8}, "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f", "length"},
        {{.password_length = 8}, "not UTF-8 \xff", "length"},
        {{.password_letter_digit = 1}, "only letters", "letter-digit"},
        {{.password_letter_digit = 1}, "290183746", "letter-digit"},
        {{.password_letter_digit = 1}, "letters4", ""},
        {{.password_upper_lower = 1}, "all small", "upper-lower"},
        {{.password_upper_lower = 1}, "ALL LARGE", "upper-lower"},
        {{.password_upper_lower = 1}, "\xc3\x84pfel", ""},
        {{.password_special = 1}, "words4711", "special"},
        {{.password_special = 1}, "words 4711", ""},
        {{.password_no_name = 1}, "my jane of 2026", "name"},
        {{.password_no_name = 1}, "JANEandI", "name"},
        {{.password_no_name = 1}, "md of nobody", ""},
        {{.password_no_name = 0}, "my jane of 2026", ""},
    };
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        const char *codes = broken(&cases[i].policy, cases[i].password, *state);

        if (strcmp(codes, cases[i].expected) != 0) {
            fail_msg("\"%s\": %s", cases[i].password, codes);
        }
    }
}

static void names_are_no_passwords(void **state)
{
    static const char *const names[] = {
        "doe.jane-88",       "Doe.Jane-88", "doe.jane-88!", "doe",
        "jane2026",          "RIVERSIDE",   "riverside1",   "R1verside",
        "river side clinic", "Clinic!",     "clinicportal",
    };
    static const cp_policy_t policy;
    size_t i;

    for (i = 0; i < ROWS(names); i++) {
        if (strcmp(broken(&policy, names[i], *state), "common") != 0) {
            fail_msg("%s", names[i]);
        }
    }
    assert_string_equal(broken(&policy, "a river, a side, a clinic", *state),
                        "");
}

static void nothing_is_broken_before_typing(void **state)
{
    static const cp_policy_t policy = {.password_length = 8,
                                       .password_letter_digit = 1,
                                       .password_upper_lower = 1,
                                       .password_special = 1,
                                       .password_no_name = 1};

    assert_string_equal(broken(&policy, NULL, *state), "");
    assert_string_equal(broken(&policy, "", *state),
                        "length letter-digit upper-lower special");
}

static void all_broken_rules_make_a_sentence(void **state)
{
    json_t *rules = cp_json_own(
        json_pack("[{s:s, s:s, s:b}, {s:s, s:s, s:b}, {s:s, s:s, s:b}]", "code",
                  "one", "text", "First.", "is_broken", 0, "code", "two",
                  "text", "Second.", "is_broken", 1, "code", "three", "text",
                  "Third.", "is_broken", 0),
        *state);

    assert_string_equal(cp_password_rules_text(rules, *state), "Second.");
    cp_password_rules_break(rules, "three");
    cp_password_rules_break(rules, "four");
    assert_string_equal(cp_password_rules_text(rules, *state),
                        "Second. Third.");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        POOL_TEST(each_rule_stands_alone),
        POOL_TEST(names_are_no_passwords),
        POOL_TEST(nothing_is_broken_before_typing),
        POOL_TEST(all_broken_rules_make_a_sentence),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
