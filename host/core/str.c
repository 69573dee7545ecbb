#include "core/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/status.h"

void pld_str_release(struct pld_str *s)
{
    free(s->data);
    *s = (struct pld_str){0};
}

void pld_str_clear(struct pld_str *s)
{
    s->len = 0;
    if (s->data) s->data[0] = '\0';
}

static bool reserve(struct pld_str *s, size_t extra)
{
    if (s->failed) return false;
    size_t need = s->len + extra + 1;
    if (need <= s->cap) return true;
    size_t cap = s->cap ? s->cap : 256;
    while (cap < need)
        cap *= 2;
    char *data = realloc(s->data, cap);
    if (!data) {
        s->failed = true;
        pld_fail_memory("string");
        return false;
    }
    s->data = data;
    s->cap = cap;
    return true;
}

void pld_str_append_n(struct pld_str *s, const char *text, size_t n)
{
    if (!reserve(s, n)) return;
    if (n) memcpy(s->data + s->len, text, n);
    s->len += n;
    s->data[s->len] = '\0';
}

void pld_str_append(struct pld_str *s, const char *text)
{
    pld_str_append_n(s, text, strlen(text));
}

void pld_str_printf(struct pld_str *s, const char *fmt, ...)
{
    va_list args, copy;
    va_start(args, fmt);
    va_copy(copy, args);
    int n = vsnprintf(NULL, 0, fmt, copy);
    va_end(copy);
    if (n >= 0 && reserve(s, (size_t)n)) {
        vsnprintf(s->data + s->len, (size_t)n + 1, fmt, args);
        s->len += (size_t)n;
    }
    va_end(args);
}

/* Levenshtein distance over one row; words longer than the row never match. */
static size_t edit_distance(const char *a, const char *b)
{
    enum { MAX = 63 };
    size_t na = strlen(a), nb = strlen(b), row[MAX + 1];
    if (na > MAX || nb > MAX) return MAX;
    for (size_t j = 0; j <= nb; j++)
        row[j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best) best = row[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[nb];
}

const char *pld_str_nearest(const char *word, const char *const *candidates, size_t n)
{
    const char *nearest = NULL;
    size_t limit = strlen(word) / 3 + 1, best = limit + 1;
    for (size_t i = 0; i < n; i++) {
        size_t d = edit_distance(word, candidates[i]);
        if (d < best) {
            best = d;
            nearest = candidates[i];
        }
    }
    return nearest;
}

bool pld_parse_i64(const char *text, long long *out)
{
    char *end;
    errno = 0;
    *out = strtoll(text, &end, 10);
    return end != text && *end == '\0' && errno == 0;
}

bool pld_parse_f64(const char *text, double *out)
{
    char *end;
    errno = 0;
    *out = strtod(text, &end);
    return end != text && *end == '\0' && errno == 0;
}

size_t pld_utf8_length(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t n = s[0] < 0xc2 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (!s[0] || (n == 1 && s[0] >= 0x80) || s[0] > 0xf4) return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80) return 0;
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool beyond = (s[0] == 0xed && s[1] >= 0xa0) || (s[0] == 0xf4 && s[1] >= 0x90);
    bool no_character = s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe;
    return overlong || beyond || no_character ? 0 : n;
}
