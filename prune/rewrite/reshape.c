/* Reshape: the target. Entries of 0 and -1 follow the input by themselves. */
#include "core/log.h"
#include "prune/rewrite.h"

/* Written in the file as it is, as opposed to computed from other shapes. */
static bool literal(const struct pld_graph *graph, const struct pld_node *node)
{
    if (node->n_in < 2 || node->in[1] == PLD_NONE) return true;
    int producer = graph->values[node->in[1]].producer;
    return producer == PLD_NONE || graph->nodes[producer].op == PLD_OP_CONSTANT;
}

/* Does entry `a` of the target, as it stands, give `wanted`? */
static bool follows(const struct pld_shape *x, int64_t entry, int a, int64_t wanted,
                    bool allow_zero)
{
    if (entry == -1) return true;
    if (entry == 0 && !allow_zero) return a < x->rank && x->dim[a] == wanted;
    return entry == wanted;
}

pld_status pld_rewrite_reshape(const struct pld_rewrite *r, int index);

pld_status pld_rewrite_reshape(const struct pld_rewrite *r, int index)
{
    const struct pld_node *node = &r->before->nodes[index];
    int64_t target[PLD_MAX_RANK];
    int n;
    bool allow_zero = pld_node_int(node, "allowzero", 0) != 0, good = true;
    struct pld_shape x = pld_cut_shape(r->cut, node->in[0]);
    struct pld_shape y = pld_cut_shape(r->cut, node->out[0]);
    PLD_TRY(pld_rewrite_read(target, &n, PLD_MAX_RANK, r, index, 1, "shape"));
    for (int a = 0; a < n; a++)
        good &= follows(&x, target[a], a, y.dim[a], allow_zero);
    if (good) return PLD_OK;
    /* A computed target follows dynamic axes; what replaces it should go on doing so. */
    bool computed = !literal(r->before, node);
    for (int a = 0; a < n; a++) {
        bool copies = computed && !allow_zero && a < x.rank && x.dim[a] == y.dim[a];
        if (!follows(&x, target[a], a, y.dim[a], allow_zero) || copies)
            target[a] = copies ? 0 : y.dim[a];
    }
    if (computed)
        pld_log(PLD_LOG_DEBUG, "%s: the computed target of this Reshape is stored now", node->name);
    return pld_rewrite_ints(r, index, 1, "shape", target, n);
}
