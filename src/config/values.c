/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Parsers of directive values. */
#include "config/values.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include <apr_uri.h>
#include <string.h>
#include <strings.h>

static const char *whole_number(apr_int64_t *number, const char *text,
                                const char **rest)
{
    char *end;

    if (!apr_isdigit(text[0])) {
        return "is not a number";
    }
    *number = apr_strtoi64(text, &end, 10);
    *rest = end;
    return NULL;
}

const char *cp_value_number(int *number, const char *text, int least, int most,
                            apr_pool_t *p)
{
    apr_int64_t value;
    const char *rest;

    if (whole_number(&value, text, &rest) != NULL || *rest != '\0' ||
        value < least || value > most) {
        return apr_psprintf(p, "\"%s\" must be a whole number from %d to %d",
                            text, least, most);
    }
    *number = (int)value;
    return NULL;
}

static int unit_seconds(const char *unit)
{
    static const struct {
        const char *unit;
        int seconds;
    } units[] = {
        {"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400},
    };
    apr_size_t i;

    for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(unit, units[i].unit) == 0) {
            return units[i].seconds;
        }
    }
    return 0;
}

const char *cp_value_seconds(int *seconds, const char *text, int least,
                             int most, apr_pool_t *p)
{
    apr_int64_t value;
    const char *rest;

    if (whole_number(&value, text, &rest) != NULL || unit_seconds(rest) == 0 ||
        value > most || value * unit_seconds(rest) < least ||
        value * unit_seconds(rest) > most) {
        return apr_psprintf(p,
                            "\"%s\" must be a time such as 30s, 15m or 12h, "
                            "from %d to %d seconds",
                            text, least, most);
    }
    *seconds = (int)value * unit_seconds(rest);
    return NULL;
}

/* Host and port as browsers write them in Origin (RFC 6454 section 6.1):
 * without the port that is the scheme's own. NULL: there are no such. */
static const char *host_of(const apr_uri_t *uri, apr_pool_t *p)
{
    const char *port = uri->port_str == NULL ? "" : uri->port_str;
    apr_size_t len = strlen(uri->hostinfo);
    int number = 0;

    if (uri->hostname[0] == '\0' ||
        (port[0] != '\0' &&
         cp_value_number(&number, port, 1, 65535, p) != NULL)) {
        return NULL;
    }
    if (uri->port_str == NULL ||
        (number != 0 && number != apr_uri_port_of_scheme(uri->scheme))) {
        return uri->hostinfo;
    }
    return apr_pstrmemdup(p, uri->hostinfo, len - strlen(port) - 1);
}

const char *cp_value_origin(const char **origin, const char *text,
                            apr_pool_t *p)
{
    apr_uri_t uri;
    const char *host;

    if (apr_uri_parse(p, text, &uri) != APR_SUCCESS || uri.scheme == NULL ||
        uri.hostname == NULL || uri.user != NULL || uri.query != NULL ||
        uri.fragment != NULL ||
        (uri.path != NULL && strcmp(uri.path, "/") != 0) ||
        (strcmp(uri.scheme, "https") != 0 && strcmp(uri.scheme, "http") != 0) ||
        (host = host_of(&uri, p)) == NULL) {
        return apr_psprintf(p,
                            "\"%s\" must be http or https, a host and at most "
                            "a port, such as https://portal.example",
                            text);
    }
    *origin = apr_pstrcat(p, uri.scheme, "://", host, NULL);
    return NULL;
}

const char *cp_value_word(const char **word, const char *text,
                          const char *const *words, apr_pool_t *p)
{
    apr_array_header_t *list = apr_array_make(p, 8, sizeof(const char *));
    int i;

    for (i = 0; words[i] != NULL; i++) {
        if (strcasecmp(words[i], text) == 0) {
            *word = words[i];
            return NULL;
        }
        APR_ARRAY_PUSH(list, const char *) = words[i];
    }
    return apr_psprintf(p, "\"%s\" must be one of %s", text,
                        apr_array_pstrcat(p, list, '|'));
}
