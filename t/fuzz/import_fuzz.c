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

static void check_appointments(const json_t *clinic)
{
    json_t *appointment;
    size_t i;

    json_array_foreach(json_object_get(clinic, "appointments"), i, appointment)
    {
        demand(json_is_integer(json_object_get(appointment, "start")));
        demand(json_is_integer(json_object_get(appointment, "end")));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cp_import_input_t input = {(const char *)data, size, NULL, NULL};
    cp_import_report_t report;
    json_t *document;
    json_t *clinic;
    apr_pool_t *p = fuzz_pool();
    size_t i;

    if (cp_import_check(&document, &input, NOW, &report, p) == APR_SUCCESS) {
        demand(report.error_count == 0);
        json_array_foreach(json_object_get(document, "clinics"), i, clinic)
        {
            check_appointments(clinic);
        }
    }
    else {
        demand(report.error_count > 0);
        check_errors(&report);
    }
    apr_pool_destroy(p);
    return 0;
}
