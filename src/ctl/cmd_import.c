/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* import: loads a JSON document, all of it or nothing. */
#include "ctl/ctl.h"

#include "base/json.h"
#include "base/status.h"
#include "clinic/import.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#define IMPORT_MAX (1024 * 1024 * 1024) /* bytes of JSON */
/* Several jobs may begin at the same minute: they take turns. */
#define WAIT_FOR apr_time_from_sec(600)

static apr_status_t read_bytes(apr_file_t *file, const char **text,
                               apr_size_t *len, apr_pool_t *p)
{
    apr_finfo_t info;
    char *bytes;
    apr_status_t rv = apr_file_info_get(&info, APR_FINFO_SIZE, file);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (info.size > IMPORT_MAX) {
        return CP_ETOOLARGE;
    }
    *len = (apr_size_t)info.size;
    bytes = apr_palloc(p, *len + 1);
    *text = bytes;
    return apr_file_read_full(file, bytes, *len, NULL);
}

static apr_status_t read_file(cp_ctl_t *ctl, const char *path,
                              cp_import_input_t *input)
{
    apr_file_t *file;
    char why[128];
    apr_status_t rv = apr_file_open(
        &file, path, APR_FOPEN_READ | APR_FOPEN_BINARY, 0, ctl->pool);

    if (rv == APR_SUCCESS) {
        rv = read_bytes(file, &input->text, &input->len, ctl->pool);
    }
    if (rv != APR_SUCCESS) {
        return cp_ctl_fail(ctl, rv, "%s cannot be read: %s", path,
                           rv >= APR_OS_START_USERERR
                               ? cp_status_text(rv)
                               : apr_strerror(rv, why, sizeof(why)));
    }
    return APR_SUCCESS;
}

static const char *directory_of(const char *path, apr_pool_t *p)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL) {
        return ".";
    }
    return slash == path ? "/"
                         : apr_pstrmemdup(p, path, (apr_size_t)(slash - path));
}

static apr_status_t refuse(cp_ctl_t *ctl, const char *path,
                           const cp_import_report_t *report)
{
    int i;

    for (i = 0; i < report->errors->nelts; i++) {
        (void)fprintf(stderr, "%s\n",
                      APR_ARRAY_IDX(report->errors, i, const char *));
    }
    return cp_ctl_fail(ctl, CP_EINPUT, "%s: %d %s%s; nothing was loaded", path,
                       report->error_count,
                       report->error_count == 1 ? "error" : "errors",
                       report->error_count > CP_IMPORT_ERRORS_MAX
                           ? ", of which the first 20 are above"
                           : "");
}

static const char *counts_text(const json_t *counts, apr_pool_t *p)
{
    static const char *const names[] = {
        "clinics",          "practitioners", "patients",  "care_team", "staff",
        "patient_accounts", "appointments",  "documents", "threads"};
    const char *text = "";
    apr_size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const json_t *count = json_object_get(counts, names[i]);

        text = apr_psprintf(p,
                            "%s\n  %-16s %7" APR_INT64_T_FMT
                            " read, %7" APR_INT64_T_FMT " changed",
                            text, names[i],
                            (apr_int64_t)cp_json_integer(count, "read", 0),
                            (apr_int64_t)cp_json_integer(count, "changed", 0));
    }
    return text;
}

static apr_status_t import(cp_ctl_t *ctl)
{
    const char *path = cp_ctl_value(ctl, 0);
    cp_import_input_t input = {
        .directory = directory_of(path, ctl->pool),
        .documents_dir = cp_ctl_option(ctl, "documents"),
        .wait_for = WAIT_FOR,
    };
    cp_import_report_t report;
    apr_status_t rv = read_file(ctl, path, &input);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = cp_import_run(&ctl->cx, &input, &report);
    if (rv == CP_EINPUT && report.error_count > 0) {
        return refuse(ctl, path, &report);
    }
    if (rv != APR_SUCCESS) {
        return cp_ctl_fail(ctl, rv, "%s: %s", path, cp_status_text(rv));
    }
    cp_ctl_say(ctl, json_incref(report.counts), "imported %s:%s", path,
               counts_text(report.counts, ctl->pool));
    return APR_SUCCESS;
}

const cp_ctl_command_t cp_ctl_import[] = {
    {"import", "FILE [--documents DIR]",
     "Load a JSON document (docs/import.md), all of it or nothing. The files "
     "of\n    its documents are copied to DIR, the directory of "
     "ClinicPortalDocuments.",
     CP_CTL_SCHEMA, import},
    {NULL}};
