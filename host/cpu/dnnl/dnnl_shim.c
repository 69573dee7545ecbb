#include "cpu/dnnl/dnnl_shim.h"

#include <omp.h>
#include <pthread.h>
#include <stdio.h>

static dnnl_engine_t engine;
static char version_text[32];

static void initialise(void)
{
    const dnnl_version_t *v = dnnl_version();
    snprintf(version_text, sizeof version_text, "oneDNN %d.%d.%d", v->major, v->minor, v->patch);
    if (dnnl_engine_create(&engine, dnnl_cpu, 0) != dnnl_success) engine = NULL;
}

static void once(void)
{
    static pthread_once_t control = PTHREAD_ONCE_INIT;
    pthread_once(&control, initialise);
}

const char *pld_dnnl_version(void)
{
    once();
    return version_text;
}

dnnl_engine_t pld_dnnl_engine(void)
{
    once();
    return engine;
}

int pld_dnnl_single_begin(void)
{
    int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    return threads;
}

void pld_dnnl_single_end(int threads)
{
    omp_set_num_threads(threads);
}

/* ---- memory descriptors ---- */

#if DNNL_VERSION_MAJOR >= 3

bool pld_md_init(struct pld_md *md, int rank, const int64_t *dims, const int64_t *strides)
{
    dnnl_status_t status =
        strides ? dnnl_memory_desc_create_with_strides(&md->handle, rank, dims, dnnl_f32, strides)
                : dnnl_memory_desc_create_with_tag(&md->handle, rank, dims, dnnl_f32,
                                                   dnnl_format_tag_any);
    if (status != dnnl_success) md->handle = NULL;
    return status == dnnl_success;
}

void pld_md_release(struct pld_md *md)
{
    if (md->handle) dnnl_memory_desc_destroy(md->handle);
    md->handle = NULL;
}

pld_md_ref pld_md_get(const struct pld_md *md)
{
    return md->handle;
}

#else

bool pld_md_init(struct pld_md *md, int rank, const int64_t *dims, const int64_t *strides)
{
    dnnl_status_t status =
        strides
            ? dnnl_memory_desc_init_by_strides(&md->value, rank, dims, dnnl_f32, strides)
            : dnnl_memory_desc_init_by_tag(&md->value, rank, dims, dnnl_f32, dnnl_format_tag_any);
    md->set = status == dnnl_success;
    return md->set;
}

void pld_md_release(struct pld_md *md)
{
    md->set = false;
}

pld_md_ref pld_md_get(const struct pld_md *md)
{
    return md->set ? &md->value : NULL;
}

#endif

size_t pld_md_bytes(pld_md_ref md)
{
    return md ? dnnl_memory_desc_get_size(md) : 0;
}

bool pld_md_equal(pld_md_ref a, pld_md_ref b)
{
    return dnnl_memory_desc_equal(a, b);
}

pld_md_ref pld_md_query(const_dnnl_primitive_desc_t pd, dnnl_query_t what)
{
    return dnnl_primitive_desc_query_md(pd, what, 0);
}

/* ---- attributes ---- */

struct eltwise {
    dnnl_alg_kind_t kind;
    float alpha, beta;
};

/* At most two post-operations compute an activation. Returns how many, 0 when it cannot be fused.
 */
static int eltwise_of(struct eltwise out[2], const struct pld_act *act)
{
    float a = act->alpha, b = act->beta;
    switch (act->op) {
    case PLD_OP_RELU:
        out[0] = (struct eltwise){dnnl_eltwise_relu, 0, 0};
        return 1;
    case PLD_OP_LEAKY_RELU:
        out[0] = (struct eltwise){dnnl_eltwise_relu, a, 0};
        return 1;
    case PLD_OP_ELU:
        out[0] = (struct eltwise){dnnl_eltwise_elu, a, 0};
        return 1;
    case PLD_OP_SIGMOID:
        out[0] = (struct eltwise){dnnl_eltwise_logistic, 0, 0};
        return 1;
    case PLD_OP_TANH:
        out[0] = (struct eltwise){dnnl_eltwise_tanh, 0, 0};
        return 1;
    case PLD_OP_SILU:
        out[0] = (struct eltwise){dnnl_eltwise_swish, 1, 0};
        return 1;
    case PLD_OP_CLIP:
        out[0] = (struct eltwise){dnnl_eltwise_clip, a, b};
        return 1;
    case PLD_OP_MISH:
        out[0] = (struct eltwise){dnnl_eltwise_mish, 0, 0};
        return 1;
    /* Version 2 ignores the constants of hardswish and has no hardsigmoid. */
    case PLD_OP_HARD_SWISH:
        out[0] = (struct eltwise){dnnl_eltwise_hardswish, 1.0f / 6, 0.5f};
        return 1;
    case PLD_OP_HARD_SIGMOID:
        out[0] = (struct eltwise){dnnl_eltwise_linear, a, b};
        out[1] = (struct eltwise){dnnl_eltwise_clip, 0, 1};
        return 2;
    default:
        return 0;
    }
}

bool pld_dnnl_can_fuse(const struct pld_act *act)
{
    struct eltwise steps[2];
    return eltwise_of(steps, act) > 0;
}

static bool append(dnnl_post_ops_t ops, const struct eltwise *e)
{
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_post_ops_append_eltwise(ops, e->kind, e->alpha, e->beta) == dnnl_success;
#else
    return dnnl_post_ops_append_eltwise(ops, 1, e->kind, e->alpha, e->beta) == dnnl_success;
#endif
}

/* Attributes with the scratchpad as an argument and the activation; NULL on failure. */
static dnnl_primitive_attr_t make_attr(const struct pld_act *act)
{
    dnnl_primitive_attr_t attr = NULL;
    dnnl_post_ops_t ops = NULL;
    struct eltwise steps[2];
    int n = act ? eltwise_of(steps, act) : 0;
    bool good =
        dnnl_primitive_attr_create(&attr) == dnnl_success &&
        dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user) == dnnl_success;
    if (good && n) {
        good = dnnl_post_ops_create(&ops) == dnnl_success;
        for (int i = 0; good && i < n; i++)
            good = append(ops, &steps[i]);
        good = good && dnnl_primitive_attr_set_post_ops(attr, ops) == dnnl_success;
    }
    if (ops) dnnl_post_ops_destroy(ops);
    if (good) return attr;
    if (attr) dnnl_primitive_attr_destroy(attr);
    return NULL;
}

/* ---- primitive descriptors ---- */

#if DNNL_VERSION_MAJOR >= 3

static dnnl_status_t conv_desc(dnnl_primitive_desc_t *pd, const struct pld_dnnl_conv *c,
                               dnnl_primitive_attr_t attr)
{
    if (c->transposed)
        return dnnl_deconvolution_forward_primitive_desc_create(
            pd, engine, dnnl_forward_inference, dnnl_deconvolution_direct, c->src.handle,
            c->weights.handle, c->bias.handle, c->dst.handle, c->stride, c->dilate, c->pad_begin,
            c->pad_end, attr);
    return dnnl_convolution_forward_primitive_desc_create(
        pd, engine, dnnl_forward_inference, dnnl_convolution_direct, c->src.handle,
        c->weights.handle, c->bias.handle, c->dst.handle, c->stride, c->dilate, c->pad_begin,
        c->pad_end, attr);
}

static dnnl_status_t matmul_desc(dnnl_primitive_desc_t *pd, const struct pld_md *src,
                                 const struct pld_md *weights, const struct pld_md *bias,
                                 const struct pld_md *dst, dnnl_primitive_attr_t attr)
{
    return dnnl_matmul_primitive_desc_create(pd, engine, src->handle, weights->handle,
                                             bias ? bias->handle : NULL, dst->handle, attr);
}

#else

static dnnl_status_t conv_desc(dnnl_primitive_desc_t *pd, const struct pld_dnnl_conv *c,
                               dnnl_primitive_attr_t attr)
{
    union {
        dnnl_convolution_desc_t conv;
        dnnl_deconvolution_desc_t deconv;
    } op;
    dnnl_status_t status;
    if (c->transposed)
        status = dnnl_dilated_deconvolution_forward_desc_init(
            &op.deconv, dnnl_forward_inference, dnnl_deconvolution_direct, pld_md_get(&c->src),
            pld_md_get(&c->weights), pld_md_get(&c->bias), pld_md_get(&c->dst), c->stride,
            c->dilate, c->pad_begin, c->pad_end);
    else
        status = dnnl_dilated_convolution_forward_desc_init(
            &op.conv, dnnl_forward_inference, dnnl_convolution_direct, pld_md_get(&c->src),
            pld_md_get(&c->weights), pld_md_get(&c->bias), pld_md_get(&c->dst), c->stride,
            c->dilate, c->pad_begin, c->pad_end);
    if (status != dnnl_success) return status;
    return dnnl_primitive_desc_create(pd, &op, attr, engine, NULL);
}

static dnnl_status_t matmul_desc(dnnl_primitive_desc_t *pd, const struct pld_md *src,
                                 const struct pld_md *weights, const struct pld_md *bias,
                                 const struct pld_md *dst, dnnl_primitive_attr_t attr)
{
    dnnl_matmul_desc_t op;
    dnnl_status_t status = dnnl_matmul_desc_init(&op, pld_md_get(src), pld_md_get(weights),
                                                 bias ? pld_md_get(bias) : NULL, pld_md_get(dst));
    if (status != dnnl_success) return status;
    return dnnl_primitive_desc_create(pd, &op, attr, engine, NULL);
}

#endif

dnnl_primitive_desc_t pld_dnnl_conv_desc(const struct pld_dnnl_conv *conv,
                                         const struct pld_act *act)
{
    dnnl_primitive_desc_t pd = NULL;
    if (!pld_dnnl_engine()) return NULL;
    dnnl_primitive_attr_t attr = make_attr(act);
    if (!attr) return NULL;
    int threads = pld_dnnl_single_begin();
    if (conv_desc(&pd, conv, attr) != dnnl_success) pd = NULL;
    pld_dnnl_single_end(threads);
    dnnl_primitive_attr_destroy(attr);
    return pd;
}

dnnl_primitive_desc_t pld_dnnl_matmul_desc(const struct pld_md *src, const struct pld_md *weights,
                                           const struct pld_md *bias, const struct pld_md *dst)
{
    dnnl_primitive_desc_t pd = NULL;
    if (!pld_dnnl_engine()) return NULL;
    dnnl_primitive_attr_t attr = make_attr(NULL);
    if (!attr) return NULL;
    int threads = pld_dnnl_single_begin();
    if (matmul_desc(&pd, src, weights, bias, dst, attr) != dnnl_success) pd = NULL;
    pld_dnnl_single_end(threads);
    dnnl_primitive_attr_destroy(attr);
    return pd;
}

/* ---- reorder ---- */

bool pld_dnnl_reorder(pld_md_ref from, const void *in, pld_md_ref to, void *out)
{
    dnnl_primitive_desc_t pd = NULL;
    dnnl_primitive_t primitive = NULL;
    dnnl_memory_t src = NULL, dst = NULL;
    dnnl_stream_t stream = NULL;
    if (!pld_dnnl_engine()) return false;
    int threads = pld_dnnl_single_begin();
    bool good =
        dnnl_reorder_primitive_desc_create(&pd, from, engine, to, engine, NULL) == dnnl_success &&
        dnnl_primitive_create(&primitive, pd) == dnnl_success &&
        dnnl_memory_create(&src, from, engine, (void *)(uintptr_t)in) == dnnl_success &&
        dnnl_memory_create(&dst, to, engine, out) == dnnl_success &&
        dnnl_stream_create(&stream, engine, dnnl_stream_default_flags) == dnnl_success;
    if (good) {
        dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, src}, {DNNL_ARG_TO, dst}};
        good = dnnl_primitive_execute(primitive, stream, 2, args) == dnnl_success &&
               dnnl_stream_wait(stream) == dnnl_success;
    }
    pld_dnnl_single_end(threads);
    if (stream) dnnl_stream_destroy(stream);
    if (src) dnnl_memory_destroy(src);
    if (dst) dnnl_memory_destroy(dst);
    if (primitive) dnnl_primitive_destroy(primitive);
    if (pd) dnnl_primitive_desc_destroy(pd);
    return good;
}
