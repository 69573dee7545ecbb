/* Help text from option tables. */
#include <stdio.h>
#include <string.h>

#include "core/option.h"

enum { HELP_COLUMN = 26, HELP_WIDTH = 98 };

/* Appends text at HELP_COLUMN, broken at blanks; `at` is the column reached so far. */
static void append_wrapped(struct pld_str *out, const char *text, size_t at)
{
    if (at + 2 > HELP_COLUMN) {
        pld_str_append(out, "\n");
        at = 0;
    }
    pld_str_printf(out, "%*s", (int)(HELP_COLUMN - at), "");
    at = HELP_COLUMN;
    while (*text) {
        size_t n = strcspn(text, " ");
        if (at > HELP_COLUMN && at + 1 + n > HELP_WIDTH) {
            pld_str_printf(out, "\n%*s", HELP_COLUMN, "");
            at = HELP_COLUMN;
        } else if (at > HELP_COLUMN) {
            pld_str_append(out, " ");
            at++;
        }
        pld_str_append_n(out, text, n);
        at += n;
        text += n;
        text += strspn(text, " ");
    }
    pld_str_append(out, "\n");
}

static const char *placeholder(const struct pld_option *row)
{
    static const char *const by_type[] = {
        [PLD_OPT_FLAG] = "",       [PLD_OPT_INT] = "N",        [PLD_OPT_U64] = "N",
        [PLD_OPT_SIZE] = "SIZE",   [PLD_OPT_REAL] = "X",       [PLD_OPT_STRING] = "TEXT",
        [PLD_OPT_CHOICE] = "NAME", [PLD_OPT_WORDS] = "A,B,..", [PLD_OPT_EACH] = "TEXT",
        [PLD_OPT_INTS] = "N,N,..", [PLD_OPT_REALS] = "X,X,..",
    };
    return row->value ? row->value : by_type[row->type];
}

/* What the table knows beyond the sentence: choices, range, default. */
static void append_facts(struct pld_str *text, const struct pld_option *row)
{
    if (row->choices) {
        pld_str_append(text, " (");
        for (size_t i = 0; row->choices[i]; i++)
            pld_str_printf(text, "%s%s", i ? ", " : "", row->choices[i]);
        pld_str_append(text, ")");
    }
    if (row->min != 0 || row->max != 0)
        pld_str_printf(text, " [%.10g to %.10g]", row->min, row->max);
    if (row->initial && row->type != PLD_OPT_FLAG)
        pld_str_printf(text, " [default: %s]", row->initial);
    if (row->required) pld_str_append(text, " [required]");
}

static void append_row(struct pld_str *out, const struct pld_option *row)
{
    struct pld_str left = {0}, text = {0};
    if (row->letter)
        pld_str_printf(&left, "  -%c, --%s", row->letter, row->name);
    else
        pld_str_printf(&left, "  --%s", row->name);
    const char *value = placeholder(row);
    if (*value) pld_str_printf(&left, " %s", value);
    pld_str_append(&text, row->help);
    append_facts(&text, row);
    if (left.data && text.data) {
        pld_str_append(out, left.data);
        append_wrapped(out, text.data, left.len);
    } else {
        out->failed = true;
    }
    pld_str_release(&left);
    pld_str_release(&text);
}

void pld_options_help(struct pld_str *out, const struct pld_options *options)
{
    if (options->positionals && options->positionals->name) {
        pld_str_append(out, "\nArguments:\n");
        for (const struct pld_positional *p = options->positionals; p->name; p++) {
            char left[64];
            int n = snprintf(left, sizeof left, "  %s%s", p->name, p->many ? "..." : "");
            pld_str_append(out, left);
            append_wrapped(out, p->help, (size_t)n);
        }
    }
    for (int g = 0; g < PLD_OPTION_GROUPS && options->groups[g].rows; g++) {
        if (!options->groups[g].rows->name) continue;
        pld_str_printf(out, "\n%s:\n", options->groups[g].title);
        for (const struct pld_option *row = options->groups[g].rows; row->name; row++)
            append_row(out, row);
    }
}
