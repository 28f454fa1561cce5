/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What a page answers: a status, and a view with its model, or a place to go,
 * or a file. src/web/send.c turns it into HTTP with all its headers. */
#ifndef CP_REPLY_H
#define CP_REPLY_H

#include "clinic/documents.h"
#include "web/request.h"

typedef struct cp_reply_t {
    int status;           /* HTTP status; 200 unless the page says otherwise */
    const char *view;     /* name of the view: conf/views/<name>.mustache */
    json_t *model;        /* its data, owned by the request's pool; also the
                           * "data" of the JSON answer */
    const char *location; /* 303 to this address of ours; no view */
    const char *etag;     /* strong validator, quoted; enables 304 */
    int retry_after_s;    /* > 0: Retry-After */
    int clears_site_data; /* sign-out: Clear-Site-Data */
    int keeps_house;      /* sign-in: once it is sent, what has run out goes */
    int has_captcha;      /* the page shows the box: its sources join the CSP */
    const char *error;    /* code of an error for JSON ("not-found"); NULL */
    const char *message;  /* its text, for people */
    const cp_document_file_t *file; /* the bytes of a document; no view */
    const char *image;              /* an SVG document; no view */
    apr_array_header_t *cookies;    /* const char *: Set-Cookie values */
} cp_reply_t;

/* Answer with a view. model is taken over: the request's pool owns it from
 * here. NULL is one that there was no memory for: 500. */
void cp_reply_view(cp_request_t *req, cp_reply_t *reply, const char *view,
                   json_t *model);

/* What the view will say in its alert, and JSON as an error: not a form's end,
 * only that it is shown again. */
void cp_reply_alert(cp_reply_t *reply, int status, const char *code,
                    const char *text);

/* Answer 303 See Other. */
void cp_reply_redirect(cp_reply_t *reply, const char *location);

/* Answer with bare JSON (the model) whatever Accept says. */
void cp_reply_json(cp_request_t *req, cp_reply_t *reply, json_t *model);

#endif
