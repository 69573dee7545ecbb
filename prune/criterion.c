#include "prune/criterion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/str.h"

#define PLD_CRITERION(name) extern const struct pld_criterion pld_criterion_##name;
#include "prune/criterion.def"
#undef PLD_CRITERION

static const struct pld_criterion *const rows[] = {
#define PLD_CRITERION(name) &pld_criterion_##name,
#include "prune/criterion.def"
#undef PLD_CRITERION
};
enum { ROWS = sizeof rows / sizeof rows[0] };

const struct pld_criterion *const *pld_criterion_list(int *count)
{
    *count = ROWS;
    return rows;
}

pld_status pld_criterion_find(const struct pld_criterion **out, const char *name)
{
    const char *names[ROWS];
    for (int i = 0; i < ROWS; i++) {
        *out = rows[i];
        if (strcmp(rows[i]->name, name) == 0) return PLD_OK;
        names[i] = rows[i]->name;
    }
    *out = NULL;
    const char *near = pld_str_nearest(name, names, ROWS);
    return pld_fail(PLD_EUSAGE, "--criterion", "no criterion '%s'%s%s%s", name,
                    near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

struct ranked {
    double score;
    int unit;
};

static int by_score(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? -1 : 1;
    return x->unit < y->unit ? -1 : x->unit > y->unit;
}

pld_status pld_criterion_order(int *order, const double *scores, int units)
{
    struct ranked *ranked = malloc(((size_t)units + 1) * sizeof *ranked);
    if (!ranked) return pld_fail_memory("ranking");
    pld_status status = PLD_OK;
    for (int u = 0; u < units && status == PLD_OK; u++) {
        ranked[u] = (struct ranked){scores[u], u};
        if (isnan(scores[u]))
            status = pld_fail(PLD_EFAIL, NULL, "importance of unit %d is not a number", u);
    }
    if (status == PLD_OK) {
        qsort(ranked, (size_t)units, sizeof *ranked, by_score);
        for (int u = 0; u < units; u++)
            order[u] = ranked[u].unit;
    }
    free(ranked);
    return status;
}

static double half_to_double(uint16_t h)
{
    int exponent = (h >> 10) & 31, mantissa = h & 1023;
    double value = exponent == 0    ? ldexp(mantissa, -24)
                   : exponent == 31 ? (mantissa ? NAN : INFINITY)
                                    : ldexp(mantissa + 1024, exponent - 25);
    return h & 0x8000 ? -value : value;
}

static double element(const struct pld_value *value, int64_t i)
{
    switch (value->desc.dtype) {
    case PLD_F32:
        return ((const float *)value->data)[i];
    case PLD_F64:
        return ((const double *)value->data)[i];
    case PLD_F16:
        return half_to_double(((const uint16_t *)value->data)[i]);
    default:
        return NAN;
    }
}

pld_status pld_member_sum(double *sums, const struct pld_graph *graph,
                          const struct pld_member *member, int units, double (*f)(double))
{
    const struct pld_value *value = &graph->values[member->value];
    const struct pld_shape *shape = &value->desc.shape;
    if (value->desc.dtype > PLD_F64)
        return pld_fail(PLD_EMODEL, value->name, "criterion on %s weights",
                        pld_dtype_name(value->desc.dtype));
    int64_t outer = 1, inner = 1, size = shape->dim[member->axis];
    for (int a = 0; a < member->axis; a++)
        outer *= shape->dim[a];
    for (int a = member->axis + 1; a < shape->rank; a++)
        inner *= shape->dim[a];
    for (int u = 0; u < units; u++)
        for (int k = 0; k < member->per_unit; k++)
            for (int64_t o = 0; o < outer; o++) {
                int64_t row = (o * size + member->indices[u * member->per_unit + k]) * inner;
                for (int64_t i = 0; i < inner; i++)
                    sums[u] += f(element(value, row + i));
            }
    return PLD_OK;
}
