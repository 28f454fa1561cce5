/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Error pages. */
#include "web/error.h"

#include "base/status.h"

#include <httpd.h>

static const cp_error_words_t words[] = {
    {HTTP_BAD_REQUEST, "bad-request", "That address did not work",
     "Something in the address or form could not be understood. Check for a "
     "typing mistake, or start again from the sign-in page.",
     0},
    {HTTP_FORBIDDEN, "forbidden", "This page was open too long",
     "Go back to the page you came from, load it again, and repeat what you "
     "did. Nothing was changed.",
     0},
    {HTTP_NOT_FOUND, "not-found", "Page not found",
     "There is nothing at this address, or it is not yours to see.", 0},
    {HTTP_METHOD_NOT_ALLOWED, "method-not-allowed", "That does not work here",
     "This address cannot be used in that way. Start again from the sign-in "
     "page.",
     0},
    {HTTP_REQUEST_TIME_OUT, "too-slow", "The connection was too slow",
     "What you sent did not arrive in time: nothing was saved. Go back to the "
     "page you came from, and send it again.",
     0},
    {HTTP_REQUEST_ENTITY_TOO_LARGE, "too-large", "That was too much",
     "The form held more text than the portal accepts.", 0},
    {HTTP_UNSUPPORTED_MEDIA_TYPE, "unsupported-type", "That does not work here",
     "The form was sent in a way the portal does not read.", 0},
    {HTTP_TOO_MANY_REQUESTS, "too-many", "Too many tries",
     "Please wait a little before you try again.", 60},
    {HTTP_SERVICE_UNAVAILABLE, "unavailable", "The portal is busy right now",
     "A part the portal needs is not answering. Nothing was lost; try again "
     "in a moment. If it goes on, tell the help desk the number below.",
     10},
    {HTTP_INTERNAL_SERVER_ERROR, "internal", "Something went wrong",
     "The portal made a mistake. Nothing was changed. Tell the help desk the "
     "number below.",
     0},
};

/* Of 403 where no page can have been open: the request came without TLS. */
static const cp_error_words_t without_tls = {
    HTTP_FORBIDDEN, "forbidden", "This address is not secure",
    "The portal is opened at an address that begins with https:// only. Open "
    "that one. Nothing was sent on.",
    0};

int cp_http_status(apr_status_t rv)
{
    switch (rv) {
    case APR_SUCCESS:
        return HTTP_OK;
    case CP_EINPUT:
        return HTTP_BAD_REQUEST;
    case CP_EDENIED:
    case CP_EEXPIRED:
        return HTTP_FORBIDDEN;
    case CP_ETOOMANY:
        return HTTP_TOO_MANY_REQUESTS;
    case CP_ETOOLARGE:
        return HTTP_REQUEST_ENTITY_TOO_LARGE;
    case CP_EDB:
    case CP_EUNAVAILABLE:
        return HTTP_SERVICE_UNAVAILABLE;
    default:
        return APR_STATUS_IS_ENOENT(rv) ? HTTP_NOT_FOUND
                                        : HTTP_INTERNAL_SERVER_ERROR;
    }
}

static const cp_error_words_t *words_of(int status)
{
    apr_size_t count = sizeof(words) / sizeof(words[0]);
    apr_size_t i;

    for (i = 0; i < count; i++) {
        if (words[i].status == status) {
            return &words[i];
        }
    }
    return &words[count - 1];
}

void cp_error_page(cp_request_t *req, cp_reply_t *reply,
                   const cp_error_words_t *said)
{
    apr_array_header_t *cookies = reply->cookies;
    /* No address of ours leads from there to where TLS is. */
    int is_dead_end =
        cp_request_lacks_tls(req) && req->portal->secure_origin == NULL;
    json_t *model =
        json_pack("{s:i, s:s, s:s, s:s, s:b}", "status", said->status, "title",
                  said->title, "message", said->message, "reference",
                  cp_ctx_reference(&req->cx), "is_dead_end", is_dead_end);

    memset(reply, 0, sizeof(*reply));
    reply->cookies = cookies;
    reply->status = said->status;
    reply->error = said->code;
    reply->message = said->message;
    reply->retry_after_s = said->retry_after_s;
    cp_reply_view(req, reply, "error", model);
}

void cp_error_reply(cp_request_t *req, cp_reply_t *reply, int status)
{
    int is_for_tls = cp_request_lacks_tls(req) && status == HTTP_FORBIDDEN;

    cp_error_page(req, reply, is_for_tls ? &without_tls : words_of(status));
}
