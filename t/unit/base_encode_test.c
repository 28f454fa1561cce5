/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* One encoder per context, and the strict decoder. */
#include "base/encode.h"

#include "base/status.h"

#include <apr_strings.h>

#include "unit.h"

typedef const char *encoder_t(const char *text, apr_pool_t *p);

typedef struct encoding_t {
    const char *text;
    const char *expected;
} encoding_t;

static void check(encoder_t *encode, const encoding_t *cases, size_t count,
                  apr_pool_t *p)
{
    size_t i;

    for (i = 0; i < count; i++) {
        assert_string_equal(encode(cases[i].text, p), cases[i].expected);
    }
}

static void html_cannot_leave_text_or_attribute(void **state)
{
    static const encoding_t cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"&<>\"'", "&amp;&lt;&gt;&quot;&#39;"},
        {"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
        {"\" onload='x'", "&quot; onload=&#39;x&#39;"},
        {"&amp;", "&amp;amp;"},
        {"Ren\xc3\xa9 \xe2\x99\xa5", "Ren\xc3\xa9 \xe2\x99\xa5"},
        {"''''''''", "&#39;&#39;&#39;&#39;&#39;&#39;&#39;&#39;"},
    };

    check(cp_encode_html, cases, ROWS(cases), *state);
}

static void url_keeps_only_the_unreserved(void **state)
{
    static const encoding_t cases[] = {
        {"", ""},
        {"AZaz09-._~", "AZaz09-._~"},
        {" +&=?#/%:;@", "%20%2B%26%3D%3F%23%2F%25%3A%3B%40"},
        {"\xc3\xa9\xff\x01\x7f", "%C3%A9%FF%01%7F"},
        {"!*'()[]", "%21%2A%27%28%29%5B%5D"},
    };

    check(cp_encode_url, cases, ROWS(cases), *state);
}

/* RFC 4648 section 10, and the two letters of its own. */
static void headers_are_ascii(void **state)
{
    static const encoding_t cases[] = {
        {"", ""},
        {"Jane Doe, LCSW", "Jane Doe, LCSW"},
        {"M\xc3\xbcller", "M%C3%BCller"},
        {"100 %", "100 %25"},
        {"a\r\nX: y\t\x7f", "a%0D%0AX: y%09%7F"},
    };

    check(cp_encode_header, cases, ROWS(cases), *state);
}

static void base64url_goes_both_ways(void **state)
{
    static const encoding_t cases[] = {
        {"", ""},
        {"f", "Zg"},
        {"fo", "Zm8"},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg"},
        {"fooba", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy"},
        {"\xfb\xff", "-_8"},
        {"\xff\xff\xff", "____"},
    };
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        apr_size_t len = strlen(cases[i].text);
        unsigned char *data;
        apr_size_t got;

        assert_string_equal(cp_encode_base64url(cases[i].text, len, *state),
                            cases[i].expected);
        assert_int_equal(
            cp_decode_base64url(&data, &got, cases[i].expected, *state),
            APR_SUCCESS);
        assert_int_equal(got, len);
        assert_memory_equal(data, cases[i].text, len);
        assert_int_equal(data[len], 0);
    }
}

static void every_length_and_byte_comes_back(void **state)
{
    unsigned char bytes[256];
    apr_size_t len;

    for (len = 0; len < sizeof(bytes); len++) {
        bytes[len] = (unsigned char)(255 - len);
    }
    for (len = 0; len <= sizeof(bytes); len++) {
        const char *text = cp_encode_base64url(bytes, len, *state);
        unsigned char *data;
        apr_size_t got;

        assert_int_equal(cp_decode_base64url(&data, &got, text, *state),
                         APR_SUCCESS);
        assert_int_equal(got, len);
        assert_memory_equal(data, bytes, len);
    }
}

static void loose_base64url_is_refused(void **state)
{
    static const char *const cases[] = {
        "Zg==",  "Zg=",       "=",      "Z",
        "Zm9vY", "Zh",        "Zm9",    "Zm9v ",
        " Zm9v", "Zm\n9v",    "Zm9v\n", "Zm+v",
        "Zm/v",  "Zm9v.Zm9v", "Zm.v",   "\xc3\xa9\xc3\xa9",
        "Zm9v%",
    };
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        unsigned char *data;
        apr_size_t len;

        if (cp_decode_base64url(&data, &len, cases[i], *state) != CP_EINPUT) {
            fail_msg("accepted: %s", cases[i]);
        }
    }
}

static void hex_is_lower_case(void **state)
{
    assert_string_equal(cp_encode_hex("\x00\x0f\xa5\xff", 4, *state),
                        "000fa5ff");
    assert_string_equal(cp_encode_hex("", 0, *state), "");
}

#define BOTH(ascii, escaped)                                                   \
    "attachment; filename=\"" ascii "\"; filename*=UTF-8''" escaped
#define TEN "0123456789"
#define FIFTY TEN TEN TEN TEN TEN

static void names_of_downloads_are_harmless(void **state)
{
    static const encoding_t cases[] = {
        {"report.pdf", BOTH("report.pdf", "report.pdf")},
        {"", BOTH("document", "document")},
        {"my report.pdf", BOTH("my report.pdf", "my%20report.pdf")},
        {"Ren\xc3\xa9.pdf", BOTH("Ren__.pdf", "Ren%C3%A9.pdf")},
        {"../../etc/passwd", BOTH("_._.._etc_passwd", "_._.._etc_passwd")},
        {"..\\x", BOTH("_._x", "_._x")},
        {".htaccess", BOTH("_htaccess", "_htaccess")},
        {"a\"; filename=\"b.exe",
         BOTH("a_; filename=_b.exe", "a_%3B%20filename%3D_b.exe")},
        {"a\r\nX: y", BOTH("a__X_ y", "a__X_%20y")},
        {"a\x7f\tb", BOTH("a__b", "a__b")},
        {"a\xc2\x85"
         "b",
         BOTH("a__b", "a__b")},
        {"a\xe2\x80\xaegpj.exe", BOTH("a___gpj.exe", "a___gpj.exe")},
        {"\xd8\x9c\xe2\x81\xa6x", BOTH("_____x", "_____x")},
        {"100%41", BOTH("100_41", "100%2541")},
        {"C:*?<>|x", BOTH("C______x", "C______x")},
        {"it's (1)", BOTH("it's (1)", "it%27s%20%281%29")},
        {"ok\xff.pdf", BOTH("ok", "ok")},
        {"\xff", BOTH("document", "document")},
        {FIFTY FIFTY FIFTY "cut", BOTH(FIFTY FIFTY FIFTY, FIFTY FIFTY FIFTY)},
        {&FIFTY FIFTY FIFTY "\xc3\xa9"[1],
         BOTH("123456789" FIFTY FIFTY TEN TEN TEN TEN,
              "123456789" FIFTY FIFTY TEN TEN TEN TEN)},
    };

    check(cp_encode_attachment, cases, ROWS(cases), *state);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        POOL_TEST(html_cannot_leave_text_or_attribute),
        POOL_TEST(url_keeps_only_the_unreserved),
        POOL_TEST(headers_are_ascii),
        POOL_TEST(base64url_goes_both_ways),
        POOL_TEST(every_length_and_byte_comes_back),
        POOL_TEST(loose_base64url_is_refused),
        POOL_TEST(hex_is_lower_case),
        POOL_TEST(names_of_downloads_are_harmless),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
