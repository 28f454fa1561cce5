/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The network of a client's address. */
#include "clinic/network.h"

#include <apr_strings.h>
#include <arpa/inet.h>
#include <string.h>

/* What is no address shares one counter, so that it cannot dodge the limit. */
const char *cp_network_of(const char *address, apr_pool_t *p)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    unsigned char bytes[16];
    char text[INET6_ADDRSTRLEN];
    const char *plain = apr_pstrndup(p, address, strcspn(address, "%"));

    if (inet_pton(AF_INET, plain, bytes) == 1) {
        return plain;
    }
    if (inet_pton(AF_INET6, plain, bytes) != 1) {
        return "unknown";
    }
    if (memcmp(bytes, mapped, sizeof(mapped)) == 0) {
        inet_ntop(AF_INET, bytes + sizeof(mapped), text, sizeof(text));
        return apr_pstrdup(p, text);
    }
    memset(bytes + 8, 0, 8);
    inet_ntop(AF_INET6, bytes, text, sizeof(text));
    return apr_pstrcat(p, text, "/64", NULL);
}
