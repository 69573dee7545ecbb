/* MaxPool, AveragePool, LpPool and their global forms, over images of any number of axes. */
#include "cpu/ref/ref.h"

static bool is_global(enum pld_op op)
{
    return op == PLD_OP_GLOBAL_AVERAGE_POOL || op == PLD_OP_GLOBAL_MAX_POOL ||
           op == PLD_OP_GLOBAL_LP_POOL;
}

static bool is_max(enum pld_op op)
{
    return op == PLD_OP_MAX_POOL || op == PLD_OP_GLOBAL_MAX_POOL;
}

static bool is_norm(enum pld_op op)
{
    return op == PLD_OP_LP_POOL || op == PLD_OP_GLOBAL_LP_POOL;
}

static bool supports(const struct pld_signature *sig)
{
    int rank = sig->in[0].shape.rank;
    enum pld_dtype dtype = sig->in[0].dtype;
    bool indices = sig->op == PLD_OP_MAX_POOL && sig->n_out == 2 && sig->out[1].dtype == PLD_I64;
    if (sig->n_in != 1 || sig->out[0].dtype != dtype) return false;
    if (!pld_sig_single(sig) && !indices) return false;
    if (!pld_dtype_is_float(dtype) && (!is_max(sig->op) || dtype == PLD_BOOL)) return false;
    return rank >= 3 && (is_global(sig->op) || rank <= 2 + PLD_MAX_SPATIAL);
}

/* What the elements of one window come to. */
struct cell {
    double sum, best, norm;
    int64_t n;
    int64_t where; /* of the best: a position in the image */
};

static void visit(struct cell *cell, double v, double p, int64_t where)
{
    cell->sum += v;
    if (p > 0) cell->norm += pow(fabs(v), p);
    if (!(isnan(v) || v > cell->best || cell->where < 0)) return;
    cell->best = v;
    cell->where = where;
}

/* Every spatial index of an image. */
static void whole(struct cell *cell, const struct pld_cpu_plan *plan, const void *image)
{
    const struct pld_cpu_tensor *x = &plan->in[0];
    struct pld_shape space = pld_shape_of(x->desc.shape.rank - 2, x->desc.shape.dim + 2);
    int64_t at[PLD_MAX_RANK];
    for (bool more = pld_index_first(at, &space); more; more = pld_index_next(at, &space)) {
        int64_t i = pld_index_offset(at, x->stride + 2, space.rank);
        visit(cell, pld_load(x->desc.dtype, image, i), (double)plan->params.pool.p, 0);
        cell->n++;
    }
}

/* Where a tap of the window at output `o` lies along each axis. Cells in the padding count for an
 * average only when asked, and cells that ceil_mode alone added never do. */
static bool place(int64_t to[PLD_MAX_RANK], bool *counts, const struct pld_cpu_plan *plan,
                  const int64_t *o, const int64_t *tap)
{
    const struct pld_pool_params *params = &plan->params.pool;
    const struct pld_window *win = &params->window;
    const struct pld_shape *shape = &plan->in[0].desc.shape;
    bool inside = true, padded = params->count_include_pad;
    for (int k = 0; k < shape->rank - 2; k++) {
        int i = pld_window_axis(shape->rank - 2, k);
        int64_t size = shape->dim[2 + k];
        to[k] = o[k] * win->stride[i] - win->pad_begin[i] + tap[k] * win->dilation[i];
        inside = inside && to[k] >= 0 && to[k] < size;
        padded = padded && to[k] < size + win->pad_end[i] - params->ceil_extra[i];
    }
    *counts = inside || padded;
    return inside;
}

/* The position in an image, counted row by row or column by column. */
static int64_t position(const int64_t *at, const struct pld_shape *space, bool column_major)
{
    int64_t n = 0;
    for (int k = 0; k < space->rank; k++) {
        int axis = column_major ? space->rank - 1 - k : k;
        n = n * space->dim[axis] + at[axis];
    }
    return n;
}

static void window(struct cell *cell, const struct pld_cpu_plan *plan, const void *image,
                   const int64_t *o)
{
    const struct pld_cpu_tensor *x = &plan->in[0];
    int spatial = x->desc.shape.rank - 2;
    struct pld_shape space = pld_shape_of(spatial, x->desc.shape.dim + 2), taps = {spatial, {0}};
    int64_t tap[PLD_MAX_RANK], to[PLD_MAX_RANK];
    for (int k = 0; k < spatial; k++)
        taps.dim[k] = plan->params.pool.window.kernel[pld_window_axis(spatial, k)];
    for (bool more = pld_index_first(tap, &taps); more; more = pld_index_next(tap, &taps)) {
        bool counts;
        bool inside = place(to, &counts, plan, o, tap);
        cell->n += counts;
        if (!inside) continue;
        double v = pld_load(x->desc.dtype, image, pld_index_offset(to, x->stride + 2, spatial));
        visit(cell, v, (double)plan->params.pool.p,
              position(to, &space, plan->params.pool.column_major));
    }
}

static double result(const struct pld_cpu_plan *plan, const struct cell *cell)
{
    if (is_max(plan->op)) return cell->best;
    if (is_norm(plan->op)) return pow(cell->norm, 1 / (double)plan->params.pool.p);
    return cell->n > 0 ? cell->sum / (double)cell->n : 0;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0], *y = &plan->out[0];
    int rank = y->desc.shape.rank;
    const int64_t *d = x->desc.shape.dim;
    struct pld_shape space = pld_shape_of(rank - 2, d + 2);
    int64_t at[PLD_MAX_RANK], area = pld_shape_count(&space);
    for (bool more = pld_index_first(at, &y->desc.shape); more;
         more = pld_index_next(at, &y->desc.shape)) {
        int64_t first = at[0] * x->stride[0] + at[1] * x->stride[1];
        const char *image = (const char *)in[0] + first * (int64_t)pld_dtype_size(x->desc.dtype);
        struct cell cell = {.best = -INFINITY, .where = -1};
        if (is_global(plan->op))
            whole(&cell, plan, image);
        else
            window(&cell, plan, image, at + 2);
        pld_store(y->desc.dtype, out[0], pld_index_offset(at, y->stride, rank),
                  result(plan, &cell));
        if (plan->n_out > 1 && out[1])
            pld_store_int(PLD_I64, out[1], pld_index_offset(at, plan->out[1].stride, rank),
                          (at[0] * d[1] + at[1]) * area + cell.where);
    }
    return PLD_OK;
}

PLD_REF_KERNEL(pool);
