/* Expand: entries above 1 are widths. */
#include "prune/rewrite.h"

pld_status pld_rewrite_expand(const struct pld_rewrite *r, int index);

pld_status pld_rewrite_expand(const struct pld_rewrite *r, int index)
{
    const struct pld_node *node = &r->before->nodes[index];
    int64_t target[PLD_MAX_RANK];
    int n;
    struct pld_shape y = pld_cut_shape(r->cut, node->out[0]);
    PLD_TRY(pld_rewrite_read(target, &n, PLD_MAX_RANK, r, index, 1, NULL));
    for (int a = 0; a < n; a++)
        if (target[a] > 1) target[a] = y.dim[a + y.rank - n];
    return pld_rewrite_ints(r, index, 1, NULL, target, n);
}
