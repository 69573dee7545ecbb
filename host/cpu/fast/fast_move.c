/* Operators that only move elements, of any type: strided copies, arranged when planned. */
#include <stdlib.h>

#include "backend/element.h"
#include "backend/moves.h"
#include "cpu/fast/copy.h"

struct plan {
    int n;
    int64_t size;   /* bytes of an element */
    uint64_t value; /* one element, for Pad */
    struct {
        struct pld_copy copy;
        int in, out;           /* which input and output; input -1 is `value` */
        int64_t in_at, out_at; /* first element */
    } move[];
};

static pld_status plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    *workspace = 0;
    struct pld_moves *moves = pld_moves_new(sig);
    if (!moves) return PLD_EDEVICE;
    struct plan *plan = calloc(1, sizeof *plan + (size_t)moves->n * sizeof plan->move[0]);
    if (!plan) {
        free(moves);
        return pld_fail_memory("kernel plan");
    }
    plan->n = moves->n;
    plan->size = (int64_t)moves->size;
    pld_store(moves->dtype, &plan->value, 0, moves->value);
    for (int i = 0; i < moves->n; i++) {
        const struct pld_move *move = &moves->move[i];
        pld_copy_init(&plan->move[i].copy, &move->shape, move->out_stride, move->in_stride,
                      moves->size);
        plan->move[i].in = move->in;
        plan->move[i].out = move->out;
        plan->move[i].in_at = move->in_at;
        plan->move[i].out_at = move->out_at;
    }
    free(moves);
    *out = plan;
    return PLD_OK;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    (void)lane, (void)workspace;
    const struct plan *plan = plan_;
    for (int i = 0; i < plan->n; i++) {
        const void *source = plan->move[i].in < 0 ? &plan->value : in[plan->move[i].in];
        pld_copy_run(&plan->move[i].copy,
                     (char *)out[plan->move[i].out] + plan->move[i].out_at * plan->size,
                     (const char *)source + plan->move[i].in_at * plan->size);
    }
    return PLD_OK;
}

extern const struct pld_kernel pld_fast_move;
const struct pld_kernel pld_fast_move = {.name = "fast.move",
                                         .supports = pld_moves_supports,
                                         .plan_new = plan_new,
                                         .plan_free = free,
                                         .run = run};
