/* Pooling of float images, channels last: each window is a sum or maximum of pixels, and a pixel is
 * a dense run of channels. Global pooling also of row-major images, whose channels are dense. */
#include <stdlib.h>
#include <string.h>

#include "cpu/cpu_plan.h"
#include "cpu/fast/simd.h"
#include "cpu/fast/sum.h"

static bool is_max(enum pld_op op)
{
    return op == PLD_OP_MAX_POOL || op == PLD_OP_GLOBAL_MAX_POOL;
}

static bool channels_last(const struct pld_desc *desc)
{
    return desc->layout == PLD_CHANNELS_LAST || desc->shape.dim[1] == 1;
}

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 1 && pld_sig_single(sig) && pld_sig_is(sig, PLD_F32) &&
           sig->in[0].shape.rank == 4 && channels_last(&sig->in[0]) && channels_last(&sig->out[0]);
}

/* Pixels to be joined: `rows` x `columns` of them, `n` channels each. */
struct window {
    const float *in;
    int64_t rows, columns, row_step, column_step, n;
};

/* `count` vectors of channels over the whole window: the partial results stay in registers. */
#define BLOCK(count, start, join)                                                  \
    do {                                                                           \
        pld_vec part[count];                                                       \
        for (int k = 0; k < (count); k++)                                          \
            part[k] = (pld_vec){0} + (start);                                      \
        for (int64_t i = 0; i < w->rows; i++)                                      \
            for (int64_t j = 0; j < w->columns; j++) {                             \
                const float *p = w->in + i * w->row_step + j * w->column_step + c; \
                for (int k = 0; k < (count); k++) {                                \
                    pld_vec b = *(const pld_vec *)(p + k * PLD_VEC);               \
                    PLD_VEC_##join(part[k], b);                                    \
                }                                                                  \
            }                                                                      \
        memcpy(out + c, part, sizeof part);                                        \
    } while (0)

/* The last vector of a pixel overlaps the one before it rather than being narrower. */
#define JOIN(name, start, join)                                                        \
    PLD_SIMD static void name(float *out, const struct window *w)                      \
    {                                                                                  \
        int64_t c = 0, n = w->n;                                                       \
        for (; c + 4 * PLD_VEC <= n; c += 4 * PLD_VEC)                                 \
            BLOCK(4, start, join);                                                     \
        for (; c + PLD_VEC <= n; c += PLD_VEC)                                         \
            BLOCK(1, start, join);                                                     \
        if (c == n) return;                                                            \
        if (n >= PLD_VEC) {                                                            \
            c = n - PLD_VEC;                                                           \
            BLOCK(1, start, join);                                                     \
            return;                                                                    \
        }                                                                              \
        for (; c < n; c++) {                                                           \
            float a = start;                                                           \
            for (int64_t i = 0; i < w->rows; i++)                                      \
                for (int64_t j = 0; j < w->columns; j++) {                             \
                    const float *p = w->in + i * w->row_step + j * w->column_step + c; \
                    PLD_##join(a, *p);                                                 \
                }                                                                      \
            out[c] = a;                                                                \
        }                                                                              \
    }

JOIN(add_window, 0.0f, ADD)
JOIN(max_window, -__builtin_inff(), MAX)

PLD_SIMD static void divide_pixel(float *to, float by, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        to[i] /= by;
}

/* Taps of one axis that fall inside the image: first..last-1; and how many cells count when the
 * padding counts (cells that ceil_mode alone added never do). */
struct span {
    int64_t start; /* of tap 0; may lie outside */
    int64_t first, last, padded;
};

static struct span span_of(const struct pld_pool_params *params, int axis, int64_t o, int64_t size)
{
    const struct pld_window *win = &params->window;
    int64_t step = win->dilation[axis];
    int64_t end = size + win->pad_end[axis] - params->ceil_extra[axis];
    struct span s = {.start = o * win->stride[axis] - win->pad_begin[axis]};
    for (int64_t k = 0; k < win->kernel[axis]; k++) {
        int64_t at = s.start + k * step;
        if (at < 0) s.first = k + 1;
        if (at < size) s.last = k + 1;
        if (at < end) s.padded = k + 1;
    }
    if (s.last < s.first) s.last = s.first;
    return s;
}

static void pool_pixel(const struct pld_cpu_plan *plan, const struct pld_cpu_image *x,
                       const float *in, float *out, const struct span *v, const struct span *h)
{
    const struct pld_pool_params *params = &plan->params.pool;
    const struct window w = {
        .in = in + (v->start + v->first * params->window.dilation[0]) * x->sh +
              (h->start + h->first * params->window.dilation[1]) * x->sw,
        .rows = v->last - v->first,
        .columns = h->last - h->first,
        .row_step = params->window.dilation[0] * x->sh,
        .column_step = params->window.dilation[1] * x->sw,
        .n = x->c,
    };
    if (is_max(plan->op)) {
        max_window(out, &w);
        return;
    }
    add_window(out, &w);
    int64_t cells = params->count_include_pad ? v->padded * h->padded
                                              : (v->last - v->first) * (h->last - h->first);
    if (cells > 0) divide_pixel(out, (float)cells, x->c);
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    (void)lane, (void)workspace;
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_pool_params *params = &plan->params.pool;
    struct pld_cpu_image x = pld_cpu_image_of(&plan->in[0]), z = pld_cpu_image_of(&plan->out[0]);
    for (int64_t n = 0; n < z.n; n++)
        for (int64_t oy = 0; oy < z.h; oy++) {
            struct span v = span_of(params, 0, oy, x.h);
            for (int64_t ox = 0; ox < z.w; ox++) {
                struct span h = span_of(params, 1, ox, x.w);
                pool_pixel(plan, &x, (const float *)in[0] + n * x.sn,
                           (float *)out[0] + n * z.sn + oy * z.sh + ox * z.sw, &v, &h);
            }
        }
    return PLD_OK;
}

extern const struct pld_kernel pld_fast_pool;
const struct pld_kernel pld_fast_pool = {.name = "fast.pool",
                                         .supports = supports,
                                         .plan_new = pld_cpu_plan_new,
                                         .plan_free = pld_cpu_plan_free,
                                         .run = run};

/* ---- global ---- */

static bool supports_global(const struct pld_signature *sig)
{
    if (sig->n_in != 1 || !pld_sig_single(sig) || !pld_sig_is(sig, PLD_F32)) return false;
    if (sig->in[0].shape.rank != 4 || pld_shape_count(&sig->in[0].shape) == 0) return false;
    return channels_last(&sig->in[0]) || sig->in[0].layout == PLD_ROW_MAJOR;
}

static pld_status plan_global(void **plan, size_t *workspace, const struct pld_signature *sig)
{
    PLD_TRY(pld_cpu_plan_new(plan, workspace, sig));
    *workspace = (size_t)(sig->in[0].shape.dim[1] * (sig->in[0].shape.dim[2] + 1)) * sizeof(float);
    return PLD_OK;
}

/* Rows of the image are summed by themselves first: fewer terms on one sum, smaller errors. */
static void global_last(const struct pld_cpu_image *x, bool max, const float *in, float *total,
                        float *rows)
{
    struct window w = {in, 1, x->w, x->sh, x->sw, x->c};
    for (int64_t y = 0; y < x->h; y++, w.in += x->sh)
        (max ? max_window : add_window)(rows + y * x->c, &w);
    w = (struct window){rows, x->h, 1, x->c, 0, x->c};
    (max ? max_window : add_window)(total, &w);
    if (!max) divide_pixel(total, (float)(x->h * x->w), x->c);
}

PLD_SIMD static float global_row(const float *in, int64_t n, bool max)
{
    return max ? pld_largest(in, n) : pld_sum(in, n) / (float)n;
}

static pld_status run_global(const void *plan_, void *lane, const void *const *in, void *const *out,
                             void *workspace)
{
    (void)lane;
    const struct pld_cpu_plan *plan = plan_;
    struct pld_cpu_image x = pld_cpu_image_of(&plan->in[0]), z = pld_cpu_image_of(&plan->out[0]);
    bool rows = plan->in[0].desc.layout == PLD_ROW_MAJOR;
    float *total = workspace;
    for (int64_t n = 0; n < x.n; n++) {
        const float *image = (const float *)in[0] + n * x.sn;
        if (!rows) global_last(&x, is_max(plan->op), image, total, total + x.c);
        for (int64_t c = 0; c < x.c; c++)
            ((float *)out[0])[n * z.sn + c * z.sc] =
                rows ? global_row(image + c * x.sc, x.h * x.w, is_max(plan->op)) : total[c];
    }
    return PLD_OK;
}

extern const struct pld_kernel pld_fast_global_pool;
const struct pld_kernel pld_fast_global_pool = {.name = "fast.global_pool",
                                                .supports = supports_global,
                                                .plan_new = plan_global,
                                                .plan_free = pld_cpu_plan_free,
                                                .run = run_global};
