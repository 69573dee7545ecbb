/* Depthwise Conv: each channel has a window of its own. Channels-last, eight channels are one
 * vector; a row of outputs takes its taps in one fixed order, so shares never change a bit. */
#include <stdlib.h>
#include <string.h>

#include "cpu/fast/conv.h"
#include "cpu/fast/simd.h"

struct plan {
    struct pld_conv_geometry g;
};

static bool supports(const struct pld_signature *sig)
{
    if (!pld_conv_suits(sig, true)) return false;
    int64_t channels = sig->in[0].shape.dim[1];
    return sig->params->conv.group == channels && sig->out[0].shape.dim[1] == channels &&
           channels % PLD_VEC == 0;
}

static pld_status plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan) return pld_fail_memory("kernel plan");
    pld_conv_geometry_init(&plan->g, sig);
    *workspace = 0;
    *out = plan;
    return PLD_OK;
}

static size_t pack_size(const void *plan_, int input)
{
    const struct plan *plan = plan_;
    int64_t taps = plan->g.kernel[0] * plan->g.kernel[1];
    return input == 1 ? (size_t)(taps * plan->g.in.c) * sizeof(float) : 0;
}

/* C 1 kh kw -> kh kw C */
static pld_status pack(const void *plan_, int input, void *packed, const void *plain)
{
    (void)input;
    const struct plan *plan = plan_;
    int64_t taps = plan->g.kernel[0] * plan->g.kernel[1];
    for (int64_t c = 0; c < plan->g.in.c; c++)
        for (int64_t t = 0; t < taps; t++)
            ((float *)packed)[t * plan->g.in.c + c] = ((const float *)plain)[c * taps + t];
    return PLD_OK;
}

/* Where output x reads along a row of inputs: taps first..last-1 lie inside. */
struct taps {
    int64_t first, last, at; /* at: input position of tap 0 */
};

static struct taps taps_of(const struct pld_conv_geometry *g, int axis, int64_t out, int64_t size)
{
    struct taps t = {.last = g->kernel[axis], .at = out * g->stride[axis] - g->pad[axis]};
    while (t.first < t.last && t.at + t.first * g->dilation[axis] < 0)
        t.first++;
    while (t.last > t.first && t.at + (t.last - 1) * g->dilation[axis] >= size)
        t.last--;
    return t;
}

/* One vector of channels. */
struct column {
    const float *in, *weights; /* of tap 0, 0 */
    float *out;
    pld_vec bias;
};

/* `n` <= 4 outputs side by side, whose taps lie in `x`. */
PLD_INLINE void outputs(const struct pld_conv_geometry *g, const struct column *c,
                        const struct taps *y, const struct taps *x, int n)
{
    pld_vec sum[4] = {c->bias, c->bias, c->bias, c->bias};
    int64_t apart = g->stride[1] * g->in.sw, step = g->dilation[1] * g->in.sw;
    for (int64_t i = y->first; i < y->last; i++) {
        const float *row = c->in + (y->at + i * g->dilation[0]) * g->in.sh + x->at * g->in.sw;
        const float *w = c->weights + i * g->kernel[1] * g->in.c;
        for (int64_t j = x->first; j < x->last; j++) {
            pld_vec weight = *(const pld_vec *)(w + j * g->in.c);
            for (int k = 0; k < n; k++)
                sum[k] += weight * *(const pld_vec *)(row + j * step + k * apart);
        }
    }
    for (int k = 0; k < n; k++)
        *(pld_vec *)(c->out + k * g->out.sw) = sum[k];
}

/* One row of outputs: four at a time where the window is inside, else one by one. */
PLD_SIMD static void output_row(const struct pld_conv_geometry *g, const float *in,
                                const float *weights, const float *bias, float *out, int64_t row)
{
    struct taps y = taps_of(g, 0, row, g->in.h);
    for (int64_t x = 0; x < g->out.w;) {
        struct taps first = taps_of(g, 1, x, g->in.w), last = first;
        bool four = x + 4 <= g->out.w;
        if (four) last = taps_of(g, 1, x + 3, g->in.w);
        four = four && first.first == 0 && last.first == 0 && first.last == g->kernel[1] &&
               last.last == g->kernel[1];
        for (int64_t c = 0; c < g->in.c; c += PLD_VEC) {
            struct column column = {in + c, weights + c, out + x * g->out.sw + c, {0}};
            if (bias) column.bias = *(const pld_vec *)(bias + c);
            if (four)
                outputs(g, &column, &y, &first, 4);
            else
                outputs(g, &column, &y, &first, 1);
        }
        x += four ? 4 : 1;
    }
}

static pld_status run_share(const void *plan_, void *lane, const void *const *in, void *const *out,
                            void *workspace, int share, int shares)
{
    (void)lane, (void)workspace;
    const struct pld_conv_geometry *g = &((const struct plan *)plan_)->g;
    struct pld_conv_data data = pld_conv_data_of(g, in, out);
    struct pld_span rows = pld_span_of(g->out.n * g->out.h, share, shares);
    for (int64_t r = rows.first; r < rows.last; r++) {
        int64_t image = r / g->out.h, y = r % g->out.h;
        float *to = data.out + image * g->out.sn + y * g->out.sh;
        const float *add = data.add ? data.add + image * g->add.sn + y * g->add.sh : NULL;
        output_row(g, data.in + image * g->in.sn, data.weights, data.bias, to, y);
        pld_conv_finish_rows(&g->finish, to, g->out.sw, add, g->add.sw, g->out.w, g->out.c, false);
    }
    return PLD_OK;
}

static pld_status run(const void *plan, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    return run_share(plan, lane, in, out, workspace, 0, 1);
}

extern const struct pld_kernel pld_fast_depthwise;
const struct pld_kernel pld_fast_depthwise = {
    .name = "fast.depthwise",
    .supports = supports,
    .plan_new = plan_new,
    .plan_free = free,
    .pack_size = pack_size,
    .pack = pack,
    .run = run,
    .run_share = run_share,
};
