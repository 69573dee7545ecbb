/* GridSample: the grid holds, for every output position, where to read the image, with -1 and 1 at
 * its edges; its last axis is in the order x, y, z, the reverse of the image's. */
#include "cpu/ref/ref.h"
#include "cpu/resize_taps.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 2 && pld_sig_single(sig) && sig->in[0].dtype == sig->out[0].dtype &&
           pld_dtype_is_float(sig->in[0].dtype) && pld_dtype_is_float(sig->in[1].dtype) &&
           sig->in[0].shape.rank <= 2 + PLD_MAX_SPATIAL;
}

/* Folds x back at both ends until it is within. */
static double reflect(double x, double low, double high)
{
    double range = high - low;
    if (range <= 0) return low;
    double d = fmod(fabs(x - low), 2 * range);
    return low + (d > range ? 2 * range - d : d);
}

/* The pixel that stands for position `i` outside, or -1 for none. */
static int64_t inside(const struct pld_grid_sample_params *params, int64_t i, int64_t size)
{
    if (i >= 0 && i < size) return i;
    if (params->padding == PLD_SAMPLE_ZEROS) return -1;
    if (params->padding == PLD_SAMPLE_BORDER) return i < 0 ? 0 : size - 1;
    double edge = params->align_corners ? 0 : -0.5;
    double x = reflect((double)i, edge, (double)size - 1 - edge);
    int64_t k = (int64_t)nearbyint(x);
    return k < 0 ? 0 : k >= size ? size - 1 : k;
}

/* The position along an axis that the grid's number means. */
static double position(const struct pld_grid_sample_params *params, double g, int64_t size)
{
    double last = (double)(size - 1), edge = params->align_corners ? 0 : -0.5;
    double x = params->align_corners ? (g + 1) / 2 * last : ((g + 1) * (double)size - 1) / 2;
    if (params->mode == PLD_SAMPLE_NEAREST) x = nearbyint(x);
    if (isnan(x)) return edge - 4; /* nowhere */
    if (x >= edge && x <= last - edge) return x;
    if (params->padding == PLD_SAMPLE_REFLECTION) return reflect(x, edge, last - edge);
    return x < -4 ? -4 : x > last + 4 ? last + 4 : x;
}

/* Pixels along one axis and their weights; index -1 reads zero. */
static void find_taps(struct pld_taps *taps, const struct pld_grid_sample_params *params, double g,
                      int64_t size)
{
    double x = position(params, g, size);
    double base = params->mode == PLD_SAMPLE_NEAREST ? nearbyint(x) : floor(x);
    int first = params->mode == PLD_SAMPLE_CUBIC ? -1 : 0;
    taps->n = params->mode == PLD_SAMPLE_CUBIC ? 4 : params->mode == PLD_SAMPLE_LINEAR ? 2 : 1;
    for (int i = 0; i < taps->n; i++) {
        double d = x - (base + first + i);
        taps->index[i] = (int64_t)base + first + i;
        taps->weight[i] = taps->n == 1   ? 1
                          : taps->n == 2 ? 1 - fabs(d)
                                         : pld_cubic_weight(-0.75, d);
    }
    for (int i = 0; i < taps->n; i++)
        taps->index[i] = inside(params, taps->index[i], size);
}

static double blend(const struct pld_cpu_tensor *x, const void *image, const struct pld_taps *taps)
{
    int spatial = x->desc.shape.rank - 2;
    struct pld_shape combinations = {.rank = spatial};
    for (int k = 0; k < spatial; k++)
        combinations.dim[k] = taps[k].n;
    int64_t at[PLD_MAX_RANK];
    double sum = 0;
    for (bool more = pld_index_first(at, &combinations); more;
         more = pld_index_next(at, &combinations)) {
        double weight = 1;
        int64_t offset = 0;
        bool real = true;
        for (int k = 0; k < spatial; k++) {
            weight *= taps[k].weight[at[k]];
            offset += taps[k].index[at[k]] * x->stride[2 + k];
            real = real && taps[k].index[at[k]] >= 0;
        }
        if (real) sum += weight * pld_load(x->desc.dtype, image, offset);
    }
    return sum;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0], *grid = &plan->in[1], *z = &plan->out[0];
    int rank = z->desc.shape.rank, spatial = rank - 2;
    size_t size = pld_dtype_size(x->desc.dtype);
    struct pld_shape places = z->desc.shape; /* all but the channels, which share their taps */
    places.dim[1] = 1;
    int64_t at[PLD_MAX_RANK];
    for (bool more = pld_index_first(at, &places); more; more = pld_index_next(at, &places)) {
        struct pld_taps taps[PLD_MAX_SPATIAL];
        int64_t g = at[0] * grid->stride[0] + pld_index_offset(at + 2, grid->stride + 1, spatial);
        for (int k = 0; k < spatial; k++)
            find_taps(
                &taps[k], &plan->params.grid_sample,
                pld_load(grid->desc.dtype, in[1], g + (spatial - 1 - k) * grid->stride[rank - 1]),
                x->desc.shape.dim[2 + k]);
        for (int64_t c = 0; c < z->desc.shape.dim[1]; c++) {
            int64_t first = at[0] * x->stride[0] + c * x->stride[1];
            const char *image = (const char *)in[0] + first * (int64_t)size;
            pld_store(z->desc.dtype, out[0],
                      pld_index_offset(at, z->stride, rank) + c * z->stride[1],
                      blend(x, image, taps));
        }
    }
    return PLD_OK;
}

PLD_REF_KERNEL(grid_sample);
