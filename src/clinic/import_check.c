/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Walks an import along the table of its format. The first pass looks at every
 * member by itself, turns moments into integers and notes the ids; the second
 * looks at what members say of each other. */
#include "clinic/import_impl.h"

#include "base/ident.h"
#include "base/json.h"
#include "base/status.h"
#include "clinic/line.h"

#include <apr_strings.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define ID_MAX 128
#define WORD_MAX 64
#define QUOTED_MAX 64

/* A member on its way through its check. */
typedef struct member_t {
    cp_import_t *import;
    const cp_import_field_t *field;
    json_t *object; /* that has it */
    json_t *value;
    const cp_import_path_t *path; /* of the member */
} member_t;

static const char *path_text(const cp_import_path_t *path, apr_pool_t *p)
{
    const char *before;

    if (path == NULL) {
        return "";
    }
    before = path_text(path->parent, p);
    if (path->index >= 0) {
        return apr_psprintf(p, "%s[%d]", before, path->index);
    }
    return apr_pstrcat(p, before, before[0] == '\0' ? "" : ".", path->name,
                       NULL);
}

void cp_import_fail(cp_import_t *import, const cp_import_path_t *path,
                    const char *format, ...)
{
    const char *where = path_text(path, import->pool);
    va_list args;

    import->report->error_count++;
    if (import->report->error_count > CP_IMPORT_ERRORS_MAX) {
        return;
    }
    va_start(args, format);
    APR_ARRAY_PUSH(import->report->errors, const char *) =
        apr_pstrcat(import->pool, where[0] == '\0' ? "the document" : where,
                    ": ", apr_pvsprintf(import->pool, format, args), NULL);
    va_end(args);
}

void cp_import_fail_at(cp_import_t *import, const cp_import_path_t *path,
                       const char *name, const char *what)
{
    cp_import_path_t at = {path, name, -1};

    cp_import_fail(import, &at, "%s", what);
}

const char *cp_import_quote(cp_import_t *import, const char *text)
{
    apr_size_t len = strlen(text);
    const char *quoted;
    json_t *value;
    char *heap;

    if (len > QUOTED_MAX) {
        for (len = QUOTED_MAX; ((unsigned char)text[len] & 0xc0) == 0x80;) {
            len--;
        }
    }
    value = json_stringn(text, len);
    heap = json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
    quoted = heap == NULL ? "\"?\"" : apr_pstrdup(import->pool, heap);
    free(heap);
    json_decref(value);
    return quoted;
}

static void fail(const member_t *member, const char *what)
{
    cp_import_fail(member->import, member->path, "%s", what);
}

/* The member's text; NULL after an error. */
static const char *check_text(const member_t *member, apr_size_t max,
                              const char *allowed)
{
    const char *text = json_string_value(member->value);

    if (text == NULL) {
        fail(member, "must be text");
        return NULL;
    }
    if (json_string_length(member->value) > max) {
        cp_import_fail(member->import, member->path,
                       "is longer than %" APR_SIZE_T_FMT " bytes", max);
        return NULL;
    }
    if (!cp_line_is_clean(text, allowed)) {
        fail(member, "has a control character");
        return NULL;
    }
    if (text[0] == '\0' && member->field->is_required) {
        fail(member, "must not be empty");
        return NULL;
    }
    return text;
}

static void check_word(const member_t *member)
{
    const char *const *word = member->field->of;
    const char *text = check_text(member, WORD_MAX, "");
    const char *all = "";

    for (; text != NULL && *word != NULL; word++) {
        if (strcmp(text, *word) == 0) {
            return;
        }
        all = apr_pstrcat(member->import->pool, all, all[0] == '\0' ? "" : ", ",
                          *word, NULL);
    }
    if (text != NULL) {
        cp_import_fail(member->import, member->path, "must be one of: %s", all);
    }
}

static void check_words(const member_t *member)
{
    json_t *value;
    size_t i;

    if (!json_is_array(member->value)) {
        fail(member, "must be an array of words");
        return;
    }
    if (json_array_size(member->value) > member->field->max) {
        fail(member, "has too many words");
        return;
    }
    json_array_foreach(member->value, i, value)
    {
        cp_import_path_t path = {member->path, NULL, (int)i};
        member_t one = *member;
        const char *text;

        one.value = value;
        one.path = &path;
        text = check_text(&one, WORD_MAX, "");
        if (text != NULL && (text[0] == '\0' || strchr(text, ' ') != NULL)) {
            fail(&one, "must be one word");
        }
    }
}

static void check_count(const member_t *member)
{
    json_int_t count = json_integer_value(member->value);

    if (!json_is_integer(member->value) || count < 0 ||
        count > (json_int_t)member->field->max) {
        cp_import_fail(member->import, member->path,
                       "must be a number from 0 to %" APR_SIZE_T_FMT,
                       member->field->max);
    }
}

static void check_date(const member_t *member)
{
    const char *text = check_text(member, WORD_MAX, "");
    apr_time_t start;
    apr_time_t end;

    if (text != NULL && cp_calendar_day(member->import->calendar, text, &start,
                                        &end) != APR_SUCCESS) {
        fail(member, "must be a date as YYYY-MM-DD");
    }
}

static void check_moment(const member_t *member)
{
    const char *text = check_text(member, WORD_MAX, "");
    apr_pool_t *scratch = member->import->scratch;
    apr_time_t at;

    if (text == NULL) {
        return;
    }
    if (cp_import_moment(member->import->calendar, member->import->now, text,
                         &at, scratch) != APR_SUCCESS) {
        fail(member, "must be a moment such as 2026-11-22T09:30:00-05:00, "
                     "2026-11-22T09:30 or today 09:30");
    }
    else if (json_object_set_new(member->object, member->field->name,
                                 json_integer(at)) != 0) {
        fail(member, "does not fit into memory");
    }
    apr_pool_clear(scratch);
}

static void check_id(const member_t *member)
{
    const char *text = check_text(member, ID_MAX, "");

    if (text != NULL &&
        !cp_import_note_id(member->import, member->field->of, text)) {
        cp_import_fail(member->import, member->path, "%s is there already",
                       cp_import_quote(member->import, text));
    }
}

static void check_reference(const member_t *member)
{
    const char *text = json_string_value(member->value);
    const char *type = member->field->of;

    if (text != NULL && !cp_import_has_id(member->import, type, text)) {
        cp_import_fail(member->import, member->path, "this clinic has no %s %s",
                       type, cp_import_quote(member->import, text));
    }
}

static void walk_element(cp_import_t *import,
                         const cp_import_element_t *element, json_t *object,
                         const cp_import_path_t *path);

static void walk_list(const member_t *member)
{
    json_t *value;
    size_t i;

    if (!json_is_array(member->value) ||
        json_array_size(member->value) > member->field->max) {
        if (!member->import->is_second_pass) {
            cp_import_fail(member->import, member->path,
                           "must be an array of at most %" APR_SIZE_T_FMT
                           " elements",
                           member->field->max);
        }
        return;
    }
    if (!member->import->is_second_pass && member->field->is_required &&
        json_array_size(member->value) == 0) {
        fail(member, "must not be empty");
    }
    json_array_foreach(member->value, i, value)
    {
        cp_import_path_t path = {member->path, NULL, (int)i};

        walk_element(member->import, member->field->of, value, &path);
    }
}

/* The first pass over one member. */
static void check_member(const member_t *member)
{
    switch (member->field->type) {
    case CP_IMPORT_LINE:
        (void)check_text(member, member->field->max, "");
        break;
    case CP_IMPORT_TEXT:
        (void)check_text(member, member->field->max, "\t\r\n");
        break;
    case CP_IMPORT_WORD:
        check_word(member);
        break;
    case CP_IMPORT_WORDS:
        check_words(member);
        break;
    case CP_IMPORT_FLAG:
        if (!json_is_boolean(member->value)) {
            fail(member, "must be true or false");
        }
        break;
    case CP_IMPORT_COUNT:
        check_count(member);
        break;
    case CP_IMPORT_DATE:
        check_date(member);
        break;
    case CP_IMPORT_MOMENT:
        check_moment(member);
        break;
    case CP_IMPORT_ID:
        check_id(member);
        break;
    case CP_IMPORT_REF:
        (void)check_text(member, ID_MAX, "");
        break;
    default:
        break;
    }
}

static void walk_member(const member_t *member)
{
    switch (member->field->type) {
    case CP_IMPORT_OBJECT:
        walk_element(member->import, member->field->of, member->value,
                     member->path);
        break;
    case CP_IMPORT_LIST:
        walk_list(member);
        break;
    default:
        if (!member->import->is_second_pass) {
            check_member(member);
        }
        else if (member->field->type == CP_IMPORT_REF) {
            check_reference(member);
        }
        break;
    }
}

static int has_field(const cp_import_element_t *element, const char *name)
{
    const cp_import_field_t *field = element->fields;

    while (field->name != NULL && strcmp(field->name, name) != 0) {
        field++;
    }
    return field->name != NULL;
}

/* A name that is misspelt would be left out silently. */
static void check_names(cp_import_t *import, const cp_import_element_t *element,
                        json_t *object, const cp_import_path_t *path)
{
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value)
    {
        if (!has_field(element, name)) {
            cp_import_fail(import, path, "has no member %s",
                           cp_import_quote(import, name));
        }
    }
}

static void walk_element(cp_import_t *import,
                         const cp_import_element_t *element, json_t *object,
                         const cp_import_path_t *path)
{
    const cp_import_field_t *field;

    if (!json_is_object(object)) {
        if (!import->is_second_pass) {
            cp_import_fail(import, path, "must be an object");
        }
        return;
    }
    if (!import->is_second_pass) {
        check_names(import, element, object, path);
    }
    if (element->enter != NULL) {
        element->enter(import, object, path);
    }
    for (field = element->fields; field->name != NULL; field++) {
        cp_import_path_t at = {path, field->name, -1};
        member_t member = {import, field, object,
                           json_object_get(object, field->name), &at};

        if (member.value != NULL && !json_is_null(member.value)) {
            walk_member(&member);
        }
        else if (field->is_required && !import->is_second_pass) {
            fail(&member, "is missing");
        }
    }
    if (element->check != NULL && import->is_second_pass) {
        element->check(import, object, path);
    }
}

void cp_import_walk(cp_import_t *import)
{
    import->is_second_pass = 0;
    walk_element(import, &cp_import_root, import->document, NULL);
    import->is_second_pass = 1;
    walk_element(import, &cp_import_root, import->document, NULL);
}
