/* Reductions and softmax: each output row looks at a span of inputs. A row is worked on by a team
 * of threads; thread t of T takes every T-th element of the span. */
#ifndef PLD_CUDA_BODY_ROWS_H
#define PLD_CUDA_BODY_ROWS_H

#include "backend/op.h"
#include "cuda/nest.h"

struct pld_rows_args {
    struct pld_nest rest; /* the rows; operand 0: out, 1: in */
    struct pld_nest span; /* a row's elements, likewise */
    int op;               /* a reduction, or Softmax */
    int log;              /* LogSoftmax */
    int dtype;
    void *out;
    const void *in;
};

static PLD_HD float pld_reduce_start(int op)
{
    switch (op) {
    case PLD_OP_REDUCE_PROD:
        return 1;
    case PLD_OP_REDUCE_MAX:
        return -INFINITY;
    case PLD_OP_REDUCE_MIN:
        return INFINITY;
    default:
        return 0;
    }
}

static PLD_HD float pld_reduce_join(int op, float a, float b)
{
    switch (op) { /* NaN wins */
    case PLD_OP_REDUCE_PROD:
        return a * b;
    case PLD_OP_REDUCE_MAX:
        return b != b || b > a ? b : a;
    case PLD_OP_REDUCE_MIN:
        return b != b || b < a ? b : a;
    default:
        return a + b;
    }
}

static PLD_HD float pld_span_get(const struct pld_rows_args *a, int64_t row_in, uint32_t i)
{
    int64_t at[PLD_NEST_OPERANDS];
    pld_nest_at(at, &a->span, i);
    return pld_get(a->in, a->dtype, row_in + at[1]);
}

/* What thread t of T contributes to a reduction of its row. */
static PLD_HD float pld_reduce_part(const struct pld_rows_args *a, int64_t row_in, int op,
                                    uint32_t t, uint32_t threads)
{
    float part = pld_reduce_start(op);
    for (uint32_t i = t; i < a->span.count; i += threads)
        part = pld_reduce_join(op, part, pld_span_get(a, row_in, i));
    return part;
}

static PLD_HD void pld_reduce_finish(const struct pld_rows_args *a, int64_t row_out, float value)
{
    if (a->op == PLD_OP_REDUCE_MEAN) value /= (float)a->span.count;
    pld_set(a->out, a->dtype, row_out, value);
}

/* Its part of sum(exp(x - top)). */
static PLD_HD float pld_softmax_part(const struct pld_rows_args *a, int64_t row_in, float top,
                                     uint32_t t, uint32_t threads)
{
    float part = 0;
    for (uint32_t i = t; i < a->span.count; i += threads)
        part += expf(pld_span_get(a, row_in, i) - top);
    return part;
}

static PLD_HD void pld_softmax_finish(const struct pld_rows_args *a, int64_t row_in,
                                      int64_t row_out, float top, float sum, uint32_t t,
                                      uint32_t threads)
{
    float shift = a->log ? logf(sum) : 0;
    for (uint32_t i = t; i < a->span.count; i += threads) {
        int64_t at[PLD_NEST_OPERANDS];
        pld_nest_at(at, &a->span, i);
        float x = pld_get(a->in, a->dtype, row_in + at[1]) - top;
        pld_set(a->out, a->dtype, row_out + at[0], a->log ? x - shift : expf(x) / sum);
    }
}

#endif
