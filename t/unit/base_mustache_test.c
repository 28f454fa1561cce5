/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Mustache beyond the specification: values, errors and where they are,
 * limits, strictness, and the corners of inheritance and indentation. */
#include "unit.h"

#include "base/json.h"
#include "base/mustache.h"
#include "base/status.h"

#include <apr_strings.h>
#include <jansson.h>

/* Templates, one after the other: name, text, name, text ... NULL. "t" is the
 * one that is rendered. */
typedef const char *templates_t[9];

static const char *load_row(void *baton, const char *name, apr_pool_t *p)
{
    const char *const *row = baton;

    for (; *row != NULL; row += 2) {
        if (strcmp(*row, name) == 0) {
            return row[1];
        }
    }
    return NULL;
}

static cp_mustache_t *make_set(const char *const *templates, int is_strict,
                               apr_pool_t *p)
{
    cp_mustache_t *set;

    assert_int_equal(
        cp_mustache_make(&set, load_row, (void *)templates, is_strict, p),
        APR_SUCCESS);
    return set;
}

static json_t *parse_model(const char *text, apr_pool_t *p)
{
    json_error_t error;
    json_t *model = json_loads(text, JSON_DECODE_ANY, &error);

    if (model == NULL) {
        fail_msg("%s: %s", text, error.text);
    }
    return cp_json_own(model, p);
}

static apr_status_t render_set(const cp_mustache_t *set, const char *model,
                               const char **text, apr_pool_t *p)
{
    cp_mustache_text_t rendered;
    apr_status_t rv =
        cp_mustache_render(set, "t", parse_model(model, p), &rendered, p);

    if (rv == APR_SUCCESS) {
        *text = rendered.bytes;
        assert_int_equal(rendered.len, strlen(*text));
    }
    return rv;
}

static apr_status_t render(const char *const *templates, const char *model,
                           const char **text, apr_pool_t *p)
{
    cp_mustache_t *set = make_set(templates, 1, p);
    const char *error;

    if (cp_mustache_compile(set, "t", &error) != APR_SUCCESS) {
        fail_msg("%s", error);
    }
    return render_set(set, model, text, p);
}

typedef struct value_row_t {
    const char *template;
    const char *model;
    const char *expected;
    const char *why;
} value_row_t;

static const value_row_t values[] = {
    {"{{a}}", "{\"a\":\"<a href=\\\"x\\\" id='y'>&\"}",
     "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;", "all five escaped"},
    {"{{a}}", "{\"a\":\"&amp;\"}", "&amp;amp;", "escaped again"},
    {"{{{a}}}|{{&a}}", "{\"a\":\"<&>'\"}", "<&>'|<&>'", "raw both ways"},
    {"{{a}}", "{\"a\":\"\xc3\xa9\xe2\x82\xac\"}", "\xc3\xa9\xe2\x82\xac",
     "other bytes pass"},
    {"{{a}}", "{\"a\":9007199254740993}", "9007199254740993",
     "an integer keeps all its digits"},
    {"{{a}}", "{\"a\":-9223372036854775808}", "-9223372036854775808",
     "the least integer"},
    {"{{a}}", "{\"a\":0.1}", "0.1", "the shortest decimal"},
    {"{{a}}", "{\"a\":0.30000000000000004}", "0.30000000000000004",
     "a real that needs 17 digits"},
    {"{{a}}", "{\"a\":2.0}", "2.0", "a real stays one"},
    {"{{a}}", "{\"a\":1e300}", "1e300", "an exponent"},
    {"{{a}}", "{\"a\":true}", "true", "true"},
    {"[{{a}}{{b}}{{c}}]", "{\"a\":false,\"b\":null}", "[]",
     "false, null and nothing"},
    {"[{{a}}{{b}}]", "{\"a\":[1],\"b\":{\"c\":1}}", "[]",
     "lists and objects have no text"},
    {"{{#a}}1{{/a}}{{^a}}0{{/a}}", "{\"a\":\"\"}", "0", "empty is falsy"},
    {"{{#a}}1{{/a}}{{^a}}0{{/a}}", "{\"a\":0}", "0", "zero is falsy"},
    {"{{#a}}1{{/a}}{{^a}}0{{/a}}", "{\"a\":0.0}", "0", "real zero too"},
    {"{{#a}}1{{/a}}{{^a}}0{{/a}}", "{\"a\":\"0\"}", "1", "\"0\" is text"},
    {"{{#a}}1{{/a}}{{^a}}0{{/a}}", "{\"a\":{}}", "1", "an empty object is not"},
    {"{{#a}}[{{.}}]{{/a}}", "{\"a\":[0,\"\",null,false]}", "[0][][][]",
     "items of a list are not judged"},
    {"{{#a}}{{b}}{{/a}}", "{\"a\":[{},{\"b\":null}],\"b\":\"o\"}", "o",
     "null hides what is outside, absence does not"},
    {"{{a.length}}", "{\"a\":[1,2]}", "", "lists have no members"},
    {"{{=<% %>=}}<%{a}%>{{a}}", "{\"a\":\"<\"}", "<{{a}}",
     "raw with other delimiters"},
    {"{ {a} } {", "{\"a\":1}", "{ {a} } {", "braces in text"},
    {"", "{}", "", "an empty template"},
};

static void test_values(void **state)
{
    apr_size_t i;

    for (i = 0; i < ROWS(values); i++) {
        templates_t set = {"t", values[i].template};
        const char *text;

        assert_int_equal(render(set, values[i].model, &text, *state),
                         APR_SUCCESS);
        if (strcmp(text, values[i].expected) != 0) {
            fail_msg("%s: \"%s\"", values[i].why, text);
        }
    }
}

typedef struct layout_row_t {
    const char *why;
    const char *expected;
    const char *t;
    const char *p;
    const char *q;
} layout_row_t;

/* The model is always {"x":"1\n2","yes":true,"list":[1,2]}. */
static const layout_row_t layouts[] = {
    {"a partial of the parent sees the argument", "<A|A>",
     "{{<p}}{{$a}}A{{/a}}{{/p}}", "<{{$a}}{{/a}}|{{>q}}>", "{{$a}}q{{/a}}"},
    {"an argument does not replace blocks in itself", "Ain",
     "{{<p}}{{$a}}A{{$a}}in{{/a}}{{/a}}{{/p}}", "{{$a}}p{{/a}}"},
    {"nor those of its neighbours", "AinB",
     "{{<p}}{{$a}}A{{$b}}in{{/b}}{{/a}}{{$b}}B{{/b}}{{/p}}",
     "{{$a}}{{/a}}{{$b}}{{/b}}"},
    {"the first of two arguments of one name", "1",
     "{{<p}}{{$a}}1{{/a}}{{$a}}2{{/a}}{{/p}}", "{{$a}}{{/a}}"},
    {"an argument ends with its parent", "Aown",
     "{{<p}}{{$a}}A{{/a}}{{/p}}{{$a}}own{{/a}}", "{{$a}}{{/a}}"},
    {"comments and delimiters inside a parent", "1\n2",
     "{{<p}}{{! note }}{{=<% %>=}}<%$a%><%x%><%/a%><%/p%>", "{{$a}}{{/a}}"},
    {"a parent in a loop", "(1)(2)",
     "{{#list}}{{<p}}{{$a}}{{.}}{{/a}}{{/p}}{{/list}}", "({{$a}}{{/a}})"},
    {"a block of lines at a place of one line",
     " <i>\n   <b>\n     1\n\n   </b>\n\n </i>\n",
     "{{<p}}\n{{$a}}\n  <b>\n    1\n\n  </b>\n{{/a}}\n{{/p}}\n",
     " <i>\n   {{$a}}{{/a}}\n </i>\n"},
    {"default content keeps its shape; empty lines stay empty",
     "<\n      one\n\n    two\n>\n", "<\n  {{>p}}\n>\n",
     "{{$a}}\n    one\n\n  two\n{{/a}}\n"},
    {"so does content that begins on the line of the tag",
     "  one\n    two\n  three\n", "  {{$a}}one\n    two\n  three{{/a}}\n"},
    {"even when the tag is deeper than the rest", "    one\n  two\n",
     "    {{$a}}one\n  two{{/a}}\n"},
    {"the lines of a partial are indented, those of a value are not",
     " 1\n2\n yes\n !", " {{>p}}\n",
     "{{x}}\n{{#yes}}\nyes\n{{/yes}}\n{{#yes}}!{{/yes}}"},
    {"indentation adds up; in the middle of a line there is none",
     "   a\n   b\n | a\nb\n\n", " {{>p}}\n", "  {{>q}}\n| {{>q}}\n", "a\nb\n"},
    {"an empty argument leaves no white space", " y\n|",
     " {{<p}}{{$a}}{{/a}}{{/p}}\n|", "{{$a}}\n  x\n{{/a}}\ny\n"},
    {"an empty block at the start of a line", " x\n", " {{>p}}\n",
     "{{$a}}{{/a}}x\n"},
    {"an empty block at the end of a partial", " ()\n", " {{>p}}\n",
     "({{>q}})\n", "{{$a}}{{/a}}"},
    {"lines put into the middle of a line", " x one\n", " {{>p}}\n",
     "{{<q}}{{$a}}\none\n{{/a}}{{/q}}", "x {{$a}}{{/a}}"},
    {"a line that begins with a closing tag", " a\n b\n c\n d\n", " {{>p}}\n",
     "{{#yes}}\na\n{{/yes}}b\n{{$a}}\nc\n{{/a}}d\n"},
    {"carriage returns", "a\r\n 1\r\n\r\n 2\r\nb\r\n", "a\r\n {{>p}}\r\nb\r\n",
     "1\r\n\r\n2\r\n"},
};

static void test_layouts(void **state)
{
    static const char model[] = "{\"x\":\"1\\n2\",\"yes\":true,\"list\":[1,2]}";
    apr_size_t i;

    for (i = 0; i < ROWS(layouts); i++) {
        const layout_row_t *row = &layouts[i];
        templates_t set = {"t", row->t, "p", row->p, "q", row->q};
        const char *text;

        assert_int_equal(render(set, model, &text, *state), APR_SUCCESS);
        if (strcmp(text, row->expected) != 0) {
            fail_msg("%s: \"%s\"", row->why, text);
        }
    }
}

typedef struct error_row_t {
    templates_t templates;
    const char *error;
} error_row_t;

static const error_row_t errors[] = {
    {{"t", "a\n  {{b"}, "t:2:3: a tag without an end"},
    {{"t", "{{{b}}"}, "t:1:1: a tag without an end"},
    {{"t", "{{"}, "t:1:1: a tag without an end"},
    {{"t", "\xc3\xa9{{ }}"}, "t:1:3: a tag without a name"},
    {{"t", "{{#}}{{/}}"}, "t:1:1: a tag without a name"},
    {{"t", "{{a b}}"}, "t:1:1: a name with white space in it"},
    {{"t", "{{#a}}\n{{#b}}\n{{/b}}"}, "t:1:1: {{#a}} is never closed"},
    {{"t", "{{$a}}\n{{/b}}"},
     "t:2:1: {{/b}} where {{$a}} of line 1 is still open"},
    {{"t", "x{{/a}}"}, "t:1:2: nothing is open for {{/a}} to close"},
    {{"t", "{{=<%=}}"}, "t:1:1: delimiters are two words without \"=\""},
    {{"t", "{{=a b c=}}"}, "t:1:1: delimiters are two words without \"=\""},
    {{"t", "{{= = = =}}"}, "t:1:1: delimiters are two words without \"=\""},
    {{"t", "{{! two\nlines }}{{a..b}}"},
     "t:2:9: \"a..b\" is not a dotted name of at most 16 parts"},
    {{"t", "{{.a}}"}, "t:1:1: \".a\" is not a dotted name of at most 16 parts"},
    {{"t", "{{#a.}}{{/a.}}"},
     "t:1:1: \"a.\" is not a dotted name of at most 16 parts"},
    {{"t", "{{a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q}}"},
     "t:1:1: \"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q\" is not a dotted name of "
     "at most 16 parts"},
    {{"t", "{{<p}}\n{{x}}{{/p}}", "p", ""},
     "t:2:1: only blocks, {{$name}}, may stand directly inside {{<...}}"},
    {{"t", "{{<p}}{{#x}}{{/x}}{{/p}}", "p", ""},
     "t:1:7: only blocks, {{$name}}, may stand directly inside {{<...}}"},
    {{"t", "1\n{{>p}}"}, "t:2:1: there is no template \"p\""},
    {{"t", "{{>p}}", "p", "\n{{<q}}{{/q}}"},
     "p:2:1: there is no template \"q\""},
    {{"t", "{{>p}}", "p", "\n\n {{#x}}"}, "p:3:2: {{#x}} is never closed"},
    {{"u", ""}, "t:1:1: there is no template \"t\""},
};

/* What is wrong with "t", and still is the second time; NULL: nothing. */
static const char *compile_error(const char *const *templates, apr_pool_t *p)
{
    cp_mustache_t *set = make_set(templates, 1, p);
    const char *error, *again;
    apr_status_t rv = cp_mustache_compile(set, "t", &error);

    assert_int_equal(rv, error == NULL ? APR_SUCCESS : CP_EINPUT);
    assert_int_equal(cp_mustache_compile(set, "t", &again), rv);
    if (error != NULL) {
        assert_string_equal(again, error);
    }
    return error;
}

static void test_errors(void **state)
{
    apr_size_t i;

    for (i = 0; i < ROWS(errors); i++) {
        assert_string_equal(compile_error(errors[i].templates, *state),
                            errors[i].error);
    }
}

static void test_missing_partial(void **state)
{
    static const templates_t templates = {"t", "[{{>p}}{{<p}}{{/p}}]"};
    cp_mustache_t *set = make_set(templates, 0, *state);
    const char *error, *text;

    assert_int_equal(cp_mustache_compile(set, "t", &error), APR_SUCCESS);
    assert_null(error);
    assert_int_equal(render_set(set, "{}", &text, *state), APR_SUCCESS);
    assert_string_equal(text, "[]");
    assert_int_equal(cp_mustache_compile(set, "p", &error), CP_EINPUT);
    assert_string_equal(error, "t:1:2: there is no template \"p\"");
}

/* A partial that two templates share is loaded once. */
static const char *count_loads(void *baton, const char *name, apr_pool_t *p)
{
    int *loads = baton;

    ++*loads;
    return strcmp(name, "p") == 0 ? "shared" : "{{>p}}";
}

static void test_sharing(void **state)
{
    int loads = 0;
    cp_mustache_t *set;
    const char *error, *text;

    assert_int_equal(cp_mustache_make(&set, count_loads, &loads, 1, *state),
                     APR_SUCCESS);
    assert_int_equal(cp_mustache_compile(set, "u", &error), APR_SUCCESS);
    assert_int_equal(render_set(set, "{}", &text, *state), APR_ENOENT);
    assert_int_equal(cp_mustache_compile(set, "t", &error), APR_SUCCESS);
    assert_int_equal(cp_mustache_compile(set, "t", &error), APR_SUCCESS);
    assert_int_equal(loads, 3);
    assert_int_equal(render_set(set, "{}", &text, *state), APR_SUCCESS);
    assert_string_equal(text, "shared");
}

static char *repeat(const char *text, apr_size_t times, apr_pool_t *p)
{
    apr_size_t len = strlen(text), i;
    char *all = apr_palloc(p, len * times + 1);

    for (i = 0; i < times; i++) {
        memcpy(all + i * len, text, len);
    }
    all[len * times] = '\0';
    return all;
}

static apr_status_t render_depth(const char *template, apr_size_t depth,
                                 apr_pool_t *p)
{
    templates_t templates = {"t", template};
    const char *model = apr_pstrcat(p, repeat("{\"n\":", depth, p), "null",
                                    repeat("}", depth, p), NULL);
    const char *text;

    return render(templates, model, &text, p);
}

static void test_recursion(void **state)
{
    static const char once[] = "{{#n}}{{>t}}{{/n}}";
    static const char twice[] = "{{#n}}{{>t}}{{>t}}{{/n}}";
    static const char deep[] = "{{#n}}{{^a}}{{^b}}{{^c}}{{^d}}{{^e}}{{^f}}"
                               "{{^g}}{{^h}}{{>t}}{{/h}}{{/g}}"
                               "{{/f}}{{/e}}{{/d}}{{/c}}{{/b}}{{/a}}{{/n}}";

    assert_int_equal(render_depth("{{>t}}", 1, *state), CP_ETOOLARGE);
    assert_int_equal(render_depth("{{<t}}{{/t}}", 1, *state), CP_ETOOLARGE);
    assert_int_equal(
        render_depth("{{<t}}{{$a}}{{>t}}{{/a}}{{/t}}{{$a}}{{/a}}", 1, *state),
        CP_ETOOLARGE);
    assert_int_equal(render_depth(once, 65, *state), APR_SUCCESS);
    assert_int_equal(render_depth(once, 66, *state), CP_ETOOLARGE);
    assert_int_equal(render_depth(deep, 50, *state), APR_SUCCESS);
    assert_int_equal(render_depth(deep, 60, *state), CP_ETOOLARGE);
    assert_int_equal(render_depth(twice, 10, *state), APR_SUCCESS);
    assert_int_equal(render_depth(twice, 60, *state), CP_ETOOLARGE);
}

static void test_text_limit(void **state)
{
    static const templates_t fits = {"t", "{{a}}{{a}}{{a}}{{a}}"};
    static const templates_t over = {"t", "{{a}}{{a}}{{a}}{{a}}."};
    const char *model = apr_pstrcat(
        *state, "{\"a\":\"", repeat("x", 1024 * 1024, *state), "\"}", NULL);
    const char *text;

    assert_int_equal(render(fits, model, &text, *state), APR_SUCCESS);
    assert_int_equal(strlen(text), 4 * 1024 * 1024);
    assert_int_equal(render(over, model, &text, *state), CP_ETOOLARGE);
}

static void test_source_limits(void **state)
{
    const char *open = repeat("{{#a}}", 32, *state);
    const char *close = repeat("{{/a}}", 32, *state);
    templates_t nested = {"t",
                          apr_pstrcat(*state, open, close, open, close, NULL)};
    templates_t deeper = {"t", apr_pstrcat(*state, open, "{{^b}}", NULL)};
    templates_t full = {"t", repeat("a", 1024 * 1024, *state)};
    templates_t longer = {"t", repeat("a", 1024 * 1024 + 1, *state)};

    assert_null(compile_error(nested, *state));
    assert_string_equal(compile_error(deeper, *state),
                        "t:1:193: more than 32 tags inside each other");
    assert_null(compile_error(full, *state));
    assert_string_equal(compile_error(longer, *state),
                        "t:1:1: more than 1048576 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(test_values),     POOL_TEST(test_layouts),
        POOL_TEST(test_errors),     POOL_TEST(test_missing_partial),
        POOL_TEST(test_sharing),    POOL_TEST(test_recursion),
        POOL_TEST(test_text_limit), POOL_TEST(test_source_limits),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
