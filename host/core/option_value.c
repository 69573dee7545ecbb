/* Values of options: text to typed field, with range checks. */
#include "core/option.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_range(const struct pld_option *row)
{
    return row->min != 0 || row->max != 0;
}

static pld_status bad(const char *where, const char *text, const char *wanted)
{
    return pld_fail(PLD_EUSAGE, where, "'%s' is not %s", text, wanted);
}

static pld_status check_range(const struct pld_option *row, double value, const char *text,
                              const char *where)
{
    if (!isfinite(value)) return bad(where, text, "a finite number");
    if (has_range(row) && (value < row->min || value > row->max))
        return pld_fail(PLD_EUSAGE, where, "'%s' is out of range, %g to %g is allowed", text,
                        row->min, row->max);
    return PLD_OK;
}

static pld_status parse_real(double *out, const struct pld_option *row, const char *text,
                             const char *where)
{
    if (!pld_parse_f64(text, out)) return bad(where, text, "a number");
    return check_range(row, *out, text, where);
}

static pld_status parse_int(int *out, const struct pld_option *row, const char *text,
                            const char *where)
{
    long long value;
    if (!pld_parse_i64(text, &value)) return bad(where, text, "a whole number");
    PLD_TRY(check_range(row, (double)value, text, where));
    if (value < -2147483647LL || value > 2147483647LL)
        return pld_fail(PLD_EUSAGE, where, "'%s' is too large", text);
    *out = (int)value;
    return PLD_OK;
}

static pld_status parse_u64(uint64_t *out, const struct pld_option *row, const char *text,
                            const char *where)
{
    unsigned shift = 0;
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (row->type == PLD_OPT_SIZE && end != text && *end) {
        static const char suffix[] = "KMGT";
        const char *at = strchr(suffix, *end);
        if (at) {
            shift = 10u * (unsigned)(at - suffix + 1);
            end++;
        }
    }
    /* strtoull takes signs and blanks; we do not. */
    if (text[0] < '0' || text[0] > '9' || *end || errno || (shift && value >> (64 - shift)))
        return bad(where, text,
                   row->type == PLD_OPT_SIZE ? "a size such as 512M" : "a non-negative number");
    *out = (uint64_t)value << shift;
    return check_range(row, (double)*out, text, where);
}

static pld_status parse_flag(bool *out, const char *text, const char *where)
{
    static const char *const yes[] = {"true", "yes", "on", "1"}, *const no[] = {"false", "no",
                                                                                "off", "0"};
    for (int i = 0; i < 4; i++) {
        if (strcmp(text, yes[i]) == 0) {
            *out = true;
            return PLD_OK;
        }
        if (strcmp(text, no[i]) == 0) {
            *out = false;
            return PLD_OK;
        }
    }
    return bad(where, text, "true or false");
}

static pld_status check_choice(const struct pld_option *row, const char *text, const char *where)
{
    size_t n = 0;
    struct pld_str all = {0};
    for (; row->choices[n]; n++) {
        if (strcmp(row->choices[n], text) == 0) {
            pld_str_release(&all);
            return PLD_OK;
        }
        pld_str_printf(&all, "%s%s", n ? ", " : "", row->choices[n]);
    }
    const char *near = pld_str_nearest(text, row->choices, n);
    pld_status status =
        pld_fail(PLD_EUSAGE, where, "'%s' is not one of %s%s%s%s", text, all.data ? all.data : "",
                 near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    pld_str_release(&all);
    return status;
}

/* Number of parts between commas; 0 for an empty text. */
static size_t count_parts(const char *text)
{
    size_t n = *text ? 1 : 0;
    for (; *text; text++)
        n += *text == ',';
    return n;
}

/* Cuts `text` at commas into arena strings. An empty list or element is an error. */
static pld_status split(struct pld_options *options, const char *text, const char *where,
                        const char ***parts, size_t *count)
{
    *count = count_parts(text);
    *parts = pld_arena_array(&options->arena, *count + 1, sizeof **parts);
    if (!*parts) return PLD_EDEVICE;
    for (size_t i = 0; i < *count; i++) {
        size_t n = strcspn(text, ",");
        if (n == 0) return pld_fail(PLD_EUSAGE, where, "empty element in the list");
        if (!((*parts)[i] = pld_arena_strndup(&options->arena, text, n))) return PLD_EDEVICE;
        text += n + (text[n] == ',');
    }
    if (*count == 0) return pld_fail(PLD_EUSAGE, where, "the list is empty");
    return PLD_OK;
}

static pld_status store_words(struct pld_options *options, struct pld_words *field,
                              const struct pld_option *row, const char *text, const char *where,
                              bool append)
{
    const char **parts = &text;
    size_t count = 1, old = append ? field->count : 0;
    if (row->type == PLD_OPT_EACH) {
        const char *copy = pld_arena_strdup(&options->arena, text);
        if (!copy) return PLD_EDEVICE;
        text = copy;
    } else
        PLD_TRY(split(options, text, where, &parts, &count));
    const char **all = pld_arena_array(&options->arena, old + count, sizeof *all);
    if (!all) return PLD_EDEVICE;
    if (old) memcpy(all, field->items, old * sizeof *all);
    memcpy(all + old, parts, count * sizeof *all);
    *field = (struct pld_words){all, old + count};
    return PLD_OK;
}

static pld_status store_ints(struct pld_options *options, struct pld_ints *field,
                             const struct pld_option *row, const char *text, const char *where)
{
    const char **parts;
    size_t count;
    PLD_TRY(split(options, text, where, &parts, &count));
    int *items = pld_arena_array(&options->arena, count, sizeof *items);
    if (!items) return PLD_EDEVICE;
    for (size_t i = 0; i < count; i++)
        PLD_TRY(parse_int(&items[i], row, parts[i], where));
    *field = (struct pld_ints){items, count};
    return PLD_OK;
}

/* first:last:step, both ends included. Each value is first + i * step rounded to 12 digits, so that
 * 0.1:0.9:0.1 gives the doubles a user would have typed. */
static pld_status store_range(struct pld_options *options, struct pld_reals *field,
                              const struct pld_option *row, const char *text, const char *where)
{
    enum { MOST = 10000 };
    double bound[3];
    const char *rest = text;
    for (int i = 0; i < 3; i++) {
        size_t n = strcspn(rest, ":");
        if ((rest[n] == ':') != (i < 2)) return bad(where, text, "first:last:step");
        char *part = pld_arena_strndup(&options->arena, rest, n);
        if (!part) return PLD_EDEVICE;
        struct pld_option any = {.name = row->name};
        PLD_TRY(parse_real(&bound[i], i < 2 ? row : &any, part, where));
        rest += n + (i < 2);
    }
    if (!(bound[2] > 0) || bound[1] < bound[0])
        return pld_fail(PLD_EUSAGE, where, "'%s': first <= last and step > 0 are needed", text);
    double steps = floor((bound[1] - bound[0]) / bound[2] + 1e-9);
    if (steps >= MOST) return pld_fail(PLD_EUSAGE, where, "'%s' has too many values", text);
    size_t count = (size_t)steps + 1;
    double *items = pld_arena_array(&options->arena, count, sizeof *items);
    if (!items) return PLD_EDEVICE;
    for (size_t i = 0; i < count; i++) {
        char digits[40];
        snprintf(digits, sizeof digits, "%.12g", bound[0] + (double)i * bound[2]);
        items[i] = strtod(digits, NULL);
    }
    *field = (struct pld_reals){items, count};
    return PLD_OK;
}

static pld_status store_reals(struct pld_options *options, struct pld_reals *field,
                              const struct pld_option *row, const char *text, const char *where)
{
    if (strchr(text, ':')) return store_range(options, field, row, text, where);
    const char **parts;
    size_t count;
    PLD_TRY(split(options, text, where, &parts, &count));
    double *items = pld_arena_array(&options->arena, count, sizeof *items);
    if (!items) return PLD_EDEVICE;
    for (size_t i = 0; i < count; i++)
        PLD_TRY(parse_real(&items[i], row, parts[i], where));
    *field = (struct pld_reals){items, count};
    return PLD_OK;
}

static pld_status store_string(struct pld_options *options, const char **field, const char *text)
{
    *field = pld_arena_strdup(&options->arena, text);
    return *field ? PLD_OK : PLD_EDEVICE;
}

pld_status pld_option_store(struct pld_options *options, int group, const struct pld_option *row,
                            const char *text, const char *where, bool append)
{
    void *field = (char *)options->groups[group].target + row->offset;
    switch (row->type) {
    case PLD_OPT_FLAG:
        return parse_flag(field, text, where);
    case PLD_OPT_INT:
        return parse_int(field, row, text, where);
    case PLD_OPT_U64:
    case PLD_OPT_SIZE:
        return parse_u64(field, row, text, where);
    case PLD_OPT_REAL:
        return parse_real(field, row, text, where);
    case PLD_OPT_CHOICE:
        PLD_TRY(check_choice(row, text, where));
        return store_string(options, field, text);
    case PLD_OPT_STRING:
        if (!*text) return pld_fail(PLD_EUSAGE, where, "an empty value is not allowed");
        return store_string(options, field, text);
    case PLD_OPT_WORDS:
    case PLD_OPT_EACH:
        return store_words(options, field, row, text, where, append);
    case PLD_OPT_INTS:
        return store_ints(options, field, row, text, where);
    case PLD_OPT_REALS:
        return store_reals(options, field, row, text, where);
    }
    return pld_fail(PLD_EUSAGE, where, "the option table holds an unknown type");
}
