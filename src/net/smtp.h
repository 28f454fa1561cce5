/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Hand one message to a mail server, by libcurl: SMTP (RFC 5321) with TLS,
 * certificate and host name verified. smtp:// asks for STARTTLS (RFC 3207) and
 * sends nothing without it. */
#ifndef CP_SMTP_H
#define CP_SMTP_H

#include <apr_pools.h>

/* Constant after start-up. */
typedef struct cp_smtp_server_t {
    const char *url;      /* smtps://HOST[:PORT] or smtp://HOST[:PORT] */
    const char *from;     /* the address of the sender */
    const char *user;     /* NULL: no login */
    const char *password; /* with user */
    const char *ca_file;  /* NULL: the system's authorities */
    int timeout_ms;       /* for all of it */
} cp_smtp_server_t;

typedef struct cp_smtp_message_t {
    const char *to;        /* one address */
    const char *from_name; /* UTF-8, shown with the sender; "" for none */
    const char *subject;   /* one line of UTF-8 */
    const char *text;      /* UTF-8, plain */
    const char *date;      /* RFC 5322 */
    const char *id;        /* the left part of the Message-ID */
} cp_smtp_message_t;

/* Is it an address this file takes: printable ASCII without spaces, brackets,
 * quotes and such, one @ (a part of RFC 5321's Mailbox)? */
int cp_smtp_is_address(const char *text);

/* CP_EINPUT: an address is none; CP_EDENIED: the server refuses the message or
 * the login for good (5yz); CP_EUNAVAILABLE: it cannot be reached, or asks to
 * try later. *error: a sentence in p without names or text of the message. */
apr_status_t cp_smtp_send(const cp_smtp_server_t *server,
                          const cp_smtp_message_t *message, const char **error,
                          apr_pool_t *p);

#endif
