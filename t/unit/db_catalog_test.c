/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The statement catalogue. */
#include "files.h"

#include "base/status.h"
#include "db/catalog.h"

/* The parameters as "name name:int". */
static const char *params_of(const cp_statement_t *statement, apr_pool_t *p)
{
    const char *joined = "";
    int i;

    for (i = 0; i < statement->param_count; i++) {
        joined = apr_pstrcat(
            p, joined, i == 0 ? "" : " ", statement->params[i].name,
            statement->params[i].type == CP_SQL_INT ? ":int" : "", NULL);
    }
    return joined;
}

typedef struct translation_t {
    const char *text;
    const char *sql;
    const char *params;
    const char *why;
} translation_t;

static const translation_t translations[] = {
    {"SELECT 1", "SELECT 1", "", "nothing to do"},
    {"  SELECT 1 ;\n-- end\n ", "SELECT 1", "", "blanks and semicolon"},
    {"SELECT :a", "SELECT %s", "a", "text"},
    {"SELECT :a:int", "SELECT %lld", "a:int", "integer"},
    {"SELECT :a,:b2_c:int,:a", "SELECT %s,%lld,%s", "a b2_c:int a", "order"},
    {"SELECT :a||:b", "SELECT %s||%s", "a b", "side by side"},
    {"SELECT :a::text", "SELECT %s::text", "a", "cast of text"},
    {"SELECT :a:int::text", "SELECT %lld::text", "a:int", "cast of integer"},
    {"SELECT x::int", "SELECT x::int", "", "cast of a column"},
    {"SELECT x[1:2]", "SELECT x[1:2]", "", "a slice"},
    {"SELECT ':a'", "SELECT ':a'", "", "quoted"},
    {"SELECT 'it''s :a'", "SELECT 'it''s :a'", "", "doubled quote"},
    {"SELECT 1 AS \"n:int\"", "SELECT 1 AS \"n:int\"", "", "alias"},
    {"SELECT 1 AS \"n:bool\"", "SELECT 1 AS \"n:bool\"", "", "alias"},
    {"SELECT '50%'", "SELECT '50%%'", "", "percent in quotes"},
    {"SELECT 5 % 2", "SELECT 5 %% 2", "", "percent"},
    {"SELECT 1 -- :a '\n, 2", "SELECT 1  \n, 2", "", "line comment"},
    {"SELECT 1 /* :a ' */, 2", "SELECT 1  , 2", "", "block comment"},
    {"SELECT 1;/* end */", "SELECT 1", "", "comment behind the end"},
    {"SELECT 1 - -1", "SELECT 1 - -1", "", "no comment"},
    {"SELECT 4 / 2", "SELECT 4 / 2", "", "no comment"},
};

static void test_translation(void **state)
{
    const char *directory = files_make(*state);
    const char *error = "";
    size_t i;

    for (i = 0; i < ROWS(translations); i++) {
        const translation_t *row = &translations[i];
        cp_catalog_t *catalog = cp_catalog_make("sqlite3", *state);
        const cp_statement_t *statement;

        files_write(directory, "a.sql",
                    apr_pstrcat(*state, "-- name: s\n", row->text, NULL),
                    *state);
        if (cp_catalog_read(catalog, directory, &error, *state) !=
            APR_SUCCESS) {
            fail_msg("%s: %s", row->why, error);
        }
        statement = cp_catalog_find(catalog, "s");
        assert_string_equal(statement->sql, row->sql);
        assert_string_equal(params_of(statement, *state), row->params);
    }
}

typedef struct refusal_t {
    const char *text;
    const char *error; /* behind the name of the file */
    const char *why;
} refusal_t;

static const refusal_t refusals[] = {
    {"SELECT 1\n", ":1: there is text before", "no name"},
    {"-- name:\nSELECT 1", ":1: a name", "empty name"},
    {"-- name: Big\nSELECT 1", ":1: a name", "capital"},
    {"-- name: 1st\nSELECT 1", ":1: a name", "digit first"},
    {"-- name: a-b\nSELECT 1", ":1: a name", "hyphen"},
    {"-- name: a2345678901234567890123456789012345678901\nSELECT 1",
     ":1: a name", "PostgreSQL would cut the label"},
    {"-- name: a (mysql)\nSELECT 1", ":1: a driver", "unknown driver"},
    {"-- name: a b\nSELECT 1", ":1: a driver", "two words"},
    {"-- name: a (pgsql) b\nSELECT 1", ":1: there is something", "more"},
    {"\n-- name: a\nSELECT 1\n-- name: a\nSELECT 2", ":4: a is already at",
     "twice"},
    {"-- name: a\n-- only a comment\n", ":1: a: it has no text", "no text"},
    {"-- name: a\n;", ":1: a: it has no text", "only the end"},
    {"-- name: a", ":1: a: it has no text", "end of file"},
    {"-- name: a\nSELECT 1; SELECT 2", ":1: a: there is more", "two"},
    {"-- name: a\nSELECT 'x", ":1: a: a quoted text", "open quote"},
    {"-- name: a\nSELECT \"x", ":1: a: a quoted text", "open quote"},
    {"-- name: a\nSELECT /* x", ":1: a: a quoted text", "open comment"},
    {"-- name: a\nSELECT 1; /* x", ":1: a: there is more", "open comment"},
    {"-- name: a\nSELECT :b:bool", ":1: a: :b has an unknown", "type"},
    {"-- name: a\nSELECT :b:integer", ":1: a: :b has an unknown", "type"},
    {"-- name: a\nSELECT :b:Int", ":1: a: :b has an unknown", "type"},
    {"-- name: a\nSELECT :b:intX", ":1: a: :b has an unknown", "type"},
    {"-- name: a\nSELECT :b, :b:int", ":1: a: :b has two types", "types"},
    {"-- name: a\nSELECT :B", ":1: a: a parameter's name", "capital"},
    {"-- name: a\nSELECT :bB", ":1: a: a parameter's name", "capital"},
    {"-- name: a\nSELECT :_b", ":1: a: a parameter's name", "underscore"},
    {"-- name: a\nSELECT 1 AS \"b:real\"", ":1: a: \"real\" is not", "alias"},
    {"-- name: a\nSELECT 1 AS \"b:\"", ":1: a: \"\" is not", "alias"},
    {"-- name: a\nSELECT ?", ":1: a: ? is not allowed", "SQLite's own"},
    {"-- name: a\nSELECT @b", ":1: a: @ is not allowed", "SQLite's own"},
    {"-- name: a (pgsql)\nSELECT :b:x", ":1: a: :b has an unknown",
     "checked though it is for another"},
};

static void test_refusals_say_where(void **state)
{
    const char *directory = files_make(*state);
    size_t i;

    for (i = 0; i < ROWS(refusals); i++) {
        const refusal_t *row = &refusals[i];
        cp_catalog_t *catalog = cp_catalog_make("sqlite3", *state);
        const char *expected =
            apr_pstrcat(*state, directory, "/a.sql", row->error, NULL);
        const char *error = "";

        files_write(directory, "a.sql", row->text, *state);
        if (cp_catalog_read(catalog, directory, &error, *state) != CP_EINPUT ||
            strncmp(error, expected, strlen(expected)) != 0) {
            fail_msg("%s: %s", row->why, error);
        }
    }
}

static void test_bad_directories(void **state)
{
    cp_catalog_t *catalog = cp_catalog_make("pgsql", *state);
    const char *directory = files_make(*state);
    const char *error = "";

    assert_int_equal(cp_catalog_read(catalog, directory, &error, *state),
                     CP_EINPUT);
    assert_non_null(strstr(error, directory));
    assert_int_equal(cp_catalog_read(catalog, "/no/such", &error, *state),
                     APR_ENOENT);
    assert_non_null(strstr(error, "/no/such"));
}

static void assert_sql(const cp_catalog_t *catalog, const char *name,
                       const char *sql)
{
    const cp_statement_t *statement = cp_catalog_find(catalog, name);

    if (sql == NULL) {
        assert_null(statement);
    }
    else {
        assert_non_null(statement);
        assert_string_equal(statement->sql, sql);
    }
}

/* Wherever they stand, across files. */
static void test_the_driver_s_own_text_wins(void **state)
{
    static const char *const drivers[] = {"sqlite3", "pgsql"};
    const char *directory = files_make(*state);
    const char *error = "";
    size_t i;

    files_write(directory, "a.sql",
                "-- About this file.\n\n-- name: before (pgsql)\nSELECT 'p'\n"
                "-- name: after\nSELECT 'c'\n-- name: alone (sqlite3)\n"
                "SELECT 's'\n",
                *state);
    files_write(directory, "b.sql",
                "-- name: after (pgsql)\r\nSELECT 'p'\r\n"
                "-- name: before\nSELECT 'c'",
                *state);
    for (i = 0; i < ROWS(drivers); i++) {
        cp_catalog_t *catalog = cp_catalog_make(drivers[i], *state);
        apr_array_header_t *names;

        if (cp_catalog_read(catalog, directory, &error, *state) !=
            APR_SUCCESS) {
            fail_msg("%s", error);
        }
        assert_string_equal(cp_catalog_driver(catalog), drivers[i]);
        assert_sql(catalog, "before", i == 1 ? "SELECT 'p'" : "SELECT 'c'");
        assert_sql(catalog, "after", i == 1 ? "SELECT 'p'" : "SELECT 'c'");
        assert_sql(catalog, "alone", i == 0 ? "SELECT 's'" : NULL);
        names = cp_catalog_names(catalog, *state);
        assert_int_equal(names->nelts, i == 0 ? 3 : 2);
        assert_string_equal(APR_ARRAY_IDX(names, 0, const char *), "after");
    }
}

typedef struct override_t {
    const char *name;
    const char *sql;
    const char *error; /* NULL: fine */
} override_t;

static const override_t overrides[] = {
    {"find", "SELECT x FROM y WHERE a = :a", NULL},
    {"find", "SELECT x FROM y WHERE b = :b:int AND a = :a", NULL},
    {"find", "SELECT 1", NULL},
    {"find", "SELECT :c",
     "conf:7: find: the shipped statement has no "
     "parameter :c"},
    {"find", "SELECT :b",
     "conf:7: find: the shipped statement has no "
     "parameter :b"},
    {"find", "SELECT :a:int",
     "conf:7: find: the shipped statement has no "
     "parameter :a:int"},
    {"find", "", "conf:7: find: it has no text"},
    {"find", "SELECT 'x",
     "conf:7: find: a quoted text or comment has no "
     "end"},
    {"lose", "SELECT 1", "conf:7: there is no statement lose"},
    {"find", "SELECT :a, :b:int, :a", NULL},
};

static void test_overrides(void **state)
{
    cp_catalog_t *catalog = cp_catalog_make("pgsql", *state);
    const char *directory = files_make(*state);
    const char *error = "";
    size_t i;

    files_write(directory, "a.sql", "-- name: find\nSELECT :a, :b:int", *state);
    assert_int_equal(cp_catalog_read(catalog, directory, &error, *state),
                     APR_SUCCESS);
    for (i = 0; i < ROWS(overrides); i++) {
        const override_t *row = &overrides[i];
        apr_status_t rv =
            cp_catalog_override(catalog, row->name, row->sql, "conf:7", &error);

        if (row->error == NULL) {
            assert_int_equal(rv, APR_SUCCESS);
            assert_string_equal(cp_catalog_find(catalog, "find")->origin,
                                "conf:7");
        }
        else {
            assert_int_equal(rv, CP_EINPUT);
            assert_string_equal(error, row->error);
        }
    }
    assert_sql(catalog, "find", "SELECT %s, %lld, %s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(test_translation),
        POOL_TEST(test_refusals_say_where),
        POOL_TEST(test_bad_directories),
        POOL_TEST(test_the_driver_s_own_text_wins),
        POOL_TEST(test_overrides),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
