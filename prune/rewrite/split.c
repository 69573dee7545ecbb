/* Split: the sizes. One without sizes divides equally, and gets some where that no longer holds. */
#include "prune/rewrite.h"

/* What ONNX makes of a Split without sizes: since opset 18 the last part may be smaller. */
static bool equal_division(const int64_t *size, int n, int opset)
{
    int64_t whole = 0;
    for (int i = 0; i < n; i++)
        whole += size[i];
    int64_t each = (whole + n - 1) / n;
    if (whole % n != 0 && opset < 18) return false;
    for (int i = 0; i < n; i++)
        if (size[i] != (i < n - 1 ? each : whole - each * (n - 1))) return false;
    return true;
}

static void drop_attribute(struct pld_node *node, const char *name)
{
    const struct pld_attr *attr = pld_node_attr(node, name);
    if (attr) node->attrs[attr - node->attrs] = node->attrs[--node->n_attrs];
}

pld_status pld_rewrite_split(const struct pld_rewrite *r, int index);

pld_status pld_rewrite_split(const struct pld_rewrite *r, int index)
{
    const struct pld_node *node = &r->before->nodes[index];
    const struct pld_split_params *split = &node->params.split;
    int64_t size[64], given[64];
    int axis = (int)split->axis, n;
    for (int i = 0; i < node->n_out; i++) {
        int64_t end = split->begin[i] + split->size[i];
        size[i] = pld_cut_kept_below(r->cut, node->in[0], axis, end) -
                  pld_cut_kept_below(r->cut, node->in[0], axis, split->begin[i]);
    }
    PLD_TRY(pld_rewrite_read(given, &n, 64, r, index, 1, "split"));
    if (n <= 0 && equal_division(size, node->n_out, r->before->opset)) return PLD_OK;
    drop_attribute(&r->after->nodes[index], "num_outputs"); /* either that or sizes */
    return pld_rewrite_ints(r, index, r->before->opset < 13 ? -1 : 1, "split", size, node->n_out);
}
