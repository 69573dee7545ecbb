#include "graph/darknet.h"

#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/log.h"
#include "core/str.h"

enum { MOST_HEADS = 8, MOST_ANCHORS = 64, MOST_SIZE = 8192, MOST_CFG = 1 << 20 };

static uint32_t word(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Header: major, minor, revision, then the images seen, in 8 bytes since version 0.2. */
static pld_status skip_header(struct pld_darknet_reader *r)
{
    struct pld_darknet_weights *w = &r->weights;
    if (w->size >= 12) {
        uint32_t major = word(w->data), minor = word(w->data + 4);
        bool wide = major < 1000 && minor < 1000 && 10 * major + minor >= 2;
        w->at = wide ? 20 : 16;
    }
    if (w->at && w->at <= w->size) return PLD_OK;
    return pld_fail(PLD_EMODEL, r->cfg.path, "the .weights file of %zu bytes has no header",
                    w->size);
}

static bool is_network(const struct pld_darknet_section *s)
{
    return strcmp(s->kind, "net") == 0 || strcmp(s->kind, "network") == 0;
}

static pld_status add_input(struct pld_darknet_reader *r)
{
    const struct pld_darknet_cfg *cfg = &r->cfg;
    if (cfg->n_sections == 0 || !is_network(&cfg->sections[0]))
        return pld_fail(PLD_EMODEL, cfg->path, "does not begin with [net]");
    const struct pld_darknet_section *net = &cfg->sections[0];
    int channels;
    PLD_TRY(pld_darknet_int(&r->width, cfg, net, "width", 0, 1, MOST_SIZE));
    PLD_TRY(pld_darknet_int(&r->height, cfg, net, "height", 0, 1, MOST_SIZE));
    PLD_TRY(pld_darknet_int(&channels, cfg, net, "channels", 3, 1, 1024));
    int value = pld_graph_add_value(r->graph, "images");
    if (value == PLD_NONE) return PLD_EDEVICE;
    const int64_t dims[4] = {1, channels, r->height, r->width};
    r->graph->values[value].desc =
        (struct pld_desc){.dtype = PLD_F32, .shape = pld_shape_of(4, dims)};
    r->layers[0] = (struct pld_darknet_layer){value, channels, r->height, r->width};
    return pld_graph_add_input(r->graph, value);
}

/* ---- what the head has to know ---- */

struct yolo {
    int output, columns; /* of the map */
    float anchors[2 * MOST_ANCHORS];
    int n;
    float xy_scale;
};

/* The anchors that `mask` picks, three as the decoder has it. */
static pld_status read_yolo(struct yolo *y, const struct pld_darknet_reader *r,
                            const struct pld_darknet_section *s)
{
    float all[2 * MOST_ANCHORS], mask[MOST_ANCHORS];
    int n, picked;
    PLD_TRY(pld_darknet_floats(all, &n, 2 * MOST_ANCHORS, &r->cfg, s, "anchors"));
    PLD_TRY(pld_darknet_floats(mask, &picked, MOST_ANCHORS, &r->cfg, s, "mask"));
    PLD_TRY(pld_darknet_float(&y->xy_scale, &r->cfg, s, "scale_x_y", 1.0f));
    y->n = 0;
    for (int i = 0; i < picked; i++) {
        bool there = mask[i] >= 0 && mask[i] < (float)(n / 2) && mask[i] == (float)(int)mask[i];
        if (!there) return pld_darknet_fail(&r->cfg, s, "mask names no anchor %g", (double)mask[i]);
        y->anchors[2 * y->n] = all[2 * (int)mask[i]];
        y->anchors[2 * y->n + 1] = all[2 * (int)mask[i] + 1];
        y->n++;
    }
    if (y->n == 3) return PLD_OK;
    return pld_darknet_fail(&r->cfg, s, "%d anchors a cell; three are supported", y->n);
}

/* Finest map first, as the metadata want it. */
static void sort(struct yolo *heads, int n)
{
    for (int i = 1; i < n; i++)
        for (int k = i; k > 0 && heads[k].columns > heads[k - 1].columns; k--) {
            struct yolo swap = heads[k];
            heads[k] = heads[k - 1];
            heads[k - 1] = swap;
        }
}

static pld_status tell_head(struct pld_graph *graph, const struct yolo *heads, int n,
                            const char *preprocess)
{
    struct pld_str anchors = {0}, scales = {0};
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < 2 * heads[i].n; k++)
            pld_str_printf(&anchors, "%s%g", i || k ? "," : "", (double)heads[i].anchors[k]);
        pld_str_printf(&scales, "%s%g", i ? "," : "", (double)heads[i].xy_scale);
    }
    bool room = anchors.data && scales.data && !anchors.failed && !scales.failed;
    pld_status status = room ? PLD_OK : pld_fail_memory("anchors");
    if (status == PLD_OK) status = pld_graph_set_metadata(graph, "pollard.head", "yolov3");
    if (status == PLD_OK) status = pld_graph_set_metadata(graph, "pollard.anchors", anchors.data);
    if (status == PLD_OK) status = pld_graph_set_metadata(graph, "pollard.scale_x_y", scales.data);
    if (status == PLD_OK) status = pld_graph_set_metadata(graph, "pollard.preprocess", preprocess);
    pld_str_release(&anchors);
    pld_str_release(&scales);
    return status;
}

/* ---- the whole network ---- */

static pld_status add_layers(struct pld_darknet_reader *r, struct yolo *heads, int *n_heads)
{
    for (int i = 1; i < r->cfg.n_sections; i++) {
        const struct pld_darknet_section *s = &r->cfg.sections[i];
        struct pld_darknet_layer out = r->layers[r->n_layers - 1];
        r->n_layers++; /* names count from the layer at hand */
        PLD_TRY(pld_darknet_add_layer(&out, r, s));
        if (strcmp(s->kind, "yolo") == 0) {
            if (*n_heads == MOST_HEADS) return pld_darknet_fail(&r->cfg, s, "too many heads");
            PLD_TRY(read_yolo(&heads[*n_heads], r, s));
            heads[(*n_heads)++].columns = out.width;
        }
        r->layers[r->n_layers - 1] = out;
    }
    return PLD_OK;
}

static pld_status read_network(struct pld_darknet_reader *r, const void *text, size_t size,
                               const char *path)
{
    struct yolo heads[MOST_HEADS];
    int n_heads = 0, letterbox;
    PLD_TRY(pld_darknet_read_cfg(&r->cfg, &r->graph->arena, text, size, path));
    r->layers = pld_arena_array(&r->graph->arena, (size_t)r->cfg.n_sections + 1, sizeof *r->layers);
    if (!r->layers) return PLD_EDEVICE;
    PLD_TRY(add_input(r));
    r->n_layers = 1;
    PLD_TRY(skip_header(r));
    PLD_TRY(add_layers(r, heads, &n_heads));
    if (r->weights.at != r->weights.size)
        pld_log(PLD_LOG_WARN, "%s: %zu bytes of the .weights file belong to no layer", path,
                r->weights.size - r->weights.at);
    if (n_heads == 0) return pld_fail(PLD_EMODEL, path, "has no [yolo] layer");
    sort(heads, n_heads);
    PLD_TRY(pld_darknet_int(&letterbox, &r->cfg, &r->cfg.sections[0], "letter_box", 0, 0, 1));
    return tell_head(r->graph, heads, n_heads, letterbox ? "darknet-letterbox" : "darknet");
}

pld_status pld_darknet_parse(struct pld_graph **out, const void *cfg, size_t cfg_size,
                             const void *weights, size_t weights_size, const char *path)
{
    *out = NULL;
    if (cfg_size > MOST_CFG) return pld_fail(PLD_EMODEL, path, "a .cfg of %zu bytes", cfg_size);
    struct pld_graph *graph;
    PLD_TRY(pld_graph_new(&graph, path));
    struct pld_darknet_reader r = {.graph = graph, .weights = {weights, weights_size, 0}};
    pld_status status = read_network(&r, cfg, cfg_size, path);
    if (status != PLD_OK) {
        pld_graph_free(graph);
        return status;
    }
    *out = graph;
    return PLD_OK;
}

/* ---- files ---- */

static const char *ending(const char *path)
{
    const char *dot = strrchr(pld_path_basename(path), '.');
    return dot ? dot : "";
}

bool pld_darknet_is_path(const char *path)
{
    return strcmp(ending(path), ".cfg") == 0 || strcmp(ending(path), ".weights") == 0;
}

/* One digest for the pair of files. */
static void digest(char out[65], const struct pld_bytes *cfg, const struct pld_bytes *weights)
{
    char both[130];
    pld_sha256_hex(both, cfg->data, cfg->size);
    pld_sha256_hex(both + 64, weights->data, weights->size);
    pld_sha256_hex(out, both, 128);
}

pld_status pld_darknet_load(struct pld_graph **out, const char *path)
{
    *out = NULL;
    char cfg_path[4096], weights_path[4096];
    int stem = (int)(strlen(path) - strlen(ending(path)));
    if (stem > 4000) return pld_fail(PLD_EMODEL, path, "path too long");
    snprintf(cfg_path, sizeof cfg_path, "%.*s.cfg", stem, path);
    snprintf(weights_path, sizeof weights_path, "%.*s.weights", stem, path);
    struct pld_bytes cfg = {0}, weights = {0};
    pld_status status = pld_file_read(&cfg, cfg_path, PLD_EMODEL);
    if (status == PLD_OK) status = pld_file_read(&weights, weights_path, PLD_EMODEL);
    if (status == PLD_OK)
        status = pld_darknet_parse(out, cfg.data, cfg.size, weights.data, weights.size, cfg_path);
    if (status == PLD_OK) digest((*out)->sha256, &cfg, &weights);
    pld_bytes_release(&cfg);
    pld_bytes_release(&weights);
    return status;
}
