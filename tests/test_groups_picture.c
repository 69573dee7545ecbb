/* Pictures of the groups: well-formed whatever the names are, and no group is left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "prune/group.h"
#include "run/groups_picture.h"
#include "tiny_graph.h"

static void build(struct tiny *t)
{
    int half[2];
    tiny_split(t, tiny_conv(t, tiny_input(t, 1, 3, 6, 6), 3, 10, 3, 1), 4, 6, half);
    int b = tiny_conv(t, half[1], 6, 6, 3, 1);
    tiny_finish(t, tiny_conv(t, tiny_concat(t, half[0], b), 10, 5, 1, 1));
}

static const char *const hostile[] = {
    "</title><script>alert(1)</script>",
    "a \"quoted\" & 'half' quoted name",
    "back\\slash at the end of it all \\",
    "line\nbreak\tand\x01"
    "control \x7f",
    "broken \xc3( \xff\xfe utf-8 \xe2\x82",
    "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82"
    "\xac"
    "\xe2\x82\xac\xe2\x82\xac cut inside",
    "\xed\xa0\x80 surrogate \xef\xbf\xbe and \xc0\xaf overlong \xf4\x90\x80\x80",
    "]]> <!-- --> }; n0 -> n1; \"];",
};

/* The next character; 0 at the end. Fails on what is no UTF-8 (RFC 3629) or not allowed in XML 1.0
 * (section 2.2). */
static uint32_t next_char(const char **text)
{
    const unsigned char *s = (const unsigned char *)*text;
    int more = s[0] < 0x80 ? 0 : s[0] >= 0xf0 ? 3 : s[0] >= 0xe0 ? 2 : 1;
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    uint32_t c = more ? s[0] & (0x3fu >> more) : s[0];
    if (s[0] >= 0x80 && (s[0] < 0xc2 || s[0] > 0xf4)) fail_msg("byte %#x begins nothing", s[0]);
    for (int i = 1; i <= more; i++) {
        if ((s[i] & 0xc0) != 0x80) fail_msg("a character ends early");
        c = c << 6 | (s[i] & 0x3f);
    }
    if (c < least[more] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) || c == 0xfffe ||
        c == 0xffff || (c && c < 32 && c != '\n' && c != '\t'))
        fail_msg("character %#x must not be there", c);
    *text += c ? more + 1 : 0;
    return c;
}

static void skip_entity(const char **text)
{
    static const char *const known[] = {"lt;", "gt;", "amp;", "quot;", "#39;"};
    for (int i = 0; i < 5; i++)
        if (strncmp(*text, known[i], strlen(known[i])) == 0) {
            *text += strlen(known[i]);
            return;
        }
    fail_msg("a bare & before '%.20s'", *text);
}

/* From behind '<' to behind '>': quotes are closed, no '<' inside. Returns whether it opens (1),
 * closes (-1), or both (0). */
static int read_tag(char *name, size_t room, const char **text)
{
    int kind = **text == '/' ? -1 : 1;
    const char *at = *text + (kind < 0);
    size_t n = strcspn(at, " />\n");
    bool quoted = false;
    assert_true(n > 0 && n < room);
    memcpy(name, at, n);
    name[n] = 0;
    *text = at + n;
    for (uint32_t c; (c = next_char(text)) != '>' || quoted;) {
        if (!c || c == '<') fail_msg("<%s is not closed", name);
        if (c == '&') skip_entity(text);
        if (c == '"') quoted = !quoted;
        if (c == '/' && !quoted && **text == '>') kind = 0;
    }
    return kind;
}

/* One element, properly nested. */
static void assert_well_formed(const char *text)
{
    char open[16][32], name[32];
    int depth = 0, elements = 0;
    for (uint32_t c; (c = next_char(&text));) {
        if (c == '&') skip_entity(&text);
        if (c != '<') {
            if (depth == 0 && c != '\n') fail_msg("text outside of the picture");
            continue;
        }
        int kind = read_tag(name, sizeof name, &text);
        assert_true(depth > 0 || elements++ == 0);
        if (kind > 0) {
            assert_true(depth < 16);
            strcpy(open[depth++], name);
        } else if (kind < 0) {
            assert_true(depth > 0);
            assert_string_equal(open[--depth], name);
        }
    }
    assert_int_equal(depth, 0);
    assert_int_equal(elements, 1);
}

/* Lines of Graphviz: a string ends where it should, and braces balance outside of strings. */
static void assert_graphviz(const char *text)
{
    bool quoted = false;
    int braces = 0;
    for (uint32_t c; (c = next_char(&text));) {
        if (quoted && c == '\\') {
            assert_true(next_char(&text) != 0);
            continue;
        }
        if (c == '"') quoted = !quoted;
        if (quoted) continue;
        braces += c == '{' ? 1 : c == '}' ? -1 : 0;
        assert_true(c < 128); /* names are in strings */
    }
    assert_false(quoted);
    assert_int_equal(braces, 0);
}

static void assert_names_all(const char *text, const struct pld_groups *groups)
{
    for (int g = 0; g < groups->n_groups; g++) {
        char label[64];
        snprintf(label, sizeof label, "%s: %d units", groups->groups[g].id,
                 groups->groups[g].units);
        if (!strstr(text, label)) fail_msg("%s is not in the picture", groups->groups[g].id);
    }
}

static void check(struct tiny *t)
{
    struct pld_groups *groups;
    struct pld_str svg = {0}, dot = {0};
    assert_int_equal(pld_groups_new(&groups, t->graph), PLD_OK);
    assert_true(groups->n_groups >= 4);
    assert_int_equal(pld_groups_svg(&svg, groups), PLD_OK);
    assert_int_equal(pld_groups_dot(&dot, groups), PLD_OK);
    assert_well_formed(svg.data);
    assert_graphviz(dot.data);
    assert_names_all(svg.data, groups);
    assert_names_all(dot.data, groups);
    assert_null(strstr(svg.data, "<script"));
    assert_null(strstr(dot.data, "\n  n0 -> n1; \"")); /* a name that looks like an edge */
    pld_str_release(&svg);
    pld_str_release(&dot);
    pld_groups_free(groups);
}

static void plain_names(void **state)
{
    (void)state;
    struct tiny t;
    tiny_open(&t, 1);
    build(&t);
    check(&t);
    tiny_close(&t);
}

static void hostile_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct tiny t;
        tiny_open(&t, 1);
        build(&t);
        for (int n = 0; n < t.graph->n_nodes; n++)
            t.graph->nodes[n].name = hostile[(i + (size_t)n) % (sizeof hostile / sizeof *hostile)];
        for (int v = 0; v < t.graph->n_values; v++)
            t.graph->values[v].name = hostile[i]; /* stands in the reasons of locked groups */
        check(&t);
        tiny_close(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plain_names),
                                       cmocka_unit_test(hostile_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
