/* Depthwise convolution, and the direct form of every other one. */
#include <stdlib.h>
#include <string.h>

#include "backend/signature.h"
#include "cuda/launch.h"

struct plan {
    struct pld_conv_args args;
    bool transposed;
};

static bool is_real(enum pld_dtype dtype)
{
    return dtype == PLD_F32 || dtype == PLD_F16;
}

static bool supports(const struct pld_signature *sig)
{
    int rank = sig->in[0].shape.rank;
    if (sig->n_in < 2 || !pld_sig_single(sig) || (rank != 3 && rank != 4)) return false;
    for (int i = 0; i < sig->n_in; i++)
        if (pld_sig_has(sig, i) && !is_real(sig->in[i].dtype)) return false;
    return is_real(sig->out[0].dtype) && sig->in[1].layout == PLD_ROW_MAJOR &&
           pld_shape_count(&sig->in[0].shape) < (int64_t)1 << 31 &&
           pld_shape_count(&sig->out[0].shape) < (int64_t)1 << 31;
}

/* Strides of an image as N C H W; in rank 3 H is 1. */
static void image_strides(int64_t *n, int64_t *c, int64_t *y, int64_t *x,
                          const struct pld_desc *desc)
{
    int64_t s[PLD_MAX_RANK];
    bool flat = desc->shape.rank == 3;
    pld_desc_strides(s, desc);
    *n = s[0], *c = s[1], *y = flat ? 0 : s[2], *x = s[flat ? 2 : 3];
}

static void describe(struct pld_conv_args *a, const struct pld_signature *sig)
{
    const struct pld_conv_params *params = &sig->params->conv;
    const struct pld_desc *x = &sig->in[0], *y = &sig->out[0];
    bool flat = x->shape.rank == 3; /* H is 1 */
    int w_axis = flat ? 2 : 3;
    memset(a, 0, sizeof *a);
    a->count = (uint32_t)pld_shape_count(&y->shape);
    a->channels = pld_divisor_of((uint32_t)y->shape.dim[1]);
    a->height = pld_divisor_of(flat ? 1 : (uint32_t)y->shape.dim[2]);
    a->width = pld_divisor_of((uint32_t)y->shape.dim[w_axis]);
    a->in_h = flat ? 1 : (int)x->shape.dim[2];
    a->in_w = (int)x->shape.dim[w_axis];
    a->per_group_in = (int)(x->shape.dim[1] / params->group);
    a->per_group_out = (int)(y->shape.dim[1] / params->group);
    for (int i = 0; i < 2; i++) {
        a->kernel[i] = (int)params->window.kernel[i];
        a->stride[i] = (int)params->window.stride[i];
        a->dilation[i] = (int)params->window.dilation[i];
        a->begin[i] = (int)params->window.pad_begin[i];
    }
    a->act = params->act.op;
    a->alpha = params->act.alpha;
    a->beta = params->act.beta;
    a->x_dtype = x->dtype;
    a->w_dtype = sig->in[1].dtype;
    a->b_dtype = pld_sig_has(sig, 2) ? (int)sig->in[2].dtype : -1;
    a->y_dtype = y->dtype;
    image_strides(&a->x_n, &a->x_c, &a->x_y, &a->x_x, x);
    image_strides(&a->y_n, &a->y_c, &a->y_y, &a->y_x, y);
    if (!pld_sig_has(sig, 3)) return;
    a->add = params->add;
    a->add_dtype = sig->in[3].dtype;
    image_strides(&a->add_n, &a->add_c, &a->add_y, &a->add_x, &sig->in[3]);
}

static pld_status plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    struct plan *plan = malloc(sizeof *plan);
    if (!plan) return pld_fail_memory("kernel plan");
    describe(&plan->args, sig);
    plan->transposed = sig->op == PLD_OP_CONV_TRANSPOSE;
    *workspace = 0;
    *out = plan;
    return PLD_OK;
}

static struct pld_conv_args bind(const struct plan *plan, const void *const *in, void *const *out)
{
    struct pld_conv_args a = plan->args;
    a.x = in[0];
    a.w = in[1];
    a.b = a.b_dtype < 0 ? NULL : in[2];
    a.addend = a.add ? in[3] : NULL;
    a.y = out[0];
    return a;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    (void)lane, (void)workspace;
    const struct plan *plan = plan_;
    struct pld_conv_args a = bind(plan, in, out);
    return plan->transposed ? pld_launch_conv_transpose(&a, a.count)
                            : pld_launch_conv_direct(&a, a.count);
}

extern const struct pld_kernel pld_cuda_conv;
const struct pld_kernel pld_cuda_conv = {
    .name = "cuda.conv", .supports = supports, .plan_new = plan_new, .plan_free = free, .run = run};

/* ---- depthwise ---- */

static bool is_run(const struct pld_desc *desc)
{
    int64_t s[PLD_MAX_RANK];
    pld_desc_strides(s, desc);
    return s[1] == 1 && s[desc->shape.rank - 1] % PLD_RUN == 0;
}

static bool depthwise_supports(const struct pld_signature *sig)
{
    const struct pld_shape *x = &sig->in[0].shape;
    if (!supports(sig)) return false;
    bool constant = !(sig->varies & 2u) && !(pld_sig_has(sig, 2) && (sig->varies & 4u));
    return constant && sig->in[1].dtype == PLD_F32 && sig->params->conv.group == x->dim[1] &&
           sig->out[0].shape.dim[1] == x->dim[1] && x->dim[1] % PLD_RUN == 0 &&
           is_run(&sig->in[0]) && is_run(&sig->out[0]) &&
           (!pld_sig_has(sig, 3) || is_run(&sig->in[3]));
}

static pld_status depthwise_plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    PLD_TRY(plan_new(out, workspace, sig));
    struct pld_conv_args *a = &((struct plan *)*out)->args;
    a->count /= PLD_RUN;
    a->channels = pld_divisor_of(a->channels.value / PLD_RUN);
    return PLD_OK;
}

static size_t depthwise_pack_size(const void *plan_, int input)
{
    const struct pld_conv_args *a = &((const struct plan *)plan_)->args;
    size_t channels = (size_t)a->channels.value * PLD_RUN;
    if (input != 1) return 0;
    return channels * (size_t)a->kernel[0] * (size_t)a->kernel[1] * sizeof(float);
}

/* [C, 1, kh, kw] to [kh, kw, C]. */
static pld_status depthwise_pack(const void *plan_, int input, void *packed, const void *plain)
{
    const struct pld_conv_args *a = &((const struct plan *)plan_)->args;
    size_t size = depthwise_pack_size(plan_, input);
    int area = a->kernel[0] * a->kernel[1], channels = (int)a->channels.value * PLD_RUN;
    float *turned = malloc(size);
    if (!turned) return pld_fail_memory("weights");
    for (int c = 0; c < channels; c++)
        for (int k = 0; k < area; k++)
            turned[k * channels + c] = ((const float *)plain)[c * area + k];
    pld_status status = pld_cuda_upload(packed, turned, size);
    free(turned);
    return status;
}

static pld_status depthwise_run(const void *plan_, void *lane, const void *const *in,
                                void *const *out, void *workspace)
{
    (void)lane, (void)workspace;
    const struct plan *plan = plan_;
    struct pld_conv_args a = bind(plan, in, out);
    uintptr_t bits =
        (uintptr_t)a.x | (uintptr_t)a.y | (uintptr_t)a.w | (uintptr_t)a.b | (uintptr_t)a.addend;
    if (bits % 16 != 0)
        return pld_fail(PLD_EDEVICE, "depthwise convolution", "operands are not on 16 bytes");
    return pld_launch_depthwise(&a, a.count);
}

extern const struct pld_kernel pld_cuda_depthwise;
const struct pld_kernel pld_cuda_depthwise = {.name = "cuda.depthwise",
                                              .supports = depthwise_supports,
                                              .plan_new = depthwise_plan_new,
                                              .plan_free = free,
                                              .pack_size = depthwise_pack_size,
                                              .pack = depthwise_pack,
                                              .run = depthwise_run};
