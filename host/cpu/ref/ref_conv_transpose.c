/* ConvTranspose: input pixel (iy, ix) adds w[c,m,i,j] in[n,c,iy,ix] to the output pixel
 * (iy*stride + i*dilation - pad, ...). Here each output pixel looks for the inputs that reach it.
 */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    int rank = sig->in[0].shape.rank;
    const struct pld_conv_params *params = &sig->params->conv;
    const int64_t *x = sig->in[0].shape.dim, *w = sig->in[1].shape.dim;
    if (!pld_sig_float(sig) || (rank != 3 && rank != 4) || sig->in[1].shape.rank != rank)
        return false;
    return params->group > 0 && x[1] == w[0] && w[0] % params->group == 0 && w[1] > 0 &&
           params->window.stride[0] > 0 && params->window.stride[1] > 0;
}

/* The input position that tap k carries to output o, or -1. */
static int64_t source(const struct pld_window *win, int axis, int64_t o, int64_t k, int64_t size)
{
    int64_t at = o + win->pad_begin[axis] - k * win->dilation[axis];
    if (at < 0 || at % win->stride[axis] != 0) return -1;
    at /= win->stride[axis];
    return at < size ? at : -1;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_conv_params *params = &plan->params.conv;
    struct pld_cpu_image x = pld_cpu_image_of(&plan->in[0]), w = pld_cpu_image_of(&plan->in[1]);
    struct pld_cpu_image o = pld_cpu_image_of(&plan->out[0]);
    enum pld_dtype dtype = plan->out[0].desc.dtype;
    int64_t in_group = x.c / params->group, out_group = w.c;
    struct pld_shape shape = pld_shape_of(4, (int64_t[]){o.n, o.c, o.h, o.w});
    int64_t at[PLD_MAX_RANK];
    for (bool more = pld_index_first(at, &shape); more; more = pld_index_next(at, &shape)) {
        int64_t c0 = at[1] / out_group * in_group, m = at[1] % out_group;
        double sum = plan->n_in > 2 && in[2] ? pld_load(dtype, in[2], at[1]) : 0;
        for (int64_t i = 0; i < w.h; i++) {
            int64_t iy = source(&params->window, 0, at[2], i, x.h);
            for (int64_t j = 0; iy >= 0 && j < w.w; j++) {
                int64_t ix = source(&params->window, 1, at[3], j, x.w);
                for (int64_t c = c0; ix >= 0 && c < c0 + in_group; c++)
                    sum += pld_load(dtype, in[1], c * w.sn + m * w.sc + i * w.sh + j * w.sw) *
                           pld_load(dtype, in[0], at[0] * x.sn + c * x.sc + iy * x.sh + ix * x.sw);
            }
        }
        pld_store(dtype, out[0], at[0] * o.sn + at[1] * o.sc + at[2] * o.sh + at[3] * o.sw,
                  pld_ref_act(&params->act, sum));
    }
    return PLD_OK;
}

PLD_REF_KERNEL(conv_transpose);
