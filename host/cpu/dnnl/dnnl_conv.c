/* Conv and ConvTranspose through oneDNN, channels last.
 *
 * oneDNN 2.6 is fast for dense channels-last images only, so anything else (rows first, a range of
 * channels inside a wider tensor, one-dimensional images) is copied into the workspace first, and
 * the result out of it. An activation that oneDNN cannot fuse is applied in place afterwards. */
#include <stdlib.h>
#include <string.h>

#include "cpu/cpu_plan.h"
#include "cpu/dnnl/dnnl_prim.h"
#include "cpu/fast/copy.h"
#include "cpu/fast/fast_unary.h"

struct plan {
    struct pld_prim prim;
    struct pld_md plain; /* the weights as the model has them */
    size_t packed;       /* bytes of the weights as oneDNN wants them */
    bool bias;
    struct pld_act after; /* op = -1: nothing to do */
    int64_t out_count;
    bool stage_in, stage_out;
    struct pld_copy copy_in, copy_out;
    size_t at_in, at_out; /* of the staged images in the workspace */
};

static size_t align(size_t n)
{
    return (n + 63) & ~(size_t)63;
}

/* Strides of a dense channels-last image of the same size. */
static struct pld_cpu_image channels_last(struct pld_cpu_image image)
{
    image.sc = 1;
    image.sw = image.c;
    image.sh = image.w * image.sw;
    image.sn = image.h * image.sh;
    return image;
}

static bool image_md(struct pld_md *md, const struct pld_cpu_image *image)
{
    struct pld_cpu_image dense = channels_last(*image);
    return pld_md_init(md, 4, (int64_t[]){image->n, image->c, image->h, image->w},
                       (int64_t[]){dense.sn, dense.sc, dense.sh, dense.sw});
}

/* The weights: plain as in the model (or, with any = true, free for oneDNN to choose), as
 * [G] M/G C/G kh kw. ConvTranspose has them as C, M/G. */
static bool weights_md(struct pld_md *md, const struct pld_signature *sig, bool any)
{
    struct pld_cpu_tensor tensor;
    pld_cpu_tensor_init(&tensor, &sig->in[1]);
    struct pld_cpu_image w = pld_cpu_image_of(&tensor);
    int64_t g = sig->params->conv.group, first = w.n / g;
    int64_t dims[] = {g, first, w.c, w.h, w.w};
    int64_t strides[] = {first * w.sn, w.sn, w.sc, w.w * w.sw, w.sw};
    if (sig->op == PLD_OP_CONV_TRANSPOSE) {
        dims[1] = w.c, dims[2] = first;
        strides[1] = w.sc, strides[2] = w.sn;
    }
    int skip = g > 1 ? 0 : 1;
    return pld_md_init(md, 5 - skip, dims + skip, any ? NULL : strides + skip);
}

/* The end padding that gives exactly the wanted output size (ConvTranspose's output_padding makes
 * it smaller). */
static int64_t pad_end(const struct pld_window *win, int axis, bool transposed, int64_t in,
                       int64_t out)
{
    if (!transposed) return win->pad_end[axis];
    int64_t reach = (win->kernel[axis] - 1) * win->dilation[axis] + 1;
    return (in - 1) * win->stride[axis] + reach - win->pad_begin[axis] - out;
}

static dnnl_primitive_desc_t describe(const struct pld_signature *sig)
{
    struct pld_cpu_tensor x, z;
    pld_cpu_tensor_init(&x, &sig->in[0]);
    pld_cpu_tensor_init(&z, &sig->out[0]);
    struct pld_cpu_image in = pld_cpu_image_of(&x), out = pld_cpu_image_of(&z);
    const struct pld_conv_params *params = &sig->params->conv;
    const struct pld_window *win = &params->window;
    struct pld_dnnl_conv conv = {.transposed = sig->op == PLD_OP_CONV_TRANSPOSE};
    int64_t in_size[] = {in.h, in.w}, out_size[] = {out.h, out.w};
    for (int i = 0; i < 2; i++) {
        conv.stride[i] = win->stride[i];
        conv.dilate[i] = win->dilation[i] - 1;
        conv.pad_begin[i] = win->pad_begin[i];
        conv.pad_end[i] = pad_end(win, i, conv.transposed, in_size[i], out_size[i]);
    }
    bool good = image_md(&conv.src, &in) && image_md(&conv.dst, &out) &&
                weights_md(&conv.weights, sig, true);
    if (good && pld_sig_has(sig, 2))
        good = pld_md_init(&conv.bias, 1, (int64_t[]){out.c}, (int64_t[]){1});
    const struct pld_act *act = params->act.op >= 0 ? &params->act : NULL;
    if (act && !pld_dnnl_can_fuse(act)) act = NULL;
    dnnl_primitive_desc_t pd = good ? pld_dnnl_conv_desc(&conv, act) : NULL;
    pld_md_release(&conv.src);
    pld_md_release(&conv.weights);
    pld_md_release(&conv.bias);
    pld_md_release(&conv.dst);
    return pd;
}

static bool supports(const struct pld_signature *sig)
{
    int rank = sig->in[0].shape.rank, act = sig->params->conv.act.op;
    if (sig->n_in < 2 || pld_sig_has(sig, 3) || !pld_sig_single(sig)) return false;
    if (!pld_sig_is(sig, PLD_F32) || (rank != 3 && rank != 4)) return false;
    if (sig->in[1].shape.rank != rank || sig->in[1].layout != PLD_ROW_MAJOR) return false;
    if (sig->varies & 2 || sig->params->conv.group < 1) return false;
    if (pld_shape_count(&sig->in[0].shape) == 0 || pld_shape_count(&sig->out[0].shape) == 0)
        return false;
    if (act >= 0 && !pld_dnnl_can_fuse(&sig->params->conv.act) && !pld_fast_unary_of(act))
        return false;
    dnnl_primitive_desc_t pd = describe(sig);
    bool fast = pld_prim_fast(pd);
    if (pd) dnnl_primitive_desc_destroy(pd);
    return fast;
}

static void plan_free(void *plan_)
{
    struct plan *plan = plan_;
    if (!plan) return;
    pld_prim_release(&plan->prim);
    pld_md_release(&plan->plain);
    free(plan);
}

/* Is the image something else than dense channels-last? Then `copy` goes between it and such. */
static bool stage(struct pld_copy *copy, const struct pld_desc *desc, bool input)
{
    struct pld_cpu_tensor tensor;
    pld_cpu_tensor_init(&tensor, desc);
    struct pld_cpu_image own = pld_cpu_image_of(&tensor), dense = channels_last(own);
    struct pld_shape shape = pld_shape_of(4, (int64_t[]){own.n, own.c, own.h, own.w});
    int64_t a[] = {own.sn, own.sc, own.sh, own.sw}, b[] = {dense.sn, dense.sc, dense.sh, dense.sw};
    bool same = true;
    for (int i = 0; i < 4; i++)
        same = same && (shape.dim[i] == 1 || a[i] == b[i]);
    if (!same) pld_copy_init(copy, &shape, input ? b : a, input ? a : b, sizeof(float));
    return !same;
}

static pld_status plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan) return pld_fail_memory("kernel plan");
    int args[] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST, DNNL_ARG_BIAS};
    plan->bias = pld_sig_has(sig, 2);
    pld_status status =
        pld_prim_init(&plan->prim, describe(sig), args, plan->bias ? 4 : 3, sig->node);
    if (status == PLD_OK && !weights_md(&plan->plain, sig, false))
        status = pld_fail(PLD_EDEVICE, sig->node, "oneDNN refuses the weights");
    if (status != PLD_OK) {
        plan_free(plan);
        return status;
    }
    plan->packed = pld_md_bytes(pld_md_query(plan->prim.pd, dnnl_query_weights_md));
    plan->after = sig->params->conv.act;
    if (plan->after.op >= 0 && pld_dnnl_can_fuse(&plan->after)) plan->after.op = -1;
    plan->out_count = pld_shape_count(&sig->out[0].shape);
    plan->stage_in = stage(&plan->copy_in, &sig->in[0], true);
    plan->stage_out = stage(&plan->copy_out, &sig->out[0], false);
    plan->at_in = align(plan->prim.scratchpad);
    plan->at_out = plan->at_in;
    if (plan->stage_in)
        plan->at_out += align((size_t)pld_shape_count(&sig->in[0].shape) * sizeof(float));
    *workspace = plan->at_out;
    if (plan->stage_out) *workspace += align((size_t)plan->out_count * sizeof(float));
    *out = plan;
    return PLD_OK;
}

static size_t pack_size(const void *plan, int input)
{
    return input == 1 ? ((const struct plan *)plan)->packed : 0;
}

static pld_status pack(const void *plan_, int input, void *packed, const void *plain)
{
    (void)input;
    const struct plan *plan = plan_;
    pld_md_ref to = pld_md_query(plan->prim.pd, dnnl_query_weights_md);
    if (pld_dnnl_reorder(pld_md_get(&plan->plain), plain, to, packed)) return PLD_OK;
    return pld_fail(PLD_EDEVICE, "", "oneDNN cannot reorder the weights");
}

static pld_status lane_new(void **lane, const void *plan)
{
    return pld_prim_lane_new((struct pld_prim_lane **)lane, &((const struct plan *)plan)->prim);
}

static void lane_free(void *lane)
{
    pld_prim_lane_free(lane);
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    const struct plan *plan = plan_;
    const void *src = in[0];
    void *dst = out[0];
    if (plan->stage_in) {
        src = (char *)workspace + plan->at_in;
        pld_copy_run(&plan->copy_in, (char *)workspace + plan->at_in, in[0]);
    }
    if (plan->stage_out) dst = (char *)workspace + plan->at_out;
    const void *data[PLD_PRIM_ARGS] = {src, in[1], dst};
    int n = 3;
    if (plan->bias) data[n++] = in[2];
    data[n] = workspace;
    PLD_TRY(pld_prim_run(&plan->prim, lane, data));
    if (plan->after.op >= 0)
        pld_fast_unary_of(plan->after.op)(dst, dst, plan->out_count, plan->after.alpha,
                                          plan->after.beta);
    if (plan->stage_out) pld_copy_run(&plan->copy_out, out[0], dst);
    return PLD_OK;
}

extern const struct pld_kernel pld_dnnl_conv_kernel;
const struct pld_kernel pld_dnnl_conv_kernel = {
    .name = "dnnl.conv",
    .supports = supports,
    .plan_new = plan_new,
    .plan_free = plan_free,
    .pack_size = pack_size,
    .pack = pack,
    .lane_new = lane_new,
    .lane_free = lane_free,
    .run = run,
};
