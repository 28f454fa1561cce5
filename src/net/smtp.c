/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* One message to a mail server. */
#include "net/smtp.h"

#include "base/status.h"

#include <apr_base64.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <curl/curl.h>
#include <string.h>

#define ADDRESS_MAX 254
#define WORD_BYTES 45 /* of an encoded word: 60 characters of base64 */

int cp_smtp_is_address(const char *text)
{
    const char *at = strchr(text, '@');
    const char *c;

    if (at == NULL || at == text || at[1] == '\0' ||
        strchr(at + 1, '@') != NULL || strlen(text) > ADDRESS_MAX ||
        text[0] == '-') {
        return 0;
    }
    for (c = text; *c != '\0'; c++) {
        if (*c <= ' ' || *c > '~' || strchr("<>()[]\\,;:\"", *c) != NULL) {
            return 0;
        }
    }
    return 1;
}

static int is_plain(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text < ' ' || *text > '~' || strchr("=\"\\", *text) != NULL) {
            return 0;
        }
    }
    return 1;
}

/* As header text: RFC 2047 encoded words, cut between characters, where it is
 * not plain. */
static const char *header_text(const char *text, apr_pool_t *p)
{
    const char *encoded = "";

    if (is_plain(text)) {
        return text;
    }
    while (*text != '\0') {
        apr_size_t len = strlen(text);
        char *word;

        if (len > WORD_BYTES) {
            for (len = WORD_BYTES; len > 1 && (text[len] & 0xc0) == 0x80;) {
                len--;
            }
        }
        word = apr_palloc(p, (apr_size_t)apr_base64_encode_len((int)len));
        apr_base64_encode(word, text, (int)len);
        encoded = apr_pstrcat(p, encoded, encoded[0] == '\0' ? "" : "\r\n ",
                              "=?utf-8?B?", word, "?=", NULL);
        text += len;
    }
    return encoded;
}

static struct curl_slist *headers_of(const cp_smtp_server_t *server,
                                     const cp_smtp_message_t *message,
                                     apr_pool_t *p)
{
    const char *name = header_text(message->from_name, p);
    int is_quoted = name[0] != '\0' && name == message->from_name;
    const char *lines[] = {
        apr_pstrcat(p, "From: ", is_quoted ? "\"" : "", name,
                    is_quoted ? "\"" : "", " <", server->from, ">", NULL),
        apr_pstrcat(p, "To: <", message->to, ">", NULL),
        apr_pstrcat(p, "Subject: ", header_text(message->subject, p), NULL),
        apr_pstrcat(p, "Date: ", message->date, NULL),
        apr_pstrcat(p, "Message-ID: <", message->id, strchr(server->from, '@'),
                    ">", NULL),
        "Auto-Submitted: auto-generated", /* RFC 3834 */
    };
    struct curl_slist *list = NULL;
    apr_size_t i;

    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct curl_slist *longer = curl_slist_append(list, lines[i]);

        if (longer == NULL) {
            curl_slist_free_all(list);
            return NULL;
        }
        list = longer;
    }
    return list;
}

static curl_mime *body_of(CURL *handle, const cp_smtp_message_t *message)
{
    curl_mime *mime = curl_mime_init(handle);
    curl_mimepart *part = mime == NULL ? NULL : curl_mime_addpart(mime);

    if (part == NULL ||
        curl_mime_data(part, message->text, CURL_ZERO_TERMINATED) != CURLE_OK ||
        curl_mime_type(part, "text/plain; charset=utf-8") != CURLE_OK ||
        curl_mime_encoder(part, "quoted-printable") != CURLE_OK) {
        curl_mime_free(mime);
        return NULL;
    }
    return mime;
}

static int set_server(CURL *handle, const cp_smtp_server_t *server)
{
    return curl_easy_setopt(handle, CURLOPT_URL, server->url) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps") ==
               CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL) ==
               CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_SSLVERSION,
                            (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) ==
               CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS,
                            (long)server->timeout_ms) == CURLE_OK &&
           (server->ca_file == NULL ||
            (curl_easy_setopt(handle, CURLOPT_CAINFO, server->ca_file) ==
                 CURLE_OK &&
             curl_easy_setopt(handle, CURLOPT_CAPATH, NULL) == CURLE_OK)) &&
           (server->user == NULL ||
            (curl_easy_setopt(handle, CURLOPT_USERNAME, server->user) ==
                 CURLE_OK &&
             curl_easy_setopt(handle, CURLOPT_PASSWORD, server->password) ==
                 CURLE_OK));
}

static int set_message(CURL *handle, const cp_smtp_server_t *server,
                       struct curl_slist *headers, struct curl_slist *to,
                       curl_mime *mime)
{
    return headers != NULL && to != NULL && mime != NULL &&
           curl_easy_setopt(handle, CURLOPT_MAIL_FROM, server->from) ==
               CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, to) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_MIMEPOST, mime) == CURLE_OK;
}

/* What the server says may hold the address, so its number is all we tell. */
static apr_status_t judge(CURL *handle, CURLcode code, const char **error,
                          apr_pool_t *p)
{
    long reply = 0;

    if (code == CURLE_OK) {
        return APR_SUCCESS;
    }
    (void)curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &reply);
    if (reply >= 400) {
        *error = apr_psprintf(p, "the mail server answered %ld", reply);
        return reply >= 500 ? CP_EDENIED : CP_EUNAVAILABLE;
    }
    *error =
        apr_psprintf(p, "curl %d: %s", (int)code, curl_easy_strerror(code));
    return CP_EUNAVAILABLE;
}

apr_status_t cp_smtp_send(const cp_smtp_server_t *server,
                          const cp_smtp_message_t *message, const char **error,
                          apr_pool_t *p)
{
    apr_status_t rv = CP_EUNAVAILABLE;
    struct curl_slist *headers;
    struct curl_slist *to;
    curl_mime *mime;
    CURL *handle;

    if (!cp_smtp_is_address(message->to)) {
        *error = "the address is not one that mail can be sent to";
        return CP_EINPUT;
    }
    handle = curl_easy_init();
    if (handle == NULL) {
        *error = "libcurl has no memory";
        return CP_EUNAVAILABLE;
    }
    headers = headers_of(server, message, p);
    to = curl_slist_append(NULL, message->to);
    mime = body_of(handle, message);
    *error = "libcurl refuses an option";
    if (set_server(handle, server) &&
        set_message(handle, server, headers, to, mime)) {
        rv = judge(handle, curl_easy_perform(handle), error, p);
    }
    curl_easy_cleanup(handle);
    curl_mime_free(mime);
    curl_slist_free_all(to);
    curl_slist_free_all(headers);
    return rv;
}
