/* Convolution by cuDNN: the fastest of a few plans, with the activation fused or as a kernel of its
 * own. Fusing it means a plan compiled at run time, which is not always faster. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/element.h"
#include "backend/signature.h"
#include "core/log.h"
#include "cuda/conv_graph.h"
#include "cuda/device.h"
#include "cuda/launch.h"
#include "cuda/nest_plan.h"
#include "cuda/tune_store.h"

enum { TRIED = 3 /* plans of a fusion that are timed */, REPEATS = 5 };

struct plan {
    struct pld_conv_shape shape;
    struct pld_map_args act, act_wide; /* in place, after a plan without activation */
    bool act_has_wide;
    enum pld_conv_fusion fusion;
    struct pld_descriptors parts;
    cudnnBackendDescriptor_t exec;
    int64_t workspace;
};

/* ---- what it takes ---- */

static bool is_constant(const struct pld_signature *sig, int i)
{
    return !(sig->varies >> i & 1) && sig->in[i].dtype == PLD_F32;
}

static bool supports(const struct pld_signature *sig)
{
    if (sig->n_in < 2 || pld_sig_has(sig, 3) || !pld_sig_single(sig) || sig->in[0].shape.rank != 4)
        return false;
    enum pld_dtype dtype = sig->in[0].dtype;
    return (dtype == PLD_F32 || dtype == PLD_F16) && sig->out[0].dtype == dtype &&
           sig->in[0].layout == PLD_CHANNELS_LAST && sig->out[0].layout == PLD_CHANNELS_LAST &&
           is_constant(sig, 1) && (!pld_sig_has(sig, 2) || is_constant(sig, 2)) &&
           pld_shape_count(&sig->in[0].shape) > 0 && pld_shape_count(&sig->out[0].shape) > 0;
}

static struct pld_conv_shape shape_of(const struct pld_signature *sig)
{
    const struct pld_conv_params *params = &sig->params->conv;
    const struct pld_window *window = &params->window;
    const int64_t *x = sig->in[0].shape.dim, *w = sig->in[1].shape.dim;
    const int64_t *y = sig->out[0].shape.dim;
    int64_t stride[PLD_MAX_RANK];
    struct pld_conv_shape s;
    memset(&s, 0, sizeof s);
    s.dtype = sig->in[0].dtype == PLD_F16 ? CUDNN_DATA_HALF : CUDNN_DATA_FLOAT;
    s.exact = s.dtype == CUDNN_DATA_FLOAT;
    s.n = x[0], s.c = x[1], s.h = x[2], s.w = x[3];
    s.k = w[0], s.r = w[2], s.s = w[3];
    s.out_h = y[2], s.out_w = y[3];
    s.group = params->group;
    pld_desc_strides(stride, &sig->in[0]);
    memcpy(s.x_stride, stride, sizeof s.x_stride);
    pld_desc_strides(stride, &sig->out[0]);
    memcpy(s.y_stride, stride, sizeof s.y_stride);
    memcpy(s.pad_begin, window->pad_begin, sizeof s.pad_begin);
    memcpy(s.pad_end, window->pad_end, sizeof s.pad_end);
    memcpy(s.stride, window->stride, sizeof s.stride);
    memcpy(s.dilation, window->dilation, sizeof s.dilation);
    s.bias = pld_sig_has(sig, 2);
    s.act = params->act;
    return s;
}

static void key_of(char *out, size_t size, const struct pld_conv_shape *s)
{
    snprintf(out, size,
             "conv,%d,%lldx%lldx%lldx%lld,%lldx%lldx%lld,g%lld,s%lldx%lld,d%lldx%lld,p%lldx%lldx%"
             "lldx%lld,x%lld,y%lld,b%d,a%d",
             (int)s->dtype, (long long)s->n, (long long)s->c, (long long)s->h, (long long)s->w,
             (long long)s->k, (long long)s->r, (long long)s->s, (long long)s->group,
             (long long)s->stride[0], (long long)s->stride[1], (long long)s->dilation[0],
             (long long)s->dilation[1], (long long)s->pad_begin[0], (long long)s->pad_begin[1],
             (long long)s->pad_end[0], (long long)s->pad_end[1], (long long)s->x_stride[3],
             (long long)s->y_stride[3], s->bias, s->act.op);
}

/* ---- execution ---- */

static pld_status execute(const struct plan *plan, const void *const *in, void *y, void *workspace)
{
    struct pld_descriptors own = {0};
    const int64_t uids[] = {PLD_UID_X, PLD_UID_W, PLD_UID_Y, PLD_UID_B};
    const void *data[] = {in[0], in[1], y, plan->shape.bias ? in[2] : NULL};
    int n = plan->shape.bias ? 4 : 3;
    cudnnHandle_t handle = pld_cuda_cudnn();
    if (!handle) return PLD_EDEVICE;
    cudnnBackendDescriptor_t pack = pld_descriptor(&own, CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
    pld_describe(&own, pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, n, uids);
    pld_describe(&own, pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, n, data);
    pld_describe(&own, pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, &workspace);
    pld_finalize(&own, pack);
    pld_status status = pld_descriptors_check(&own, "convolution");
    if (status == PLD_OK)
        status = pld_cudnn_check(cudnnBackendExecute(handle, plan->exec, pack), "convolution");
    pld_descriptors_release(&own);
    return status;
}

static pld_status activate(const struct plan *plan, void *y)
{
    bool wide = plan->act_has_wide && (uintptr_t)y % 16 == 0;
    struct pld_map_args args = wide ? plan->act_wide : plan->act;
    args.out = y;
    args.in[0] = y;
    return pld_launch_map(&args, args.nest.count);
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    (void)lane;
    const struct plan *plan = plan_;
    PLD_TRY(execute(plan, in, out[0], workspace));
    bool rest = plan->fusion == PLD_FUSE_BIAS && plan->shape.act.op >= 0;
    return rest ? activate(plan, out[0]) : PLD_OK;
}

/* ---- choosing a plan ---- */

/* Operands to time plans on. */
struct bench {
    void *x, *w, *b, *y, *workspace;
    size_t workspace_size;
    cudaEvent_t start, stop;
};

static size_t extent(const int64_t stride[4], int64_t n, cudnnDataType_t dtype)
{
    return (size_t)(stride[0] * n) * (dtype == CUDNN_DATA_HALF ? 2 : 4);
}

/* Memory of small positive numbers: zeros would run faster than they should. */
static pld_status filled(void **out, size_t size)
{
    PLD_TRY(pld_cuda_check(cudaMalloc(out, size), "tuning"));
    return pld_cuda_check(cudaMemsetAsync(*out, 0x2c, size, pld_cuda_stream()), "tuning");
}

static pld_status bench_open(struct bench *bench, const struct pld_conv_shape *s)
{
    size_t weights = (size_t)(s->k * (s->c / s->group) * s->r * s->s) * sizeof(float);
    memset(bench, 0, sizeof *bench);
    PLD_TRY(filled(&bench->x, extent(s->x_stride, s->n, s->dtype)));
    PLD_TRY(filled(&bench->w, weights));
    PLD_TRY(filled(&bench->b, (size_t)s->k * sizeof(float)));
    PLD_TRY(filled(&bench->y, extent(s->y_stride, s->n, s->dtype)));
    PLD_TRY(pld_cuda_check(cudaEventCreate(&bench->start), "tuning"));
    return pld_cuda_check(cudaEventCreate(&bench->stop), "tuning");
}

static void bench_close(struct bench *bench)
{
    cudaFree(bench->x);
    cudaFree(bench->w);
    cudaFree(bench->b);
    cudaFree(bench->y);
    cudaFree(bench->workspace);
    if (bench->start) cudaEventDestroy(bench->start);
    if (bench->stop) cudaEventDestroy(bench->stop);
}

/* Milliseconds of one run. */
static pld_status bench_time(float *ms, struct bench *bench, const struct plan *plan)
{
    const void *in[] = {bench->x, bench->w, bench->b};
    void *out[] = {bench->y};
    if (bench->workspace_size < (size_t)plan->workspace) {
        cudaFree(bench->workspace);
        bench->workspace = NULL;
        bench->workspace_size = (size_t)plan->workspace;
        PLD_TRY(pld_cuda_check(cudaMalloc(&bench->workspace, bench->workspace_size), "tuning"));
    }
    for (int i = 0; i <= REPEATS; i++) { /* the first warms up */
        if (i == 1)
            PLD_TRY(pld_cuda_check(cudaEventRecord(bench->start, pld_cuda_stream()), "tuning"));
        PLD_TRY(run(plan, NULL, in, out, bench->workspace));
    }
    PLD_TRY(pld_cuda_check(cudaEventRecord(bench->stop, pld_cuda_stream()), "tuning"));
    PLD_TRY(pld_cuda_check(cudaEventSynchronize(bench->stop), "tuning"));
    PLD_TRY(pld_cuda_check(cudaEventElapsedTime(ms, bench->start, bench->stop), "tuning"));
    *ms /= REPEATS;
    return PLD_OK;
}

/* One way to compute the convolution: its graph, and which configuration of it. */
struct way {
    enum pld_conv_fusion fusion;
    int config;
};

static void plan_clear(struct plan *plan)
{
    if (plan->exec) cudnnBackendDestroyDescriptor(plan->exec);
    plan->exec = NULL;
    pld_descriptors_release(&plan->parts);
    plan->parts = (struct pld_descriptors){0};
}

/* Makes the plan that `way` says; false when there is no such plan. */
static bool plan_make(struct plan *plan, struct way way)
{
    cudnnBackendDescriptor_t configs[PLD_MOST_CONFIGS];
    plan_clear(plan);
    plan->fusion = way.fusion;
    cudnnBackendDescriptor_t graph = pld_conv_graph_new(&plan->parts, &plan->shape, way.fusion);
    if (!graph) return false;
    int n = pld_conv_graph_configs(configs, &plan->parts, graph, NULL, plan->shape.exact);
    if (way.config < n) plan->exec = pld_conv_plan_new(configs[way.config], NULL, &plan->workspace);
    return plan->exec != NULL;
}

/* Times what cuDNN recommends and returns the fastest way in `best`; false when none works. */
static bool tune(struct way *best, struct plan *plan)
{
    struct bench bench;
    float fastest = 0;
    bool found = false;
    bool fusible = plan->shape.act.op < 0 || pld_conv_graph_act(&plan->shape.act);
    bool ready = bench_open(&bench, &plan->shape) == PLD_OK;
    for (int f = fusible ? PLD_FUSE_ALL : PLD_FUSE_BIAS; ready && f <= PLD_FUSE_BIAS; f++) {
        if (f == PLD_FUSE_BIAS && fusible && plan->shape.act.op < 0) break; /* the same graph */
        int worked = 0;
        for (int c = 0; c < PLD_MOST_CONFIGS && worked < TRIED; c++) {
            struct way way = {(enum pld_conv_fusion)f, c};
            float ms;
            if (!plan_make(plan, way) || bench_time(&ms, &bench, plan) != PLD_OK) continue;
            worked++;
            if (found && ms >= fastest) continue;
            found = true;
            fastest = ms;
            *best = way;
        }
    }
    bench_close(&bench);
    return found;
}

static void plan_free(void *plan_)
{
    struct plan *plan = plan_;
    plan_clear(plan);
    free(plan);
}

static void prepare_act(struct plan *plan, const struct pld_signature *sig)
{
    int64_t stride[PLD_MAX_RANK];
    struct pld_map_args *args = &plan->act;
    pld_desc_strides(stride, &sig->out[0]);
    args->op = plan->shape.act.op;
    args->alpha = plan->shape.act.alpha;
    args->beta = plan->shape.act.beta;
    args->n_in = 1;
    args->dtype[0] = args->dtype[1] = sig->out[0].dtype;
    pld_nest_init(&args->nest, &sig->out[0].shape, 2, (const int64_t *const[]){stride, stride});
    plan->act_wide = *args;
    plan->act_has_wide = pld_nest_widen(&plan->act_wide.nest, &args->nest);
}

static pld_status plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    char key[256];
    struct way way = {PLD_FUSE_ALL, 0};
    int variant, config;
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan) return pld_fail_memory("kernel plan");
    plan->shape = shape_of(sig);
    prepare_act(plan, sig);
    key_of(key, sizeof key, &plan->shape);
    bool good = pld_tune_find(key, &variant, &config);
    if (good) {
        way = (struct way){(enum pld_conv_fusion)variant, config};
        good = plan_make(plan, way);
    }
    if (!good) {
        good = tune(&way, plan) && plan_make(plan, way);
        if (good) pld_tune_keep(key, way.fusion, way.config);
    }
    if (!good) {
        plan_free(plan);
        return pld_fail(PLD_EDEVICE, sig->node, "cuDNN offers no engine for this convolution (%s)",
                        key);
    }
    *workspace = (size_t)plan->workspace;
    *out = plan;
    return PLD_OK;
}

/* ---- constants ---- */

static size_t pack_size(const void *plan_, int input)
{
    const struct pld_conv_shape *s = &((const struct plan *)plan_)->shape;
    size_t size = s->dtype == CUDNN_DATA_HALF ? 2 : 4;
    if (input == 1) return (size_t)(s->k * (s->c / s->group) * s->r * s->s) * size;
    return input == 2 ? (size_t)s->k * size : 0;
}

/* Weights [K, C, R, S] to [K, R, S, C]; both in the type of the activations. */
static pld_status pack(const void *plan_, int input, void *packed, const void *plain)
{
    const struct pld_conv_shape *s = &((const struct plan *)plan_)->shape;
    enum pld_dtype dtype = s->dtype == CUDNN_DATA_HALF ? PLD_F16 : PLD_F32;
    int64_t c = input == 1 ? s->c / s->group : 1, area = input == 1 ? s->r * s->s : 1;
    void *turned = malloc(pack_size(plan_, input));
    if (!turned) return pld_fail_memory("weights");
    for (int64_t k = 0; k < s->k; k++)
        for (int64_t i = 0; i < c; i++)
            for (int64_t a = 0; a < area; a++)
                pld_store(dtype, turned, (k * area + a) * c + i,
                          ((const float *)plain)[(k * c + i) * area + a]);
    pld_status status = pld_cuda_upload(packed, turned, pack_size(plan_, input));
    free(turned);
    return status;
}

extern const struct pld_kernel pld_cudnn_conv;
const struct pld_kernel pld_cudnn_conv = {.name = "cudnn.conv",
                                          .supports = supports,
                                          .plan_new = plan_new,
                                          .plan_free = plan_free,
                                          .pack_size = pack_size,
                                          .pack = pack,
                                          .run = run};
