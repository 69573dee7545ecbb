/* Gather along a cut axis: the indices of what stays, counted among what stays. */
#include "prune/rewrite.h"

static int64_t index_at(const struct pld_value *v, int64_t i, int64_t size)
{
    int64_t index =
        v->desc.dtype == PLD_I32 ? ((const int32_t *)v->data)[i] : ((const int64_t *)v->data)[i];
    return index < 0 ? index + size : index;
}

pld_status pld_rewrite_gather(const struct pld_rewrite *r, int index);

pld_status pld_rewrite_gather(const struct pld_rewrite *r, int index)
{
    const struct pld_node *node = &r->before->nodes[index];
    const struct pld_value *list = &r->before->values[node->in[1]];
    int x = node->in[0], y = node->out[0], axis = (int)node->params.axis.axis, n = 0;
    int64_t size = r->before->values[x].desc.shape.dim[axis];
    if (!list->data || list->desc.shape.rank != 1) return PLD_OK; /* the axis is locked */
    int64_t count = list->desc.shape.dim[0];
    int64_t *kept = pld_arena_array(&r->after->arena, (size_t)count + 1, sizeof *kept);
    if (!kept) return PLD_EDEVICE;
    for (int64_t i = 0; i < count; i++)
        if (pld_cut_keeps(r->cut, y, axis, i))
            kept[n++] = pld_cut_kept_below(r->cut, x, axis, index_at(list, i, size));
    return pld_rewrite_ints(r, index, 1, NULL, kept, n);
}
