/* MaxPool, AveragePool and their global forms. */
#include "cpu/ref/ref.h"

static bool is_global(enum pld_op op)
{
    return op == PLD_OP_GLOBAL_AVERAGE_POOL || op == PLD_OP_GLOBAL_MAX_POOL;
}

static bool is_max(enum pld_op op)
{
    return op == PLD_OP_MAX_POOL || op == PLD_OP_GLOBAL_MAX_POOL;
}

static bool supports(const struct pld_signature *sig)
{
    int rank = sig->in[0].shape.rank;
    enum pld_dtype dtype = sig->in[0].dtype;
    if (sig->n_in != 1 || !pld_sig_single(sig) || sig->out[0].dtype != dtype) return false;
    if (!pld_dtype_is_float(dtype) && (!is_max(sig->op) || dtype == PLD_BOOL)) return false;
    return is_global(sig->op) ? rank >= 3 : rank == 3 || rank == 4;
}

static double lowest(enum pld_dtype dtype)
{
    return pld_dtype_is_float(dtype) ? -INFINITY : dtype == PLD_U8 ? 0 : -0x1p63;
}

/* One output of a global pool: every spatial index of image n, channel c. */
static double whole(const struct pld_cpu_plan *plan, const void *in, int64_t n, int64_t c)
{
    const struct pld_cpu_tensor *x = &plan->in[0];
    enum pld_dtype dtype = x->desc.dtype;
    struct pld_shape space = pld_shape_of(x->desc.shape.rank - 2, x->desc.shape.dim + 2);
    int64_t base = n * x->stride[0] + c * x->stride[1], at[PLD_MAX_RANK];
    double sum = 0, best = lowest(dtype);
    for (bool more = pld_index_first(at, &space); more; more = pld_index_next(at, &space)) {
        double v = pld_load(dtype, in, base + pld_index_offset(at, x->stride + 2, space.rank));
        sum += v;
        best = isnan(v) || v > best ? v : best;
    }
    return is_max(plan->op) ? best : sum / (double)pld_shape_count(&space);
}

/* One output of a windowed pool. Cells in the padding count for an average only when asked, and
 * cells that ceil_mode alone added never do. */
static double window(const struct pld_cpu_plan *plan, const struct pld_cpu_image *x, const void *in,
                     int64_t base, int64_t oy, int64_t ox)
{
    const struct pld_pool_params *params = &plan->params.pool;
    const struct pld_window *win = &params->window;
    enum pld_dtype dtype = plan->in[0].desc.dtype;
    int64_t end_y = x->h + win->pad_end[0] - params->ceil_extra[0];
    int64_t end_x = x->w + win->pad_end[1] - params->ceil_extra[1];
    double sum = 0, best = lowest(dtype), cells = 0;
    for (int64_t i = 0; i < win->kernel[0]; i++)
        for (int64_t j = 0; j < win->kernel[1]; j++) {
            int64_t iy = oy * win->stride[0] - win->pad_begin[0] + i * win->dilation[0];
            int64_t ix = ox * win->stride[1] - win->pad_begin[1] + j * win->dilation[1];
            bool inside = iy >= 0 && iy < x->h && ix >= 0 && ix < x->w;
            if (inside || (params->count_include_pad && iy < end_y && ix < end_x)) cells++;
            if (!inside) continue;
            double v = pld_load(dtype, in, base + iy * x->sh + ix * x->sw);
            sum += v;
            best = isnan(v) || v > best ? v : best;
        }
    if (is_max(plan->op)) return best;
    return cells > 0 ? sum / cells : 0;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0], *y = &plan->out[0];
    struct pld_cpu_image image = {0};
    if (!is_global(plan->op)) image = pld_cpu_image_of(x);
    int rank = y->desc.shape.rank;
    int64_t at[PLD_MAX_RANK];
    for (bool more = pld_index_first(at, &y->desc.shape); more;
         more = pld_index_next(at, &y->desc.shape)) {
        double v;
        if (is_global(plan->op))
            v = whole(plan, in[0], at[0], at[1]);
        else
            v = window(plan, &image, in[0], at[0] * x->stride[0] + at[1] * x->stride[1],
                       rank == 4 ? at[2] : 0, rank == 4 ? at[3] : at[2]);
        pld_store(y->desc.dtype, out[0], pld_index_offset(at, y->stride, rank), v);
    }
    return PLD_OK;
}

PLD_REF_KERNEL(pool);
