#include "eval/names.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/str.h"

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

struct entry {
    int64_t key;
    const char *name;
};

struct parser {
    const char *text, *at, *where;
    struct pld_arena *arena;
    struct entry *entries;
    int count, capacity;
    struct pld_str word; /* the string being read */
};

static pld_status bad(const struct parser *p, const char *expected)
{
    return pld_fail(PLD_EMODEL, p->where, "class names: expected %s at offset %zu", expected,
                    (size_t)(p->at - p->text));
}

static void skip_space(struct parser *p)
{
    while (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r')
        p->at++;
}

static bool take(struct parser *p, char c)
{
    skip_space(p);
    if (*p->at != c) return false;
    p->at++;
    return true;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 99;
}

/* Up to `most` digits of a base, at least `least`. */
static bool read_digits(struct parser *p, int base, int least, int most, uint32_t *out)
{
    uint32_t value = 0;
    int n = 0;
    for (; n < most && digit_value(*p->at) < base; n++)
        value = value * (uint32_t)base + (uint32_t)digit_value(*p->at++);
    *out = value;
    return n >= least;
}

static void append_code_point(struct pld_str *s, uint32_t c)
{
    char b[4];
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        pld_str_append(s, replacement);
    } else if (c < 0x80) {
        b[0] = (char)c;
        pld_str_append_n(s, b, 1);
    } else if (c < 0x800) {
        b[0] = (char)(0xC0 | c >> 6);
        b[1] = (char)(0x80 | (c & 0x3F));
        pld_str_append_n(s, b, 2);
    } else if (c < 0x10000) {
        b[0] = (char)(0xE0 | c >> 12);
        b[1] = (char)(0x80 | (c >> 6 & 0x3F));
        b[2] = (char)(0x80 | (c & 0x3F));
        pld_str_append_n(s, b, 3);
    } else {
        b[0] = (char)(0xF0 | c >> 18);
        b[1] = (char)(0x80 | (c >> 12 & 0x3F));
        b[2] = (char)(0x80 | (c >> 6 & 0x3F));
        b[3] = (char)(0x80 | (c & 0x3F));
        pld_str_append_n(s, b, 4);
    }
}

/* Length of the valid UTF-8 sequence at `s` (overlong forms and surrogates are not), or 0. */
static size_t utf8_length(const char *s)
{
    const unsigned char *b = (const unsigned char *)s;
    if (b[0] < 0x80) return 1;
    size_t n = b[0] >= 0xF0 ? 4 : b[0] >= 0xE0 ? 3 : 2;
    if (b[0] < 0xC2 || b[0] > 0xF4) return 0;
    for (size_t i = 1; i < n; i++)
        if ((b[i] & 0xC0) != 0x80) return 0; /* the terminating zero ends here too */
    if ((b[0] == 0xE0 && b[1] < 0xA0) || (b[0] == 0xED && b[1] > 0x9F)) return 0;
    if ((b[0] == 0xF0 && b[1] < 0x90) || (b[0] == 0xF4 && b[1] > 0x8F)) return 0;
    return n;
}

/* JSON writes what is above U+FFFF as two \u escapes; Python never does. */
static uint32_t join_surrogates(struct parser *p, uint32_t high)
{
    if (high < 0xD800 || high > 0xDBFF || p->at[0] != '\\' || p->at[1] != 'u') return high;
    const char *back = p->at;
    uint32_t low;
    p->at += 2;
    if (read_digits(p, 16, 4, 4, &low) && low >= 0xDC00 && low <= 0xDFFF)
        return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    p->at = back;
    return high;
}

/* Behind the backslash. */
static pld_status read_escape(struct parser *p)
{
    static const char plain[] = "\\'\"/abfnrtv", values[] = "\\'\"/\a\b\f\n\r\t\v";
    char c = *p->at;
    const char *found = c ? strchr(plain, c) : NULL;
    uint32_t code;
    if (found) {
        p->at++;
        pld_str_append_n(&p->word, &values[found - plain], 1);
        return PLD_OK;
    }
    if (c >= '0' && c <= '7') {
        read_digits(p, 8, 1, 3, &code);
    } else if (c == 'x' || c == 'u' || c == 'U') {
        int digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
        p->at++;
        if (!read_digits(p, 16, digits, digits, &code)) return bad(p, "hexadecimal digits");
        code = join_surrogates(p, code);
    } else {
        return bad(p, "an escape sequence");
    }
    append_code_point(&p->word, code);
    return PLD_OK;
}

static pld_status read_quoted(struct parser *p)
{
    char quote = *p->at++;
    while (*p->at != quote) {
        if (!*p->at) return bad(p, "a closing quote");
        if (*p->at == '\\') {
            p->at++;
            PLD_TRY(read_escape(p));
            continue;
        }
        size_t n = utf8_length(p->at);
        if (n)
            pld_str_append_n(&p->word, p->at, n);
        else
            pld_str_append(&p->word, replacement);
        p->at += n ? n : 1;
    }
    p->at++;
    return PLD_OK;
}

static bool bare_character(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("_.+-", c));
}

/* A quoted string, or a bare word: data sets name classes 0, 1, 2 or True, and exporters print
 * them as they are. */
static pld_status read_word(struct parser *p)
{
    skip_space(p);
    pld_str_clear(&p->word);
    if (*p->at == '\'' || *p->at == '"') {
        PLD_TRY(read_quoted(p));
    } else if (bare_character(*p->at)) {
        const char *begin = p->at;
        while (bare_character(*p->at))
            p->at++;
        pld_str_append_n(&p->word, begin, (size_t)(p->at - begin));
    } else {
        return bad(p, "a name");
    }
    return p->word.failed ? PLD_EDEVICE : PLD_OK;
}

static pld_status add_entry(struct parser *p, int64_t key)
{
    if (p->count == PLD_MAX_NAMES)
        return pld_fail(PLD_EMODEL, p->where, "class names: more than %d", PLD_MAX_NAMES);
    if (p->count == p->capacity) {
        int capacity = p->capacity ? p->capacity * 2 : 128;
        struct entry *entries = realloc(p->entries, (size_t)capacity * sizeof *entries);
        if (!entries) return pld_fail_memory("class names");
        p->entries = entries;
        p->capacity = capacity;
    }
    const char *name = pld_arena_strndup(p->arena, p->word.data ? p->word.data : "", p->word.len);
    if (!name) return PLD_EDEVICE;
    p->entries[p->count++] = (struct entry){key, name};
    return PLD_OK;
}

static pld_status read_key(struct parser *p, int64_t *key)
{
    const char *begin = p->at;
    long long value;
    PLD_TRY(read_word(p));
    if (!pld_parse_i64(p->word.data ? p->word.data : "", &value) || value < 0 ||
        value >= PLD_MAX_NAMES) {
        p->at = begin;
        return bad(p, "a class number");
    }
    *key = value;
    if (!take(p, ':')) return bad(p, "':'");
    return PLD_OK;
}

static pld_status read_literal(struct parser *p)
{
    skip_space(p);
    char open = *p->at, close = open == '{' ? '}' : open == '[' ? ']' : ')';
    if (open != '{' && open != '[' && open != '(') return bad(p, "'{' or '['");
    p->at++;
    while (!take(p, close)) {
        int64_t key = p->count;
        if (open == '{') PLD_TRY(read_key(p, &key));
        PLD_TRY(read_word(p));
        PLD_TRY(add_entry(p, key));
        if (take(p, ',')) continue;
        if (!take(p, close)) return bad(p, "',' or the closing bracket");
        break;
    }
    skip_space(p);
    return *p->at ? bad(p, "the end") : PLD_OK;
}

static pld_status sort_by_key(struct parser *p, const char *const **out)
{
    const char **names = pld_arena_array(p->arena, (size_t)p->count + 1, sizeof *names);
    if (!names) return PLD_EDEVICE;
    for (int i = 0; i < p->count; i++) {
        int64_t key = p->entries[i].key;
        if (key >= p->count)
            return pld_fail(PLD_EMODEL, p->where, "class names: number %lld, but %d names",
                            (long long)key, p->count);
        if (names[key])
            return pld_fail(PLD_EMODEL, p->where, "class names: number %lld twice", (long long)key);
        names[key] = p->entries[i].name;
    }
    *out = names;
    return PLD_OK;
}

pld_status pld_names_parse(const char *const **out, int *count, struct pld_arena *arena,
                           const char *text, const char *where)
{
    struct parser p = {.text = text, .at = text, .where = where, .arena = arena};
    *out = NULL;
    *count = 0;
    pld_status status = read_literal(&p);
    if (status == PLD_OK) status = sort_by_key(&p, out);
    if (status == PLD_OK) *count = p.count;
    free(p.entries);
    pld_str_release(&p.word);
    return status;
}
