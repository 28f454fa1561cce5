/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Which addresses are ours: the ways known to lead elsewhere, all refused. */
#include "base/url.h"

#include "unit.h"

typedef struct place_t {
    const char *target;
    const char *base;
} place_t;

static void our_own_are_accepted(void **state)
{
    static const place_t cases[] = {
        {"/", "/"},
        {"/staff/", "/"},
        {"/portal", "/portal"},
        {"/portal/", "/portal"},
        {"/portal?clinicID=A", "/portal"},
        {"/portal/patient/documents?before=abc_-.~", "/portal"},
        {"/portal/a%20b", "/portal"},
        {"/portal/Ren%C3%A9", "/portal"},
        {"/portal/a..b/...", "/portal"},
        {"/portal/.well-known", "/portal"},
        {"/portal/a;b=c", "/portal"},
        {"/portal/a:b@c,d!e$f'g(h)*+=&", "/portal"},
        {"/portal/?next=//evil.example/..", "/portal"},
        {"/portal/?q=%2F%2F%5C%00%0d%2e%2e%25", "/portal"},
        {"/deep/er/x", "/deep/er"},
    };
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        if (!cp_url_is_local(cases[i].target, cases[i].base)) {
            fail_msg("refused: %s below %s", cases[i].target, cases[i].base);
        }
    }
}

/* Each would leave this host, or be read in two ways, in some browser, proxy
 * or server. */
static const char *const targets[] = {
    /* no path of ours at all */
    "",
    " ",
    "x",
    "evil.example",
    "evil.example/",
    "www.evil.example",
    "?/",
    "#/",
    ".",
    "..",
    "./",
    "../",
    "./x",
    "../x",
    "@evil.example",
    ":80",
    ":@evil.example",
    "%2f",
    "%2f%2fevil.example",
    "%2f/evil.example",
    "%5cevil.example",
    "%09/evil.example",
    "%0d/evil.example",
    "%68ttp://evil.example",
    /* a scheme */
    "http://evil.example",
    "https://evil.example/",
    "HTTPS://evil.example",
    "http:evil.example",
    "http:/evil.example",
    "https:///evil.example",
    "http:\\\\evil.example",
    "ht\ttps://evil.example",
    "\nhttps://evil.example",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\tscript:alert(1)",
    "\x01javascript:alert(1)",
    "javascript://x%0aalert(1)",
    "data:text/html,x",
    "data:text/html;base64,eA==",
    "vbscript:x",
    "file:///etc/passwd",
    "ftp://evil.example/",
    "mailto:x@evil.example",
    "blob:https://evil.example/x",
    "about:blank",
    "x:",
    "tel:1",
    "view-source:https://evil.example",
    "ws://evil.example",
    /* slashes */
    "//",
    "///",
    "//evil.example",
    "//evil.example/",
    "///evil.example",
    "////evil.example",
    "/////evil.example",
    "//evil.example:80/",
    "//evil%2eexample",
    "//evil.example/%2f..",
    "/x//evil.example",
    "/x//",
    "//x/..",
    "//portal",
    "//0x7f000001",
    "//2130706433",
    "//[::1]",
    "//\xe3\x80\x82"
    "evil.example",
    "//evil\xe3\x80\x82"
    "example",
    /* backslashes */
    "\\",
    "\\\\",
    "\\/evil.example",
    "\\\\evil.example",
    "/\\",
    "/\\evil.example",
    "/\\/evil.example",
    "/\\\\evil.example",
    "/x\\evil.example",
    "/x/\\evil.example",
    "/.\\evil.example",
    "\\x",
    "/x\\..\\..",
    "/x?y=\\",
    /* escapes of both */
    "/%2fevil.example",
    "/%2Fevil.example",
    "/%2f%2fevil.example",
    "/x/%2f/evil.example",
    "/x%2fy",
    "/%5cevil.example",
    "/%5Cevil.example",
    "/%5c%5cevil.example",
    "/%2f%5cevil.example",
    "/%5c/evil.example",
    "/x/%5c..",
    "/x%5cy",
    /* escaped twice, or to cut what follows */
    "/%252fevil.example",
    "/%252e%252e/",
    "/%255cevil.example",
    "/%25",
    "/x%2500",
    "/%3b/evil.example",
    "/..%3b/evil.example",
    /* white space and control characters, which browsers drop */
    " /x",
    "\t/x",
    "\n/x",
    "\r/x",
    "\v/x",
    "\f/x",
    "\x01/x",
    "\x7f/x",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "/\r\n/evil.example",
    "/\v/evil.example",
    "/\f/evil.example",
    "/\x0b/evil.example",
    "/\x1f/evil.example",
    "/ /evil.example",
    "/x y",
    "/x ",
    "/x\t",
    "/x\n",
    "/x\r\nSet-Cookie:a=b",
    "/x\x7f",
    "/x?y=a b",
    "/x?y=\r\n",
    "/x?y=\x7f",
    /* the same, escaped */
    "/%00",
    "/%00/evil.example",
    "/x%00.html",
    "/%01x",
    "/%09/evil.example",
    "/%0a/evil.example",
    "/%0d%0aSet-Cookie:a=b",
    "/%0D%0A/evil.example",
    "/%0b/x",
    "/%1f",
    "/%7f",
    "/%7Fx",
    "/%c2%80",
    "/%C2%85x",
    "/%c2%9f",
    /* dot segments, plain, escaped, with parameters */
    "/.",
    "/..",
    "/./",
    "/../",
    "/./x",
    "/../x",
    "/x/.",
    "/x/..",
    "/x/./y",
    "/x/../y",
    "/x/../../evil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/x/..//evil.example",
    "/%2e",
    "/%2e%2e",
    "/%2E%2e/x",
    "/.%2e/x",
    "/%2e./x",
    "/x/%2e%2e/y",
    "/%2e/x",
    "/%2e%2e%2fevil.example",
    "/..%2fevil.example",
    "/..%5cevil.example",
    "/x/.?y",
    "/x/..?y",
    "/..;/x",
    "/.;/x",
    "/x/..;a=b/y",
    "/x/%2e%2e;/y",
    "/x%2ehtml",
    /* user information before a host */
    "//a@evil.example",
    "//a:b@evil.example",
    "//portal.example@evil",
    "https://portal.example@evil.example",
    "http://a:b@evil.example/",
    "/\\a@evil.example",
    "//%40evil.example",
    "//@evil.example",
    /* a fragment */
    "/#",
    "/#x",
    "/x#//evil.example",
    "/x?y#z",
    "/x#\\",
    /* escapes that are none */
    "/%",
    "/%2",
    "/%zz",
    "/%2g",
    "/%g2",
    "/x?%",
    "/x?%4",
    "/x?%zz",
    "/%u002f",
    "/%uff0fevil.example",
    "/% 2f",
    /* characters that no browser sends raw */
    "/<script>",
    "/\"x",
    "/x\"onload=",
    "/{x}",
    "/x|y",
    "/x^y",
    "/`x`",
    "/x?<script>",
    "/x?\"",
    /* beyond ASCII: look-alikes, overlong forms, marks nobody sees */
    "/\xc3\xa9",
    "\xef\xbc\x8f\xef\xbc\x8f"
    "evil.example",
    "/\xef\xbc\x8f"
    "evil.example",
    "/\xef\xbc\xbc"
    "evil.example",
    "/\xe2\x88\x95"
    "evil.example",
    "/\xe2\x81\x84"
    "evil.example",
    "/\xe2\x80\xae"
    "elpmaxe.live",
    "/\xe2\x80\x8b/evil.example",
    "\xef\xbb\xbf/x",
    "\xc2\xa0/x",
    "\xe2\x80\xa8/x",
    "/\xc2\x85/x",
    "/\xe3\x80\x80/x",
    "/\xc0\xaf"
    "evil.example",
    "/\xff",
    "/x?\xff",
    "/%c0%afevil.example",
    "/%C0%AE%C0%AE/",
    "/%c1%9cevil.example",
    "/%e0%80%afx",
    "/%f0%80%80%af",
    "/%fe%ff",
    "/%c3",
    "/%ed%a0%80",
    "/%e2%99x",
};

static void open_redirects_are_refused(void **state)
{
    size_t i;

    assert_true(ROWS(targets) >= 100);
    for (i = 0; i < ROWS(targets); i++) {
        if (cp_url_is_local(targets[i], "/")) {
            fail_msg("accepted: %s", targets[i]);
        }
    }
}

static void elsewhere_on_this_host_is_refused(void **state)
{
    static const place_t cases[] = {
        {"/", "/portal"},
        {"/portalx", "/portal"},
        {"/portal.evil.example", "/portal"},
        {"/portal@evil.example", "/portal"},
        {"/portal;x", "/portal"},
        {"/porta", "/portal"},
        {"/PORTAL/", "/portal"},
        {"/%70ortal/", "/portal"},
        {"/other/portal/", "/portal"},
        {"/other?x=/portal/", "/portal"},
        {"/?/portal/", "/portal"},
        {"/portal/../other", "/portal"},
        {"/portal/%2e%2e/other", "/portal"},
        {"/portal//evil.example", "/portal"},
        {"//portal/", "/portal"},
        {"/deep/", "/deep/er"},
    };
    size_t i;

    for (i = 0; i < ROWS(cases); i++) {
        if (cp_url_is_local(cases[i].target, cases[i].base)) {
            fail_msg("accepted: %s below %s", cases[i].target, cases[i].base);
        }
    }
    assert_false(cp_url_is_local(NULL, "/"));
}

static void length_is_bounded(void **state)
{
    char target[CP_URL_LOCAL_MAX + 2];

    memset(target, 'a', sizeof(target));
    target[0] = '/';
    target[CP_URL_LOCAL_MAX] = '\0';
    assert_true(cp_url_is_local(target, "/"));
    target[CP_URL_LOCAL_MAX] = 'a';
    target[CP_URL_LOCAL_MAX + 1] = '\0';
    assert_false(cp_url_is_local(target, "/"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        POOL_TEST(our_own_are_accepted),
        POOL_TEST(open_redirects_are_refused),
        POOL_TEST(elsewhere_on_this_host_is_refused),
        POOL_TEST(length_is_bounded),
    };

    return cmocka_run_group_tests(tests, apr_setup, apr_teardown);
}
