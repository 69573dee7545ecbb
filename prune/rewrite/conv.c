/* Conv and ConvTranspose: a depthwise convolution has as many groups as channels. In other grouped
 * ones all groups lose equally many channels, so their number stays. */
#include "prune/rewrite.h"

pld_status pld_rewrite_conv(const struct pld_rewrite *r, int index);

pld_status pld_rewrite_conv(const struct pld_rewrite *r, int index)
{
    const struct pld_node *node = &r->before->nodes[index];
    int64_t group = node->params.conv.group, ins = r->before->values[node->in[0]].desc.shape.dim[1];
    if (group == 1 || ins != group) return PLD_OK;
    return pld_node_set_int(r->after, index, "group", pld_cut_kept(r->cut, node->in[0], 1));
}
