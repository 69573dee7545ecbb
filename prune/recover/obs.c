#include "prune/recover/obs.h"

#include <stdlib.h>
#include <string.h>

#include "prune/recover/dense.h"
#include "prune/recover/obs_layer.h"

struct pld_obs {
    struct pld_arena arena;
    const struct pld_sites *sites;
    const double *omega; /* [sites] */
    struct pld_obs_options options;
    struct pld_obs_layer *layers;     /* [sites] */
    struct pld_obs_inverse *inverses; /* [n_patches] */
    double *scratch;
    bool *gone;     /* [units] */
    double *loss;   /* [units] weighted increase of the squared errors when it goes next */
    int *group_of;  /* [units] */
    int *removed;   /* [n_groups] */
    int64_t *saved; /* [n_groups] MACs that one more unit saves */
    bool *near;     /* [n_groups][n_groups] do they have a weight in common? */
    int *lost;      /* [n_values] rows that are gone of what makes channels */
    int64_t macs;
    struct pld_obs_step *trace;
    int n_trace;
};

/* ---- setting up ---- */

static int n_units(const struct pld_sites *sites)
{
    return sites->first_unit[sites->groups->n_groups];
}

static bool share_weight(const struct pld_group *a, const struct pld_group *b)
{
    for (int i = 0; i < a->n_members; i++)
        for (int k = 0; k < b->n_members; k++)
            if (a->members[i].value == b->members[k].value) return true;
    return false;
}

static void count_unit(struct pld_obs *o, int g)
{
    const struct pld_group *group = &o->sites->groups->groups[g];
    o->removed[g]++;
    for (int m = 0; m < group->n_members; m++)
        if (group->members[m].role == PLD_ROLE_OUT)
            o->lost[group->members[m].value] += group->members[m].per_unit;
}

static pld_status allocate(struct pld_obs *o, const bool *gone)
{
    const struct pld_groups *groups = o->sites->groups;
    size_t units = (size_t)n_units(o->sites) + 1, n = (size_t)groups->n_groups + 1;
    o->layers = pld_arena_array(&o->arena, (size_t)o->sites->count + 1, sizeof *o->layers);
    o->inverses = pld_arena_array(&o->arena, (size_t)o->sites->n_patches + 1, sizeof *o->inverses);
    o->gone = pld_arena_array(&o->arena, units, sizeof *o->gone);
    o->loss = pld_arena_array(&o->arena, units, sizeof *o->loss);
    o->group_of = pld_arena_array(&o->arena, units, sizeof *o->group_of);
    o->trace = pld_arena_array(&o->arena, units, sizeof *o->trace);
    o->removed = pld_arena_array(&o->arena, n, sizeof *o->removed);
    o->saved = pld_arena_array(&o->arena, n, sizeof *o->saved);
    o->near = pld_arena_array(&o->arena, n * n, sizeof *o->near);
    o->lost = pld_arena_array(&o->arena, (size_t)groups->graph->n_values + 1, sizeof *o->lost);
    if (!o->layers || !o->inverses || !o->gone || !o->loss || !o->group_of || !o->trace ||
        !o->removed || !o->saved || !o->near || !o->lost)
        return PLD_EDEVICE;
    for (int g = 0; g < groups->n_groups; g++) {
        for (int u = o->sites->first_unit[g]; u < o->sites->first_unit[g + 1]; u++) {
            o->group_of[u] = g;
            o->gone[u] = gone && gone[u];
            if (o->gone[u]) count_unit(o, g);
        }
        for (int k = 0; k < groups->n_groups; k++)
            o->near[g * groups->n_groups + k] =
                share_weight(&groups->groups[g], &groups->groups[k]);
    }
    return PLD_OK;
}

/* Weights without the rows that removed units made: their errors no longer matter. */
static void drop_rows(struct pld_obs_layer *layer, const bool *gone)
{
    const struct pld_site *site = layer->site;
    for (int64_t r = 0; r < site->rows; r++)
        if (site->row_unit[r] != PLD_NONE && gone[site->row_unit[r]])
            memset(layer->w + r * site->cols, 0, (size_t)site->cols * sizeof *layer->w);
}

static pld_status open_layers(struct pld_obs *o)
{
    const struct pld_sites *sites = o->sites;
    size_t scratch = 0;
    for (int s = 0; s < sites->count; s++) {
        struct pld_obs_layer *layer = &o->layers[s];
        const struct pld_site *site = &sites->items[s];
        const char *name = sites->compiled->nodes[site->readers[0]].name;
        PLD_TRY(pld_obs_layer_init(layer, site, name, &o->arena));
        pld_site_read(layer->w, site, sites->compiled, pld_site_compiled_weight(sites, site));
        drop_rows(layer, o->gone);
        for (int b = 0; b < layer->n_blocks; b++)
            layer->blocks[b].gone = o->gone[layer->blocks[b].unit];
        if (pld_obs_scratch(layer) > scratch) scratch = pld_obs_scratch(layer);
    }
    o->scratch = pld_arena_array(&o->arena, scratch + 1, sizeof *o->scratch);
    return o->scratch ? PLD_OK : PLD_EDEVICE;
}

/* ---- inverses ---- */

struct inverting {
    struct pld_obs *obs;
    const struct pld_moments *moments;
    double ridge;
};

/* The site that shows which columns of shared patches are left. */
static const struct pld_site *site_of(const struct pld_obs *o, int patches)
{
    for (int s = 0; s < o->sites->count; s++)
        if (o->sites->items[s].patches == patches) return &o->sites->items[s];
    return NULL;
}

/* Columns of removed units have neither a row nor a column in the inverse: they stay 0 there. */
static pld_status invert_one(void *context, size_t index, int worker)
{
    struct inverting *in = context;
    struct pld_obs *o = in->obs;
    const struct pld_gram *g = &in->moments->fit[index];
    const struct pld_site *site = site_of(o, (int)index);
    struct pld_obs_inverse *inverse = &o->inverses[index];
    int64_t *left = malloc(((size_t)g->n + 1) * sizeof *left), n = 0;
    double trace = 0, *a = malloc(((size_t)(g->n * g->n) + 1) * sizeof *a);
    pld_status status = left && a && site ? PLD_OK : pld_fail_memory("block OBS");
    (void)worker;
    for (int64_t c = 0; c < g->n && status == PLD_OK; c++) {
        if (site->col_unit[c] != PLD_NONE && o->gone[site->col_unit[c]]) continue;
        left[n++] = c;
        trace += g->cov[c * g->n + c];
    }
    if (status == PLD_OK) {
        double lambda = n > 0 ? in->ridge * trace / (double)n : 0;
        for (int64_t i = 0; i < n; i++) {
            for (int64_t j = 0; j < n; j++)
                a[i * n + j] = g->cov[left[i] * g->n + left[j]];
            a[i * n + i] += lambda > 0 ? lambda : 1;
        }
        status = pld_dense_invert(a, n, o->sites->compiled->nodes[site->readers[0]].name);
    }
    for (int64_t i = 0; i < n && status == PLD_OK; i++)
        for (int64_t j = 0; j < n; j++)
            inverse->h[left[i] * g->n + left[j]] = a[i * n + j];
    free(left);
    free(a);
    return status;
}

static pld_status invert_all(struct pld_obs *o, const struct pld_moments *moments,
                             struct pld_pool *pool)
{
    struct inverting in = {.obs = o, .moments = moments};
    in.ridge = o->options.ridge > 0 ? o->options.ridge : 1e-3;
    for (int p = 0; p < o->sites->n_patches; p++) {
        size_t n = (size_t)moments->fit[p].n;
        o->inverses[p].n = moments->fit[p].n;
        o->inverses[p].h = pld_arena_array(&o->arena, n * n + 1, sizeof(double));
        if (!o->inverses[p].h) return PLD_EDEVICE;
    }
    size_t count = (size_t)o->sites->n_patches;
    if (pool) return pld_pool_run(pool, count, invert_one, &in);
    for (size_t p = 0; p < count; p++)
        PLD_TRY(invert_one(&in, p, 0));
    return PLD_OK;
}

/* ---- scores and costs ---- */

static pld_status score_site(struct pld_obs *o, int s)
{
    struct pld_obs_layer *layer = &o->layers[s];
    for (int b = 0; b < layer->n_blocks; b++)
        if (!layer->blocks[b].gone)
            o->loss[layer->blocks[b].unit] -= o->omega[s] * layer->blocks[b].score;
    PLD_TRY(pld_obs_score(layer, &o->inverses[layer->site->patches], o->scratch));
    for (int b = 0; b < layer->n_blocks; b++)
        if (!layer->blocks[b].gone)
            o->loss[layer->blocks[b].unit] += o->omega[s] * layer->blocks[b].score;
    return PLD_OK;
}

/* What one more unit of g saves. A group that cannot lose one saves nothing. */
static pld_status price(struct pld_obs *o, int g)
{
    const struct pld_group *group = &o->sites->groups->groups[g];
    int64_t macs, params;
    o->saved[g] = 0;
    if (!group->prunable || o->sites->unseen[g] || o->removed[g] + 1 >= group->units) return PLD_OK;
    o->removed[g]++;
    pld_status status = pld_groups_cost(&macs, &params, o->sites->groups, o->removed);
    o->removed[g]--;
    if (status == PLD_OK) o->saved[g] = o->macs - macs;
    return status;
}

pld_status pld_obs_new(struct pld_obs **out, const struct pld_sites *sites,
                       const struct pld_moments *moments, const double *omega, const bool *gone,
                       const struct pld_obs_options *options, struct pld_pool *pool)
{
    *out = NULL;
    struct pld_obs *o = calloc(1, sizeof *o);
    if (!o) return pld_fail_memory("block OBS");
    o->sites = sites;
    o->omega = omega;
    o->options = *options;
    int64_t params;
    pld_status status = allocate(o, gone);
    if (status == PLD_OK) status = open_layers(o);
    if (status == PLD_OK) status = invert_all(o, moments, pool);
    for (int s = 0; s < sites->count && status == PLD_OK; s++)
        status = score_site(o, s);
    if (status == PLD_OK) status = pld_groups_cost(&o->macs, &params, sites->groups, o->removed);
    for (int g = 0; g < sites->groups->n_groups && status == PLD_OK; g++)
        status = price(o, g);
    if (status != PLD_OK) {
        pld_obs_free(o);
        return status;
    }
    *out = o;
    return PLD_OK;
}

void pld_obs_free(struct pld_obs *o)
{
    if (!o) return;
    pld_arena_release(&o->arena);
    free(o);
}

/* ---- choosing ---- */

/* A channel that is a group of its own (a shuffle mixes them all) is held by the floor and the cap
 * of the layers that make it. */
static bool layers_allow(const struct pld_obs *o, int g, int keep, double cap)
{
    const struct pld_groups *groups = o->sites->groups;
    const struct pld_group *group = &groups->groups[g];
    for (int m = 0; m < group->n_members; m++) {
        const struct pld_member *member = &group->members[m];
        if (member->role != PLD_ROLE_OUT) continue;
        int64_t size = groups->graph->values[member->value].desc.shape.dim[member->axis];
        int64_t lost = o->lost[member->value] + member->per_unit;
        if (size - lost < keep || (double)lost > cap * (double)size + 1e-9) return false;
    }
    return true;
}

/* Units of g that go together in one move, so that what is left is a multiple of `align`; 0 when
 * floor or cap forbid it. */
static int move_size(const struct pld_obs *o, int g)
{
    int units = o->sites->groups->groups[g].units, left = units - o->removed[g];
    int align = o->options.align > 1 ? o->options.align : 1;
    int n = left % align ? left % align : align;
    double cap = o->options.caps ? o->options.caps[g] : o->options.max_ratio;
    int keep = o->options.min_keep > 1 ? o->options.min_keep : 1;
    if (o->saved[g] <= 0) return 0;
    if (units == 1) return layers_allow(o, g, keep, cap);
    if (left - n < keep) return 0;
    return (double)(o->removed[g] + n) <= cap * units + 1e-9 ? n : 0;
}

/* The cheapest unit of a group that is left, other than those of less or equal loss that were
 * counted before it. */
static int next_unit(const struct pld_obs *o, int g, int after)
{
    int best = PLD_NONE;
    for (int u = o->sites->first_unit[g]; u < o->sites->first_unit[g + 1]; u++) {
        if (o->gone[u]) continue;
        bool behind = after == PLD_NONE || o->loss[u] > o->loss[after] ||
                      (o->loss[u] == o->loss[after] && u > after);
        if (behind && (best == PLD_NONE || o->loss[u] < o->loss[best])) best = u;
    }
    return best;
}

static double move_price(const struct pld_obs *o, int g, int n)
{
    double loss = 0;
    for (int i = 0, u = PLD_NONE; i < n; i++) {
        u = next_unit(o, g, u);
        loss += o->loss[u];
    }
    return loss / ((double)n * (double)o->saved[g]);
}

static int choose(const struct pld_obs *o, int *size)
{
    int best = PLD_NONE;
    double price_of_best = 0;
    for (int g = 0; g < o->sites->groups->n_groups; g++) {
        int n = move_size(o, g);
        double p = n ? move_price(o, g, n) : 0;
        if (!n || (best != PLD_NONE && p >= price_of_best)) continue;
        best = g;
        price_of_best = p;
        *size = n;
    }
    return best;
}

/* ---- removing ---- */

static struct pld_obs_block *find_block(struct pld_obs_layer *layer, int unit)
{
    for (int b = 0; b < layer->n_blocks; b++)
        if (layer->blocks[b].unit == unit) return &layer->blocks[b];
    return NULL;
}

/* Weights of all sites first, since they share inverses. Marks the sites that changed. */
static pld_status remove_columns(struct pld_obs *o, int unit, bool *changed)
{
    const struct pld_obs_block *of_patches = NULL;
    for (int s = 0; s < o->sites->count; s++) {
        struct pld_obs_layer *layer = &o->layers[s];
        struct pld_obs_block *block = find_block(layer, unit);
        if (!block) continue;
        changed[s] = true;
        PLD_TRY(pld_obs_update(layer, &o->inverses[layer->site->patches], block, o->scratch));
    }
    for (int p = 0; p < o->sites->n_patches; p++) {
        of_patches = NULL;
        for (int s = 0; s < o->sites->count && !of_patches; s++)
            if (changed[s] && o->layers[s].site->patches == p)
                of_patches = find_block(&o->layers[s], unit);
        if (of_patches)
            PLD_TRY(pld_obs_downdate(&o->inverses[p], of_patches->cols, of_patches->n, o->scratch,
                                     "block OBS"));
    }
    return PLD_OK;
}

static void remove_rows(struct pld_obs *o, int unit, bool *changed)
{
    for (int s = 0; s < o->sites->count; s++) {
        const struct pld_site *site = o->layers[s].site;
        bool makes = false;
        for (int64_t r = 0; r < site->rows && !makes; r++)
            makes = site->row_unit[r] == unit;
        if (!makes) continue;
        drop_rows(&o->layers[s], o->gone);
        changed[s] = true;
    }
}

static pld_status remove_unit(struct pld_obs *o, int unit)
{
    const struct pld_groups *groups = o->sites->groups;
    int g = o->group_of[unit];
    int64_t params;
    bool *changed = calloc((size_t)o->sites->count + 1, sizeof *changed);
    if (!changed) return pld_fail_memory("block OBS");
    double loss = o->loss[unit];
    o->gone[unit] = true;
    count_unit(o, g);
    pld_status status = remove_columns(o, unit, changed);
    if (status == PLD_OK) remove_rows(o, unit, changed);
    for (int s = 0; s < o->sites->count && status == PLD_OK; s++)
        if (changed[s]) status = score_site(o, s);
    free(changed);
    PLD_TRY(status);
    PLD_TRY(pld_groups_cost(&o->macs, &params, groups, o->removed));
    for (int k = 0; k < groups->n_groups; k++)
        if (o->near[g * groups->n_groups + k]) PLD_TRY(price(o, k));
    o->trace[o->n_trace++] = (struct pld_obs_step){unit, loss, o->macs};
    return PLD_OK;
}

pld_status pld_obs_run(struct pld_obs *o, int64_t macs)
{
    while (o->macs > macs) {
        int size = 0, g = choose(o, &size);
        if (g == PLD_NONE)
            return pld_fail(PLD_EGATE, "plan",
                            "floors and caps of the groups stop at %.1f MMACs; %.1f were asked for",
                            (double)o->macs / 1e6, (double)macs / 1e6);
        for (int i = 0; i < size; i++)
            PLD_TRY(remove_unit(o, next_unit(o, g, PLD_NONE)));
    }
    return PLD_OK;
}

const struct pld_obs_step *pld_obs_trace(const struct pld_obs *o, int *count)
{
    *count = o->n_trace;
    return o->trace;
}

const double *pld_obs_weights(const struct pld_obs *o, int site)
{
    return o->layers[site].w;
}
