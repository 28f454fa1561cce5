/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What pages with lists have in common: links, so that views need no logic. */
#ifndef CP_PAGE_LIST_H
#define CP_PAGE_LIST_H

#include "web/request.h"

/* The list's own address: /{kind}/<section>. */
const char *cp_page_list_url(const cp_request_t *req, const char *section);

/* Give each object of `items` its "url": the list's with its "id". */
void cp_page_list_link(const cp_request_t *req, json_t *items,
                       const char *section);

/* A model of the list called `section` in `page`, which has its items under
 * `name` and the cursor "older": {<name>, "has_any", "older_url" or null,
 * "newest_url" or null on the first page}. A new reference. */
json_t *cp_page_list_model(const cp_request_t *req, const json_t *page,
                           const char *name, const char *section);

/* What the home page shows of it: {"count", <name>, "has_any", "url"}. A new
 * reference. */
json_t *cp_page_list_digest(const cp_request_t *req, const json_t *part,
                            const char *name, const char *section);

#endif
