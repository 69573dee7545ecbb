/* Elementwise functions of several inputs, with numpy broadcasting. */
#include <string.h>

#include "graph/ops/ops.h"

/* Pow alone may mix types: the result has the type of the base. */
static pld_status broadcast_all(struct pld_shape *out, enum pld_dtype *dtype,
                                const struct pld_graph *graph, const struct pld_node *node)
{
    const struct pld_desc *x;
    if (node->n_in < 1) return pld_op_fail(node, "no inputs");
    for (int i = 0; i < node->n_in; i++) {
        PLD_TRY(pld_infer_input(&x, graph, node, i));
        if (i == 0) {
            *out = x->shape;
            *dtype = x->dtype;
            continue;
        }
        if (x->dtype != *dtype && node->op != PLD_OP_POW)
            return pld_op_fail(node, "inputs of types %s and %s", pld_dtype_name(*dtype),
                               pld_dtype_name(x->dtype));
        struct pld_shape sum;
        if (!pld_shape_broadcast(&sum, out, &x->shape)) {
            char a[128], b[128];
            return pld_op_fail(node, "shapes %s and %s do not broadcast",
                               pld_shape_text(a, sizeof a, out),
                               pld_shape_text(b, sizeof b, &x->shape));
        }
        *out = sum;
    }
    return PLD_OK;
}

static pld_status infer_any_number(struct pld_graph *graph, struct pld_node *node)
{
    struct pld_shape shape;
    enum pld_dtype dtype;
    pld_op_begin(node, node->n_in);
    PLD_TRY(broadcast_all(&shape, &dtype, graph, node));
    return pld_infer_output(graph, node, 0, dtype, &shape);
}

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    PLD_TRY(infer_any_number(graph, node));
    return node->n_in == 2 ? PLD_OK : pld_op_fail(node, "%d inputs", node->n_in);
}

static pld_status infer_mod(struct pld_graph *graph, struct pld_node *node)
{
    PLD_TRY(infer(graph, node));
    node->params.binary.fmod = pld_node_int(node, "fmod", 0) != 0;
    return PLD_OK;
}

static pld_status infer_shift(struct pld_graph *graph, struct pld_node *node)
{
    const char *direction = pld_node_string(node, "direction", "");
    PLD_TRY(infer(graph, node));
    if (strcmp(direction, "LEFT") != 0 && strcmp(direction, "RIGHT") != 0)
        return pld_op_fail(node, "unknown direction '%s'", direction);
    node->params.binary.right = direction[0] == 'R';
    return PLD_OK;
}

static pld_status infer_logical(struct pld_graph *graph, struct pld_node *node)
{
    struct pld_shape shape;
    enum pld_dtype dtype;
    pld_op_begin(node, node->n_in);
    PLD_TRY(broadcast_all(&shape, &dtype, graph, node));
    if (node->n_in != 2) return pld_op_fail(node, "%d inputs", node->n_in);
    return pld_infer_output(graph, node, 0, PLD_BOOL, &shape);
}

/* The slope must not enlarge the input. */
static pld_status infer_prelu(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    PLD_TRY(infer(graph, node));
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    int y = pld_op_out(node, 0);
    if (y != PLD_NONE && !pld_shape_equal(&graph->values[y].desc.shape, &x->shape))
        return pld_op_fail(node, "the slope does not fit the input");
    return PLD_OK;
}

#define BINARY(ID, infer) \
    const struct pld_op_desc pld_opdesc_##ID = {infer, NULL, pld_ch_elementwise, PLD_LAYOUT_ANY}

BINARY(ADD, infer);
BINARY(SUB, infer);
BINARY(MUL, infer);
BINARY(DIV, infer);
BINARY(POW, infer);
BINARY(MIN, infer_any_number);
BINARY(MAX, infer_any_number);
BINARY(SUM, infer_any_number);
BINARY(MEAN, infer_any_number);
BINARY(MOD, infer_mod);
BINARY(PRELU, infer_prelu);
BINARY(EQUAL, infer_logical);
BINARY(GREATER, infer_logical);
BINARY(LESS, infer_logical);
BINARY(AND, infer_logical);
BINARY(OR, infer_logical);
BINARY(XOR, infer_logical);
BINARY(GREATER_OR_EQUAL, infer_logical);
BINARY(LESS_OR_EQUAL, infer_logical);
BINARY(BITWISE_AND, infer);
BINARY(BITWISE_OR, infer);
BINARY(BITWISE_XOR, infer);
BINARY(BIT_SHIFT, infer_shift);
