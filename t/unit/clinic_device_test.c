/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Browsers that accounts have signed in from, on a real database. */
#include "clinic.h"

#include "clinic/device.h"

static cp_device_t find(clinic_test_t *test, const char *clinic_id,
                        const char *username_key, const char *cookie)
{
    cp_device_owner_t owner = {clinic_id, CP_KIND_STAFF, username_key};
    cp_device_t device;

    assert_int_equal(cp_device_find(&test->cx, &owner, cookie, &device),
                     APR_SUCCESS);
    return device;
}

/* The account signs in; the cookie that the browser has then. */
static const char *use(clinic_test_t *test, const char *account_id,
                       const char *username_key, const char *cookie)
{
    cp_device_t device = find(test, "riverside", username_key, cookie);
    const char *new_cookie;

    device.account_id = account_id;
    assert_int_equal(
        cp_device_note(&test->cx, "riverside", &device, cookie, &new_cookie),
        APR_SUCCESS);
    return new_cookie == NULL ? cookie : new_cookie;
}

static void a_device_is_known_by_its_cookie(void **state)
{
    clinic_test_t *test = *state;
    const char *cookie = use(test, "a-doe", "doej", NULL);

    assert_non_null(cookie);
    assert_member(look(test, "test_device", json_object()), "account_id",
                  "a-doe");
    assert_non_null(find(test, "riverside", "doej", cookie).device_id);
    assert_string_equal(use(test, "a-doe", "doej", cookie), cookie);
    assert_int_equal(count_rows(test, "device"), 1);
}

static void it_is_known_for_that_account_only(void **state)
{
    clinic_test_t *test = *state;
    const char *cookie = use(test, "a-doe", "doej", NULL);

    assert_null(find(test, "riverside", "brownk", cookie).device_id);
    assert_null(find(test, "lakeview", "doej", cookie).device_id);
}

static void a_browser_keeps_four_accounts(void **state)
{
    static const struct {
        const char *account_id;
        const char *key;
    } people[] = {{"a-doe", "doej"},
                  {"a-brown", "brownk"},
                  {"a-gone", "goneg"},
                  {"a-twin-s", "twin"}};
    clinic_test_t *test = *state;
    const char *cookie = NULL;
    size_t i;

    for (i = 0; i < ROWS(people); i++) {
        cookie = use(test, people[i].account_id, people[i].key, cookie);
    }
    for (i = 0; i < ROWS(people); i++) {
        assert_non_null(
            find(test, "riverside", people[i].key, cookie).device_id);
    }
    assert_int_equal(strlen(cookie), 4 * 43 + 3);
    cookie = apr_pstrcat(test->cx.pool, "x.", cookie, NULL);
    assert_null(find(test, "riverside", "doej", cookie).device_id);
}

static void what_is_no_cookie_of_ours_is_unknown(void **state)
{
    static const char *const cookies[] = {
        "",
        ".",
        "....",
        "short",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA;",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    };
    clinic_test_t *test = *state;
    size_t i;

    for (i = 0; i < ROWS(cookies); i++) {
        assert_null(find(test, "riverside", "doej", cookies[i]).device_id);
        assert_null(strstr(use(test, "a-doe", "doej", cookies[i]), "short"));
    }
}

static void a_device_is_forgotten(void **state)
{
    clinic_test_t *test = *state;
    const char *cookie = use(test, "a-doe", "doej", NULL);
    json_t *devices;
    const char *id;
    int count;

    assert_int_equal(cp_device_list(&test->cx, "riverside", "a-doe", &devices),
                     APR_SUCCESS);
    assert_int_equal(json_array_size(devices), 1);
    id = cp_json_string(json_array_get(devices, 0), "device_id", "");
    assert_int_equal(
        cp_device_remove(&test->cx, "lakeview", "a-doe", id, &count),
        APR_SUCCESS);
    assert_int_equal(count, 0);
    assert_int_equal(
        cp_device_remove(&test->cx, "riverside", "a-doe", id, &count),
        APR_SUCCESS);
    assert_int_equal(count, 1);
    assert_null(find(test, "riverside", "doej", cookie).device_id);
}

static void half_a_year_without_use_forgets_it(void **state)
{
    clinic_test_t *test = *state;
    const char *cookie = use(test, "a-doe", "doej", NULL);

    test->fake->now += 179 * 24 * HOUR;
    use(test, "a-doe", "doej", cookie);
    test->fake->now += 179 * 24 * HOUR;
    assert_non_null(find(test, "riverside", "doej", cookie).device_id);
    test->fake->now += 24 * HOUR;
    assert_null(find(test, "riverside", "doej", cookie).device_id);
    test->fake->now++;
    assert_int_equal(cp_device_prune(&test->cx), APR_SUCCESS);
    assert_int_equal(count_rows(test, "device"), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CLINIC_TEST(a_device_is_known_by_its_cookie),
        CLINIC_TEST(it_is_known_for_that_account_only),
        CLINIC_TEST(a_browser_keeps_four_accounts),
        CLINIC_TEST(what_is_no_cookie_of_ours_is_unknown),
        CLINIC_TEST(a_device_is_forgotten),
        CLINIC_TEST(half_a_year_without_use_forgets_it),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
