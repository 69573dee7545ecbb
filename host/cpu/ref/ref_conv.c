/* Conv: out[n,m,y,x] = act(b[m] + sum over c,i,j of w[m,c,i,j] in[n, g*C/G + c, iy, ix]). */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    int rank = sig->in[0].shape.rank;
    int64_t group = sig->params->conv.group;
    const int64_t *x = sig->in[0].shape.dim, *w = sig->in[1].shape.dim;
    if (!pld_sig_float(sig) || (rank != 3 && rank != 4) || sig->in[1].shape.rank != rank)
        return false;
    return group > 0 && x[1] == group * w[1] && w[0] % group == 0;
}

struct conv {
    const struct pld_window *window;
    struct pld_cpu_image x, w; /* w: n = output channel, c = channel within the group */
    enum pld_dtype dtype;
};

static double sum_at(const struct conv *conv, const void *in, const void *weights, int64_t in0,
                     int64_t w0, int64_t y0, int64_t x0)
{
    const struct pld_cpu_image *x = &conv->x, *w = &conv->w;
    double sum = 0;
    for (int64_t i = 0; i < w->h; i++) {
        int64_t iy = y0 + i * conv->window->dilation[0];
        if (iy < 0 || iy >= x->h) continue;
        for (int64_t j = 0; j < w->w; j++) {
            int64_t ix = x0 + j * conv->window->dilation[1];
            if (ix < 0 || ix >= x->w) continue;
            for (int64_t c = 0; c < w->c; c++)
                sum += pld_load(conv->dtype, weights, w0 + c * w->sc + i * w->sh + j * w->sw) *
                       pld_load(conv->dtype, in, in0 + c * x->sc + iy * x->sh + ix * x->sw);
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
    struct pld_cpu_image o = pld_cpu_image_of(&plan->out[0]);
    struct conv conv = {win, pld_cpu_image_of(&plan->in[0]), pld_cpu_image_of(&plan->in[1]),
                        plan->out[0].desc.dtype};
    int64_t per_group = o.c / params->group;
    for (int64_t n = 0; n < o.n; n++)
        for (int64_t m = 0; m < o.c; m++) {
            int64_t in0 = n * conv.x.sn + m / per_group * conv.w.c * conv.x.sc;
            double bias = plan->n_in > 2 && in[2] ? pld_load(conv.dtype, in[2], m) : 0;
            for (int64_t y = 0; y < o.h; y++)
                for (int64_t x = 0; x < o.w; x++) {
                    double v = sum_at(&conv, in[0], in[1], in0, m * conv.w.sn,
                                      y * win->stride[0] - win->pad_begin[0],
                                      x * win->stride[1] - win->pad_begin[1]);
                    pld_store(conv.dtype, out[0], n * o.sn + m * o.sc + y * o.sh + x * o.sw,
                              pld_ref_act(&params->act, bias + v));
                }
        }
    return PLD_OK;
}

PLD_REF_KERNEL(conv);
