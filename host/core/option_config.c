/* Options from a configuration file: the keys are the names of the options. */
#include <stdio.h>
#include <string.h>

#include "core/option.h"
#include "core/yaml.h"

/* The positional whose lower-case name is `key`, with its place in the table, or NULL. */
static const struct pld_positional *find_positional(const struct pld_options *options,
                                                    const char *key, int *place)
{
    *place = 0;
    for (const struct pld_positional *p = options->positionals; p && p->name; p++, ++*place) {
        size_t i = 0;
        for (; p->name[i] && key[i]; i++) {
            char c = p->name[i] >= 'A' && p->name[i] <= 'Z' ? (char)(p->name[i] + 32) : p->name[i];
            if (c != key[i]) break;
        }
        if (!p->name[i] && !key[i]) return p;
    }
    return NULL;
}

/* A sequence of scalars becomes "a,b,c", which is what the command line would say. */
static pld_status join_items(struct pld_str *out, const struct pld_yaml *yaml,
                             const struct pld_yaml_item *pair)
{
    for (int i = 0; i < pair->value->count; i++) {
        const char *text;
        PLD_TRY(pld_yaml_string(&text, yaml, pair->value->items[i].value, pair->key));
        pld_str_printf(out, "%s%s", i ? "," : "", text);
    }
    return out->failed ? PLD_EDEVICE : PLD_OK;
}

static bool is_list(const struct pld_option *row)
{
    return row->type == PLD_OPT_WORDS || row->type == PLD_OPT_EACH || row->type == PLD_OPT_INTS ||
           row->type == PLD_OPT_REALS;
}

static pld_status store_sequence(struct pld_options *options, int group,
                                 const struct pld_option *row, const struct pld_yaml *yaml,
                                 const struct pld_yaml_item *pair, const char *where)
{
    if (!is_list(row)) return pld_yaml_fail(yaml, pair->line, "%s takes one value", pair->key);
    if (row->type == PLD_OPT_EACH) {
        for (int i = 0; i < pair->value->count; i++) {
            const char *text;
            PLD_TRY(pld_yaml_string(&text, yaml, pair->value->items[i].value, pair->key));
            PLD_TRY(pld_option_store(options, group, row, text, where, i > 0));
        }
        return PLD_OK;
    }
    struct pld_str text = {0};
    pld_status status = join_items(&text, yaml, pair);
    if (status == PLD_OK)
        status = pld_option_store(options, group, row, text.data ? text.data : "", where, false);
    pld_str_release(&text);
    return status;
}

static pld_status load_positional(struct pld_options *options, const struct pld_yaml *yaml,
                                  const struct pld_yaml_item *pair, const struct pld_positional *p,
                                  int place)
{
    if (place < options->positional_given) return PLD_OK; /* the command line wins */
    if (place > options->positional_given)
        return pld_yaml_fail(yaml, pair->line, "%s must come after the arguments before it",
                             pair->key);
    const struct pld_yaml_node *value = pair->value;
    int count = value->kind == PLD_YAML_SEQUENCE ? value->count : 1;
    if (count != 1 && !p->many)
        return pld_yaml_fail(yaml, pair->line, "%s takes one value", pair->key);
    const char **all = pld_arena_array(&options->arena, (size_t)count + 1, sizeof *all);
    if (!all) return PLD_EDEVICE;
    for (int i = 0; i < count; i++) {
        const char *text;
        PLD_TRY(pld_yaml_string(&text, yaml,
                                value->kind == PLD_YAML_SEQUENCE ? value->items[i].value : value,
                                pair->key));
        if (!(all[i] = pld_arena_strdup(&options->arena, text))) return PLD_EDEVICE;
    }
    void *field = (char *)options->positional_target + p->offset;
    if (p->many)
        *(struct pld_words *)field = (struct pld_words){all, (size_t)count};
    else
        *(const char **)field = all[0];
    options->positional_given++;
    return PLD_OK;
}

static pld_status load_pair(struct pld_options *options, const struct pld_yaml *yaml,
                            const struct pld_yaml_item *pair)
{
    int group, row, place;
    const struct pld_option *option = pld_option_find(options, pair->key, &group, &row);
    if (!option) {
        const struct pld_positional *p = find_positional(options, pair->key, &place);
        if (p) return load_positional(options, yaml, pair, p, place);
        char hint[128];
        pld_option_suggest(hint, sizeof hint, options, pair->key, "");
        return pld_yaml_fail(yaml, pair->line, "unknown key '%s'%s", pair->key, hint);
    }
    if (strcmp(option->name, "config") == 0)
        return pld_yaml_fail(yaml, pair->line, "a configuration cannot name another one");
    if (options->given[group][row] == PLD_FROM_FLAG) return PLD_OK;
    char where[512];
    snprintf(where, sizeof where, "%s:%d: %s", yaml->name, pair->line, pair->key);
    if (pair->value->kind == PLD_YAML_SEQUENCE) {
        PLD_TRY(store_sequence(options, group, option, yaml, pair, where));
    } else {
        const char *text;
        PLD_TRY(pld_yaml_string(&text, yaml, pair->value, pair->key));
        PLD_TRY(pld_option_store(options, group, option, text, where, false));
    }
    options->given[group][row] = PLD_FROM_FILE;
    return PLD_OK;
}

static pld_status load_root(struct pld_options *options, const struct pld_yaml *yaml)
{
    if (!yaml->root) return PLD_OK;
    if (yaml->root->kind != PLD_YAML_MAPPING)
        return pld_yaml_fail(yaml, yaml->root->line, "a mapping of option names is expected");
    for (int i = 0; i < yaml->root->count; i++)
        PLD_TRY(load_pair(options, yaml, &yaml->root->items[i]));
    return PLD_OK;
}

pld_status pld_options_load(struct pld_options *options, const char *path)
{
    struct pld_yaml yaml = {0};
    pld_status status = pld_yaml_read(&yaml, path, PLD_EUSAGE);
    if (status == PLD_OK) status = load_root(options, &yaml);
    pld_yaml_release(&yaml);
    return status;
}
