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

/* What users of other tools may ask for; each needs a backward pass. */
static const char *const over_gradients[] = {"taylor", "group_taylor", "group_fisher", "hessian",
                                             "obdc"};

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
    for (size_t i = 0; i < sizeof over_gradients / sizeof over_gradients[0]; i++)
        if (strcmp(over_gradients[i], name) == 0)
            return pld_fail(PLD_EUSAGE, "--criterion",
                            "'%s' needs gradients, which are not available in this version", name);
    if (strcmp(name, "obs") == 0)
        return pld_fail(PLD_EUSAGE, "--criterion",
                        "'obs' chooses over all groups at once: it goes with plan MODEL "
                        "--calibrate DATA");
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

pld_status pld_criterion_squares(double *scores, const double *filters, int units, int64_t length)
{
    for (int u = 0; u < units; u++) {
        scores[u] = 0;
        for (int64_t i = 0; i < length; i++)
            scores[u] += filters[u * length + i] * filters[u * length + i];
    }
    return PLD_OK;
}

void pld_criterion_pairs(double *scores, const double *filters, int units, int64_t length,
                         double (*f)(const double *a, const double *b, int64_t length))
{
    memset(scores, 0, (size_t)units * sizeof *scores);
    for (int i = 0; i < units; i++)
        for (int j = i + 1; j < units; j++) {
            double value = f(filters + i * length, filters + j * length, length);
            scores[i] += value;
            scores[j] += value;
        }
}
