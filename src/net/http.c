/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* libcurl handles in a bounded list, and one POST on one of them. */
#include "net/http.h"

#include <apr_escape.h>
#include <apr_reslist.h>
#include <apr_strings.h>
#include <curl/curl.h>
#include <openssl/crypto.h>
#include <string.h>

#include "base/status.h"

struct cp_http_pool_t {
    apr_reslist_t *handles; /* of CURL */
};

/* What the write callback fills. */
typedef struct body_t {
    char *bytes; /* size_max + 1 */
    apr_size_t len;
    apr_size_t size_max;
    int is_too_large;
} body_t;

typedef struct form_t {
    char *text;
    apr_size_t size; /* allocated, all of it to be wiped */
} form_t;

static const struct {
    CURLoption option;
    long value;
} fixed_options[] = {
    /* Signals would hit a thread of httpd that knows nothing of them. */
    {CURLOPT_NOSIGNAL, 1},
    {CURLOPT_SSL_VERIFYPEER, 1},
    {CURLOPT_SSL_VERIFYHOST, 2},
    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_FOLLOWLOCATION, 0},
    {CURLOPT_NETRC, CURL_NETRC_IGNORED},
    /* One call at a time on a connection: HTTP/2 would gain nothing. */
    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
    /* Without it a call that timed out waits for the name lookup to give up:
     * 10 s with a dead name server, whatever the deadline was. */
    {CURLOPT_QUICK_EXIT, 1},
    {CURLOPT_POST, 1},
};

static apr_status_t make_handle(void **handle, void *params, apr_pool_t *p)
{
    *handle = curl_easy_init();
    return *handle == NULL ? CP_EUNAVAILABLE : APR_SUCCESS;
}

static apr_status_t drop_handle(void *handle, void *params, apr_pool_t *p)
{
    curl_easy_cleanup(handle);
    return APR_SUCCESS;
}

static size_t read_body(char *data, size_t size, size_t count, void *ctx)
{
    body_t *body = ctx;
    size_t len = size * count;

    if (len > body->size_max - body->len) {
        body->is_too_large = 1;
        return 0;
    }
    memcpy(body->bytes + body->len, data, len);
    body->len += len;
    return len;
}

static apr_size_t encoded_size_max(const cp_http_field_t *fields)
{
    apr_size_t size = 1;

    for (; fields->name != NULL; fields++) {
        size += 3 * (strlen(fields->name) + strlen(fields->value)) + 2;
    }
    return size;
}

/* Encode text at `at` and return where it ends. APR says APR_NOTFOUND for a
 * text it could copy as it is. */
static char *encode(char *at, const char *text)
{
    apr_status_t rv = apr_escape_urlencoded(at, text, APR_ESCAPE_STRING, NULL);

    return rv == APR_SUCCESS || rv == APR_NOTFOUND ? at + strlen(at) : at;
}

static form_t encode_fields(const cp_http_field_t *fields, apr_pool_t *p)
{
    form_t form;
    char *at;

    form.size = encoded_size_max(fields);
    form.text = apr_pcalloc(p, form.size);
    for (at = form.text; fields->name != NULL; fields++) {
        if (at != form.text) {
            *at++ = '&';
        }
        at = encode(at, fields->name);
        *at++ = '=';
        at = encode(at, fields->value);
    }
    return form;
}

static int set_fixed_options(CURL *handle)
{
    apr_size_t i;

    for (i = 0; i < sizeof(fixed_options) / sizeof(fixed_options[0]); i++) {
        if (curl_easy_setopt(handle, fixed_options[i].option,
                             fixed_options[i].value) != CURLE_OK) {
            return 0;
        }
    }
    return curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK;
}

static int set_trust(CURL *handle, const char *ca_file)
{
    /* The system's directory of authorities would count beside the file. */
    return ca_file == NULL ||
           (curl_easy_setopt(handle, CURLOPT_CAINFO, ca_file) == CURLE_OK &&
            curl_easy_setopt(handle, CURLOPT_CAPATH, NULL) == CURLE_OK);
}

static int set_post(CURL *handle, const cp_http_post_t *post, const char *form)
{
    return post->connect_timeout_ms > 0 && post->total_timeout_ms > 0 &&
           curl_easy_setopt(handle, CURLOPT_URL, post->url) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                            post->connect_timeout_ms) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS,
                            post->total_timeout_ms) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_POSTFIELDS, form) == CURLE_OK;
}

static int set_output(CURL *handle, body_t *body, char *error)
{
    return curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, read_body) ==
               CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_WRITEDATA, body) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, error) == CURLE_OK;
}

static apr_status_t fail(cp_http_answer_t *answer, apr_status_t rv,
                         const char *error)
{
    answer->status = 0;
    answer->body = "";
    answer->len = 0;
    answer->error = error;
    return rv;
}

/* Run a handle whose options are set. */
static apr_status_t perform(CURL *handle, body_t *body, const char *error,
                            cp_http_answer_t *answer, apr_pool_t *p)
{
    CURLcode code = curl_easy_perform(handle);

    if (body->is_too_large) {
        return fail(answer, CP_ETOOLARGE,
                    apr_psprintf(p,
                                 "the answer is over %" APR_SIZE_T_FMT " bytes",
                                 body->size_max));
    }
    if (code == CURLE_OK) {
        code =
            curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer->status);
    }
    if (code != CURLE_OK) {
        return fail(answer, CP_EUNAVAILABLE,
                    apr_psprintf(p, "curl %d: %s", (int)code,
                                 *error ? error : curl_easy_strerror(code)));
    }
    if (answer->status / 100 == 3) {
        return fail(answer, CP_EUNAVAILABLE,
                    apr_psprintf(p, "redirect %ld refused", answer->status));
    }
    body->bytes[body->len] = '\0';
    answer->body = body->bytes;
    answer->len = body->len;
    answer->error = NULL;
    return APR_SUCCESS;
}

static apr_status_t post_on(CURL *handle, const cp_http_post_t *post,
                            cp_http_answer_t *answer, apr_pool_t *p)
{
    char error[CURL_ERROR_SIZE] = "";
    body_t body = {NULL, 0, post->answer_max_bytes, 0};
    form_t form = encode_fields(post->fields, p);
    apr_status_t rv;

    body.bytes = apr_palloc(p, body.size_max + 1);
    if (set_fixed_options(handle) && set_trust(handle, post->ca_file) &&
        set_post(handle, post, form.text) && set_output(handle, &body, error)) {
        rv = perform(handle, &body, error, answer, p);
    }
    else {
        rv = fail(answer, CP_EUNAVAILABLE, "an option is not accepted");
    }
    /* The handle outlives the form, the body and the error text: it must
     * forget them. Connections and TLS sessions survive a reset. */
    curl_easy_reset(handle);
    OPENSSL_cleanse(form.text, form.size);
    return rv;
}

apr_status_t cp_http_init(void)
{
    const int needed = CURL_VERSION_SSL | CURL_VERSION_ASYNCHDNS;

    if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK) {
        return CP_EUNAVAILABLE;
    }
    return (curl_version_info(CURLVERSION_NOW)->features & needed) == needed
               ? APR_SUCCESS
               : CP_EUNAVAILABLE;
}

apr_status_t cp_http_pool_make(cp_http_pool_t **pool, int calls_max,
                               apr_interval_time_t wait_for, apr_pool_t *p)
{
    apr_pool_t *own;
    apr_status_t rv;

    if (calls_max < 1 || wait_for < 1) {
        return CP_EINPUT;
    }
    /* The list allocates while it serves, under its own lock only: it must
     * not share a pool with anything else. */
    rv = apr_pool_create(&own, p);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    apr_pool_tag(own, "cp_http");
    *pool = apr_palloc(own, sizeof(**pool));
    rv = apr_reslist_create(&(*pool)->handles, 0, calls_max, calls_max, 0,
                            make_handle, drop_handle, NULL, own);
    if (rv == APR_SUCCESS) {
        apr_reslist_timeout_set((*pool)->handles, wait_for);
    }
    return rv;
}

apr_status_t cp_http_post(cp_http_pool_t *pool, const cp_http_post_t *post,
                          cp_http_answer_t *answer, apr_pool_t *p)
{
    void *handle;
    apr_status_t released;
    apr_status_t rv = apr_reslist_acquire(pool->handles, &handle);

    if (rv != APR_SUCCESS) {
        return fail(answer, CP_EUNAVAILABLE,
                    APR_STATUS_IS_TIMEUP(rv)
                        ? "no turn: as many calls as allowed are running"
                        : "no curl handle");
    }
    rv = post_on(handle, post, answer, p);
    released = apr_reslist_release(pool->handles, handle);
    return rv == APR_SUCCESS && released != APR_SUCCESS
               ? fail(answer, CP_EUNAVAILABLE, "a curl handle is lost")
               : rv;
}
