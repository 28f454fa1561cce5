/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What pages with lists have in common. */
#include "pages/list.h"

#include "base/json.h"

const char *cp_page_list_url(const cp_request_t *req, const char *section)
{
    return cp_request_url(req, "/%s/%s", cp_kind_word(req->kind), section);
}

void cp_page_list_link(const cp_request_t *req, json_t *items,
                       const char *section)
{
    json_t *item;
    size_t i;

    json_array_foreach(items, i, item)
    {
        cp_json_put_text(item, "url",
                         cp_request_url(req, "/%s/%s/%s",
                                        cp_kind_word(req->kind), section,
                                        cp_json_string(item, "id", "")));
    }
}

/* {<name>: items with links, "has_any"} */
static json_t *with_items(const cp_request_t *req, const json_t *from,
                          const char *name, const char *section)
{
    json_t *items = json_object_get(from, name);

    cp_page_list_link(req, items, section);
    return json_pack("{s:O, s:b}", name, items, "has_any",
                     json_array_size(items) > 0);
}

json_t *cp_page_list_model(const cp_request_t *req, const json_t *page,
                           const char *name, const char *section)
{
    json_t *model = with_items(req, page, name, section);
    const char *older = cp_json_string(page, "older", NULL);
    int is_first = cp_request_query(req, "after") == NULL;

    cp_json_put_text(model, "older_url",
                     older == NULL ? NULL
                                   : cp_request_url(req, "/%s/%s?after=%s",
                                                    cp_kind_word(req->kind),
                                                    section, older));
    cp_json_put_text(model, "newest_url",
                     is_first ? NULL : cp_page_list_url(req, section));
    return model;
}

json_t *cp_page_list_digest(const cp_request_t *req, const json_t *part,
                            const char *name, const char *section)
{
    json_t *model = with_items(req, part, name, section);

    cp_json_put(model, "count",
                json_integer(cp_json_integer(part, "count", 0)));
    cp_json_put_text(model, "url", cp_page_list_url(req, section));
    return model;
}
