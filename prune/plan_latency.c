#include "prune/plan_latency.h"

#include <stdlib.h>
#include <string.h>

#include "core/json.h"

/* Kept indices on an axis of the layer's weights. */
struct width {
    int64_t size;
    const struct pld_member **members; /* of group[i] */
    int *group;
    int n;
};

/* Time of a layer at in[i] inputs and out[j] outputs: ms[i * n_out + j], widths ascending. */
struct layer {
    struct width in, out;
    double *in_at, *out_at, *ms;
    int n_in, n_out;
};

struct pld_latency_model {
    struct pld_arena arena;
    struct layer *layers;
    int n_layers;
    double rest, whole;
};

static pld_status find_width(struct width *out, struct pld_arena *arena,
                             const struct pld_groups *groups, int value, int axis)
{
    size_t most = (size_t)groups->n_groups + 1;
    *out = (struct width){.size = groups->graph->values[value].desc.shape.dim[axis]};
    out->members = pld_arena_array(arena, most, sizeof(void *));
    out->group = pld_arena_array(arena, most, sizeof(int));
    if (!out->members || !out->group) return PLD_EDEVICE;
    for (int g = 0; g < groups->n_groups; g++)
        for (int m = 0; m < groups->groups[g].n_members; m++) {
            const struct pld_member *member = &groups->groups[g].members[m];
            if (member->value != value || member->axis != axis) continue;
            out->members[out->n] = member;
            out->group[out->n++] = g;
        }
    return PLD_OK;
}

static pld_status read_reals(double **out, int *n, struct pld_arena *arena, yyjson_val *list,
                             const char *path, const char *node)
{
    *n = (int)yyjson_arr_size(list);
    *out = pld_arena_array(arena, (size_t)*n + 1, sizeof **out);
    if (!*out) return PLD_EDEVICE;
    size_t i, count;
    yyjson_val *item;
    yyjson_arr_foreach(list, i, count, item)
    {
        if (!yyjson_is_num(item) || !(yyjson_get_num(item) >= 0))
            return pld_fail(PLD_EUSAGE, path, "%s: a list of numbers is expected", node);
        (*out)[i] = yyjson_get_num(item);
    }
    return PLD_OK;
}

static bool ascending(const double *x, int n)
{
    for (int i = 1; i < n; i++)
        if (x[i] <= x[i - 1]) return false;
    return n > 0;
}

static pld_status read_layer(struct pld_latency_model *m, const struct pld_groups *groups,
                             yyjson_val *entry, const char *path)
{
    const char *name = yyjson_get_str(yyjson_obj_get(entry, "node"));
    int node = name ? pld_graph_find_node(groups->graph, name) : PLD_NONE, n_ms;
    if (node == PLD_NONE || groups->graph->nodes[node].n_in < 2)
        return pld_fail(PLD_EUSAGE, path, "the model has no layer '%s'", name ? name : "");
    struct layer *layer = &m->layers[m->n_layers++];
    PLD_TRY(read_reals(&layer->in_at, &layer->n_in, &m->arena, yyjson_obj_get(entry, "in"), path,
                       name));
    PLD_TRY(read_reals(&layer->out_at, &layer->n_out, &m->arena, yyjson_obj_get(entry, "out"), path,
                       name));
    PLD_TRY(read_reals(&layer->ms, &n_ms, &m->arena, yyjson_obj_get(entry, "ms"), path, name));
    if (!ascending(layer->in_at, layer->n_in) || !ascending(layer->out_at, layer->n_out) ||
        n_ms != layer->n_in * layer->n_out)
        return pld_fail(PLD_EUSAGE, path, "%s: 'ms' needs a time for every ascending in and out",
                        name);
    int weights = groups->graph->nodes[node].in[1];
    PLD_TRY(find_width(&layer->out, &m->arena, groups, weights, 0));
    return find_width(&layer->in, &m->arena, groups, weights, 1);
}

static pld_status read_document(struct pld_latency_model *m, const struct pld_groups *groups,
                                yyjson_val *root, const char *path)
{
    yyjson_val *layers = yyjson_obj_get(root, "layers"), *entry;
    const char *sha256 = yyjson_get_str(yyjson_obj_get(root, "model_sha256"));
    if (!yyjson_is_arr(layers)) return pld_fail(PLD_EUSAGE, path, "no 'layers'");
    if (sha256 && strcmp(sha256, groups->graph->sha256) != 0)
        return pld_fail(PLD_EUSAGE, path, "measured for another model (sha256 %.12s...)", sha256);
    m->rest = yyjson_get_num(yyjson_obj_get(root, "rest_ms"));
    m->layers = pld_arena_array(&m->arena, yyjson_arr_size(layers) + 1, sizeof *m->layers);
    if (!m->layers) return PLD_EDEVICE;
    size_t i, n;
    yyjson_arr_foreach(layers, i, n, entry)
    {
        PLD_TRY(read_layer(m, groups, entry, path));
    }
    int *nothing = pld_arena_array(&m->arena, (size_t)groups->n_groups + 1, sizeof *nothing);
    if (!nothing) return PLD_EDEVICE;
    m->whole = pld_latency_of(m, nothing);
    return PLD_OK;
}

pld_status pld_latency_read(struct pld_latency_model **out, const char *path,
                            const struct pld_groups *groups)
{
    *out = NULL;
    yyjson_doc *doc;
    PLD_TRY(pld_json_read(&doc, path, PLD_EUSAGE));
    struct pld_latency_model *m = calloc(1, sizeof *m);
    pld_status status =
        m ? read_document(m, groups, yyjson_doc_get_root(doc), path) : pld_fail_memory("latency");
    yyjson_doc_free(doc);
    if (status != PLD_OK) {
        pld_latency_free(m);
        return status;
    }
    *out = m;
    return PLD_OK;
}

void pld_latency_free(struct pld_latency_model *m)
{
    if (!m) return;
    pld_arena_release(&m->arena);
    free(m);
}

static double kept(const struct width *w, const int *removed)
{
    int64_t size = w->size;
    for (int i = 0; i < w->n; i++)
        size -= (int64_t)removed[w->group[i]] * w->members[i]->per_unit;
    return (double)size;
}

/* The cell of `x` among at[n], and where in it (0..1); the ends are carried on. */
static int locate(double *towards, const double *at, int n, double x)
{
    int i = 0;
    while (i + 2 < n && at[i + 1] <= x)
        i++;
    *towards = n > 1 ? (x - at[i]) / (at[i + 1] - at[i]) : 0;
    if (*towards < 0) *towards = 0;
    if (*towards > 1) *towards = 1;
    return i;
}

static double layer_ms(const struct layer *layer, const int *removed)
{
    double u, v;
    int i = locate(&u, layer->in_at, layer->n_in, kept(&layer->in, removed));
    int j = locate(&v, layer->out_at, layer->n_out, kept(&layer->out, removed));
    int right = i + (layer->n_in > 1), down = j + (layer->n_out > 1), n = layer->n_out;
    double low = layer->ms[i * n + j] * (1 - v) + layer->ms[i * n + down] * v;
    double high = layer->ms[right * n + j] * (1 - v) + layer->ms[right * n + down] * v;
    return low * (1 - u) + high * u;
}

double pld_latency_of(const struct pld_latency_model *m, const int *removed)
{
    double sum = m->rest;
    for (int i = 0; i < m->n_layers; i++)
        sum += layer_ms(&m->layers[i], removed);
    return sum;
}

double pld_latency_whole(const struct pld_latency_model *m)
{
    return m->whole;
}

static bool touches(const struct width *w, int g)
{
    for (int i = 0; i < w->n; i++)
        if (w->group[i] == g) return true;
    return false;
}

double pld_latency_of_group(const struct pld_latency_model *m, const int *removed, int g)
{
    double sum = 0;
    for (int i = 0; i < m->n_layers; i++)
        if (touches(&m->layers[i].in, g) || touches(&m->layers[i].out, g))
            sum += layer_ms(&m->layers[i], removed);
    return sum;
}
