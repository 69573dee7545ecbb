/* Resize of H and W: channels last, where a pixel is a dense run of channels; row-major images are
 * taken as images of one channel. Which input pixels an output pixel reads is worked out when the
 * kernel is planned. */
#include <stdlib.h>
#include <string.h>

#include "cpu/cpu_plan.h"
#include "cpu/fast/simd.h"
#include "cpu/resize_taps.h"

enum { MAX_TAPS = 4 };

struct tap {
    int64_t at[MAX_TAPS]; /* input position times its stride */
    float weight[MAX_TAPS];
};

struct plan {
    struct pld_cpu_image x, z;
    int64_t images; /* how many, and the strides between them */
    int64_t x_image, z_image;
    int64_t run; /* elements of a pixel */
    size_t size; /* bytes of an element */
    bool nearest;
    int taps; /* a side */
    struct tap *rows, *columns;
    struct tap tap[];
};

static bool whole_channels(const struct pld_signature *sig)
{
    return sig->in[0].layout == PLD_CHANNELS_LAST && sig->out[0].layout == PLD_CHANNELS_LAST;
}

static bool supports(const struct pld_signature *sig)
{
    const struct pld_desc *x = &sig->in[0], *z = &sig->out[0];
    if (sig->n_in != 1 || !pld_sig_single(sig) || !pld_sig_same(sig) || x->shape.rank != 4)
        return false;
    if (x->shape.dim[0] != z->shape.dim[0] || x->shape.dim[1] != z->shape.dim[1]) return false;
    if (pld_shape_count(&x->shape) == 0 || sig->params->resize.antialias ||
        sig->params->resize.coord == PLD_COORD_TF_CROP)
        return false;
    if (!whole_channels(sig) && (x->layout != PLD_ROW_MAJOR || z->layout != PLD_ROW_MAJOR))
        return false;
    return x->dtype == PLD_F32 || sig->params->resize.mode == PLD_RESIZE_NEAREST;
}

static void find_taps(struct tap *to, const struct pld_resize_params *resize, int axis, int64_t in,
                      int64_t out, int64_t stride)
{
    for (int64_t o = 0; o < out; o++) {
        struct pld_taps taps;
        pld_resize_taps(&taps, resize, axis, o, in, out);
        for (int i = 0; i < MAX_TAPS; i++) {
            bool used = i < taps.n;
            to[o].at[i] = taps.index[used ? i : 0] * stride;
            to[o].weight[i] = used ? (float)taps.weight[i] : 0;
        }
    }
}

static pld_status plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    const struct pld_resize_params *resize = &sig->params->resize;
    struct pld_cpu_tensor x, z;
    pld_cpu_tensor_init(&x, &sig->in[0]);
    pld_cpu_tensor_init(&z, &sig->out[0]);
    const int64_t *size = z.desc.shape.dim;
    struct plan *plan = calloc(1, sizeof *plan + (size_t)(size[2] + size[3]) * sizeof plan->tap[0]);
    if (!plan) return pld_fail_memory("kernel plan");
    bool whole = whole_channels(sig);
    plan->x = pld_cpu_image_of(&x);
    plan->z = pld_cpu_image_of(&z);
    plan->images = whole ? plan->x.n : plan->x.n * plan->x.c;
    plan->x_image = whole ? plan->x.sn : plan->x.sc;
    plan->z_image = whole ? plan->z.sn : plan->z.sc;
    plan->run = whole ? plan->x.c : 1;
    plan->size = pld_dtype_size(x.desc.dtype);
    plan->nearest = resize->mode == PLD_RESIZE_NEAREST;
    plan->taps = resize->mode == PLD_RESIZE_CUBIC ? 4 : 2;
    plan->rows = plan->tap;
    plan->columns = plan->tap + size[2];
    find_taps(plan->rows, resize, 2, plan->x.h, size[2], plan->x.sh);
    find_taps(plan->columns, resize, 3, plan->x.w, size[3], plan->x.sw);
    *workspace = 0;
    *out = plan;
    return PLD_OK;
}

/* One output row by copies. */
PLD_INLINE void nearest_row(char *out, const char *in, const struct plan *plan, size_t bytes)
{
    for (int64_t x = 0; x < plan->z.w; x++)
        memcpy(out + (size_t)(x * plan->z.sw) * plan->size,
               in + (size_t)plan->columns[x].at[0] * plan->size, bytes);
}

static void nearest_image(char *out, const char *in, const struct plan *plan)
{
    size_t bytes = (size_t)plan->run * plan->size;
    for (int64_t y = 0; y < plan->z.h; y++) {
        char *o = out + (size_t)(y * plan->z.sh) * plan->size;
        const char *i = in + (size_t)plan->rows[y].at[0] * plan->size;
        if (bytes == 4)
            nearest_row(o, i, plan, 4);
        else
            nearest_row(o, i, plan, bytes);
    }
}

/* out = sum of weights[k] * pixel k */
PLD_SIMD static void blend_pixel(float *restrict out, const float *const *pixel,
                                 const float *weight, int taps, int64_t n)
{
    for (int64_t c = 0; c < n; c++)
        out[c] = weight[0] * pixel[0][c];
    for (int k = 1; k < taps; k++) {
        const float *p = pixel[k];
        float w = weight[k];
        for (int64_t c = 0; c < n; c++)
            out[c] += w * p[c];
    }
}

/* A row of single values. */
static void blend_row(float *out, const float *in, const struct tap *v, const struct plan *plan)
{
    for (int64_t x = 0; x < plan->z.w; x++) {
        const struct tap *h = &plan->columns[x];
        float sum = 0;
        for (int i = 0; i < plan->taps; i++)
            for (int j = 0; j < plan->taps; j++)
                sum += v->weight[i] * h->weight[j] * in[v->at[i] + h->at[j]];
        out[x * plan->z.sw] = sum;
    }
}

static void blend_image(float *out, const float *in, const struct plan *plan)
{
    const float *pixel[MAX_TAPS * MAX_TAPS];
    float weight[MAX_TAPS * MAX_TAPS];
    for (int64_t y = 0; y < plan->z.h; y++) {
        const struct tap *v = &plan->rows[y];
        if (plan->run == 1) blend_row(out + y * plan->z.sh, in, v, plan);
        for (int64_t x = 0; plan->run > 1 && x < plan->z.w; x++) {
            const struct tap *h = &plan->columns[x];
            int n = 0;
            for (int i = 0; i < plan->taps; i++)
                for (int j = 0; j < plan->taps; j++) {
                    pixel[n] = in + v->at[i] + h->at[j];
                    weight[n++] = v->weight[i] * h->weight[j];
                }
            blend_pixel(out + y * plan->z.sh + x * plan->z.sw, pixel, weight, n, plan->run);
        }
    }
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    (void)lane, (void)workspace;
    const struct plan *plan = plan_;
    for (int64_t i = 0; i < plan->images; i++) {
        if (plan->nearest)
            nearest_image((char *)out[0] + (size_t)(i * plan->z_image) * plan->size,
                          (const char *)in[0] + (size_t)(i * plan->x_image) * plan->size, plan);
        else
            blend_image((float *)out[0] + i * plan->z_image,
                        (const float *)in[0] + i * plan->x_image, plan);
    }
    return PLD_OK;
}

extern const struct pld_kernel pld_fast_resize;
const struct pld_kernel pld_fast_resize = {.name = "fast.resize",
                                           .supports = supports,
                                           .plan_new = plan_new,
                                           .plan_free = free,
                                           .run = run};
