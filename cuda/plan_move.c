/* Operators that only move elements: lists of strided copies (backend/moves.h), each in the widest
 * unit that its strides and addresses allow. */
#include <stdlib.h>
#include <string.h>

#include "backend/element.h"
#include "backend/moves.h"
#include "cuda/launch.h"
#include "cuda/nest_plan.h"

enum { WIDEST = 16 };

struct step {
    struct pld_nest nest; /* in elements */
    int out, in;
    int64_t out_at, in_at;
    int unit; /* bytes that strides, offsets and the innermost loop allow to move at once */
};

struct plan {
    int n;
    int size; /* bytes of an element */
    uint64_t value;
    struct step step[];
};

/* The largest power of two up to WIDEST that divides every one of these byte counts. */
static int common_unit(const struct step *step, int size)
{
    const struct pld_nest *nest = &step->nest;
    int last = nest->rank - 1;
    bool fill = step->in < 0;
    if (nest->rank == 0 || nest->stride[0][last] != 1 || (!fill && nest->stride[1][last] != 1))
        return size;
    int64_t all = (int64_t)nest->dim[last].value * size | step->out_at * size | WIDEST;
    if (!fill) all |= step->in_at * size;
    for (int i = 0; i < last; i++) {
        if (nest->dim[i].value == 1) continue;
        all |= nest->stride[0][i] * size;
        if (!fill) all |= nest->stride[1][i] * size;
    }
    int64_t unit = all & -all;
    return fill || unit < size ? size : (int)unit;
}

static bool make_step(struct step *step, const struct pld_move *move, int size)
{
    step->out = move->out;
    step->in = move->in;
    step->out_at = move->out_at;
    step->in_at = move->in_at;
    if (!pld_nest_init(&step->nest, &move->shape, 2,
                       (const int64_t *const[]){move->out_stride, move->in_stride}))
        return false;
    step->unit = common_unit(step, size);
    return true;
}

static bool fits(const struct pld_signature *sig)
{
    for (int i = 0; i < sig->n_out; i++)
        if (sig->out[i].dtype < PLD_DTYPE_COUNT && pld_shape_count(&sig->out[i].shape) >= (int64_t)1
                                                                                              << 31)
            return false;
    return true;
}

static bool supports(const struct pld_signature *sig)
{
    return pld_moves_supports(sig) && fits(sig);
}

static pld_status plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    *workspace = 0;
    struct pld_moves *moves = pld_moves_new(sig);
    if (!moves) return PLD_EDEVICE;
    struct plan *plan = calloc(1, sizeof *plan + (size_t)moves->n * sizeof plan->step[0]);
    if (!plan) {
        free(moves);
        return pld_fail_memory("kernel plan");
    }
    plan->n = moves->n;
    plan->size = (int)moves->size;
    pld_store(moves->dtype, &plan->value, 0, moves->value);
    for (int i = 0; i < moves->n; i++)
        make_step(&plan->step[i], &moves->move[i], plan->size);
    free(moves);
    *out = plan;
    return PLD_OK;
}

/* The nest in units of `unit` bytes instead of elements. */
static void in_units(struct pld_nest *nest, int unit, int size)
{
    int ratio = unit / size, last = nest->rank - 1;
    if (ratio == 1) return;
    nest->count /= (uint32_t)ratio;
    nest->dim[last] = pld_divisor_of(nest->dim[last].value / (uint32_t)ratio);
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < last; i++)
            nest->stride[k][i] /= ratio;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    (void)lane, (void)workspace;
    const struct plan *plan = plan_;
    for (int i = 0; i < plan->n; i++) {
        const struct step *step = &plan->step[i];
        struct pld_move_args args = {.nest = step->nest, .fill = step->in < 0, .unit = step->unit};
        args.value = plan->value;
        args.out = (char *)out[step->out] + step->out_at * plan->size;
        if (!args.fill) args.in = (const char *)in[step->in] + step->in_at * plan->size;
        uintptr_t bits = (uintptr_t)args.out | (uintptr_t)args.in;
        while (args.unit > plan->size && bits % (uintptr_t)args.unit != 0)
            args.unit /= 2;
        in_units(&args.nest, args.unit, plan->size);
        PLD_TRY(pld_launch_move(&args, args.nest.count));
    }
    return PLD_OK;
}

extern const struct pld_kernel pld_cuda_move;
const struct pld_kernel pld_cuda_move = {
    .name = "cuda.move", .supports = supports, .plan_new = plan_new, .plan_free = free, .run = run};
