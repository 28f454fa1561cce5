/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The HTTPS client against the fake provider that net_http.t starts. Its
 * address and certificates come in the environment. */
#include "net/http.h"

#include <apr_file_io.h>
#include <apr_network_io.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/status.h"
#include "unit.h"

#define PATIENT_MS 20000 /* for calls that must succeed on a busy machine */
#define HASTY_MS 300     /* for calls that must run out of time */
#define LIMIT 16384
#define WAIT_FOR apr_time_from_msec(50)

static const char *setting(const char *name)
{
    const char *value = getenv(name);

    assert_non_null(value);
    return value;
}

static cp_http_pool_t *make_pool(int calls_max, apr_pool_t *p)
{
    cp_http_pool_t *pool;

    assert_int_equal(cp_http_pool_make(&pool, calls_max, WAIT_FOR, p),
                     APR_SUCCESS);
    return pool;
}

static cp_http_post_t post_of(const cp_http_field_t *fields)
{
    cp_http_post_t post = {
        .url = setting("CP_TEST_SITEVERIFY_URL"),
        .ca_file = setting("CP_TEST_CA"),
        .connect_timeout_ms = PATIENT_MS,
        .total_timeout_ms = PATIENT_MS,
        .answer_max_bytes = LIMIT,
        .fields = fields,
    };

    return post;
}

static apr_status_t send_token(cp_http_pool_t *pool, const char *token,
                               cp_http_answer_t *answer, apr_pool_t *p)
{
    const cp_http_field_t fields[] = {
        {"secret", "shibboleth"}, {"response", token}, {NULL, NULL}};
    cp_http_post_t post = post_of(fields);

    return cp_http_post(pool, &post, answer, p);
}

static void assert_failed(const cp_http_answer_t *answer, const char *error)
{
    assert_int_equal(answer->status, 0);
    assert_int_equal(answer->len, 0);
    assert_string_equal(answer->body, "");
    assert_non_null(answer->error);
    if (strncmp(answer->error, error, strlen(error)) != 0) {
        fail_msg("expected \"%s\", got \"%s\"", error, answer->error);
    }
}

static void complete_answers(void **state)
{
    static const struct {
        const char *token;
        long status;
        const char *part;
    } rows[] = {
        {"pass", 200, "\"success\":true"},
        {"fail:timeout-or-duplicate", 200, "timeout-or-duplicate"},
        {"not-json", 200, "<html>"},
        {"http-500", 500, "{}"},
    };
    cp_http_pool_t *pool = make_pool(1, *state);
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        cp_http_answer_t answer;

        assert_int_equal(send_token(pool, rows[i].token, &answer, *state),
                         APR_SUCCESS);
        assert_null(answer.error);
        assert_int_equal(answer.status, rows[i].status);
        assert_int_equal(strlen(answer.body), answer.len);
        assert_non_null(strstr(answer.body, rows[i].part));
    }
}

static void refused_answers(void **state)
{
    static const struct {
        const char *token;
        apr_status_t rv;
        const char *error;
    } rows[] = {
        {"huge", CP_ETOOLARGE, "the answer is over 16384 bytes"},
        {"truncated", CP_EUNAVAILABLE, "curl 18: "},
        {"redirect", CP_EUNAVAILABLE, "redirect 302 refused"},
    };
    cp_http_pool_t *pool = make_pool(1, *state);
    cp_http_answer_t answer;
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        assert_int_equal(send_token(pool, rows[i].token, &answer, *state),
                         rows[i].rv);
        assert_failed(&answer, rows[i].error);
        /* The same handle serves the next call. */
        assert_int_equal(send_token(pool, "pass", &answer, *state),
                         APR_SUCCESS);
    }
}

static void deadline_is_honoured(void **state)
{
    static const cp_http_field_t fields[] = {
        {"secret", "shibboleth"}, {"response", "slow:30"}, {NULL, NULL}};
    cp_http_pool_t *pool = make_pool(1, *state);
    cp_http_post_t post = post_of(fields);
    cp_http_answer_t answer;

    post.total_timeout_ms = HASTY_MS;
    assert_int_equal(cp_http_post(pool, &post, &answer, *state),
                     CP_EUNAVAILABLE);
    assert_failed(&answer, "curl 28: ");
}

static void limit_is_exact(void **state)
{
    static const cp_http_field_t fields[] = {
        {"secret", "shibboleth"}, {"response", "not-json"}, {NULL, NULL}};
    cp_http_pool_t *pool = make_pool(1, *state);
    cp_http_post_t post = post_of(fields);
    cp_http_answer_t answer;

    post.answer_max_bytes = strlen("<html>Welcome to the ward</html>");
    assert_int_equal(cp_http_post(pool, &post, &answer, *state), APR_SUCCESS);
    assert_int_equal(answer.len, post.answer_max_bytes);
    post.answer_max_bytes--;
    assert_int_equal(cp_http_post(pool, &post, &answer, *state), CP_ETOOLARGE);
}

/* An address nobody listens on, taken so that nobody starts to. */
static const char *dead_url(apr_pool_t *p)
{
    apr_sockaddr_t *address;
    apr_socket_t *socket;

    assert_int_equal(
        apr_sockaddr_info_get(&address, "127.0.0.1", APR_INET, 0, 0, p),
        APR_SUCCESS);
    assert_int_equal(
        apr_socket_create(&socket, APR_INET, SOCK_STREAM, APR_PROTO_TCP, p),
        APR_SUCCESS);
    assert_int_equal(apr_socket_bind(socket, address), APR_SUCCESS);
    assert_int_equal(apr_socket_addr_get(&address, APR_LOCAL, socket),
                     APR_SUCCESS);
    return apr_psprintf(p, "https://127.0.0.1:%d/siteverify",
                        (int)address->port);
}

/* The same server under another scheme or host. */
static const char *changed_url(const char *start, apr_pool_t *p)
{
    const char *url = setting("CP_TEST_SITEVERIFY_URL");

    return apr_pstrcat(p, start, strrchr(url, ':'), NULL);
}

static void untrusted_servers(void **state)
{
    const char *ca = setting("CP_TEST_CA");
    const char *url = setting("CP_TEST_SITEVERIFY_URL");
    const struct {
        const char *url;
        const char *ca_file;
        const char *error;
    } rows[] = {
        {url, setting("CP_TEST_OTHER_CA"), "curl 60: "},
        {url, NULL, "curl 60: "}, /* the system knows no such authority */
        {url, "/nonexistent/ca.pem", "curl 77: "},
        {changed_url("https://other.localhost", *state), ca, "curl 60: "},
        {changed_url("http://localhost", *state), ca, "curl 1: "},
        {changed_url("localhost", *state), ca, "curl 1: "},
        {"file:///etc/hostname", ca, "curl 1: "},
        {dead_url(*state), ca, "curl 7: "},
        {"", ca, "curl 3: "},
    };
    static const cp_http_field_t fields[] = {
        {"secret", "shibboleth"}, {"response", "pass"}, {NULL, NULL}};
    cp_http_pool_t *pool = make_pool(1, *state);
    cp_http_post_t post = post_of(fields);
    cp_http_answer_t answer;
    apr_size_t i;

    for (i = 0; i < ROWS(rows); i++) {
        /* An open connection made with other trust must not help. */
        assert_int_equal(send_token(pool, "pass", &answer, *state),
                         APR_SUCCESS);
        post.url = rows[i].url;
        post.ca_file = rows[i].ca_file;
        assert_int_equal(cp_http_post(pool, &post, &answer, *state),
                         CP_EUNAVAILABLE);
        assert_failed(&answer, rows[i].error);
    }
}

/* net_http.t counts the connections behind "reuse" and reads "note" back. */
static void connection_is_reused(void **state)
{
    static const cp_http_field_t fields[] = {
        {"secret", "shibboleth"},
        {"response", "pass"},
        {"remoteip", ""},
        {"reuse", "yes"},
        {"note", "a&b=c+d %41;\r\n\xc3\xa9~*'\"<>"},
        {NULL, NULL},
    };
    cp_http_pool_t *pool = make_pool(4, *state);
    cp_http_post_t post = post_of(fields);
    cp_http_answer_t answer;
    int i;

    for (i = 0; i < 5; i++) {
        assert_int_equal(cp_http_post(pool, &post, &answer, *state),
                         APR_SUCCESS);
    }
}

typedef struct caller_t {
    cp_http_pool_t *pool;
    const char *token;
    cp_http_answer_t answer;
    apr_pool_t *p;
} caller_t;

static void *APR_THREAD_FUNC call(apr_thread_t *thread, void *data)
{
    caller_t *caller = data;

    apr_thread_exit(thread, send_token(caller->pool, caller->token,
                                       &caller->answer, caller->p));
    return NULL;
}

/* Until the fake has logged a request that holds text. */
static void wait_for_log(const char *text, apr_pool_t *p)
{
    const char *path = setting("CP_TEST_SITEVERIFY_LOG");
    apr_time_t end = apr_time_now() + apr_time_from_msec(PATIENT_MS);
    char buffer[65536];

    while (apr_time_now() < end) {
        apr_size_t len = sizeof(buffer) - 1;
        apr_file_t *file;

        assert_int_equal(apr_file_open(&file, path, APR_READ, 0, p),
                         APR_SUCCESS);
        (void)apr_file_read(file, buffer, &len);
        buffer[len] = '\0';
        assert_int_equal(apr_file_close(file), APR_SUCCESS);
        if (strstr(buffer, text) != NULL) {
            return;
        }
        apr_sleep(apr_time_from_msec(10));
    }
    fail_msg("the fake has not seen %s", text);
}

static void make_file(const char *path, apr_pool_t *p)
{
    apr_file_t *file;

    assert_int_equal(apr_file_open(&file, path,
                                   APR_WRITE | APR_CREATE | APR_EXCL,
                                   APR_OS_DEFAULT, p),
                     APR_SUCCESS);
    assert_int_equal(apr_file_close(file), APR_SUCCESS);
}

static void calls_are_bounded(void **state)
{
    const char *go =
        apr_pstrcat(*state, setting("CP_TEST_SITEVERIFY_LOG"), ".go", NULL);
    caller_t slow = {.pool = make_pool(1, *state)};
    cp_http_answer_t answer;
    apr_status_t rv;
    apr_thread_t *thread;

    slow.token = apr_pstrcat(*state, "hold:", go, NULL);
    assert_int_equal(apr_pool_create(&slow.p, *state), APR_SUCCESS);
    assert_int_equal(apr_thread_create(&thread, NULL, call, &slow, *state),
                     APR_SUCCESS);
    wait_for_log(slow.token, *state);
    assert_int_equal(send_token(slow.pool, "pass", &answer, *state),
                     CP_EUNAVAILABLE);
    assert_failed(&answer, "no turn");
    make_file(go, *state);
    assert_int_equal(apr_thread_join(&rv, thread), APR_SUCCESS);
    assert_int_equal(rv, APR_SUCCESS);
    assert_int_equal(send_token(slow.pool, "pass", &answer, *state),
                     APR_SUCCESS);
}

static void pool_needs_bounds(void **state)
{
    cp_http_pool_t *pool;

    assert_int_equal(cp_http_pool_make(&pool, 0, WAIT_FOR, *state), CP_EINPUT);
    assert_int_equal(cp_http_pool_make(&pool, 1, 0, *state), CP_EINPUT);
}

static void post_needs_deadlines(void **state)
{
    static const cp_http_field_t fields[] = {{NULL, NULL}};
    cp_http_pool_t *pool = make_pool(1, *state);
    cp_http_post_t post = post_of(fields);
    cp_http_answer_t answer;

    post.total_timeout_ms = 0;
    assert_int_equal(cp_http_post(pool, &post, &answer, *state),
                     CP_EUNAVAILABLE);
    assert_failed(&answer, "an option is not accepted");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        POOL_TEST(complete_answers),     POOL_TEST(refused_answers),
        POOL_TEST(deadline_is_honoured), POOL_TEST(limit_is_exact),
        POOL_TEST(untrusted_servers),    POOL_TEST(connection_is_reused),
        POOL_TEST(calls_are_bounded),    POOL_TEST(pool_needs_bounds),
        POOL_TEST(post_needs_deadlines),
    };

    if (getenv("CP_TEST_SITEVERIFY_URL") == NULL) {
        puts("1..0 # SKIP net_http.t runs this with its fake server");
        return 0;
    }
    if (apr_initialize() != APR_SUCCESS || cp_http_init() != APR_SUCCESS) {
        puts("Bail out! cannot start APR or libcurl");
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, apr_teardown);
}
