#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "prune/sparsify.h"

/* Indices of the two smallest of four; of equal ones the later go. */
static void two_smallest(int out[2], const double m[4])
{
    int order[4] = {0, 1, 2, 3};
    for (int i = 1; i < 4; i++)
        for (int k = i; k > 0 && m[order[k]] <= m[order[k - 1]]; k--) {
            int t = order[k];
            order[k] = order[k - 1];
            order[k - 1] = t;
        }
    out[0] = order[0];
    out[1] = order[1];
}

void pld_sparse_2_4(float *weights, int64_t outer, int64_t channels, int64_t inner)
{
    for (int64_t o = 0; o < outer; o++)
        for (int64_t c = 0; c < channels; c += 4)
            for (int64_t i = 0; i < inner; i++) {
                float *w = weights + (o * channels + c) * inner + i;
                double m[4];
                int gone[2];
                for (int k = 0; k < 4; k++)
                    m[k] = (double)fabsf(w[k * inner]);
                two_smallest(gone, m);
                w[gone[0] * inner] = w[gone[1] * inner] = 0;
            }
}

/* ---- permutation ---- */

struct permutation {
    const struct pld_graph *graph;
    const struct pld_group *group;
    int *at; /* [units] the unit whose weights stand at the place of unit u */
};

/* What 2:4 keeps of the four input channels from `first` on, with the units permuted. `slot` maps
 * the member's indices to places (unit * per_unit + k), or -1 for channels of other groups. */
static double kept_of(const struct permutation *p, const struct pld_member *member, const int *slot,
                      int64_t first)
{
    const struct pld_value *value = &p->graph->values[member->value];
    const float *w = value->data;
    int64_t outer = value->desc.shape.dim[0], channels = value->desc.shape.dim[1];
    int64_t inner = pld_shape_count(&value->desc.shape) / (outer * channels), from[4];
    for (int k = 0; k < 4; k++) {
        int place = slot[first + k], per = member->per_unit;
        from[k] = place < 0 ? first + k : member->indices[p->at[place / per] * per + place % per];
    }
    double kept = 0;
    for (int64_t o = 0; o < outer; o++)
        for (int64_t i = 0; i < inner; i++) {
            double m[4];
            int gone[2];
            for (int k = 0; k < 4; k++)
                m[k] = (double)fabsf(w[(o * channels + from[k]) * inner + i]);
            two_smallest(gone, m);
            for (int k = 0; k < 4; k++)
                kept += k == gone[0] || k == gone[1] ? 0 : m[k];
        }
    return kept;
}

static bool counts(const struct permutation *p, const struct pld_member *member)
{
    const struct pld_desc *desc = &p->graph->values[member->value].desc;
    return member->role == PLD_ROLE_IN && member->axis == 1 && desc->dtype == PLD_F32 &&
           desc->shape.dim[1] % 4 == 0;
}

/* Over the fours that units a and b stand in, in every consumer. */
static double kept_around(const struct permutation *p, int *const *slots, int a, int b)
{
    double kept = 0;
    for (int m = 0; m < p->group->n_members; m++) {
        const struct pld_member *member = &p->group->members[m];
        if (!slots[m]) continue;
        for (int k = 0; k < member->per_unit; k++) {
            int64_t x = member->indices[a * member->per_unit + k] / 4 * 4;
            int64_t y = member->indices[b * member->per_unit + k] / 4 * 4;
            kept += kept_of(p, member, slots[m], x);
            if (x != y) kept += kept_of(p, member, slots[m], y);
        }
    }
    return kept;
}

static void swap(struct permutation *p, int a, int b)
{
    int t = p->at[a];
    p->at[a] = p->at[b];
    p->at[b] = t;
}

static void search(struct permutation *p, int *const *slots, struct pld_rng *rng)
{
    enum { TRIES_A_UNIT = 20 };
    uint64_t units = (uint64_t)p->group->units;
    for (uint64_t i = 0; i < TRIES_A_UNIT * units; i++) {
        int a = (int)pld_rng_below(rng, units), b = (int)pld_rng_below(rng, units);
        if (a == b) continue;
        double before = kept_around(p, slots, a, b);
        swap(p, a, b);
        if (kept_around(p, slots, a, b) <= before) swap(p, a, b);
    }
}

/* Moves the indices of every unit on one member. */
static pld_status permute_member(struct pld_graph *graph, const struct permutation *p,
                                 const struct pld_member *member)
{
    const struct pld_value *value = &graph->values[member->value];
    const struct pld_shape *shape = &value->desc.shape;
    size_t bytes = pld_desc_bytes(&value->desc), inner = pld_dtype_size(value->desc.dtype);
    size_t outer = 1, size = (size_t)shape->dim[member->axis];
    for (int a = 0; a < member->axis; a++)
        outer *= (size_t)shape->dim[a];
    for (int a = member->axis + 1; a < shape->rank; a++)
        inner *= (size_t)shape->dim[a];
    unsigned char *data = pld_arena_alloc(&graph->arena, bytes);
    if (!data) return PLD_EDEVICE;
    memcpy(data, value->data, bytes);
    const unsigned char *old = value->data;
    int per = member->per_unit;
    for (size_t o = 0; o < outer; o++)
        for (int i = 0; i < p->group->units * per; i++) {
            size_t to = (size_t)member->indices[i];
            size_t from = (size_t)member->indices[p->at[i / per] * per + i % per];
            memcpy(data + (o * size + to) * inner, old + (o * size + from) * inner, inner);
        }
    return pld_graph_set_constant(graph, member->value, &value->desc, data);
}

static pld_status permute_group(struct pld_graph *graph, const struct pld_group *group,
                                struct pld_rng *rng)
{
    struct pld_arena arena = {0};
    struct permutation p = {graph, group, NULL};
    int **slots = pld_arena_array(&arena, (size_t)group->n_members + 1, sizeof *slots);
    p.at = pld_arena_array(&arena, (size_t)group->units, sizeof *p.at);
    pld_status status = slots && p.at ? PLD_OK : PLD_EDEVICE;
    for (int u = 0; u < group->units && status == PLD_OK; u++)
        p.at[u] = u;
    for (int m = 0; m < group->n_members && status == PLD_OK; m++) {
        const struct pld_member *member = &group->members[m];
        if (!counts(&p, member)) continue;
        int64_t channels = graph->values[member->value].desc.shape.dim[1];
        slots[m] = pld_arena_array(&arena, (size_t)channels, sizeof **slots);
        if (!slots[m]) status = PLD_EDEVICE;
        for (int64_t c = 0; slots[m] && c < channels; c++)
            slots[m][c] = -1;
        for (int i = 0; slots[m] && i < group->units * member->per_unit; i++)
            slots[m][member->indices[i]] = i;
    }
    if (status == PLD_OK) search(&p, slots, rng);
    for (int m = 0; m < group->n_members && status == PLD_OK; m++)
        status = permute_member(graph, &p, &group->members[m]);
    pld_arena_release(&arena);
    return status;
}

pld_status pld_sparse_permute(struct pld_graph *graph, const struct pld_groups *groups,
                              uint64_t seed)
{
    struct pld_rng rng;
    pld_rng_init(&rng, seed);
    for (int g = 0; g < groups->n_groups; g++)
        if (groups->groups[g].prunable) PLD_TRY(permute_group(graph, &groups->groups[g], &rng));
    return PLD_OK;
}
