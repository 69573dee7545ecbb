/* Elementwise functions of one input. */
#include <float.h>
#include <string.h>

#include "graph/ops/ops.h"

/* Attributes that are alpha and beta, with the defaults of the ONNX specification. */
static const struct {
    const char *alpha, *beta;
    float alpha_default, beta_default;
} constants[PLD_OP_COUNT] = {
    [PLD_OP_LEAKY_RELU] = {"alpha", NULL, 0.01f, 0},
    [PLD_OP_ELU] = {"alpha", NULL, 1, 0},
    [PLD_OP_HARD_SIGMOID] = {"alpha", "beta", 0.2f, 0.5f},
    [PLD_OP_CLIP] = {"min", "max", -FLT_MAX, FLT_MAX},
    [PLD_OP_SELU] = {"alpha", "gamma", 1.67326319217681884765625f, 1.05070102214813232421875f},
    [PLD_OP_CELU] = {"alpha", NULL, 1, 0},
    [PLD_OP_THRESHOLDED_RELU] = {"alpha", NULL, 1, 0},
    [PLD_OP_SHRINK] = {"lambd", "bias", 0.5f, 0},
};

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    struct pld_act *act = &node->params.act;
    pld_op_begin(node, 1);
    act->op = node->op;
    act->alpha = constants[node->op].alpha_default;
    act->beta = constants[node->op].beta_default;
    if (constants[node->op].alpha)
        act->alpha = pld_node_float(node, constants[node->op].alpha, act->alpha);
    if (constants[node->op].beta)
        act->beta = pld_node_float(node, constants[node->op].beta, act->beta);
    return pld_op_infer_same(graph, node);
}

/* Bounds are attributes before opset 11 and inputs since. */
static pld_status infer_clip(struct pld_graph *graph, struct pld_node *node)
{
    PLD_TRY(infer(graph, node));
    float *bound[2] = {&node->params.act.alpha, &node->params.act.beta};
    for (int i = 0; i < 2; i++) {
        float value;
        int n;
        PLD_TRY(pld_infer_floats(&value, &n, 1, graph, node, 1 + i));
        if (n == 1) *bound[i] = value;
    }
    return PLD_OK;
}

static pld_status infer_gelu(struct pld_graph *graph, struct pld_node *node)
{
    const char *form = pld_node_string(node, "approximate", "none");
    PLD_TRY(infer(graph, node));
    if (strcmp(form, "none") != 0 && strcmp(form, "tanh") != 0)
        return pld_op_fail(node, "approximate %s is not supported", form);
    node->params.act.alpha = strcmp(form, "tanh") == 0;
    return PLD_OK;
}

/* A question about every element. */
static pld_status infer_test(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    PLD_TRY(infer(graph, node));
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    node->params.act.alpha = pld_node_int(node, "detect_negative", 1) != 0;
    node->params.act.beta = pld_node_int(node, "detect_positive", 1) != 0;
    struct pld_shape shape = x->shape;
    return pld_infer_output(graph, node, 0, PLD_BOOL, &shape);
}

/* The identity, as in inference. */
static pld_status infer_dropout(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    const struct pld_value *training = pld_op_in_value(graph, node, 2);
    PLD_TRY(infer(graph, node));
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    if (training && training->data && *(const unsigned char *)training->data)
        return pld_op_fail(node, "training_mode is not supported");
    struct pld_shape shape = x->shape;
    return pld_infer_output(graph, node, 1, PLD_BOOL, &shape);
}

#define UNARY(ID, infer) \
    const struct pld_op_desc pld_opdesc_##ID = {infer, NULL, pld_ch_elementwise, PLD_LAYOUT_ANY}

UNARY(RELU, infer);
UNARY(LEAKY_RELU, infer);
UNARY(ELU, infer);
UNARY(SIGMOID, infer);
UNARY(TANH, infer);
UNARY(SOFTPLUS, infer);
UNARY(HARD_SIGMOID, infer);
UNARY(HARD_SWISH, infer);
UNARY(CLIP, infer_clip);
UNARY(EXP, infer);
UNARY(LOG, infer);
UNARY(SQRT, infer);
UNARY(NEG, infer);
UNARY(ABS, infer);
UNARY(FLOOR, infer);
UNARY(CEIL, infer);
UNARY(RECIPROCAL, infer);
UNARY(ERF, infer);
UNARY(SILU, infer);
UNARY(MISH, infer);
UNARY(IDENTITY, infer);
UNARY(DROPOUT, infer_dropout);
UNARY(NOT, infer);
UNARY(SELU, infer);
UNARY(CELU, infer);
UNARY(GELU, infer_gelu);
UNARY(THRESHOLDED_RELU, infer);
UNARY(SHRINK, infer);
UNARY(SOFTSIGN, infer);
UNARY(ROUND, infer);
UNARY(SIGN, infer);
UNARY(SIN, infer);
UNARY(COS, infer);
UNARY(TAN, infer);
UNARY(ASIN, infer);
UNARY(ACOS, infer);
UNARY(ATAN, infer);
UNARY(SINH, infer);
UNARY(COSH, infer);
UNARY(ASINH, infer);
UNARY(ACOSH, infer);
UNARY(ATANH, infer);
UNARY(IS_NAN, infer_test);
UNARY(IS_INF, infer_test);
UNARY(BITWISE_NOT, infer);
