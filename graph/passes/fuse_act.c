#include <math.h>

#include "graph/passes.h"
#include "graph/passes/pass.h"

static struct pld_node *producer(struct pld_graph *graph, int value)
{
    if (value == PLD_NONE || graph->values[value].producer == PLD_NONE) return NULL;
    struct pld_node *node = &graph->nodes[graph->values[value].producer];
    return pld_node_live(node) ? node : NULL;
}

/* Turns a node into a unary one of its value `x`. */
static void become_unary(struct pld_node *node, enum pld_op op, int x)
{
    node->op = (int)op;
    node->type = pld_op_name(op);
    node->n_in = node->n_data = 1;
    node->in[0] = x;
    node->params = (union pld_op_params){.act = {.op = (int)op}};
}

/* Is `gate`, which only `mul` reads, a function of `x` that makes x * gate one of our kinds? The
 * kind, or -1. */
static int gated_kind(struct pld_graph *graph, const struct pld_readers *readers, int mul, int x,
                      int gate)
{
    const struct pld_node *g = producer(graph, gate);
    if (!g || pld_sole_reader(readers, gate) != mul) return -1;
    if (g->op == PLD_OP_SIGMOID && g->in[0] == x) return PLD_OP_SILU;
    if (g->op == PLD_OP_HARD_SIGMOID && g->in[0] == x &&
        fabsf(g->params.act.alpha - 1.0f / 6) < 1e-6f && g->params.act.beta == 0.5f)
        return PLD_OP_HARD_SWISH;
    if (g->op != PLD_OP_TANH) return -1;
    const struct pld_node *s = producer(graph, g->in[0]);
    bool mish = s && s->op == PLD_OP_SOFTPLUS && s->in[0] == x && !readers->output[g->in[0]] &&
                pld_sole_reader(readers, g->in[0]) != PLD_NONE;
    return mish ? (int)PLD_OP_MISH : -1;
}

/* x * gate(x), in either order. The gate's node is left without readers, for pld_pass_dead(). */
static void fuse_gate(struct pld_graph *graph, const struct pld_readers *readers, int index)
{
    struct pld_node *mul = &graph->nodes[index];
    if (!pld_node_live(mul) || mul->op != PLD_OP_MUL || mul->n_in != 2) return;
    for (int i = 0; i < 2; i++) {
        int x = mul->in[i], gate = mul->in[1 - i];
        int kind = gated_kind(graph, readers, index, x, gate);
        if (kind < 0) continue;
        graph->nodes[graph->values[gate].producer].dead = true;
        become_unary(mul, (enum pld_op)kind, x);
        return;
    }
}

/* Functions that kernels apply while they write a convolution's result. */
static bool fusible(int op)
{
    switch (op) {
    case PLD_OP_RELU:
    case PLD_OP_LEAKY_RELU:
    case PLD_OP_SIGMOID:
    case PLD_OP_TANH:
    case PLD_OP_CLIP:
    case PLD_OP_HARD_SIGMOID:
    case PLD_OP_HARD_SWISH:
    case PLD_OP_SILU:
    case PLD_OP_MISH:
        return true;
    default:
        return false;
    }
}

static void fuse_into_conv(struct pld_graph *graph, const struct pld_readers *readers, int index)
{
    const struct pld_node *act = &graph->nodes[index];
    if (!pld_node_live(act) || !fusible(act->op) || act->in[0] == PLD_NONE) return;
    struct pld_node *conv = producer(graph, act->in[0]);
    if (!conv || (conv->op != PLD_OP_CONV && conv->op != PLD_OP_CONV_TRANSPOSE)) return;
    if (conv->params.conv.act.op != -1 || pld_sole_reader(readers, act->in[0]) != index) return;
    conv->params.conv.act = act->params.act;
    pld_absorb(graph, graph->values[act->in[0]].producer, index);
}

pld_status pld_pass_fuse_act(struct pld_graph *graph)
{
    struct pld_readers readers;
    PLD_TRY(pld_readers_init(&readers, graph));
    for (int i = 0; i < graph->n_nodes; i++)
        fuse_gate(graph, &readers, i);
    pld_readers_release(&readers);
    PLD_TRY(pld_pass_dead(graph)); /* the second half of Mish's gate */
    PLD_TRY(pld_readers_init(&readers, graph));
    for (int i = 0; i < graph->n_nodes; i++)
        fuse_into_conv(graph, &readers, i);
    pld_readers_release(&readers);
    return PLD_OK;
}
