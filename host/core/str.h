/* Growing string buffer, and small string helpers. */
#ifndef PLD_CORE_STR_H
#define PLD_CORE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* A zeroed struct is empty. `data` is NULL or zero-terminated. On lack of memory `failed` is set,
 * later appends do nothing, and the error record says so; check once at the end. */
struct pld_str {
    char *data;
    size_t len, cap;
    bool failed;
};

void pld_str_release(struct pld_str *s);
void pld_str_clear(struct pld_str *s);
void pld_str_append(struct pld_str *s, const char *text);
void pld_str_append_n(struct pld_str *s, const char *text, size_t n);
void pld_str_printf(struct pld_str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Bytes of the UTF-8 character (RFC 3629) that a text begins with; 0 where it begins with none, or
 * with one that XML does not have (U+FFFE, U+FFFF), and at its end. */
size_t pld_utf8_length(const char *text);

/* The nearest of `n` candidates by edit distance, or NULL when none is near enough to suggest. */
const char *pld_str_nearest(const char *word, const char *const *candidates, size_t n);

/* Whole-string conversions: false on trailing text, overflow or an empty string. */
bool pld_parse_i64(const char *text, long long *out);
bool pld_parse_f64(const char *text, double *out);

#endif
