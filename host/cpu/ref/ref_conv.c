/* Conv: out[n,m,y,x] = act(b[m] + sum over c,i,j of w[m,c,i,j] in[n, g*C/G + c, iy, ix]), with a
 * fused addend before or after act. */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    int rank = sig->in[0].shape.rank;
    int64_t group = sig->params->conv.group;
    const int64_t *x = sig->in[0].shape.dim, *w = sig->in[1].shape.dim;
    if (!pld_sig_float(sig) || rank < 3 || rank > 5 || sig->in[1].shape.rank != rank) return false;
    return group > 0 && x[1] == group * w[1] && w[0] % group == 0;
}

struct conv {
    const struct pld_window *window;
    struct pld_cpu_image x, w; /* w: n = output channel, c = channel within the group */
    enum pld_dtype dtype;
};

/* One row of taps along W from input position `x0`: all channels of the group. */
static double row_at(const struct conv *conv, const void *in, const void *weights, int64_t in0,
                     int64_t w0, int64_t x0)
{
    const struct pld_cpu_image *x = &conv->x, *w = &conv->w;
    double sum = 0;
    for (int64_t j = 0; j < w->w; j++) {
        int64_t ix = x0 + j * conv->window->dilation[1];
        if (ix < 0 || ix >= x->w) continue;
        for (int64_t c = 0; c < w->c; c++)
            sum += pld_load(conv->dtype, weights, w0 + c * w->sc + j * w->sw) *
                   pld_load(conv->dtype, in, in0 + c * x->sc + ix * x->sw);
    }
    return sum;
}

/* `at`: the first input position of the window along H, W and D. */
static double sum_at(const struct conv *conv, const void *in, const void *weights, int64_t in0,
                     int64_t w0, const int64_t *at)
{
    const struct pld_cpu_image *x = &conv->x, *w = &conv->w;
    const int64_t *step = conv->window->dilation;
    double sum = 0;
    for (int64_t k = 0; k < w->d; k++) {
        int64_t iz = at[2] + k * step[2];
        for (int64_t i = 0; iz >= 0 && iz < x->d && i < w->h; i++) {
            int64_t iy = at[0] + i * step[0];
            if (iy >= 0 && iy < x->h)
                sum += row_at(conv, in, weights, in0 + iy * x->sh + iz * x->sd,
                              w0 + i * w->sh + k * w->sd, at[1]);
        }
    }
    return sum;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_conv_params *params = &plan->params.conv;
    const struct pld_window *win = &params->window;
    struct pld_cpu_image o = pld_cpu_image_of(&plan->out[0]), a = {0};
    if (params->add) a = pld_cpu_image_of(&plan->in[3]);
    struct conv conv = {win, pld_cpu_image_of(&plan->in[0]), pld_cpu_image_of(&plan->in[1]),
                        plan->out[0].desc.dtype};
    int64_t per_group = o.c / params->group, at[PLD_MAX_RANK];
    const struct pld_shape shape = {5, {o.n, o.c, o.h, o.w, o.d}};
    const int64_t stride[5] = {o.sn, o.sc, o.sh, o.sw, o.sd};
    const int64_t apart[5] = {a.sn, a.sc, a.sh, a.sw, a.sd};
    for (bool more = pld_index_first(at, &shape); more; more = pld_index_next(at, &shape)) {
        int64_t m = at[1], from[3];
        int64_t in0 = at[0] * conv.x.sn + m / per_group * conv.w.c * conv.x.sc;
        double v = plan->n_in > 2 && in[2] ? pld_load(conv.dtype, in[2], m) : 0;
        for (int i = 0; i < 3; i++)
            from[i] = at[2 + i] * win->stride[i] - win->pad_begin[i];
        v += sum_at(&conv, in[0], in[1], in0, m * conv.w.sn, from);
        double add = params->add ? pld_load(conv.dtype, in[3], pld_index_offset(at, apart, 5)) : 0;
        if (params->add == PLD_CONV_ADD_EARLY) v += add;
        v = pld_ref_act(&params->act, v);
        if (params->add == PLD_CONV_ADD_LATE) v += add;
        pld_store(conv.dtype, out[0], pld_index_offset(at, stride, 5), v);
    }
    return PLD_OK;
}

PLD_REF_KERNEL(conv);
