#include "core/yaml.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "core/file.h"
#include "core/str.h"

enum { MAX_DEPTH = 64 };

/* State while a libyaml document becomes nodes of ours. libyaml numbers nodes from 1, and an alias
 * is the number of the node it stands for, so `done` gives shared nodes and finds cycles. */
struct convert {
    struct pld_yaml *out;
    yaml_document_t *document;
    struct pld_yaml_node **done; /* [number of nodes + 1] */
    int depth;
};

pld_status pld_yaml_fail(const struct pld_yaml *yaml, int line, const char *fmt, ...)
{
    char where[512], message[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    snprintf(where, sizeof where, "%s:%d", yaml->name, line);
    return pld_fail(yaml->code, where, "%s", message);
}

static pld_status fail_parser(const struct pld_yaml *out, const yaml_parser_t *parser)
{
    const char *problem = parser->problem ? parser->problem : "cannot parse";
    switch (parser->error) {
    case YAML_MEMORY_ERROR:
        return pld_fail_memory(out->name);
    case YAML_READER_ERROR:
        return pld_fail(out->code, out->name, "invalid YAML at byte %zu: %s",
                        parser->problem_offset, problem);
    default:
        return pld_yaml_fail(out, (int)parser->problem_mark.line + 1, "invalid YAML: %s%s%s",
                             parser->context ? parser->context : "", parser->context ? ", " : "",
                             problem);
    }
}

/* ---- from libyaml's document to nodes ---- */

static pld_status convert_node(struct pld_yaml_node **out, struct convert *c, int number);

/* Copies the text of a scalar; an embedded zero byte would cut it short unseen. */
static pld_status copy_text(const char **out, struct convert *c, const yaml_node_t *node)
{
    const char *text = (const char *)node->data.scalar.value;
    size_t length = node->data.scalar.length;
    if (memchr(text, 0, length))
        return pld_yaml_fail(c->out, (int)node->start_mark.line + 1, "a string has a zero byte");
    *out = pld_arena_strndup(&c->out->arena, text, length);
    return *out ? PLD_OK : PLD_EDEVICE;
}

static pld_status convert_sequence(struct pld_yaml_node *node, struct convert *c,
                                   const yaml_node_t *from)
{
    const yaml_node_item_t *first = from->data.sequence.items.start;
    size_t count = (size_t)(from->data.sequence.items.top - first);
    struct pld_yaml_item *items = pld_arena_array(&c->out->arena, count, sizeof *items);
    if (!items) return PLD_EDEVICE;
    for (size_t i = 0; i < count; i++) {
        struct pld_yaml_node *value;
        PLD_TRY(convert_node(&value, c, first[i]));
        items[i] = (struct pld_yaml_item){NULL, value->line, value};
    }
    node->items = items;
    node->count = (int)count;
    return PLD_OK;
}

static int by_key(const void *a, const void *b)
{
    const struct pld_yaml_item *const *x = a, *const *y = b;
    int order = strcmp((*x)->key, (*y)->key);
    return order ? order : ((*x)->line > (*y)->line) - ((*x)->line < (*y)->line);
}

/* Most readers keep the last of two equal keys, and the user wonders where the first one went. */
static pld_status refuse_duplicates(const struct pld_yaml *out, const struct pld_yaml_item *items,
                                    size_t count)
{
    if (count < 2) return PLD_OK;
    const struct pld_yaml_item **sorted = malloc(count * sizeof *sorted);
    if (!sorted) return pld_fail_memory(out->name);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &items[i];
    qsort(sorted, count, sizeof *sorted, by_key);
    pld_status status = PLD_OK;
    for (size_t i = 1; i < count && status == PLD_OK; i++)
        if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0)
            status = pld_yaml_fail(out, sorted[i]->line, "key '%s' was already given on line %d",
                                   sorted[i]->key, sorted[i - 1]->line);
    free(sorted);
    return status;
}

static pld_status convert_mapping(struct pld_yaml_node *node, struct convert *c,
                                  const yaml_node_t *from)
{
    const yaml_node_pair_t *first = from->data.mapping.pairs.start;
    size_t count = (size_t)(from->data.mapping.pairs.top - first);
    struct pld_yaml_item *items = pld_arena_array(&c->out->arena, count, sizeof *items);
    if (!items) return PLD_EDEVICE;
    for (size_t i = 0; i < count; i++) {
        const yaml_node_t *key = yaml_document_get_node(c->document, first[i].key);
        int line = (int)key->start_mark.line + 1;
        if (key->type != YAML_SCALAR_NODE)
            return pld_yaml_fail(c->out, line, "a key must be a plain name");
        struct pld_yaml_node *value;
        PLD_TRY(convert_node(&value, c, first[i].value));
        items[i] = (struct pld_yaml_item){NULL, line, value};
        PLD_TRY(copy_text(&items[i].key, c, key));
    }
    node->items = items;
    node->count = (int)count;
    return refuse_duplicates(c->out, items, count);
}

static pld_status convert_content(struct pld_yaml_node *node, struct convert *c,
                                  const yaml_node_t *from)
{
    switch (from->type) {
    case YAML_SCALAR_NODE:
        node->kind = PLD_YAML_SCALAR;
        node->plain = from->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        return copy_text(&node->text, c, from);
    case YAML_SEQUENCE_NODE:
        node->kind = PLD_YAML_SEQUENCE;
        return convert_sequence(node, c, from);
    default:
        node->kind = PLD_YAML_MAPPING;
        return convert_mapping(node, c, from);
    }
}

static pld_status convert_node(struct pld_yaml_node **out, struct convert *c, int number)
{
    const yaml_node_t *from = yaml_document_get_node(c->document, number);
    struct pld_yaml_node *node = c->done[number];
    if (node) {
        /* Lines start at 1; 0 marks a node whose content is still being converted. */
        if (node->line == 0)
            return pld_yaml_fail(c->out, (int)from->start_mark.line + 1,
                                 "an alias refers to the node that contains it");
        *out = node;
        return PLD_OK;
    }
    if (c->depth >= MAX_DEPTH)
        return pld_yaml_fail(c->out, (int)from->start_mark.line + 1, "nested deeper than %d levels",
                             MAX_DEPTH);
    node = pld_arena_alloc(&c->out->arena, sizeof *node);
    if (!node) return PLD_EDEVICE;
    c->done[number] = node;
    c->depth++;
    PLD_TRY(convert_content(node, c, from));
    c->depth--;
    node->line = (int)from->start_mark.line + 1;
    *out = node;
    return PLD_OK;
}

static pld_status convert_document(struct pld_yaml *out, yaml_document_t *document)
{
    if (!yaml_document_get_root_node(document)) return PLD_OK; /* empty: root stays NULL */
    size_t nodes = (size_t)(document->nodes.top - document->nodes.start);
    struct convert c = {out, document, calloc(nodes + 1, sizeof *c.done), 0};
    if (!c.done) return pld_fail_memory(out->name);
    struct pld_yaml_node *root = NULL;
    pld_status status = convert_node(&root, &c, 1);
    free(c.done);
    out->root = root;
    return status;
}

/* After the first document only the end of the file may follow. */
static pld_status refuse_second(struct pld_yaml *out, yaml_parser_t *parser)
{
    yaml_document_t document;
    if (!yaml_parser_load(parser, &document)) return fail_parser(out, parser);
    const yaml_node_t *root = yaml_document_get_root_node(&document);
    int line = root ? (int)root->start_mark.line + 1 : 0;
    yaml_document_delete(&document);
    return root ? pld_yaml_fail(out, line, "a second document starts here; one is expected")
                : PLD_OK;
}

static pld_status load(struct pld_yaml *out, yaml_parser_t *parser)
{
    yaml_document_t document;
    if (!yaml_parser_load(parser, &document)) return fail_parser(out, parser);
    bool empty = !yaml_document_get_root_node(&document);
    pld_status status = convert_document(out, &document);
    yaml_document_delete(&document);
    return status == PLD_OK && !empty ? refuse_second(out, parser) : status;
}

/* ---- public ---- */

pld_status pld_yaml_parse(struct pld_yaml *out, const char *text, size_t size, const char *name,
                          pld_status code)
{
    *out = (struct pld_yaml){.code = code, .name = ""};
    const char *copy = pld_arena_strdup(&out->arena, name);
    if (!copy) return PLD_EDEVICE;
    out->name = copy;
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) return pld_fail_memory(name);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
    pld_status status = load(out, &parser);
    yaml_parser_delete(&parser);
    if (status != PLD_OK) out->root = NULL;
    return status;
}

pld_status pld_yaml_read(struct pld_yaml *out, const char *path, pld_status code)
{
    *out = (struct pld_yaml){.code = code, .name = ""};
    struct pld_bytes bytes;
    PLD_TRY(pld_file_read(&bytes, path, code));
    pld_status status = pld_yaml_parse(out, (const char *)bytes.data, bytes.size, path, code);
    pld_bytes_release(&bytes);
    return status;
}

void pld_yaml_release(struct pld_yaml *yaml)
{
    pld_arena_release(&yaml->arena);
    *yaml = (struct pld_yaml){.name = ""};
}

const struct pld_yaml_node *pld_yaml_get(const struct pld_yaml_node *node, const char *key)
{
    if (!node || node->kind != PLD_YAML_MAPPING) return NULL;
    for (int i = 0; i < node->count; i++)
        if (strcmp(node->items[i].key, key) == 0) return node->items[i].value;
    return NULL;
}

bool pld_yaml_is_null(const struct pld_yaml_node *node)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    if (!node) return true;
    if (node->kind != PLD_YAML_SCALAR || !node->plain) return false;
    for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++)
        if (strcmp(node->text, nulls[i]) == 0) return true;
    return false;
}

pld_status pld_yaml_string(const char **out, const struct pld_yaml *yaml,
                           const struct pld_yaml_node *node, const char *what)
{
    if (node->kind != PLD_YAML_SCALAR || pld_yaml_is_null(node))
        return pld_yaml_fail(yaml, node->line, "%s must be a string", what);
    *out = node->text;
    return PLD_OK;
}

pld_status pld_yaml_i64(long long *out, const struct pld_yaml *yaml,
                        const struct pld_yaml_node *node, const char *what)
{
    if (node->kind != PLD_YAML_SCALAR || !pld_parse_i64(node->text, out))
        return pld_yaml_fail(yaml, node->line, "%s must be a whole number", what);
    return PLD_OK;
}
