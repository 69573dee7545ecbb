/* YAML files as a tree of nodes with line numbers: a small glue over libyaml.
 *
 * Scalars stay the text that the file holds; what it means is for the reader to say. YAML 1.1 would
 * make booleans of class names such as `no` and `on`, and numbers of `1_000` or `012`; here they
 * are strings. Anchors and aliases work (the nodes are shared), tags are ignored, and nothing in a
 * file is ever executed.
 */
#ifndef PLD_CORE_YAML_H
#define PLD_CORE_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "core/arena.h"
#include "core/status.h"

enum pld_yaml_kind { PLD_YAML_SCALAR, PLD_YAML_SEQUENCE, PLD_YAML_MAPPING };

struct pld_yaml_node;

/* One item of a sequence (key NULL) or one pair of a mapping. */
struct pld_yaml_item {
    const char *key;
    int line; /* of the key, or of the item in a sequence; from 1 */
    const struct pld_yaml_node *value;
};

struct pld_yaml_node {
    enum pld_yaml_kind kind;
    int line;                          /* where the node starts; from 1 */
    const char *text;                  /* scalar: never NULL, may be ""; else NULL */
    bool plain;                        /* scalar without quotes or block style: may mean null */
    int count;                         /* sequence, mapping: number of items */
    const struct pld_yaml_item *items; /* [count], in file order */
};

struct pld_yaml {
    struct pld_arena arena;           /* owns everything below */
    const char *name;                 /* file name, for messages */
    pld_status code;                  /* what errors about this file mean to the reader */
    const struct pld_yaml_node *root; /* NULL for an empty document */
};

/* Reads a file with at most one document. Fails with `code` and one line that names file and line:
 * bad syntax, a duplicate key, a key that is not a scalar, nesting beyond 64 levels, an alias
 * inside its own anchor. Release with pld_yaml_release(), also after a failure. */
pld_status pld_yaml_read(struct pld_yaml *out, const char *path, pld_status code);

/* The same from memory; `name` stands for the file in messages. */
pld_status pld_yaml_parse(struct pld_yaml *out, const char *text, size_t size, const char *name,
                          pld_status code);
void pld_yaml_release(struct pld_yaml *yaml);

/* Value of a key, or NULL: not there, or `node` is NULL or not a mapping. */
const struct pld_yaml_node *pld_yaml_get(const struct pld_yaml_node *node, const char *key);

/* True for NULL and for a plain scalar that YAML reads as null: nothing, ~, null. */
bool pld_yaml_is_null(const struct pld_yaml_node *node);

/* Text of a scalar, borrowed; fails with "`what` must be a string" for other nodes. */
pld_status pld_yaml_string(const char **out, const struct pld_yaml *yaml,
                           const struct pld_yaml_node *node, const char *what);

/* A whole number in decimal. */
pld_status pld_yaml_i64(long long *out, const struct pld_yaml *yaml,
                        const struct pld_yaml_node *node, const char *what);

/* pld_fail() with the file's code and "name:line" as the place. */
pld_status pld_yaml_fail(const struct pld_yaml *yaml, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
