/* YOLOv8 and its relatives (v9, v11, v12, v5u): boxes decoded inside the graph.
 *
 * One output, [N, 4 + classes, locations]: cx, cy, w, h in pixels of the input, then class scores
 * that went through a sigmoid. Exports with a transpose at the end have [N, locations,
 * 4 + classes], which differs from other families by its width only; it is taken for this head
 * when class names or the softmax over distance bins speak for it.
 */
#include "eval/head.h"

#include <stdio.h>
#include <string.h>

#include "eval/head_graph.h"

enum { BLOCK = 64 };

struct layout {
    int64_t channels, locations;
    bool channels_first;
};

static bool task_is_detect(const struct pld_graph *graph, const char **task)
{
    *task = pld_graph_metadata(graph, "task");
    return !*task || strcmp(*task, "detect") == 0;
}

/* Which axis of the first output holds the locations. */
static bool find_layout(struct layout *l, const struct pld_graph *graph)
{
    int width, height, strides[PLD_HEAD_LEVELS];
    if (graph->n_outputs < 1 || !pld_head_input_size(graph, &width, &height)) return false;
    const struct pld_shape *s = &graph->values[graph->outputs[0]].desc.shape;
    if (s->rank != 3) return false;
    for (int first = 1; first >= 0; first--) {
        *l = (struct layout){s->dim[first ? 1 : 2], s->dim[first ? 2 : 1], first};
        if (l->channels > 4 && l->channels < INT32_MAX &&
            pld_head_levels(strides, width, height, l->locations))
            return true;
    }
    return false;
}

static int yolov8_match(const struct pld_graph *graph, char *why, size_t n)
{
    struct layout l;
    const char *task;
    if (!task_is_detect(graph, &task) || !find_layout(&l, graph)) return 0;
    if (graph->n_outputs > 1 && !task) return 0; /* masks or keypoints beside the boxes */
    int64_t classes = l.channels - 4;
    bool named = pld_head_name_count(graph) == classes;
    bool bins = pld_head_tail_has(graph, graph->outputs[0], PLD_OP_SOFTMAX, true);
    if (!l.channels_first && !named && !bins) return 0;
    snprintf(why, n, "%lld = 4 + %lld channels at %lld locations%s%s%s", (long long)l.channels,
             (long long)classes, (long long)l.locations,
             named ? ", as many class names in the metadata" : "",
             bins ? ", a softmax over distance bins" : "", l.channels_first ? "" : " (transposed)");
    return (named ? 90 : bins ? 70 : 50) + (l.channels_first ? 5 : 0);
}

static pld_status yolov8_bind(struct pld_head_model *model, const struct pld_graph *graph)
{
    struct layout l;
    char outputs[256];
    const char *task;
    if (!task_is_detect(graph, &task))
        return pld_fail(PLD_EMODEL, graph->path, "the model's task is '%s', not detect", task);
    if (!find_layout(&l, graph))
        return pld_fail(PLD_EMODEL, graph->path,
                        "head yolov8 needs an output [N, 4 + classes, locations] with one location "
                        "a cell of strides 8, 16, 32; the outputs are: %s",
                        pld_head_outputs_text(outputs, sizeof outputs, graph));
    model->classes = (int)(l.channels - 4);
    model->n_strides =
        pld_head_levels(model->strides, model->input_width, model->input_height, l.locations);
    model->defaults = (struct pld_decode_options){
        .conf = 0.001f, .iou = 0.7f, .max_det = 300, .best_class = false, .clip = true};
    return PLD_OK;
}

/* Writes one candidate behind the list's end; the caller has reserved room. `box` points at cx of
 * the location, `step` leads to cy, w and h. */
static void put(struct pld_candidates *out, const float *box, int64_t step, float score, int cls)
{
    float cx = box[0], cy = box[step], w = box[2 * step] * 0.5f, h = box[3 * step] * 0.5f;
    out->items[out->count++] = (struct pld_candidate){cx - w, cy - h, cx + w, cy + h, score, cls};
}

static bool any_above(const float *scores, float conf)
{
    int any = 0;
    for (int i = 0; i < BLOCK; i++)
        any |= scores[i] > conf;
    return any != 0;
}

/* Candidates in order of class, then location: that is how the scores lie in memory, and nearly
 * all of them fail the threshold, so whole blocks are skipped with vector comparisons. */
static pld_status decode_all(struct pld_candidates *out, const float *data, int64_t n, int classes,
                             float conf)
{
    for (int c = 0; c < classes; c++) {
        const float *scores = data + (4 + c) * n;
        for (int64_t begin = 0; begin < n; begin += BLOCK) {
            bool whole = begin + BLOCK <= n;
            if (whole && !any_above(scores + begin, conf)) continue;
            int64_t end = whole ? begin + BLOCK : n;
            PLD_TRY(pld_candidates_reserve(out, BLOCK));
            for (int64_t i = begin; i < end; i++)
                if (scores[i] > conf) put(out, data + i, n, scores[i], c);
        }
    }
    return PLD_OK;
}

/* The first best class of each of `count` <= BLOCK locations. */
static void best_of_block(float best[BLOCK], int32_t cls[BLOCK], const float *scores, int64_t n,
                          int classes, int count)
{
    for (int i = 0; i < count; i++) {
        best[i] = scores[i];
        cls[i] = 0;
    }
    for (int c = 1; c < classes; c++)
        for (int i = 0; i < count; i++) {
            float score = scores[c * n + i];
            bool better = score > best[i];
            best[i] = better ? score : best[i];
            cls[i] = better ? c : cls[i];
        }
}

static pld_status decode_best(struct pld_candidates *out, const float *data, int64_t n, int classes,
                              float conf)
{
    float best[BLOCK];
    int32_t cls[BLOCK];
    for (int64_t begin = 0; begin < n; begin += BLOCK) {
        int count = (int)(n - begin < BLOCK ? n - begin : BLOCK);
        best_of_block(best, cls, data + 4 * n + begin, n, classes, count);
        PLD_TRY(pld_candidates_reserve(out, BLOCK));
        for (int i = 0; i < count; i++)
            if (best[i] > conf) put(out, data + begin + i, n, best[i], cls[i]);
    }
    return PLD_OK;
}

/* The transposed variant: candidates in order of location, then class. */
static pld_status decode_rows(struct pld_candidates *out, const float *data, int64_t n, int classes,
                              bool best_class, float conf)
{
    for (int64_t i = 0; i < n; i++) {
        const float *row = data + i * (4 + classes), *scores = row + 4;
        PLD_TRY(pld_candidates_reserve(out, (size_t)classes));
        int best = 0;
        for (int c = 0; c < classes; c++) {
            if (!best_class && scores[c] > conf) put(out, row, 1, scores[c], c);
            if (scores[c] > scores[best]) best = c;
        }
        if (best_class && scores[best] > conf) put(out, row, 1, scores[best], best);
    }
    return PLD_OK;
}

static pld_status yolov8_decode(struct pld_candidates *out, const struct pld_head_model *model,
                                const struct pld_head_output *outputs, float conf)
{
    const float *data = outputs[0].data;
    const struct pld_shape *s = &outputs[0].shape;
    int classes = model->classes, channels = classes + 4;
    bool best = model->defaults.best_class;
    if (s->rank == 3 && model->outputs[0].dim[1] == channels && s->dim[1] == channels)
        return best ? decode_best(out, data, s->dim[2], classes, conf)
                    : decode_all(out, data, s->dim[2], classes, conf);
    if (s->rank == 3 && s->dim[2] == channels)
        return decode_rows(out, data, s->dim[1], classes, best, conf);
    return pld_fail(PLD_EMODEL, "yolov8", "the output's shape changed since the head was chosen");
}

extern const struct pld_head pld_head_yolov8;
const struct pld_head pld_head_yolov8 = {
    .name = "yolov8",
    .help = "YOLOv8, v9, v11, v12, v5u: [4 + classes, locations], boxes decoded in the graph",
    .preprocess = "ultralytics",
    .match = yolov8_match,
    .bind = yolov8_bind,
    .decode = yolov8_decode,
};
