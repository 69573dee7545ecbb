/* Pad: the cells that padding adds along an axis (a zero-padded shortcut adds channels), or crops,
 * are counted among those that stay. */
#include "prune/rewrite.h"

/* What is left of `amount` cells in front of index `edge`: added ones of y, or cropped ones of x.
 */
static int64_t left_of(const struct pld_rewrite *r, int x, int y, int axis, int64_t x0, int64_t y0,
                       int64_t amount)
{
    if (amount >= 0)
        return pld_cut_kept_below(r->cut, y, axis, y0 + amount) -
               pld_cut_kept_below(r->cut, y, axis, y0);
    return pld_cut_kept_below(r->cut, x, axis, x0) -
           pld_cut_kept_below(r->cut, x, axis, x0 - amount);
}

/* The axes that the list of amounts covers. */
static pld_status covered(int64_t *axes, int *n, const struct pld_rewrite *r, int index, int rank)
{
    PLD_TRY(pld_rewrite_read(axes, n, PLD_MAX_RANK, r, index, 3, NULL));
    if (*n < 0) {
        *n = rank;
        for (int a = 0; a < rank; a++)
            axes[a] = a;
    }
    for (int i = 0; i < *n; i++)
        if (axes[i] < 0) axes[i] += rank;
    return PLD_OK;
}

pld_status pld_rewrite_pad(const struct pld_rewrite *r, int index);

pld_status pld_rewrite_pad(const struct pld_rewrite *r, int index)
{
    const struct pld_node *node = &r->before->nodes[index];
    const struct pld_pad_params *pad = &node->params.pad;
    int x = node->in[0], y = node->out[0], n;
    const struct pld_shape *sx = &r->before->values[x].desc.shape;
    const struct pld_shape *sy = &r->before->values[y].desc.shape;
    int64_t axes[PLD_MAX_RANK], amounts[2 * PLD_MAX_RANK];
    PLD_TRY(covered(axes, &n, r, index, sx->rank));
    for (int i = 0; i < n; i++) {
        int a = (int)axes[i];
        int64_t end = pad->end[a], crop = end < 0 ? end : 0, added = end > 0 ? end : 0;
        amounts[i] = left_of(r, x, y, a, 0, 0, pad->begin[a]);
        amounts[n + i] = left_of(r, x, y, a, sx->dim[a] + crop, sy->dim[a] - added, end);
    }
    return pld_rewrite_ints(r, index, r->before->opset < 11 ? -1 : 1, "pads", amounts, 2 * n);
}
