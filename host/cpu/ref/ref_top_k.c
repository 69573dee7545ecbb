/* TopK along an axis, in order: of equal elements the first comes first. NaN is larger than any
 * number, as in numpy. */
#include <stdlib.h>

#include "cpu/ref/ref.h"

struct entry {
    double real;
    int64_t whole; /* where the type is an integer */
    int64_t at;    /* position along the axis */
};

static bool supports(const struct pld_signature *sig)
{
    if (sig->n_in != 1 || sig->n_out < 1 || sig->in[0].dtype == PLD_BOOL) return false;
    for (int i = 0; i < sig->n_out; i++)
        if (sig->out[i].dtype < PLD_DTYPE_COUNT &&
            sig->out[i].dtype != (i == 0 ? sig->in[0].dtype : PLD_I64))
            return false;
    return sig->in[0].dtype != PLD_U64;
}

/* All elements along the axis are sorted in the workspace. */
static pld_status plan_new(void **plan, size_t *workspace, const struct pld_signature *sig)
{
    PLD_TRY(pld_cpu_plan_new(plan, workspace, sig));
    *workspace = (size_t)sig->in[0].shape.dim[sig->params->top_k.axis] * sizeof(struct entry);
    return PLD_OK;
}

/* -1 when a is larger. */
static int by_size(const struct entry *a, const struct entry *b)
{
    if (isnan(a->real) || isnan(b->real)) return isnan(b->real) - isnan(a->real);
    if (a->real != b->real) return a->real > b->real ? -1 : 1;
    return (a->whole < b->whole) - (a->whole > b->whole);
}

static int by_position(const struct entry *a, const struct entry *b)
{
    return (a->at > b->at) - (a->at < b->at);
}

static int larger_first(const void *a, const void *b)
{
    int order = by_size(a, b);
    return order ? order : by_position(a, b);
}

static int smaller_first(const void *a, const void *b)
{
    int order = by_size(b, a);
    return order ? order : by_position(a, b);
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0], *z = &plan->out[0];
    if (!out[0]) z = &plan->out[1];
    struct entry *entry = workspace;
    enum pld_dtype dtype = x->desc.dtype;
    int axis = (int)plan->params.top_k.axis, rank = x->desc.shape.rank;
    int64_t n = x->desc.shape.dim[axis], k = z->desc.shape.dim[axis], at[PLD_MAX_RANK];
    struct pld_shape rest = x->desc.shape;
    rest.dim[axis] = 1;
    for (bool more = pld_index_first(at, &rest); more; more = pld_index_next(at, &rest)) {
        int64_t first = pld_index_offset(at, x->stride, rank);
        int64_t to = pld_index_offset(at, z->stride, rank);
        for (int64_t i = 0; i < n; i++) {
            int64_t from = first + i * x->stride[axis];
            bool real = pld_dtype_is_float(dtype);
            entry[i].real = pld_load(dtype, in[0], from);
            entry[i].whole = real ? 0 : pld_load_int(dtype, in[0], from);
            entry[i].at = i;
        }
        qsort(entry, (size_t)n, sizeof *entry,
              plan->params.top_k.smallest ? smaller_first : larger_first);
        for (int64_t i = 0; i < k; i++, to += z->stride[axis]) {
            if (out[0])
                pld_element_copy(out[0], to, in[0], first + entry[i].at * x->stride[axis],
                                 pld_dtype_size(dtype));
            if (plan->n_out > 1 && out[1]) pld_store_int(PLD_I64, out[1], to, entry[i].at);
        }
    }
    return PLD_OK;
}

extern const struct pld_kernel pld_ref_top_k;
const struct pld_kernel pld_ref_top_k = {.name = "ref.top_k",
                                         .supports = supports,
                                         .plan_new = plan_new,
                                         .plan_free = pld_cpu_plan_free,
                                         .run = run};
