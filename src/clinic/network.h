/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* The network that a client's address belongs to, as tries are counted by it:
 * whoever has an IPv6 network has all the addresses in it. */
#ifndef CP_NETWORK_H
#define CP_NETWORK_H

#include <apr_pools.h>

/* Of an address as httpd writes it, a text in p: IPv4 whole ("192.0.2.7"); IPv6
 * its /64 ("2001:db8:1:2::/64", RFC 4291 2.5.1: the other half names the
 * machine) without a zone (RFC 4007 11); an IPv4-mapped one (RFC 4291 2.5.5.2)
 * as IPv4. "unknown": it is no address. */
const char *cp_network_of(const char *address, apr_pool_t *p);

#endif
