/* Resize with sizes: those of axes that are not resized are widths. */
#include "prune/rewrite.h"

pld_status pld_rewrite_resize(const struct pld_rewrite *r, int index);

pld_status pld_rewrite_resize(const struct pld_rewrite *r, int index)
{
    const struct pld_node *node = &r->before->nodes[index];
    int rank = r->before->values[node->in[0]].desc.shape.rank, n, n_axes;
    int64_t sizes[PLD_MAX_RANK], axes[PLD_MAX_RANK];
    if (r->before->opset < 11) return PLD_OK; /* scales only */
    PLD_TRY(pld_rewrite_read(sizes, &n, PLD_MAX_RANK, r, index, 3, NULL));
    if (n <= 0) return PLD_OK;
    PLD_TRY(pld_rewrite_read(axes, &n_axes, PLD_MAX_RANK, r, index, -1, "axes"));
    for (int i = 0; i < n; i++) {
        int64_t a = n_axes < 0 ? i : axes[i] < 0 ? axes[i] + rank : axes[i];
        int64_t before = r->before->values[node->out[0]].desc.shape.dim[a];
        int64_t kept = pld_cut_kept(r->cut, node->out[0], (int)a);
        if (kept != before) sizes[i] = kept;
    }
    return pld_rewrite_ints(r, index, 3, NULL, sizes, n);
}
