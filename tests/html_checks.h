/* What the tests of pages share: they are well-formed and need nothing from elsewhere. */
#ifndef TESTS_HTML_CHECKS_H
#define TESTS_HTML_CHECKS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static inline bool is_void_element(const char *name, size_t n)
{
    static const char *const names[] = {"meta", "img", "br", "wbr", "!doctype", "?xml"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == n && strncmp(names[i], name, n) == 0) return true;
    return false;
}

/* Every element is closed in order, and attributes are quoted. */
static inline void expect_balanced(const char *text)
{
    struct {
        const char *name;
        size_t n;
    } open[64];
    int depth = 0;
    for (const char *at = strchr(text, '<'); at; at = strchr(at, '<')) {
        bool closing = at[1] == '/';
        const char *name = at + 1 + closing, *end = name;
        size_t n = strcspn(name, " >\n/");
        for (bool quoted = false; *end && (quoted || *end != '>'); end++)
            quoted ^= *end == '"';
        assert_true(*end == '>');
        at = end;
        if (closing) {
            assert_true(depth > 0);
            depth--;
            assert_true(open[depth].n == n && strncmp(open[depth].name, name, n) == 0);
        } else if (end[-1] != '/' && !is_void_element(name, n)) {
            assert_true(depth < 64);
            open[depth].name = name;
            open[depth++].n = n;
        }
    }
    assert_int_equal(depth, 0);
}

static inline void expect_self_contained(const char *page)
{
    assert_null(strstr(page, "<script"));
    assert_null(strstr(page, "<link"));
    assert_null(strstr(page, "src=\"http"));
    assert_null(strstr(page, "url("));
    assert_null(strstr(page, "nan"));
    assert_null(strstr(page, "inf\""));
}

#endif
