/* libFuzzer target: YAML from a hostile configuration or data.yaml. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads everything that a node promises, as deep as a reader would. (Aliases share nodes, so a walk
 * over all paths would be exponential.) */
static void walk(const struct pld_yaml_node *node, int depth)
{
    if (node->line < 1) abort();
    if (node->kind == PLD_YAML_SCALAR && strlen(node->text) > (size_t)1 << 30) abort();
    for (int i = 0; i < node->count; i++) {
        const struct pld_yaml_item *item = &node->items[i];
        if (item->line < 1 || (node->kind == PLD_YAML_MAPPING) != (item->key != NULL)) abort();
        if (i < 64 && item->key && pld_yaml_get(node, item->key) != item->value) abort();
        if (depth < 3) walk(item->value, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pld_yaml yaml;
    if (pld_yaml_parse(&yaml, (const char *)data, size, "fuzz", PLD_EDATA) == PLD_OK && yaml.root)
        walk(yaml.root, 0);
    pld_yaml_release(&yaml);
    return 0;
}
