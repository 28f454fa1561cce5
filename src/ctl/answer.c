/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* What the commands say: sentences and tables for people, JSON for machines.
 */
#include "ctl/ctl.h"

#include "base/calendar.h"
#include "base/ident.h"
#include "base/json.h"

#include <apr_strings.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

apr_status_t cp_ctl_fail(cp_ctl_t *ctl, apr_status_t rv, const char *format,
                         ...)
{
    va_list args;

    va_start(args, format);
    ctl->why = apr_pvsprintf(ctl->pool, format, args);
    va_end(args);
    return rv;
}

static void print_data(cp_ctl_t *ctl, json_t *data)
{
    json_t *answer = cp_json_own(json_pack("{s:o}", "data", data), ctl->pool);
    const char *text = cp_json_text(answer, ctl->pool);

    puts(text == NULL ? "{}" : text);
}

void cp_ctl_say(cp_ctl_t *ctl, json_t *data, const char *format, ...)
{
    va_list args;

    if (ctl->is_json) {
        print_data(ctl, data);
        return;
    }
    json_decref(data);
    va_start(args, format);
    puts(apr_pvsprintf(ctl->pool, format, args));
    va_end(args);
}

static int is_moment(const char *member)
{
    apr_size_t len = strlen(member);

    return len > 3 && strcmp(member + len - 3, "_at") == 0;
}

static const char *moment_text(const json_t *value, apr_pool_t *p)
{
    cp_calendar_t *calendar;

    return cp_calendar_open(&calendar, "UTC", "en-US", p) == APR_SUCCESS
               ? cp_calendar_rfc3339(calendar, json_integer_value(value), p)
               : "?";
}

static const char *cell_text(const json_t *row, const char *member,
                             apr_pool_t *p)
{
    const json_t *value = json_object_get(row, member);

    if (json_is_string(value)) {
        return json_string_value(value);
    }
    if (json_is_integer(value)) {
        return is_moment(member)
                   ? moment_text(value, p)
                   : apr_psprintf(p, "%" APR_INT64_T_FMT,
                                  (apr_int64_t)json_integer_value(value));
    }
    if (json_is_boolean(value)) {
        return json_is_true(value) ? "yes" : "no";
    }
    return "-";
}

/* Printable width, near enough: the code points. */
static int width_of(const char *text)
{
    int width = 0;

    for (; *text != '\0'; text++) {
        width += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return width;
}

/* A control character could move the cursor. */
static void print_cell(const char *text)
{
    while (*text != '\0') {
        int len = cp_utf8_control(text);

        putchar(len > 0 ? '?' : *text);
        text += len > 0 ? len : 1;
    }
}

static int column_width(const json_t *rows, const cp_ctl_column_t *column,
                        apr_pool_t *p)
{
    int widest = width_of(column->title);
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        int width = width_of(cell_text(row, column->member, p));

        widest = width > widest ? width : widest;
    }
    return widest;
}

static void print_line(const json_t *row, const cp_ctl_column_t *columns,
                       const int *widths, apr_pool_t *p)
{
    int i;

    for (i = 0; columns[i].title != NULL; i++) {
        const char *text = row == NULL ? columns[i].title
                                       : cell_text(row, columns[i].member, p);

        print_cell(text);
        if (columns[i + 1].title != NULL) {
            printf("%*s", widths[i] - width_of(text) + 2, "");
        }
    }
    putchar('\n');
}

void cp_ctl_table(cp_ctl_t *ctl, json_t *rows, const cp_ctl_column_t *columns)
{
    int count = 0;
    int *widths;
    json_t *row;
    size_t i;

    if (ctl->is_json) {
        print_data(ctl, json_incref(rows));
        return;
    }
    while (columns[count].title != NULL) {
        count++;
    }
    widths = apr_palloc(ctl->pool, sizeof(int) * (apr_size_t)count);
    for (i = 0; i < (size_t)count; i++) {
        widths[i] = column_width(rows, &columns[i], ctl->pool);
    }
    print_line(NULL, columns, widths, ctl->pool);
    json_array_foreach(rows, i, row)
    {
        print_line(row, columns, widths, ctl->pool);
    }
}
