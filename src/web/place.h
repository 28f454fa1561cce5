/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Where a request stands: in which portal, on which path below its base. */
#ifndef CP_WEB_PLACE_H
#define CP_WEB_PLACE_H

#include "web/portal.h"

#include <httpd.h>

/* The portal that answers this request, or NULL: translate_name notes it where
 * one is mounted at the request's address and no other module has led the
 * request elsewhere. */
const cp_portal_t *cp_place_portal(const request_rec *r);

/* The portal that is mounted at `path` of that server; path NULL: the only one
 * there is. NULL: none. */
const cp_portal_t *cp_place_mounted_at(const server_rec *s, const char *path);

/* The path below the portal's base: "" or starting with "/". */
const char *cp_place_path(const request_rec *r, const cp_portal_t *portal);

/* The file name below the portal's assets that the path asks for, "<hash>/..."
 * of plain characters; NULL when it is no asset's address. */
const char *cp_place_asset(const request_rec *r, const cp_portal_t *portal);

/* Is the request, by address and method, for an asset that httpd serves? */
int cp_place_is_file(const request_rec *r, const cp_portal_t *portal);

/* Did the request arrive by TLS? True also where a trusted front end says so
 * by the variable HTTPS=on (SetEnvIf), as CGI programs read it. */
int cp_place_is_secure(request_rec *r);

/* translate_name, map_to_storage and fixups for pages and assets. */
void cp_place_register(apr_pool_t *p);

#endif
