/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Statements of the wrapper, on SQLite or, with CP_TEST_DB, on PostgreSQL. */
#include "db_items.h"

static void add(database_t *database, const char *id, const char *name)
{
    assert_int_equal(items_add(database->db, id, name), APR_SUCCESS);
}

/* The ids that a statement finds, joined. */
static const char *ids(database_t *database, const char *name, json_t *args)
{
    const char *joined = "";
    json_t *rows;
    json_t *row;
    size_t i;

    assert_int_equal(
        cp_db_select(database->db, name, args, &rows, database->pool),
        APR_SUCCESS);
    json_array_foreach(rows, i, row)
    {
        joined = apr_pstrcat(database->pool, joined,
                             json_string_value(json_object_get(row, "id")), " ",
                             NULL);
    }
    return joined;
}

static const char *last_line(const database_t *database)
{
    return database->lines->nelts == 0
               ? ""
               : APR_ARRAY_IDX(database->lines, database->lines->nelts - 1,
                               const char *);
}

static void assert_logged(const database_t *database, const char *tag)
{
    if (strncmp(last_line(database), tag, strlen(tag)) != 0) {
        fail_msg("%s is not the last line: %s", tag, last_line(database));
    }
}

typedef struct round_trip_t {
    const char *name;
    json_int_t size;
    int is_open;
    const char *why;
} round_trip_t;

static const round_trip_t round_trips[] = {
    {"plain", 1, 1, "the usual"},
    {"", 0, 0, "empty is not NULL"},
    {"it's a \"quote\" \\ '; DROP TABLE item; --", -1, 0, "quotes"},
    {"100%s %lld %% _ ? $1 :id", 2, 1, "what looks like a parameter"},
    {"Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x98\x80", 3, 0, "UTF-8"},
    {"two\nlines\tand a tab", 4, 0, "control characters"},
    {"2^53+1", 9007199254740993, 0, "not through a double"},
    {"least", INT64_MIN, 0, "64 bits"},
    {"most", INT64_MAX, 1, "64 bits"},
};

static void test_values_come_back(void **state)
{
    database_t *database = items_make(*state);
    size_t i;

    for (i = 0; i < ROWS(round_trips); i++) {
        const round_trip_t *row = &round_trips[i];
        json_t *all;
        json_t *found;
        const char *id = apr_psprintf(*state, "%02d", (int)i);

        assert_int_equal(
            cp_db_execute(database->db, "item_add",
                          json_pack("{s:s, s:s, s:I, s:b}", "id", id, "name",
                                    row->name, "size", row->size, "is_open",
                                    row->is_open),
                          NULL),
            APR_SUCCESS);
        assert_int_equal(
            cp_db_select(database->db, "item_all", json_object(), &all, *state),
            APR_SUCCESS);
        assert_int_equal(json_array_size(all), i + 1);
        found = json_pack("{s:s, s:s, s:I, s:b}", "id", id, "name", row->name,
                          "size", row->size, "isOpen", row->is_open);
        if (!json_equal(json_array_get(all, i), found)) {
            fail_msg("%s: %s", row->why, json_dumps(json_array_get(all, i), 0));
        }
        json_decref(found);
    }
    assert_int_equal(database->lines->nelts, 0);
}

/* Not only back: the database must know where a character ends. */
static void test_text_is_utf8_on_the_way(void **state)
{
    database_t *database = items_make(*state);
    json_t *row;

    assert_int_equal(cp_db_find(database->db, "text_length",
                                json_pack("{s:s}", "text", "\xe2\x82\xac"),
                                &row, *state),
                     APR_SUCCESS);
    assert_int_equal(json_integer_value(json_object_get(row, "length")), 1);
}

static void test_null_comes_back(void **state)
{
    database_t *database = items_make(*state);
    json_t *row;

    assert_int_equal(cp_db_execute(database->db, "item_add",
                                   json_pack("{s:s, s:n, s:n, s:i}", "id", "a",
                                             "name", "size", "is_open", 0),
                                   NULL),
                     APR_SUCCESS);
    assert_int_equal(
        cp_db_find(database->db, "item_all", json_object(), &row, *state),
        APR_SUCCESS);
    assert_true(json_is_null(json_object_get(row, "name")));
    assert_true(json_is_null(json_object_get(row, "size")));
    assert_true(json_is_false(json_object_get(row, "isOpen")));
}

static void test_empty_results(void **state)
{
    database_t *database = items_make(*state);
    json_t *rows;
    json_t *row;

    assert_int_equal(
        cp_db_select(database->db, "item_all", json_object(), &rows, *state),
        APR_SUCCESS);
    assert_true(json_is_array(rows));
    assert_int_equal(json_array_size(rows), 0);
    assert_int_equal(cp_db_find(database->db, "item_find",
                                json_pack("{s:s}", "id", "x"), &row, *state),
                     APR_ENOENT);
    assert_int_equal(database->lines->nelts, 0);
}

static void test_every_row_is_read(void **state)
{
    database_t *database = items_make(*state);
    json_t *rows;
    int i;

    for (i = 0; i < 300; i++) {
        add(database, apr_psprintf(*state, "%04d", i), "x");
    }
    assert_int_equal(
        cp_db_select(database->db, "item_all", json_object(), &rows, *state),
        APR_SUCCESS);
    assert_int_equal(json_array_size(rows), 300);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(rows, 299), "id")),
        "0299");
}

static void test_parameters(void **state)
{
    database_t *database = items_make(*state);
    json_t *row;

    add(database, "a", "b");
    add(database, "b", "50% off");
    add(database, "c", "c");
    assert_string_equal(
        ids(database, "item_by_either", json_pack("{s:s}", "word", "b")),
        "a b ");
    assert_string_equal(
        ids(database, "item_containing", json_pack("{s:s}", "part", "0% o")),
        "b ");
    assert_string_equal(ids(database, "item_find",
                            json_pack("{s:s, s:i}", "id", "c", "more", 1)),
                        "c ");
    assert_int_equal(
        cp_db_find(database->db, "item_cast",
                   json_pack("{s:i, s:s}", "number", 12, "text", "34"), &row,
                   *state),
        APR_SUCCESS);
    assert_string_equal(json_string_value(json_object_get(row, "text")), "12");
    assert_int_equal(json_integer_value(json_object_get(row, "number")), 34);
    assert_int_equal(cp_db_find(database->db, "quoted",
                                json_pack("{s:s}", "one", "1"), &row, *state),
                     APR_SUCCESS);
    assert_string_equal(json_string_value(json_object_get(row, "text")),
                        "it's :not_one and 50%");
    assert_string_equal(json_string_value(json_object_get(row, "one")), "1");
}

static void test_counts(void **state)
{
    database_t *database = items_make(*state);
    int count = -1;

    add(database, "a", "x");
    add(database, "b", "x");
    assert_int_equal(
        cp_db_execute(database->db, "item_resize",
                      json_pack("{s:i, s:i}", "size", 1, "least", 7), &count),
        APR_SUCCESS);
    assert_int_equal(count, 2);
    assert_int_equal(cp_db_execute(database->db, "item_grow",
                                   json_pack("{s:s}", "id", "z"), &count),
                     APR_SUCCESS);
    assert_int_equal(count, 0);
    assert_int_equal(
        cp_db_execute(database->db, "item_put",
                      json_pack("{s:s, s:i}", "id", "a", "size", 1), &count),
        APR_SUCCESS);
    assert_int_equal(count, 0);
}

static void test_returning(void **state)
{
    database_t *database = items_make(*state);
    json_t *row;

    assert_int_equal(cp_db_find(database->db, "item_add_returning",
                                json_pack("{s:s, s:i}", "id", "a", "size", 4),
                                &row, *state),
                     APR_SUCCESS);
    assert_int_equal(json_integer_value(json_object_get(row, "next")), 5);
    assert_string_equal(ids(database, "item_all", json_object()), "a ");
}

/* A patient's data must not reach the error log. */
static void test_failures_leave_no_values_and_no_damage(void **state)
{
    database_t *database = items_make(*state);
    json_t *row;

    add(database, "secret", "x");
    assert_int_equal(items_add(database->db, "secret", "x"), CP_EDB);
    assert_int_equal(database->lines->nelts, 1);
    assert_logged(database, "CP0303: ");
    assert_non_null(strstr(last_line(database), "item_add"));
    assert_non_null(strstr(last_line(database), items_is_pgsql(database)
                                                    ? "duplicate key"
                                                    : "UNIQUE"));
    assert_null(strstr(last_line(database), "secret"));
    assert_null(strstr(last_line(database), "DETAIL"));
    assert_null(strchr(last_line(database), '\n'));
    if (items_is_pgsql(database)) {
        assert_int_equal(
            cp_db_find(database->db, "item_cast",
                       json_pack("{s:i, s:s}", "number", 1, "text", "secret"),
                       &row, *state),
            CP_EDB);
        assert_logged(database, "CP0303: ");
        assert_null(strstr(last_line(database), "secret"));
    }
    assert_string_equal(ids(database, "item_all", json_object()), "secret ");
}

/* The driver ran it and has a row in its hand: no second try. */
static void test_returning_is_not_for_execute(void **state)
{
    database_t *database = items_make(*state);

    if (items_is_pgsql(database)) {
        skip();
    }
    assert_int_equal(
        cp_db_execute(database->db, "item_add_returning",
                      json_pack("{s:s, s:i}", "id", "a", "size", 4), NULL),
        CP_EDB);
    assert_int_equal(database->lines->nelts, 1);
    assert_non_null(strstr(last_line(database), "code 100"));
}

typedef struct bad_call_t {
    const char *name;
    const char *args; /* JSON; NULL for none */
    apr_status_t expected;
    const char *tag;
    const char *why;
} bad_call_t;

static const bad_call_t bad_calls[] = {
    {"item_find", NULL, CP_EINPUT, "", "json_pack refused"},
    {"item_find", "{}", CP_EINPUT, "CP0305: ", "missing"},
    {"item_find", "{\"id\": 1}", CP_EINPUT, "CP0305: ", "number for text"},
    {"item_find", "{\"id\": \"a\\u0000b\"}", CP_EINPUT, "CP0305: ", "NUL"},
    {"item_add_returning", "{\"id\": \"x\", \"size\": \"1\"}", CP_EINPUT,
     "CP0305: ", "text for number"},
    {"item_add_returning", "{\"id\": \"x\", \"size\": 1.5}", CP_EINPUT,
     "CP0305: ", "a real"},
    {"no_such", "{}", CP_EDB, "CP0304: ", "not in the catalogue"},
    {"item_names_as_numbers", "{}", CP_EDB, "CP0306: ", "not a number"},
};

static void test_bad_calls_are_refused(void **state)
{
    database_t *database = items_make(*state);
    size_t i;

    add(database, "a", "1x");
    for (i = 0; i < ROWS(bad_calls); i++) {
        const bad_call_t *call = &bad_calls[i];
        json_t *rows;
        json_t *args = call->args == NULL
                           ? NULL
                           : json_loads(call->args, JSON_ALLOW_NUL, NULL);

        apr_array_clear(database->lines);
        if (cp_db_select(database->db, call->name, args, &rows, *state) !=
            call->expected) {
            fail_msg("%s", call->why);
        }
        assert_int_equal(database->lines->nelts, *call->tag != '\0');
        assert_logged(database, call->tag);
    }
    assert_string_equal(ids(database, "item_all", json_object()), "a ");
}

static void test_text_that_is_not_utf8(void **state)
{
    database_t *database = items_make(*state);
    const char *error = "";
    json_t *rows;

    if (items_is_pgsql(database)) {
        skip();
    }
    assert_int_equal(cp_db_run(database->db,
                               "INSERT INTO item (id, name)"
                               " VALUES ('a', CAST(x'ff' AS TEXT))",
                               &error, *state),
                     APR_SUCCESS);
    assert_int_equal(
        cp_db_select(database->db, "item_all", json_object(), &rows, *state),
        CP_EDB);
    assert_logged(database, "CP0306: ");
}

static void test_statements_are_checked(void **state)
{
    database_t *database = items_make(*state);
    const char *error = "";

    assert_int_equal(cp_db_check_statements(database->db, &error, *state),
                     APR_SUCCESS);
    assert_int_equal(cp_catalog_override(database->catalog, "item_find",
                                         "SELECT id FROM nowhere", "here:3",
                                         &error),
                     APR_SUCCESS);
    assert_int_equal(cp_db_check_statements(database->db, &error, *state),
                     CP_EINPUT);
    assert_non_null(strstr(error, "here:3: statement item_find: "));
    assert_non_null(strstr(error, "nowhere"));
    assert_int_equal(cp_db_run(database->db, "SELEKT", &error, *state), CP_EDB);
    assert_non_null(strstr(error, "SELEKT"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(test_values_come_back),
        POOL_TEST(test_text_is_utf8_on_the_way),
        POOL_TEST(test_null_comes_back),
        POOL_TEST(test_empty_results),
        POOL_TEST(test_every_row_is_read),
        POOL_TEST(test_parameters),
        POOL_TEST(test_counts),
        POOL_TEST(test_returning),
        POOL_TEST(test_failures_leave_no_values_and_no_damage),
        POOL_TEST(test_returning_is_not_for_execute),
        POOL_TEST(test_bad_calls_are_refused),
        POOL_TEST(test_text_that_is_not_utf8),
        POOL_TEST(test_statements_are_checked),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
