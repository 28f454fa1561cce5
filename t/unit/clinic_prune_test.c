/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What has run out goes away, what has not stays, and two nodes that take it
 * away at once do not wait for each other: on PostgreSQL one of the rows is
 * held by another's transaction. */
#include "clinic.h"

#define OVER "1"
#define NOW_ON "9"

typedef struct prune_t {
    const char *statement;
    const char *table;
    const char *columns; /* the first is text and tells the rows apart */
    const char *values;  /* of the others; $ is when it runs out */
} prune_t;

static const prune_t prunes[] = {
    {"session_prune", "session",
     "token_hash, clinic_id, session_id, account_id, created_at, last_seen_at,"
     " idle_us, expires_at, address, user_agent",
     "'riverside', 's', 'a-doe', 1, 1, 1, $, '', ''"},
    {"captcha_prune", "captcha_spent", "nonce, clinic_id, expires_at",
     "'riverside', $"},
    {"throttle_prune", "throttle",
     "key, clinic_id, key_kind, tries, failures, window_at, locked_until,"
     " ends_at",
     "'riverside', 'account', 1, 1, 1, 0, $"},
    {"device_prune", "device",
     "token_hash, device_id, clinic_id, account_id, created_at, last_used_at,"
     " address, user_agent",
     "'d' || $, 'riverside', 'a-doe', 1, $, '', ''"},
    {"draft_prune", "draft", "place, clinic_id, account_id, saved_at, body",
     "'riverside', 'a-doe', $, ''"},
    {"kept_prune", "kept_request", "kept_id, address, kept_at, body",
     "'', $, ''"},
    {"mail_prune", "mail",
     "mail_id, clinic_id, template, account_id, status, created_at, next_at",
     "'riverside', '', '', 'sent', 1, $"},
    {"mail_prune", "mail",
     "mail_id, clinic_id, template, account_id, status, created_at, next_at",
     "'lakeview', '', '', 'dead', 1, $ + 4"},
    {"mail_token_prune", "mail_token",
     "token_hash, clinic_id, account_id, purpose, created_at, expires_at",
     "'riverside', '', '', 1, $"},
};

static void run_on(cp_db_t *db, const char *sql, apr_pool_t *p)
{
    const char *error = "";

    if (cp_db_run(db, sql, &error, p) != APR_SUCCESS) {
        fail_msg("%s: %s", sql, error);
    }
}

static const char *first_column(const prune_t *row, apr_pool_t *p)
{
    return apr_pstrmemdup(p, row->columns, strcspn(row->columns, ","));
}

static void add(clinic_test_t *test, const prune_t *row, const char *id,
                const char *until)
{
    apr_pool_t *p = test->cx.pool;
    const char *values = row->values;
    const char *sql = apr_psprintf(p, "INSERT INTO %s (%s) VALUES ('%s', ",
                                   row->table, row->columns, id);
    const char *dollar;

    for (; (dollar = strchr(values, '$')) != NULL; values = dollar + 1) {
        sql = apr_pstrcat(
            p, sql, apr_pstrmemdup(p, values, (apr_size_t)(dollar - values)),
            until, NULL);
    }
    run_on(test->cx.db, apr_pstrcat(p, sql, values, ")", NULL), p);
}

static void assert_pruned(clinic_test_t *test, const prune_t *row, int expected)
{
    int count = -1;
    apr_status_t rv = cp_db_execute(
        test->cx.db, row->statement,
        json_pack("{s:i, s:i}", "before", 5, "dead_before", 7), &count);

    if (rv != APR_SUCCESS || count != expected) {
        fail_msg("%s: status %d, %d rows instead of %d", row->statement, rv,
                 count, expected);
    }
}

/* Holds the row "held" on a connection of its own while one prunes. */
static void prune_around(clinic_test_t *test, const prune_t *row)
{
    apr_pool_t *p = test->cx.pool;
    const char *column = first_column(row, p);
    cp_db_source_t source;
    cp_db_t *other;

    database_connect(test->database, &source, p);
    other = cp_db_make(&source, test->database->catalog, test->cx.port, p);
    run_on(other, "BEGIN", p);
    run_on(other,
           apr_psprintf(p, "UPDATE %s SET %s = %s WHERE %s = 'held'",
                        row->table, column, column, column),
           p);
    run_on(test->cx.db, "SET lock_timeout = '2s'", p);
    assert_pruned(test, row, 1);
    run_on(other, "ROLLBACK", p);
    assert_pruned(test, row, 1);
}

static void what_is_over_goes(void **state)
{
    clinic_test_t *test = *state;
    size_t i;

    for (i = 0; i < ROWS(prunes); i++) {
        const prune_t *row = &prunes[i];

        add(test, row, "held", OVER);
        add(test, row, "over", "2");
        add(test, row, "good", NOW_ON);
        if (strcmp(test->database->driver, "pgsql") == 0) {
            prune_around(test, row);
        }
        else {
            assert_pruned(test, row, 2);
        }
        assert_pruned(test, row, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLINIC_TEST(what_is_over_goes),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
