/* ConvTranspose: input pixel (iy, ix) adds w[c,m,i,j] in[n,c,iy,ix] to the output pixel
 * (iy*stride + i*dilation - pad, ...). Here each output pixel looks for the inputs that reach it.
 */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    int rank = sig->in[0].shape.rank;
    const struct pld_conv_params *params = &sig->params->conv;
    const int64_t *x = sig->in[0].shape.dim, *w = sig->in[1].shape.dim;
    if (!pld_sig_float(sig) || rank < 3 || rank > 5 || sig->in[1].shape.rank != rank) return false;
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
    const struct pld_shape shape = {5, {o.n, o.c, o.h, o.w, o.d}}, taps = {3, {w.h, w.w, w.d}};
    const int64_t stride[5] = {o.sn, o.sc, o.sh, o.sw, o.sd}, size[3] = {x.h, x.w, x.d};
    int64_t at[PLD_MAX_RANK], tap[PLD_MAX_RANK], from[3];
    for (bool more = pld_index_first(at, &shape); more; more = pld_index_next(at, &shape)) {
        int64_t c0 = at[1] / out_group * in_group, m = at[1] % out_group;
        double sum = plan->n_in > 2 && in[2] ? pld_load(dtype, in[2], at[1]) : 0;
        for (bool on = pld_index_first(tap, &taps); on; on = pld_index_next(tap, &taps)) {
            for (int i = 0; i < 3; i++)
                from[i] = source(&params->window, i, at[2 + i], tap[i], size[i]);
            if (from[0] < 0 || from[1] < 0 || from[2] < 0) continue;
            int64_t iw = m * w.sc + tap[0] * w.sh + tap[1] * w.sw + tap[2] * w.sd;
            int64_t ix = at[0] * x.sn + from[0] * x.sh + from[1] * x.sw + from[2] * x.sd;
            for (int64_t c = c0; c < c0 + in_group; c++)
                sum +=
                    pld_load(dtype, in[1], c * w.sn + iw) * pld_load(dtype, in[0], c * x.sc + ix);
        }
        pld_store(dtype, out[0], pld_index_offset(at, stride, 5), pld_ref_act(&params->act, sum));
    }
    return PLD_OK;
}

PLD_REF_KERNEL(conv_transpose);
