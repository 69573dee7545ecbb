#include "prune/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prune/score_file.h"

const char *const pld_reduction_names[] = {"sum", "mean", "max", "first", NULL};
const char *const pld_normalizer_names[] = {"none", "sum", "mean", "max", "gaussian", "lamp", NULL};

static pld_status choose(int *out, const char *const *names, const char *text, const char *option)
{
    for (int i = 0; names[i]; i++) {
        *out = i;
        if (strcmp(names[i], text) == 0) return PLD_OK;
    }
    return pld_fail(PLD_EUSAGE, option, "'%s' is not known", text);
}

static pld_status read_votes(unsigned *out, const char *text)
{
    static const char *const names[] = {"out", "in", "norm"};
    *out = 0;
    while (*text) {
        size_t n = strcspn(text, "+");
        unsigned vote = 0;
        for (unsigned i = 0; i < 3; i++)
            if (strlen(names[i]) == n && strncmp(names[i], text, n) == 0) vote = 1u << i;
        if (!vote)
            return pld_fail(PLD_EUSAGE, "--votes", "'%s' is not out, in, norm, or a sum of them",
                            text);
        *out |= vote;
        text += n + (text[n] == '+');
    }
    return *out ? PLD_OK : pld_fail(PLD_EUSAGE, "--votes", "nobody votes");
}

pld_status pld_scorer_init(struct pld_scorer *out, const struct pld_groups *groups,
                           const struct pld_score_options *o)
{
    *out = (struct pld_scorer){.groups = groups, .graph = groups->graph, .seed = o->seed};
    int choice = 0;
    if (o->file) {
        PLD_TRY(pld_score_file_read(&out->measured, &out->arena, o->file, groups));
    } else {
        PLD_TRY(pld_criterion_find(&out->criterion, o->criterion ? o->criterion : "l1"));
        out->votes = out->criterion->votes;
        out->normalizer = out->criterion->normalizer;
    }
    if (o->reduction)
        PLD_TRY(choose(&choice, pld_reduction_names, o->reduction, "--group-reduction"));
    out->reduction = (enum pld_reduction)choice;
    if (o->normalizer) {
        PLD_TRY(choose(&choice, pld_normalizer_names, o->normalizer, "--normalizer"));
        out->normalizer = (enum pld_normalizer)choice;
    }
    return o->votes ? read_votes(&out->votes, o->votes) : PLD_OK;
}

void pld_scorer_release(struct pld_scorer *scorer)
{
    pld_arena_release(&scorer->arena);
    *scorer = (struct pld_scorer){0};
}

/* ---- weights ---- */

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
        return (double)((const float *)value->data)[i];
    case PLD_F64:
        return ((const double *)value->data)[i];
    default:
        return half_to_double(((const uint16_t *)value->data)[i]);
    }
}

pld_status pld_member_rows(double **rows, int64_t *length, const struct pld_graph *graph,
                           const struct pld_member *member, int units)
{
    const struct pld_value *value = &graph->values[member->value];
    const struct pld_shape *shape = &value->desc.shape;
    *rows = NULL;
    if (value->desc.dtype > PLD_F64)
        return pld_fail(PLD_EMODEL, value->name, "criterion on %s weights",
                        pld_dtype_name(value->desc.dtype));
    int64_t outer = 1, inner = 1, size = shape->dim[member->axis];
    for (int a = 0; a < member->axis; a++)
        outer *= shape->dim[a];
    for (int a = member->axis + 1; a < shape->rank; a++)
        inner *= shape->dim[a];
    *length = outer * inner * member->per_unit;
    double *to = *rows = malloc(((size_t)units * (size_t)*length + 1) * sizeof **rows);
    if (!to) return pld_fail_memory("criterion");
    for (int i = 0; i < units * member->per_unit; i++)
        for (int64_t o = 0; o < outer; o++) {
            int64_t from = (o * size + member->indices[i]) * inner;
            for (int64_t k = 0; k < inner; k++)
                *to++ = element(value, from + k);
        }
    return PLD_OK;
}

static bool is_norm_scale(const struct pld_graph *graph, int value)
{
    for (int n = 0; n < graph->n_nodes; n++) {
        const struct pld_node *node = &graph->nodes[n];
        if (pld_node_live(node) && node->op == PLD_OP_BATCH_NORM && node->in[1] == value)
            return true;
    }
    return false;
}

static bool reads(const struct pld_node *node, int value)
{
    for (int i = 0; i < node->n_in; i++)
        if (node->in[i] == value) return true;
    return false;
}

static bool votes(const struct pld_scorer *s, const struct pld_group *group,
                  const struct pld_member *member)
{
    const struct pld_graph *graph = s->groups->graph;
    if (s->reduction == PLD_REDUCE_FIRST)
        return member->role == PLD_ROLE_OUT &&
               reads(&graph->nodes[group->producers[0]], member->value);
    if (member->role == PLD_ROLE_OUT) return s->votes & PLD_VOTE_OUT;
    if (member->role == PLD_ROLE_IN) return s->votes & PLD_VOTE_IN;
    return (s->votes & PLD_VOTE_NORM) && is_norm_scale(graph, member->value);
}

bool pld_score_possible(const struct pld_scorer *s, int g)
{
    if (s->measured) return s->measured[g] != NULL;
    if (!s->criterion->weights) return true;
    const struct pld_group *group = &s->groups->groups[g];
    for (int m = 0; m < group->n_members; m++)
        if (votes(s, group, &group->members[m])) return true;
    return false;
}

/* Moves the rows of units that are still there to the front; alive[] receives their numbers. */
static int keep_alive(int *alive, double *rows, const struct pld_scorer *s, int g, int64_t length)
{
    int n = 0;
    for (int u = 0; u < s->groups->groups[g].units; u++) {
        if (s->gone && s->gone[g] && s->gone[g][u]) continue;
        if (n != u) memmove(rows + n * length, rows + u * length, (size_t)length * sizeof *rows);
        alive[n++] = u;
    }
    return n;
}

static pld_status add_member(double *scores, const struct pld_scorer *s, int g,
                             const struct pld_member *member, double *local, int *alive)
{
    double *rows;
    int64_t length;
    PLD_TRY(pld_member_rows(&rows, &length, s->graph, member, s->groups->groups[g].units));
    int n = keep_alive(alive, rows, s, g, length);
    pld_status status = s->criterion->weights(local, rows, n, length);
    for (int i = 0; i < n && status == PLD_OK; i++) {
        double *score = &scores[alive[i]];
        *score = s->reduction == PLD_REDUCE_MAX ? fmax(*score, local[i]) : *score + local[i];
    }
    free(rows);
    return status;
}

static pld_status score_weights(double *scores, const struct pld_scorer *s, int g)
{
    const struct pld_group *group = &s->groups->groups[g];
    double *local = malloc((size_t)group->units * sizeof *local);
    int *alive = malloc((size_t)group->units * sizeof *alive);
    pld_status status = local && alive ? PLD_OK : pld_fail_memory("criterion");
    int voters = 0;
    memset(scores, 0, (size_t)group->units * sizeof *scores);
    for (int m = 0; m < group->n_members && status == PLD_OK; m++) {
        if (!votes(s, group, &group->members[m])) continue;
        voters++;
        status = add_member(scores, s, g, &group->members[m], local, alive);
    }
    free(local);
    free(alive);
    PLD_TRY(status);
    if (!voters)
        return pld_fail(PLD_EUSAGE, "--criterion", "%s has nothing to look at in %s (%s)%s",
                        s->criterion->name, group->id, group->name,
                        s->votes == PLD_VOTE_NORM ? ": no BatchNormalization, it may be folded"
                                                  : "");
    for (int u = 0; u < group->units && s->reduction == PLD_REDUCE_MEAN; u++)
        scores[u] /= voters;
    return PLD_OK;
}

/* ---- scores ---- */

static pld_status score_raw(double *scores, const struct pld_scorer *s, int g)
{
    int units = s->groups->groups[g].units;
    if (s->measured) {
        if (!s->measured[g])
            return pld_fail(PLD_EUSAGE, "--scores", "no scores for group %s",
                            s->groups->groups[g].id);
        memcpy(scores, s->measured[g], (size_t)units * sizeof *scores);
        return PLD_OK;
    }
    if (s->criterion->weights) return score_weights(scores, s, g);
    if (!s->criterion->draw)
        return pld_fail(PLD_EUSAGE, "--criterion", "%s needs images: --calibrate DATA",
                        s->criterion->name);
    struct pld_rng rng;
    pld_rng_init(&rng, s->seed ^ ((uint64_t)(g + 1) * 0x9e3779b97f4a7c15u));
    s->criterion->draw(scores, units, &rng);
    return PLD_OK;
}

pld_status pld_score_group(double *scores, const struct pld_scorer *s, int g)
{
    PLD_TRY(score_raw(scores, s, g));
    for (int u = 0; s->gone && s->gone[g] && u < s->groups->groups[g].units; u++)
        if (s->gone[g][u]) scores[u] = -INFINITY;
    return pld_normalize(scores, s->groups->groups[g].units, s->normalizer);
}

pld_status pld_score_order(int *order, const struct pld_scorer *s, int g)
{
    int units = s->groups->groups[g].units;
    double *scores = malloc((size_t)units * sizeof *scores);
    if (!scores) return pld_fail_memory("criterion");
    pld_status status = pld_score_group(scores, s, g);
    if (status == PLD_OK) status = pld_criterion_order(order, scores, units);
    free(scores);
    return status;
}

struct placed {
    double score;
    int at;
};

/* Ties: the later unit counts as the larger, as a stable ascending sort has it. */
static int descending(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    return y->at - x->at;
}

/* Divides every score by the sum of itself and those above it. */
static pld_status normalize_lamp(double *scores, int n)
{
    struct placed *sorted = malloc(((size_t)n + 1) * sizeof *sorted);
    if (!sorted) return pld_fail_memory("criterion");
    for (int i = 0; i < n; i++)
        sorted[i] = (struct placed){scores[i], i};
    qsort(sorted, (size_t)n, sizeof *sorted, descending);
    double above = 0;
    for (int i = 0; i < n && sorted[i].score != -INFINITY; i++) {
        above += sorted[i].score;
        if (above != 0) scores[sorted[i].at] = sorted[i].score / above;
    }
    free(sorted);
    return PLD_OK;
}

pld_status pld_normalize(double *scores, int n, enum pld_normalizer normalizer)
{
    if (normalizer == PLD_NORMALIZE_LAMP) return normalize_lamp(scores, n);
    double sum = 0, squares = 0, max = -INFINITY;
    int count = 0;
    for (int i = 0; i < n; i++) {
        if (scores[i] == -INFINITY) continue;
        sum += scores[i];
        max = fmax(max, scores[i]);
        count++;
    }
    double mean = count ? sum / count : 0, by = 1, minus = 0;
    for (int i = 0; i < n; i++)
        if (scores[i] != -INFINITY) squares += (scores[i] - mean) * (scores[i] - mean);
    if (normalizer == PLD_NORMALIZE_SUM) by = sum;
    if (normalizer == PLD_NORMALIZE_MEAN) by = mean;
    if (normalizer == PLD_NORMALIZE_MAX) by = max;
    if (normalizer == PLD_NORMALIZE_GAUSSIAN) {
        minus = mean;
        by = (count > 1 ? sqrt(squares / (count - 1)) : 0) + 1e-8;
    }
    for (int i = 0; i < n; i++)
        if (scores[i] != -INFINITY && by != 0) scores[i] = (scores[i] - minus) / by;
    return PLD_OK;
}
