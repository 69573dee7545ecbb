#include "cuda/conv_graph.h"

#include <stddef.h>

static cudnnBackendDescriptor_t tensor(struct pld_descriptors *d, int64_t uid,
                                       cudnnDataType_t dtype, const int64_t dims[4],
                                       const int64_t strides[4], bool internal)
{
    cudnnBackendDescriptor_t t = pld_descriptor(d, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    pld_describe_type(d, t, CUDNN_ATTR_TENSOR_DATA_TYPE, dtype);
    pld_describe(d, t, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, dims);
    pld_describe(d, t, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, strides);
    pld_describe_int(d, t, CUDNN_ATTR_TENSOR_UNIQUE_ID, uid);
    pld_describe_int(d, t, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, 16);
    pld_describe(d, t, CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, &internal);
    pld_finalize(d, t);
    return t;
}

static cudnnBackendDescriptor_t convolution(struct pld_descriptors *d,
                                            const struct pld_conv_shape *shape)
{
    const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
    cudnnBackendDescriptor_t c = pld_descriptor(d, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    pld_describe_int(d, c, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, 2);
    pld_describe_type(d, c, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_DATA_FLOAT);
    pld_describe(d, c, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode);
    pld_describe(d, c, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2, shape->pad_begin);
    pld_describe(d, c, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2, shape->pad_end);
    pld_describe(d, c, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, shape->dilation);
    pld_describe(d, c, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2, shape->stride);
    pld_finalize(d, c);
    return c;
}

static cudnnBackendDescriptor_t convolve(struct pld_descriptors *d,
                                         cudnnBackendDescriptor_t convolution_of,
                                         cudnnBackendDescriptor_t x, cudnnBackendDescriptor_t w,
                                         cudnnBackendDescriptor_t y)
{
    const float one = 1, zero = 0;
    cudnnBackendDescriptor_t op =
        pld_descriptor(d, CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
    pld_describe_part(d, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, x);
    pld_describe_part(d, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, w);
    pld_describe_part(d, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, y);
    pld_describe_part(d, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, convolution_of);
    pld_describe(d, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_FLOAT, 1, &one);
    pld_describe(d, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_FLOAT, 1, &zero);
    pld_finalize(d, op);
    return op;
}

static cudnnPointwiseMode_t mode_of(const struct pld_act *act)
{
    switch (act->op) {
    case PLD_OP_SIGMOID:
        return CUDNN_POINTWISE_SIGMOID_FWD;
    case PLD_OP_TANH:
        return CUDNN_POINTWISE_TANH_FWD;
    case PLD_OP_SILU:
        return CUDNN_POINTWISE_SWISH_FWD;
    default:
        return CUDNN_POINTWISE_RELU_FWD; /* with bounds and slope: Relu, LeakyRelu, Clip from 0 */
    }
}

bool pld_conv_graph_act(const struct pld_act *act)
{
    switch (act->op) {
    case PLD_OP_RELU:
    case PLD_OP_LEAKY_RELU:
    case PLD_OP_SIGMOID:
    case PLD_OP_TANH:
    case PLD_OP_SILU:
        return true;
    default:
        return act->op == PLD_OP_CLIP && act->alpha == 0;
    }
}

/* y = mode(x [, b]); `act` gives the constants of an activation. */
static cudnnBackendDescriptor_t pointwise(struct pld_descriptors *d, cudnnPointwiseMode_t mode,
                                          const struct pld_act *act, cudnnBackendDescriptor_t x,
                                          cudnnBackendDescriptor_t b, cudnnBackendDescriptor_t y)
{
    cudnnBackendDescriptor_t p = pld_descriptor(d, CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
    pld_describe(d, p, CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, &mode);
    pld_describe_type(d, p, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_DATA_FLOAT);
    const double beta = 1;
    if (mode == CUDNN_POINTWISE_SWISH_FWD)
        pld_describe(d, p, CUDNN_ATTR_POINTWISE_SWISH_BETA, CUDNN_TYPE_DOUBLE, 1, &beta);
    if (act && act->op == PLD_OP_LEAKY_RELU)
        pld_describe(d, p, CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP_SLOPE, CUDNN_TYPE_DOUBLE, 1,
                     &(double){act->alpha});
    if (act && act->op == PLD_OP_CLIP)
        pld_describe(d, p, CUDNN_ATTR_POINTWISE_RELU_UPPER_CLIP, CUDNN_TYPE_DOUBLE, 1,
                     &(double){act->beta});
    pld_finalize(d, p);
    cudnnBackendDescriptor_t op = pld_descriptor(d, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
    pld_describe_part(d, op, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, p);
    pld_describe_part(d, op, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x);
    if (b) pld_describe_part(d, op, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, b);
    pld_describe_part(d, op, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y);
    pld_finalize(d, op);
    return op;
}

cudnnBackendDescriptor_t pld_conv_graph_new(struct pld_descriptors *d,
                                            const struct pld_conv_shape *s,
                                            enum pld_conv_fusion fusion)
{
    const int64_t c = s->c / s->group, k = s->k;
    const int64_t x_dims[] = {s->n, s->c, s->h, s->w}, w_dims[] = {k, c, s->r, s->s};
    const int64_t y_dims[] = {s->n, k, s->out_h, s->out_w}, b_dims[] = {1, k, 1, 1};
    const int64_t w_stride[] = {c * s->r * s->s, 1, c * s->s, c}, b_stride[] = {k, 1, k, k};
    const int64_t dense[] = {k * s->out_h * s->out_w, 1, k * s->out_w, k};
    bool act = fusion == PLD_FUSE_ALL && s->act.op >= 0;
    int stages = 1 + s->bias + act, made = 0;
    cudnnBackendDescriptor_t ops[3], stage[3];
    cudnnBackendDescriptor_t x = tensor(d, PLD_UID_X, s->dtype, x_dims, s->x_stride, false);
    cudnnBackendDescriptor_t w = tensor(d, PLD_UID_W, s->dtype, w_dims, w_stride, false);
    for (int i = 0; i < stages; i++) {
        bool last = i == stages - 1;
        stage[i] =
            tensor(d, last ? PLD_UID_Y : PLD_UID_Y + 1 + i, last ? s->dtype : CUDNN_DATA_FLOAT,
                   y_dims, last ? s->y_stride : dense, !last);
    }
    ops[made++] = convolve(d, convolution(d, s), x, w, stage[0]);
    if (s->bias) {
        cudnnBackendDescriptor_t b = tensor(d, PLD_UID_B, s->dtype, b_dims, b_stride, false);
        ops[made] = pointwise(d, CUDNN_POINTWISE_ADD, NULL, stage[made - 1], b, stage[made]);
        made++;
    }
    if (act) {
        ops[made] = pointwise(d, mode_of(&s->act), &s->act, stage[made - 1], NULL, stage[made]);
        made++;
    }
    cudnnBackendDescriptor_t graph = pld_descriptor(d, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    pld_describe(d, graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, made, ops);
    pld_finalize(d, graph);
    return d->error == CUDNN_STATUS_SUCCESS ? graph : NULL;
}

/* Asks one heuristic; none to offer is no error. */
static int ask(cudnnBackendDescriptor_t *configs, int room, struct pld_descriptors *d,
               cudnnBackendDescriptor_t graph, cudnnBackendDescriptor_t device,
               cudnnBackendHeurMode_t mode)
{
    struct pld_descriptors own = {0};
    cudnnBackendDescriptor_t heur = pld_descriptor(&own, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    pld_describe_part(&own, heur, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph);
    pld_describe(&own, heur, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode);
    if (device) pld_describe_part(&own, heur, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, device);
    pld_finalize(&own, heur);
    int64_t count = 0;
    for (int i = 0; i < room; i++)
        configs[i] = pld_descriptor(d, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
    if (own.error == CUDNN_STATUS_SUCCESS && d->error == CUDNN_STATUS_SUCCESS &&
        cudnnBackendGetAttribute(heur, CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                                 room, &count, configs) != CUDNN_STATUS_SUCCESS)
        count = 0;
    pld_descriptors_release(&own);
    return count < room ? (int)count : room;
}

/* Does the engine round float inputs on their way into tensor cores? Unknown counts as yes. */
static bool rounds_inputs(cudnnBackendDescriptor_t config)
{
    struct pld_descriptors own = {0};
    cudnnBackendNumericalNote_t notes[CUDNN_NUMERICAL_NOTE_TYPE_COUNT];
    cudnnBackendDescriptor_t engine = pld_descriptor(&own, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    int64_t count = 0;
    bool known =
        engine &&
        cudnnBackendGetAttribute(config, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                                 1, &count, &engine) == CUDNN_STATUS_SUCCESS &&
        cudnnBackendGetAttribute(engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
                                 CUDNN_TYPE_NUMERICAL_NOTE, CUDNN_NUMERICAL_NOTE_TYPE_COUNT, &count,
                                 notes) == CUDNN_STATUS_SUCCESS;
    bool rounds = !known;
    for (int i = 0; known && i < count; i++)
        rounds = rounds || notes[i] == CUDNN_NUMERICAL_NOTE_TENSOR_CORE ||
                 notes[i] == CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS;
    pld_descriptors_release(&own);
    return rounds;
}

int pld_conv_graph_configs(cudnnBackendDescriptor_t configs[PLD_MOST_CONFIGS],
                           struct pld_descriptors *d, cudnnBackendDescriptor_t graph,
                           cudnnBackendDescriptor_t device, bool exact)
{
    int half = PLD_MOST_CONFIGS / 2, kept = 0;
    int n = ask(configs, half, d, graph, device, CUDNN_HEUR_MODE_A);
    n += ask(configs + n, half, d, graph, device, CUDNN_HEUR_MODE_FALLBACK);
    for (int i = 0; i < n; i++)
        if (!exact || !rounds_inputs(configs[i])) configs[kept++] = configs[i];
    return kept;
}

cudnnBackendDescriptor_t pld_conv_plan_new(cudnnBackendDescriptor_t config,
                                           cudnnBackendDescriptor_t device, int64_t *workspace)
{
    cudnnBackendDescriptor_t plan = NULL;
    int64_t count = 0;
    if (cudnnBackendCreateDescriptor(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, &plan)) return NULL;
    cudnnStatus_t status = cudnnBackendSetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG,
                                                    CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &config);
    if (status == CUDNN_STATUS_SUCCESS && device)
        status = cudnnBackendSetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP,
                                          CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &device);
    if (status == CUDNN_STATUS_SUCCESS) status = cudnnBackendFinalize(plan);
    if (status == CUDNN_STATUS_SUCCESS)
        status = cudnnBackendGetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE,
                                          CUDNN_TYPE_INT64, 1, &count, workspace);
    if (status == CUDNN_STATUS_SUCCESS) return plan;
    cudnnBackendDestroyDescriptor(plan);
    return NULL;
}
