/* Arithmetic of two float inputs with broadcasting, over any layouts. */
#include <math.h>
#include <stdlib.h>

#include "cpu/cpu_plan.h"
#include "backend/loop.h"
#include "cpu/fast/simd.h"

/* A plane: `rows` x `n` with strides along the rows and along the elements. */
struct plane {
    int64_t rows, n;
    int64_t row[3], step[3]; /* out, a, b */
};

typedef void (*plane_fn)(float *out, const float *a, const float *b, const struct plane *p);

/* The innermost loop in the shapes that matter: both operands dense, one of them constant, and
 * anything else. The compiler vectorises the first three. */
#define BINARY(name, expression)                                                                 \
    PLD_INLINE float name##_1(float x, float y)                                                  \
    {                                                                                            \
        return expression;                                                                       \
    }                                                                                            \
    PLD_SIMD static void name(float *out, const float *a, const float *b, const struct plane *p) \
    {                                                                                            \
        for (int64_t r = 0; r < p->rows; r++) {                                                  \
            float *restrict z = out + r * p->row[0];                                             \
            const float *x = a + r * p->row[1], *y = b + r * p->row[2];                          \
            if (p->step[0] == 1 && p->step[1] == 1 && p->step[2] == 1)                           \
                for (int64_t i = 0; i < p->n; i++)                                               \
                    z[i] = name##_1(x[i], y[i]);                                                 \
            else if (p->step[0] == 1 && p->step[1] == 1 && p->step[2] == 0)                      \
                for (int64_t i = 0; i < p->n; i++)                                               \
                    z[i] = name##_1(x[i], *y);                                                   \
            else if (p->step[0] == 1 && p->step[1] == 0 && p->step[2] == 1)                      \
                for (int64_t i = 0; i < p->n; i++)                                               \
                    z[i] = name##_1(*x, y[i]);                                                   \
            else                                                                                 \
                for (int64_t i = 0; i < p->n; i++)                                               \
                    z[i * p->step[0]] = name##_1(x[i * p->step[1]], y[i * p->step[2]]);          \
        }                                                                                        \
    }

BINARY(add, x + y)
BINARY(sub, x - y)
BINARY(mul, x *y)
BINARY(divide, x / y)
/* NaN in either operand is the result. */
BINARY(min, ((x != x) | (x < y)) ? x : y)
BINARY(max, ((x != x) | (x > y)) ? x : y)
BINARY(prelu, x < 0 ? x * y : x)

/* The exponents that models use are worked out without pow(). */
PLD_SIMD static void power_row(float *restrict z, const float *x, float y, int64_t n)
{
    if (y == 2)
        for (int64_t i = 0; i < n; i++)
            z[i] = x[i] * x[i];
    else
        for (int64_t i = 0; i < n; i++)
            z[i] = powf(x[i], y);
}

static void power(float *out, const float *a, const float *b, const struct plane *p)
{
    bool simple = p->step[0] == 1 && p->step[1] == 1 && p->step[2] == 0;
    for (int64_t r = 0; r < p->rows; r++, out += p->row[0], a += p->row[1], b += p->row[2]) {
        if (simple) power_row(out, a, *b, p->n);
        for (int64_t i = 0; !simple && i < p->n; i++)
            out[i * p->step[0]] = powf(a[i * p->step[1]], b[i * p->step[2]]);
    }
}

static const plane_fn functions[PLD_OP_COUNT] = {
    [PLD_OP_ADD] = add, [PLD_OP_SUM] = add, [PLD_OP_SUB] = sub, [PLD_OP_MUL] = mul,     [PLD_OP_DIV] = divide,
    [PLD_OP_MIN] = min, [PLD_OP_MAX] = max, [PLD_OP_PRELU] = prelu, [PLD_OP_POW] = power,
};

struct plan {
    struct pld_loop loop;
    plane_fn function;
};

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 2 && pld_sig_has(sig, 0) && pld_sig_has(sig, 1) && pld_sig_single(sig) &&
           pld_sig_is(sig, PLD_F32) && functions[sig->op];
}

static pld_status plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan) return pld_fail_memory("kernel plan");
    struct pld_cpu_tensor x, y, z;
    int64_t sx[PLD_MAX_RANK], sy[PLD_MAX_RANK];
    pld_cpu_tensor_init(&x, &sig->in[0]);
    pld_cpu_tensor_init(&y, &sig->in[1]);
    pld_cpu_tensor_init(&z, &sig->out[0]);
    pld_cpu_broadcast(sx, &x, &z.desc.shape);
    pld_cpu_broadcast(sy, &y, &z.desc.shape);
    pld_loop_init(&plan->loop, &z.desc.shape, 3, (const int64_t *const[]){z.stride, sx, sy});
    plan->function = functions[sig->op];
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
    int y = l->rank - 2, x = l->rank - 1;
    struct plane plane = {.rows = l->dim[y], .n = l->dim[x]};
    for (int k = 0; k < 3; k++) {
        plane.row[k] = l->stride[k][y];
        plane.step[k] = l->stride[k][x];
    }
    struct pld_loop_at at;
    for (bool more = pld_loop_first(&at, l); more; more = pld_loop_next(&at, l))
        plan->function((float *)out[0] + at.offset[0], (const float *)in[0] + at.offset[1],
                       (const float *)in[1] + at.offset[2], &plane);
    return PLD_OK;
}

extern const struct pld_kernel pld_fast_binary;
const struct pld_kernel pld_fast_binary = {.name = "fast.binary",
                                           .supports = supports,
                                           .plan_new = plan_new,
                                           .plan_free = free,
                                           .run = run};
