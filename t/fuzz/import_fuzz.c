/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Any bytes as an import: no crash, an error that says where, or a document in
 * which every moment has become an integer. */
#include "clinic/import.h"

#include "fuzz.h"

#include "base/status.h"

#define NOW apr_time_from_sec(1800000000)

/* An error is one line that a terminal can show. */
static void check_errors(const cp_import_report_t *report)
{
    int i;

    demand(report->error_count >= report->errors->nelts);
    demand(report->errors->nelts <= CP_IMPORT_ERRORS_MAX);
    for (i = 0; i < report->errors->nelts; i++) {
        const char *error = APR_ARRAY_IDX(report->errors, i, const char *);

        demand(strstr(error, ": ") != NULL);
        demand(strpbrk(error, "\033\n\r") == NULL);
    }
}

/* An integer; or nothing, of one that need not be there. */
static void check_moment(const json_t *element, const char *name, int is_needed)
{
    const json_t *moment = json_object_get(element, name);

    demand(json_is_integer(moment) ||
           (!is_needed && (moment == NULL || json_is_null(moment))));
}

static void check_clinic(const json_t *clinic)
{
    json_t *element;
    json_t *message;
    size_t i;
    size_t k;

    json_array_foreach(json_object_get(clinic, "appointments"), i, element)
    {
        check_moment(element, "start", 1);
        check_moment(element, "end", 1);
    }
    json_array_foreach(json_object_get(clinic, "documents"), i, element)
    {
        check_moment(element, "date", 1);
        check_moment(element, "released", 0);
    }
    json_array_foreach(json_object_get(clinic, "threads"), i, element)
    {
        json_array_foreach(json_object_get(element, "messages"), k, message)
        {
            check_moment(message, "sent", 1);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cp_import_input_t input = {(const char *)data, size, "/", "/", 0};
    cp_import_report_t report;
    json_t *document;
    json_t *clinic;
    apr_pool_t *p = fuzz_pool();
    size_t i;

    if (cp_import_check(&document, &input, NOW, &report, p) == APR_SUCCESS) {
        demand(report.error_count == 0);
        json_array_foreach(json_object_get(document, "clinics"), i, clinic)
        {
            check_clinic(clinic);
        }
    }
    else {
        demand(report.error_count > 0);
        check_errors(&report);
    }
    apr_pool_destroy(p);
    return 0;
}
