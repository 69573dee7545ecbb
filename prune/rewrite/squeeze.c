/* Squeeze without axes drops every axis of 1: an axis that became 1 must not go too. */
#include "prune/rewrite.h"

pld_status pld_rewrite_squeeze(const struct pld_rewrite *r, int index);

pld_status pld_rewrite_squeeze(const struct pld_rewrite *r, int index)
{
    const struct pld_node *node = &r->before->nodes[index];
    const struct pld_shape *x = &r->before->values[node->in[0]].desc.shape;
    int64_t axes[PLD_MAX_RANK];
    int n;
    PLD_TRY(pld_rewrite_read(axes, &n, PLD_MAX_RANK, r, index, 1, "axes"));
    if (n >= 0) return PLD_OK;
    n = 0;
    for (int a = 0; a < x->rank; a++)
        if (x->dim[a] == 1) axes[n++] = a;
    return pld_rewrite_ints(r, index, r->before->opset < 13 ? -1 : 1, "axes", axes, n);
}
