/* Reductions of floats over any axes: dense rows at once, or whole dense vectors added up. */
#include <stdlib.h>

#include "cpu/cpu_plan.h"
#include "backend/loop.h"
#include "cpu/fast/sum.h"

/* A plane: `rows` x `n`; the output has step 0 along what is reduced. */
struct plane {
    int64_t rows, n;
    int64_t row[2], step[2]; /* out, in */
};

typedef void (*plane_fn)(float *out, const float *in, const struct plane *p);

#define REDUCE(name, dense, expression)                                                 \
    PLD_INLINE float name##_1(float a, float b)                                         \
    {                                                                                   \
        return expression;                                                              \
    }                                                                                   \
    PLD_SIMD static void name(float *out, const float *in, const struct plane *p)       \
    {                                                                                   \
        for (int64_t r = 0; r < p->rows; r++) {                                         \
            float *restrict z = out + r * p->row[0];                                    \
            const float *x = in + r * p->row[1];                                        \
            if (p->step[0] == 0 && p->step[1] == 1)                                     \
                *z = name##_1(*z, dense(x, p->n));                                      \
            else if (p->step[0] == 1 && p->step[1] == 1)                                \
                for (int64_t i = 0; i < p->n; i++)                                      \
                    z[i] = name##_1(z[i], x[i]);                                        \
            else                                                                        \
                for (int64_t i = 0; i < p->n; i++)                                      \
                    z[i * p->step[0]] = name##_1(z[i * p->step[0]], x[i * p->step[1]]); \
        }                                                                               \
    }

REDUCE(add, pld_sum, a + b)
REDUCE(multiply, pld_product, a *b)
REDUCE(largest, pld_largest, ((b > a) | (b != b)) ? b : a)
REDUCE(smallest, pld_smallest, ((b < a) | (b != b)) ? b : a)

static const struct {
    plane_fn function;
    float start;
} functions[PLD_OP_COUNT] = {
    [PLD_OP_REDUCE_MEAN] = {add, 0},
    [PLD_OP_REDUCE_SUM] = {add, 0},
    [PLD_OP_REDUCE_PROD] = {multiply, 1},
    [PLD_OP_REDUCE_MAX] = {largest, -__builtin_inff()},
    [PLD_OP_REDUCE_MIN] = {smallest, __builtin_inff()},
};

struct plan {
    struct pld_loop loop; /* out, in */
    plane_fn function;
    float start, divide; /* divide 0: no mean */
    int64_t out_count;
};

static bool supports(const struct pld_signature *sig)
{
    struct pld_cpu_tensor z;
    if (sig->n_in != 1 || !pld_sig_single(sig) || !pld_sig_is(sig, PLD_F32)) return false;
    pld_cpu_tensor_init(&z, &sig->out[0]);
    return z.dense && pld_shape_count(&sig->in[0].shape) > 0;
}

/* Puts an axis along which both sides are dense innermost: whole vectors at a time. Without one,
 * the loop's own order is best (a reduced axis with dense input is innermost already). */
static void choose_inner(struct pld_loop *l)
{
    int last = l->rank - 1;
    if (l->stride[1][last] == 1) return;
    for (int i = 0; i < last; i++) {
        if (l->stride[0][i] != 1 || l->stride[1][i] != 1) continue;
        int64_t d = l->dim[i];
        l->dim[i] = l->dim[last];
        l->dim[last] = d;
        for (int k = 0; k < 2; k++) {
            int64_t s = l->stride[k][i];
            l->stride[k][i] = l->stride[k][last];
            l->stride[k][last] = s;
        }
        return;
    }
}

static pld_status plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan) return pld_fail_memory("kernel plan");
    struct pld_cpu_tensor x, z;
    pld_cpu_tensor_init(&x, &sig->in[0]);
    pld_cpu_tensor_init(&z, &sig->out[0]);
    const struct pld_reduce_params *params = &sig->params->reduce;
    int64_t out_stride[PLD_MAX_RANK] = {0}, reduced = 1;
    int j = 0;
    for (int i = 0; i < x.desc.shape.rank; i++) {
        bool gone = params->axes >> i & 1;
        if (gone) reduced *= x.desc.shape.dim[i];
        if (!gone) out_stride[i] = z.stride[j];
        if (!gone || params->keep_dims) j++;
    }
    pld_loop_init(&plan->loop, &x.desc.shape, 2, (const int64_t *const[]){out_stride, x.stride});
    choose_inner(&plan->loop);
    plan->function = functions[sig->op].function;
    plan->start = functions[sig->op].start;
    plan->divide = sig->op == PLD_OP_REDUCE_MEAN ? (float)reduced : 0;
    plan->out_count = z.count;
    *workspace = 0;
    *out = plan;
    return PLD_OK;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    (void)lane, (void)workspace;
    const struct plan *plan = plan_;
    const struct pld_loop *l = &plan->loop;
    float *z = out[0];
    int y = l->rank - 2, x = l->rank - 1;
    struct plane plane = {.rows = l->dim[y], .n = l->dim[x]};
    for (int k = 0; k < 2; k++) {
        plane.row[k] = l->stride[k][y];
        plane.step[k] = l->stride[k][x];
    }
    for (int64_t i = 0; i < plan->out_count; i++)
        z[i] = plan->start;
    struct pld_loop_at at;
    for (bool more = pld_loop_first(&at, l); more; more = pld_loop_next(&at, l))
        plan->function(z + at.offset[0], (const float *)in[0] + at.offset[1], &plane);
    for (int64_t i = 0; plan->divide != 0 && i < plan->out_count; i++)
        z[i] /= plan->divide;
    return PLD_OK;
}

extern const struct pld_kernel pld_fast_reduce;
const struct pld_kernel pld_fast_reduce = {.name = "fast.reduce",
                                           .supports = supports,
                                           .plan_new = plan_new,
                                           .plan_free = free,
                                           .run = run};
