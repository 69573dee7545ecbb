/* Tile: an axis of 1 repeats as often as the result is wide. */
#include "prune/rewrite.h"

pld_status pld_rewrite_tile(const struct pld_rewrite *r, int index);

pld_status pld_rewrite_tile(const struct pld_rewrite *r, int index)
{
    const struct pld_node *node = &r->before->nodes[index];
    const struct pld_shape *x = &r->before->values[node->in[0]].desc.shape;
    int64_t repeats[PLD_MAX_RANK];
    int n;
    PLD_TRY(pld_rewrite_read(repeats, &n, PLD_MAX_RANK, r, index, 1, NULL));
    for (int a = 0; a < n; a++)
        if (x->dim[a] == 1) repeats[a] = pld_cut_kept(r->cut, node->out[0], a);
    return pld_rewrite_ints(r, index, 1, NULL, repeats, n);
}
