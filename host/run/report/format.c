#include "run/report/format.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MINUS "\xE2\x88\x92" /* U+2212: as wide as the digits */
#define NBSP  "\xC2\xA0"

/* A number with a true minus sign; what rounds to zero has none. */
static struct pld_num with_minus(double value, int decimals, const char *unit)
{
    struct pld_num n;
    double scale = pow(10, decimals);
    if (!isfinite(value)) {
        snprintf(n.text, sizeof n.text, "n/a");
        return n;
    }
    bool negative = value < 0 && round(-value * scale) > 0;
    snprintf(n.text, sizeof n.text, "%s%.*f%s", negative ? MINUS : "", decimals,
             fabs(value) < 1e15 ? fabs(value) : 1e15, unit);
    return n;
}

struct pld_num pld_fmt_map(double map)
{
    return with_minus(map, 3, "");
}

struct pld_num pld_fmt_points(double drop)
{
    return with_minus(drop * 100, fabs(drop) < 0.0995 ? 2 : 1, "");
}

struct pld_num pld_fmt_points_short(double drop)
{
    return with_minus(drop * 100, fabs(drop) < 0.0995 ? 1 : 0, "");
}

struct pld_num pld_fmt_percent(double fraction)
{
    double percent = fraction * 100;
    bool whole = fabs(percent) >= 9.95 || fabs(percent - round(percent)) < 0.05;
    return with_minus(percent, whole ? 0 : 1, NBSP "%");
}

struct pld_num pld_fmt_share(double fraction)
{
    return with_minus(fraction * 100, 1, NBSP "%");
}

struct pld_num pld_fmt_si(double value)
{
    static const char *const units[] = {"", NBSP "k", NBSP "M", NBSP "G", NBSP "T", NBSP "P"};
    int unit = 0;
    while (fabs(value) >= 999.5 && unit < 5) {
        value /= 1000;
        unit++;
    }
    int decimals = unit == 0 || fabs(value) >= 99.5 ? 0 : fabs(value) >= 9.95 ? 1 : 2;
    return with_minus(value, decimals, units[unit]);
}

struct pld_num pld_fmt_count(double value)
{
    return with_minus(value, 0, "");
}

struct pld_num pld_fmt_seconds(double seconds)
{
    struct pld_num n;
    if (!isfinite(seconds) || seconds < 0 || seconds > 1e9) return with_minus(NAN, 0, "");
    if (seconds < 9.95) return with_minus(seconds, 1, NBSP "s");
    long whole = lround(seconds), minutes = whole / 60;
    if (minutes == 0)
        snprintf(n.text, sizeof n.text, "%ld" NBSP "s", whole);
    else if (minutes < 60)
        snprintf(n.text, sizeof n.text, "%ld" NBSP "min %02ld" NBSP "s", minutes, whole % 60);
    else
        snprintf(n.text, sizeof n.text, "%ld" NBSP "h %02ld" NBSP "min", minutes / 60,
                 minutes % 60);
    return n;
}

struct pld_num pld_fmt_coord(double value)
{
    struct pld_num n;
    if (!isfinite(value)) value = 0;
    value = fmin(fmax(value, -1e6), 1e6);
    snprintf(n.text, sizeof n.text, "%.1f", value);
    char *end = n.text + strlen(n.text);
    if (strcmp(end - 2, ".0") == 0) end[-2] = '\0';
    if (strcmp(n.text, "-0") == 0) strcpy(n.text, "0");
    return n;
}

void pld_put_text(struct pld_str *s, const char *text)
{
    if (!text) return;
    for (const char *run = text;;) {
        const char *with = NULL;
        unsigned char c = (unsigned char)*text;
        size_t n = pld_utf8_length(text);
        if (c == '&')
            with = "&amp;";
        else if (c == '<')
            with = "&lt;";
        else if (c == '>')
            with = "&gt;";
        else if (c == '"')
            with = "&quot;";
        else if (c == '\'')
            with = "&#39;";
        else if (c && (!n || c == 0x7F || (c < 0x20 && c != '\n' && c != '\t')))
            with = "\xEF\xBF\xBD";
        if (c && !with) {
            text += n;
            continue;
        }
        pld_str_append_n(s, run, (size_t)(text - run));
        if (!c) return;
        pld_str_append(s, with);
        run = text += n ? n : 1;
    }
}

/* Whether a path component only repeats the kind of the node. */
static bool says_nothing(const char *part, size_t n)
{
    static const char *const words[] = {"conv", "gemm", "matmul", "convtranspose"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == n && strncasecmp(words[i], part, n) == 0) return true;
    return false;
}

const char *pld_short_name(struct pld_arena *arena, const char *name)
{
    const char *end = name + strlen(name);
    if (!strchr(name, '/')) return name;
    for (;;) { /* drop trailing /conv and /Conv */
        const char *slash = end;
        while (slash > name && slash[-1] != '/')
            slash--;
        if (slash <= name + 1 || !says_nothing(slash, (size_t)(end - slash))) break;
        end = slash - 1;
    }
    struct pld_str s = {0};
    const char *part = name;
    while (part < end) {
        const char *stop = memchr(part, '/', (size_t)(end - part));
        if (!stop) stop = end;
        size_t n = (size_t)(stop - part);
        /* "cv2.0/cv2.0.1": the second says it all */
        bool repeated = stop < end && (size_t)(end - stop - 1) > n &&
                        strncmp(stop + 1, part, n) == 0 && stop[1 + n] == '.';
        if (n && !repeated) {
            if (s.len) pld_str_append(&s, ".");
            pld_str_append_n(&s, part, n);
        }
        part = stop < end ? stop + 1 : end;
    }
    const char *out = s.len ? pld_arena_strndup(arena, s.data, s.len) : name;
    pld_str_release(&s);
    return out ? out : name;
}

static int count_characters(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

/* The byte at which character `n` starts. */
static const char *skip_characters(const char *text, int n)
{
    for (; *text; text++)
        if (((unsigned char)*text & 0xC0) != 0x80 && n-- == 0) break;
    return text;
}

struct pld_clip pld_clip(const char *text, int most)
{
    struct pld_clip out;
    int n = count_characters(text);
    if (n <= most) {
        snprintf(out.text, sizeof out.text, "%s", text);
        return out;
    }
    int tail = most * 2 / 3, head = most - 1 - tail;
    const char *cut = skip_characters(text, head), *back = skip_characters(text, n - tail);
    snprintf(out.text, sizeof out.text, "%.*s\xE2\x80\xA6%s", (int)(cut - text), text, back);
    return out;
}

void pld_put_base64(struct pld_str *s, const unsigned char *data, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t v = (uint32_t)data[i] << 16;
        if (left > 1) v |= (uint32_t)data[i + 1] << 8;
        if (left > 2) v |= data[i + 2];
        char out[4] = {digits[v >> 18], digits[v >> 12 & 63], digits[v >> 6 & 63], digits[v & 63]};
        if (left < 3) out[3] = '=';
        if (left < 2) out[2] = '=';
        pld_str_append_n(s, out, 4);
    }
}
