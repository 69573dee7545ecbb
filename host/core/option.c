/* Options on the command line: finding rows, reading argv, what is missing. Values are read by
 * option_value.c, files by option_config.c, the help text is made by option_help.c. */
#include "core/option.h"

#include <stdio.h>
#include <string.h>

static int group_count(const struct pld_options *options)
{
    int n = 0;
    while (n < PLD_OPTION_GROUPS && options->groups[n].rows)
        n++;
    return n;
}

const struct pld_option *pld_option_find(const struct pld_options *options, const char *name,
                                         int *group, int *row)
{
    for (int g = 0; g < group_count(options); g++) {
        const struct pld_option *rows = options->groups[g].rows;
        for (int r = 0; rows[r].name; r++) {
            if (strcmp(rows[r].name, name) != 0) continue;
            *group = g;
            *row = r;
            return &rows[r];
        }
    }
    return NULL;
}

static const struct pld_option *find_letter(const struct pld_options *options, char letter,
                                            int *group, int *row)
{
    for (int g = 0; g < group_count(options); g++) {
        const struct pld_option *rows = options->groups[g].rows;
        for (int r = 0; rows[r].name; r++) {
            if (rows[r].letter != letter) continue;
            *group = g;
            *row = r;
            return &rows[r];
        }
    }
    return NULL;
}

void pld_option_suggest(char *out, size_t size, const struct pld_options *options, const char *name,
                        const char *prefix)
{
    const char *names[PLD_OPTION_GROUPS * PLD_OPTION_ROWS];
    size_t n = 0;
    for (int g = 0; g < group_count(options); g++)
        for (const struct pld_option *row = options->groups[g].rows; row->name; row++)
            if (n < sizeof names / sizeof names[0]) names[n++] = row->name;
    const char *near = pld_str_nearest(name, names, n);
    if (near)
        snprintf(out, size, "; did you mean %s%s?", prefix, near);
    else
        snprintf(out, size, "%s", "");
}

pld_status pld_options_init(struct pld_options *options)
{
    for (int g = 0; g < group_count(options); g++) {
        int n = 0;
        for (const struct pld_option *row = options->groups[g].rows; row->name; row++, n++) {
            if (row->initial)
                PLD_TRY(pld_option_store(options, g, row, row->initial, row->name, false));
        }
        if (n > PLD_OPTION_ROWS)
            return pld_fail(PLD_EUSAGE, options->groups[g].title, "the option table is too long");
    }
    return PLD_OK;
}

/* Where parsing stands in argv. */
struct reader {
    struct pld_options *options;
    int argc, at;
    char **argv;
};

static pld_status unknown(const struct pld_options *options, const char *shown, const char *name)
{
    char hint[128];
    pld_option_suggest(hint, sizeof hint, options, name, "--");
    return pld_fail(PLD_EUSAGE, shown, "unknown option%s", hint);
}

static pld_status store_given(struct reader *r, int group, int row, const char *text,
                              const char *shown)
{
    const struct pld_option *option = &r->options->groups[group].rows[row];
    unsigned char *given = &r->options->given[group][row];
    PLD_TRY(pld_option_store(r->options, group, option, text, shown, *given == PLD_FROM_FLAG));
    *given = PLD_FROM_FLAG;
    return PLD_OK;
}

/* The value behind an option: what follows '=', or the next word. "--data --json" is a forgotten
 * value; a file of that name needs the form with '='. */
static pld_status take_value(struct reader *r, const char **value, const char *shown)
{
    if (*value) return PLD_OK;
    if (r->at >= r->argc || strncmp(r->argv[r->at], "--", 2) == 0)
        return pld_fail(PLD_EUSAGE, shown, "a value is missing");
    *value = r->argv[r->at++];
    return PLD_OK;
}

static pld_status read_long(struct reader *r, const char *word)
{
    char shown[96];
    const char *equals = strchr(word, '=');
    size_t n = equals ? (size_t)(equals - word) : strlen(word);
    snprintf(shown, sizeof shown, "%.*s", (int)(n < 90 ? n : 90), word);
    const char *name = shown + 2, *value = equals ? equals + 1 : NULL;
    int group, row;
    const struct pld_option *option = pld_option_find(r->options, name, &group, &row);
    if (!option && strncmp(name, "no-", 3) == 0 && !value) {
        option = pld_option_find(r->options, name + 3, &group, &row);
        if (option && option->type == PLD_OPT_FLAG)
            return store_given(r, group, row, "false", shown);
        option = NULL;
    }
    if (!option) return unknown(r->options, shown, name);
    if (option->type == PLD_OPT_FLAG && !value) value = "true";
    PLD_TRY(take_value(r, &value, shown));
    return store_given(r, group, row, value, shown);
}

/* -q, or -qv for several flags, or -o VALUE. */
static pld_status read_short(struct reader *r, const char *word)
{
    for (const char *c = word + 1; *c; c++) {
        char shown[3] = {'-', *c, '\0'};
        int group, row;
        const struct pld_option *option = find_letter(r->options, *c, &group, &row);
        if (!option) {
            /* -conf: a long name with one dash is the likelier slip. */
            if (c == word + 1 && word[2]) return unknown(r->options, word, word + 1);
            return pld_fail(PLD_EUSAGE, shown, "unknown option");
        }
        if (option->type == PLD_OPT_FLAG) {
            PLD_TRY(store_given(r, group, row, "true", shown));
            continue;
        }
        const char *value = c[1] ? c + 1 : NULL;
        PLD_TRY(take_value(r, &value, shown));
        return store_given(r, group, row, value, shown);
    }
    return PLD_OK;
}

static pld_status read_positional(struct pld_options *options, const char *word)
{
    const struct pld_positional *p = options->positionals;
    int left = options->positional_given;
    while (p && p->name && left > 0 && !p->many) {
        p++;
        left--;
    }
    if (!p || !p->name)
        return pld_fail(PLD_EUSAGE, word, "unexpected argument (see '%s --help')",
                        options->command);
    void *field = (char *)options->positional_target + p->offset;
    if (!p->many) {
        *(const char **)field = word;
    } else {
        struct pld_words *list = field;
        const char **all = pld_arena_array(&options->arena, list->count + 1, sizeof *all);
        if (!all) return PLD_EDEVICE;
        if (list->count) memcpy(all, list->items, list->count * sizeof *all);
        all[list->count] = word;
        *list = (struct pld_words){all, list->count + 1};
    }
    /* Only "how many of the table" matters, so a long list may stay at its maximum. */
    if (options->positional_given < 255) options->positional_given++;
    return PLD_OK;
}

pld_status pld_options_parse(struct pld_options *options, int argc, char **argv)
{
    struct reader r = {.options = options, .argc = argc, .argv = argv};
    bool only_words = false;
    while (r.at < argc) {
        const char *word = argv[r.at++];
        if (only_words || word[0] != '-' || word[1] == '\0') {
            PLD_TRY(read_positional(options, word));
        } else if (strcmp(word, "--") == 0) {
            only_words = true;
        } else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            options->help = true;
            return PLD_OK;
        } else if (word[1] == '-') {
            PLD_TRY(read_long(&r, word));
        } else {
            PLD_TRY(read_short(&r, word));
        }
    }
    return PLD_OK;
}

pld_status pld_options_check(const struct pld_options *options)
{
    int left = options->positional_given;
    for (const struct pld_positional *p = options->positionals; p && p->name; p++, left--)
        if (left <= 0 && !p->optional)
            return pld_fail(PLD_EUSAGE, options->command, "%s is missing (see '%s --help')",
                            p->name, options->command);
    for (int g = 0; g < group_count(options); g++) {
        const struct pld_option *rows = options->groups[g].rows;
        for (int r = 0; rows[r].name; r++)
            if (rows[r].required && options->given[g][r] == PLD_FROM_DEFAULT)
                return pld_fail(PLD_EUSAGE, options->command, "--%s is missing (see '%s --help')",
                                rows[r].name, options->command);
    }
    return PLD_OK;
}

bool pld_options_given(const struct pld_options *options, const char *name)
{
    int group, row;
    return pld_option_find(options, name, &group, &row) &&
           options->given[group][row] != PLD_FROM_DEFAULT;
}

void pld_options_release(struct pld_options *options)
{
    pld_arena_release(&options->arena);
}
