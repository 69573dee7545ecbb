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

/* The one number that input i of a node is. */
static bool is_number(const struct pld_graph *graph, const struct pld_node *node, int i, float x)
{
    const struct pld_value *value = &graph->values[node->in[i]];
    return value->data && value->desc.dtype == PLD_F32 &&
           pld_shape_count(&value->desc.shape) == 1 &&
           fabsf(*(const float *)value->data - x) <= 1e-6f * x;
}

/* Input of a node that adds 3 to it; PLD_NONE for any other node. */
static int plus_three(const struct pld_graph *graph, const struct pld_node *node)
{
    if (!node || node->op != PLD_OP_ADD || node->n_in != 2) return PLD_NONE;
    if (is_number(graph, node, 1, 3)) return node->in[0];
    return is_number(graph, node, 0, 3) ? node->in[1] : PLD_NONE;
}

/* x of clip(x + 3, 0, 6), which only `reader` reads; else PLD_NONE. */
static int six_steps(struct pld_graph *graph, const struct pld_readers *readers, int value,
                     int reader)
{
    const struct pld_node *clip = producer(graph, value);
    if (!clip || clip->op != PLD_OP_CLIP || pld_sole_reader(readers, value) != reader)
        return PLD_NONE;
    if (clip->params.act.alpha != 0 || clip->params.act.beta != 6) return PLD_NONE;
    if (pld_sole_reader(readers, clip->in[0]) != graph->values[value].producer) return PLD_NONE;
    return plus_three(graph, producer(graph, clip->in[0]));
}

/* Which input a node divides by six; -1 for any other node. */
static int sixth(const struct pld_graph *graph, const struct pld_node *node)
{
    if (node->n_in != 2) return -1;
    if (node->op == PLD_OP_DIV) return is_number(graph, node, 1, 6) ? 0 : -1;
    if (node->op != PLD_OP_MUL) return -1;
    if (is_number(graph, node, 1, 1.0f / 6)) return 0;
    return is_number(graph, node, 0, 1.0f / 6) ? 1 : -1;
}

/* clip(x + 3, 0, 6) / 6 -> HardSigmoid; x clip(x + 3, 0, 6) / 6 -> HardSwish. */
static void fuse_six(struct pld_graph *graph, const struct pld_readers *readers, int index)
{
    struct pld_node *last = &graph->nodes[index];
    int i = pld_node_live(last) ? sixth(graph, last) : -1;
    if (i < 0 || !producer(graph, last->in[i])) return;
    int middle = graph->values[last->in[i]].producer;
    int x = six_steps(graph, readers, last->in[i], index);
    if (x != PLD_NONE) {
        become_unary(last, PLD_OP_HARD_SIGMOID, x);
        last->params.act.alpha = 1.0f / 6;
        last->params.act.beta = 0.5f;
        return;
    }
    const struct pld_node *mul = &graph->nodes[middle];
    if (mul->op != PLD_OP_MUL || mul->n_in != 2 || pld_sole_reader(readers, last->in[i]) != index)
        return;
    for (int k = 0; k < 2; k++) {
        if (mul->in[k] == PLD_NONE ||
            six_steps(graph, readers, mul->in[1 - k], middle) != mul->in[k])
            continue;
        become_unary(last, PLD_OP_HARD_SWISH, mul->in[k]);
        return;
    }
}

bool pld_is_fusible(int op)
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
    if (!pld_node_live(act) || !pld_is_fusible(act->op) || act->in[0] == PLD_NONE) return;
    struct pld_node *conv = producer(graph, act->in[0]);
    if (!conv || (conv->op != PLD_OP_CONV && conv->op != PLD_OP_CONV_TRANSPOSE)) return;
    if (conv->params.conv.act.op != -1 || pld_sole_reader(readers, act->in[0]) != index) return;
    conv->params.conv.act = act->params.act;
    pld_absorb(graph, graph->values[act->in[0]].producer, index);
}

typedef void (*fuse_fn)(struct pld_graph *graph, const struct pld_readers *readers, int node);

pld_status pld_pass_fuse_act(struct pld_graph *graph)
{
    static const fuse_fn steps[] = {fuse_six, fuse_gate, fuse_into_conv};
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
        struct pld_readers readers;
        PLD_TRY(pld_readers_init(&readers, graph));
        for (int i = 0; i < graph->n_nodes; i++)
            steps[s](graph, &readers, i);
        pld_readers_release(&readers);
        PLD_TRY(pld_pass_dead(graph)); /* what the fused functions were made of */
    }
    return PLD_OK;
}
