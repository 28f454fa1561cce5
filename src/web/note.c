/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Notes on a request. */
#include "web/note.h"

#include <http_config.h>

extern module AP_MODULE_DECLARE_DATA clinicportal_module;

const cp_note_t *cp_note_find(const request_rec *r)
{
    return ap_get_module_config(r->request_config, &clinicportal_module);
}

cp_note_t *cp_note_of(request_rec *r)
{
    cp_note_t *note =
        ap_get_module_config(r->request_config, &clinicportal_module);

    if (note == NULL) {
        note = apr_pcalloc(r->pool, sizeof(*note));
        ap_set_module_config(r->request_config, &clinicportal_module, note);
    }
    return note;
}

request_rec *cp_note_top(request_rec *r)
{
    while (r->main != NULL || r->prev != NULL) {
        r = r->main != NULL ? r->main : r->prev;
    }
    return r;
}
