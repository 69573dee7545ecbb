#include "eval/head_maps.h"

#include <limits.h>

#include "eval/head_graph.h"

/* The stride whose grid over the input has these rows and columns, or 0. */
static int stride_of(int64_t rows, int64_t columns, int width, int height)
{
    for (int s = 4; s <= 128; s *= 2)
        if ((width + s - 1) / s == columns && (height + s - 1) / s == rows) return s;
    return 0;
}

/* The stride whose grid has this many cells, or 0. */
static int stride_of_cells(int64_t cells, int width, int height)
{
    for (int s = 4; s <= 128; s *= 2)
        if ((int64_t)((width + s - 1) / s) * ((height + s - 1) / s) == cells) return s;
    return 0;
}

static bool set(struct pld_head_map *m, int stride, int width, int height, int64_t channels)
{
    if (stride == 0 || channels < 1 || channels > INT_MAX) return false;
    *m = (struct pld_head_map){.stride = stride,
                               .columns = (width + stride - 1) / stride,
                               .rows = (height + stride - 1) / stride,
                               .channels = (int)channels,
                               .anchors = 1};
    return true;
}

static bool read_grid(struct pld_head_map *m, const struct pld_shape *s, int width, int height)
{
    const int64_t *d = s->dim;
    if (s->rank == 5) { /* N A H W C */
        if (d[1] > PLD_HEAD_ANCHORS ||
            !set(m, stride_of(d[2], d[3], width, height), width, height, d[4]))
            return false;
        m->location_step = d[4];
        m->channel_step = 1;
        m->anchors = (int)d[1];
        m->anchor_step = d[2] * d[3] * d[4];
        return true;
    }
    if (set(m, stride_of(d[2], d[3], width, height), width, height, d[1])) { /* N C H W */
        m->location_step = 1;
        m->channel_step = d[2] * d[3];
        return true;
    }
    if (!set(m, stride_of(d[1], d[2], width, height), width, height, d[3])) return false;
    m->location_step = d[3]; /* N H W C */
    m->channel_step = 1;
    return true;
}

bool pld_head_map_read(struct pld_head_map *m, const struct pld_shape *s, int width, int height)
{
    if (s->rank == 4 || s->rank == 5) return read_grid(m, s, width, height);
    if (s->rank != 2 && s->rank != 3) return false;
    int64_t a = s->dim[s->rank - 2], b = s->dim[s->rank - 1];
    if (set(m, stride_of_cells(a, width, height), width, height, b)) {
        m->location_step = b;
        m->channel_step = 1;
        return true;
    }
    if (s->rank == 2 || !set(m, stride_of_cells(b, width, height), width, height, a)) return false;
    m->location_step = 1;
    m->channel_step = b;
    return true;
}

int pld_head_maps(struct pld_head_map out[PLD_HEAD_OUTPUTS], const struct pld_graph *graph)
{
    int width, height, n = 0;
    if (!pld_head_input_size(graph, &width, &height)) return 0;
    if (graph->n_outputs > PLD_HEAD_OUTPUTS) return 0;
    for (; n < graph->n_outputs; n++) {
        struct pld_head_map map;
        const struct pld_shape *shape = &graph->values[graph->outputs[n]].desc.shape;
        if (!pld_head_map_read(&map, shape, width, height)) return 0;
        map.output = n;
        int at = n;
        for (; at > 0 && out[at - 1].stride > map.stride; at--)
            out[at] = out[at - 1];
        out[at] = map;
    }
    return n;
}

static int bins_of(const struct pld_head_map *map)
{
    static const int known[] = {8, 16, 17}; /* NanoDet and PicoDet, YOLOv8, PP-YOLOE and YOLOv6 */
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (map->channels == 4 * known[i]) return known[i];
    return 0;
}

bool pld_head_pair_maps(struct pld_head_model *model, const struct pld_graph *graph)
{
    struct pld_head_map maps[PLD_HEAD_OUTPUTS];
    int n = pld_head_maps(maps, graph);
    if (n < 2 || n % 2 || n / 2 > PLD_HEAD_LEVELS) return false;
    bool first_is_box = bins_of(&maps[0]) && !bins_of(&maps[1]);
    for (int i = 0; i < n; i += 2) {
        struct pld_head_map *scores = &maps[first_is_box ? i + 1 : i];
        struct pld_head_map *boxes = &maps[first_is_box ? i : i + 1];
        bool same = scores->stride == boxes->stride && scores->anchors == 1 && boxes->anchors == 1;
        bool as_before =
            i == 0 || (scores->stride == 2 * maps[i - 2].stride &&
                       scores->channels == model->classes && bins_of(boxes) == model->bins);
        if (!same || !as_before || !bins_of(boxes)) return false;
        model->classes = scores->channels;
        model->bins = bins_of(boxes);
        model->score_maps[i / 2] = *scores;
        model->box_maps[i / 2] = *boxes;
    }
    model->n_levels = n / 2;
    return true;
}

void pld_head_split_rows(struct pld_head_map *maps, const struct pld_head_model *model, int output,
                         int channels)
{
    int64_t offset = 0;
    for (int i = 0; i < model->n_strides; i++) {
        struct pld_head_map *m = &maps[i];
        set(m, model->strides[i], model->input_width, model->input_height, channels);
        m->output = output;
        m->offset = offset;
        m->location_step = channels;
        m->channel_step = 1;
        offset += (int64_t)m->columns * m->rows * channels;
    }
}
