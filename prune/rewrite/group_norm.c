/* GroupNormalization: whole groups go. */
#include "prune/rewrite.h"

pld_status pld_rewrite_group_norm(const struct pld_rewrite *r, int index);

pld_status pld_rewrite_group_norm(const struct pld_rewrite *r, int index)
{
    const struct pld_node *node = &r->before->nodes[index];
    int64_t channels = r->before->values[node->in[0]].desc.shape.dim[1];
    int64_t each = channels / node->params.norm.groups;
    return pld_node_set_int(r->after, index, "num_groups",
                            pld_cut_kept(r->cut, node->in[0], 1) / each);
}
