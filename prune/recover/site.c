#include "prune/recover/site.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_TAPS = 16 };

int pld_value_origin(const struct pld_graph *graph, int value)
{
    while (graph->values[value].origin != PLD_NONE)
        value = graph->values[value].origin;
    return value;
}

/* ---- units of rows and columns ---- */

/* unit[axis size]: the unit that owns each index of an axis of a constant, or PLD_NONE. */
static int *units_on(const struct pld_sites *s, int value, int axis, enum pld_role role)
{
    const struct pld_groups *groups = s->groups;
    int64_t size = groups->graph->values[value].desc.shape.dim[axis];
    int *unit = malloc(((size_t)size + 1) * sizeof *unit);
    for (int64_t i = 0; unit && i < size; i++)
        unit[i] = PLD_NONE;
    for (int g = 0; unit && g < groups->n_groups; g++) {
        const struct pld_group *group = &groups->groups[g];
        for (int m = 0; group->prunable && m < group->n_members; m++) {
            const struct pld_member *member = &group->members[m];
            if (member->value != value || member->axis != axis || member->role != role) continue;
            for (int i = 0; i < group->units * member->per_unit; i++)
                unit[member->indices[i]] = s->first_unit[g] + i / member->per_unit;
        }
    }
    return unit;
}

/* How a weight's axes are laid out for one convolution group. */
struct form {
    int in_axis, out_axis;
    int64_t in0, out0;           /* first index of the group on each */
    int64_t per_column, per_row; /* columns (rows) an index of the axis has */
};

static pld_status fill_units(struct pld_sites *s, struct pld_site *site, const struct form *f)
{
    int *in = units_on(s, site->weight, f->in_axis, PLD_ROLE_IN);
    int *out = units_on(s, site->weight, f->out_axis, PLD_ROLE_OUT);
    site->col_unit = pld_arena_array(&s->arena, (size_t)site->cols + 1, sizeof(int));
    site->row_unit = pld_arena_array(&s->arena, (size_t)site->rows + 1, sizeof(int));
    bool good = in && out && site->col_unit && site->row_unit;
    for (int64_t c = 0; good && c < site->cols; c++)
        site->col_unit[c] = in[f->in0 + c / f->per_column];
    for (int64_t r = 0; good && r < site->rows; r++)
        site->row_unit[r] = out[f->out0 + r / f->per_row];
    free(in);
    free(out);
    return good ? PLD_OK : pld_fail_memory("recovery");
}

/* ---- one weight ---- */

static void conv_form(struct pld_site *site, struct form *f, const struct pld_shape *w,
                      int64_t group, int64_t groups)
{
    site->rows = w->dim[0] / groups;
    site->cols = pld_shape_count(w) / w->dim[0];
    site->row_step = site->cols;
    site->col_step = 1;
    site->offset = group * site->rows * site->cols;
    site->bias0 = group * site->rows;
    *f = (struct form){1, 0, 0, site->bias0, site->cols / w->dim[1], 1};
}

static void transposed_form(struct pld_site *site, struct form *f, const struct pld_shape *w,
                            int64_t group, int64_t groups)
{
    site->cols = w->dim[0] / groups;
    site->rows = pld_shape_count(w) / w->dim[0];
    site->row_step = 1;
    site->col_step = site->rows;
    site->offset = group * site->rows * site->cols;
    *f = (struct form){0, 1, group * site->cols, 0, 1, site->rows / w->dim[1]};
}

static void matrix_form(struct pld_site *site, struct form *f, const struct pld_shape *w,
                        bool transposed)
{
    site->cols = w->dim[transposed];
    site->rows = w->dim[!transposed];
    site->row_step = transposed ? site->cols : 1;
    site->col_step = transposed ? 1 : site->rows;
    *f = (struct form){transposed, !transposed, 0, 0, 1, 1};
}

static void describe(struct pld_site *site, struct form *f, const struct pld_node *node,
                     const struct pld_shape *w, int64_t group)
{
    if (node->op == PLD_OP_CONV)
        conv_form(site, f, w, group, node->params.conv.group);
    else if (node->op == PLD_OP_CONV_TRANSPOSE)
        transposed_form(site, f, w, group, node->params.conv.group);
    else
        matrix_form(site, f, w, node->op == PLD_OP_GEMM && node->params.gemm.trans_b);
}

/* The index of these patches in the table, added where they are new. */
static pld_status share_patches(int *out, struct pld_sites *s, const struct pld_tap *taps, int n)
{
    for (int p = 0; p < s->n_patches; p++) {
        bool same = s->patches[p].n_taps == n;
        for (int t = 0; t < n && same; t++)
            same = pld_tap_equal(&s->patches[p].taps[t], &taps[t]);
        *out = p;
        if (same) return PLD_OK;
    }
    struct pld_patches *new = &s->patches[ *out = s->n_patches++];
    new->taps = pld_arena_array(&s->arena, (size_t)n, sizeof *taps);
    if (!new->taps) return PLD_EDEVICE;
    for (int t = 0; t < n; t++)
        new->taps[t] = taps[t];
    new->n_taps = n;
    new->cols = pld_tap_columns(&taps[0]);
    return PLD_OK;
}

/* Compiled nodes that read the weight in the way sites describe. *n = -1: some other way. */
static void find_readers(int *readers, int *n, const struct pld_sites *s, int weight)
{
    const struct pld_graph *graph = s->compiled;
    const struct pld_value *model = &s->groups->graph->values[weight];
    struct pld_tap tap;
    *n = 0;
    for (int i = 0; i < graph->n_nodes; i++) {
        const struct pld_node *node = &graph->nodes[i];
        for (int k = 0; pld_node_live(node) && k < node->n_data; k++) {
            if (node->in[k] == PLD_NONE || !graph->values[node->in[k]].data) continue;
            if (pld_value_origin(graph, node->in[k]) != weight) continue;
            bool good = k == 1 && *n < MOST_TAPS && pld_tap_of(&tap, graph, i, 0) &&
                        model->desc.dtype == PLD_F32 &&
                        pld_shape_equal(&graph->values[node->in[k]].desc.shape, &model->desc.shape);
            if (good && *n > 0)
                good = graph->nodes[readers[0]].op == node->op &&
                       (node->op == PLD_OP_MATMUL || node->op == PLD_OP_GEMM ||
                        node->params.conv.group == graph->nodes[readers[0]].params.conv.group);
            if (!good) {
                *n = -1;
                return;
            }
            readers[(*n)++] = i;
        }
    }
}

static int model_reader(const struct pld_graph *model, int weight)
{
    for (int i = 0; i < model->n_nodes; i++)
        if (pld_node_live(&model->nodes[i]) && model->nodes[i].n_in > 1 &&
            model->nodes[i].in[1] == weight)
            return i;
    return PLD_NONE;
}

static pld_status copy_readers(struct pld_site *site, struct pld_sites *s, const int *readers,
                               int n)
{
    site->readers = pld_arena_array(&s->arena, (size_t)n, sizeof(int));
    if (!site->readers) return PLD_EDEVICE;
    memcpy(site->readers, readers, (size_t)n * sizeof *readers);
    site->n_readers = n;
    return PLD_OK;
}

static pld_status add_weight(bool *covered, struct pld_sites *s, int weight)
{
    int readers[MOST_TAPS], n;
    int node = model_reader(s->groups->graph, weight);
    find_readers(readers, &n, s, weight);
    *covered = n > 0 && node != PLD_NONE;
    if (!*covered) return PLD_OK;
    const struct pld_node *first = &s->compiled->nodes[readers[0]];
    bool conv = first->op == PLD_OP_CONV || first->op == PLD_OP_CONV_TRANSPOSE;
    int64_t groups = conv ? first->params.conv.group : 1;
    for (int64_t g = 0; g < groups; g++) {
        struct pld_site *site = &s->items[s->count++];
        struct pld_tap taps[MOST_TAPS];
        struct form form;
        *site = (struct pld_site){.weight = weight, .node = node};
        describe(site, &form, first, &s->groups->graph->values[weight].desc.shape, g);
        for (int t = 0; t < n; t++)
            pld_tap_of(&taps[t], s->compiled, readers[t], g);
        PLD_TRY(share_patches(&site->patches, s, taps, n));
        PLD_TRY(copy_readers(site, s, readers, n));
        PLD_TRY(fill_units(s, site, &form));
    }
    return PLD_OK;
}

/* ---- all of them ---- */

static bool has_weight(const struct pld_sites *s, int weight)
{
    for (int i = 0; i < s->count; i++)
        if (s->items[i].weight == weight) return true;
    return false;
}

static pld_status add_group(struct pld_sites *s, int g)
{
    const struct pld_group *group = &s->groups->groups[g];
    for (int m = 0; group->prunable && m < group->n_members; m++) {
        int weight = group->members[m].value;
        bool covered;
        if (group->members[m].role != PLD_ROLE_IN) {
            if (group->members[m].masked) s->unseen[g] = s->groups->graph->values[weight].name;
            continue; /* masked, but no column: read by a product of two activations */
        }
        if (has_weight(s, weight)) continue;
        PLD_TRY(add_weight(&covered, s, weight));
        if (!covered) s->unseen[g] = s->groups->graph->values[weight].name;
    }
    return PLD_OK;
}

/* Convolution groups of all nodes: an upper bound for the number of sites. */
static size_t most_sites(const struct pld_graph *graph)
{
    size_t n = 1;
    for (int i = 0; i < graph->n_nodes; i++) {
        const struct pld_node *node = &graph->nodes[i];
        bool conv = node->op == PLD_OP_CONV || node->op == PLD_OP_CONV_TRANSPOSE;
        n += conv && pld_node_live(node) ? (size_t)node->params.conv.group : 1;
    }
    return n;
}

static pld_status find_all(struct pld_sites *s)
{
    const struct pld_groups *groups = s->groups;
    size_t most = most_sites(s->compiled), n = (size_t)groups->n_groups + 1;
    s->items = pld_arena_array(&s->arena, most, sizeof *s->items);
    s->patches = pld_arena_array(&s->arena, most, sizeof *s->patches);
    s->first_unit = pld_arena_array(&s->arena, n, sizeof(int));
    s->unseen = pld_arena_array(&s->arena, n, sizeof *s->unseen);
    if (!s->items || !s->patches || !s->first_unit || !s->unseen) return PLD_EDEVICE;
    for (int g = 0; g < groups->n_groups; g++)
        s->first_unit[g + 1] = s->first_unit[g] + groups->groups[g].units;
    for (int g = 0; g < groups->n_groups; g++)
        PLD_TRY(add_group(s, g));
    return PLD_OK;
}

pld_status pld_sites_new(struct pld_sites **out, const struct pld_groups *groups,
                         const struct pld_graph *compiled)
{
    *out = NULL;
    struct pld_sites *s = calloc(1, sizeof *s);
    if (!s) return pld_fail_memory("recovery");
    s->groups = groups;
    s->compiled = compiled;
    pld_status status = find_all(s);
    if (status != PLD_OK) {
        pld_sites_free(s);
        return status;
    }
    *out = s;
    return PLD_OK;
}

void pld_sites_free(struct pld_sites *sites)
{
    if (!sites) return;
    pld_arena_release(&sites->arena);
    free(sites);
}

/* ---- weights ---- */

void pld_site_read(double *w, const struct pld_site *site, const struct pld_graph *graph, int value)
{
    const float *data = (const float *)graph->values[value].data + site->offset;
    for (int64_t r = 0; r < site->rows; r++)
        for (int64_t c = 0; c < site->cols; c++)
            w[r * site->cols + c] = (double)data[r * site->row_step + c * site->col_step];
}

void pld_site_write(float *data, const struct pld_site *site, const double *w)
{
    data += site->offset;
    for (int64_t r = 0; r < site->rows; r++)
        for (int64_t c = 0; c < site->cols; c++)
            data[r * site->row_step + c * site->col_step] = (float)w[r * site->cols + c];
}

int pld_site_compiled_weight(const struct pld_sites *sites, const struct pld_site *site)
{
    return sites->compiled->nodes[site->readers[0]].in[1];
}
