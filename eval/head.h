/* Detector heads: from the raw outputs of a network to detections.
 *
 * A head is a row of head.def and a file in heads/. decode() turns the outputs of ONE image into
 * candidates in pixels of the network input; what follows (NMS, mapping back to the original
 * image) is shared.
 */
#ifndef PLD_EVAL_HEAD_H
#define PLD_EVAL_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "eval/detection.h"
#include "eval/preprocess.h"
#include "graph/graph.h"

/* Metadata of a model that tell its head, and the anchors (w,h,w,h,... in pixels, finest level
 * first) and scale_x_y (a number a level) that maps of anchors need. */
#define PLD_META_HEAD       "pollard.head"
#define PLD_META_PREPROCESS "pollard.preprocess"
#define PLD_META_ANCHORS    "pollard.anchors"
#define PLD_META_XY_SCALE   "pollard.scale_x_y"

/* Before NMS: corners in pixels of the network input. */
struct pld_candidate {
    float x1, y1, x2, y2;
    float score;
    int32_t cls; /* class index of the model */
};

/* A growing list that is reused from image to image; a zeroed struct is empty. */
struct pld_candidates {
    struct pld_candidate *items;
    size_t count, capacity;
    void *scratch; /* of pld_nms(), kept so that a warm list allocates nothing */
    size_t scratch_size;
};
void pld_candidates_release(struct pld_candidates *list);
pld_status pld_candidates_add(struct pld_candidates *list, const struct pld_candidate *item);

/* Room for `extra` more items, so that a decoder can write without a check for each. */
pld_status pld_candidates_reserve(struct pld_candidates *list, size_t extra);

/* One output of one image: row-major float32 (labels, too: whole numbers). */
struct pld_head_output {
    const float *data;
    struct pld_shape shape; /* with the leading batch axis, of size 1, where the model has one */
};

struct pld_decode_options {
    float conf;      /* candidates with score > conf are kept */
    float iou;       /* NMS threshold: suppressed when IoU > iou */
    int max_det;     /* kept an image, by score, after NMS */
    bool best_class; /* one class a location, else every (location, class) above conf */
    bool class_agnostic;
    bool clip; /* clip boxes to the original image */
};

enum { PLD_HEAD_OUTPUTS = 16, PLD_HEAD_LEVELS = 5, PLD_HEAD_ANCHORS = 24 };

/* An output seen as a grid of locations, one a cell of `stride` input pixels (eval/head_maps.h). */
struct pld_head_map {
    int output; /* of the model */
    int stride, columns, rows;
    int channels;                        /* numbers a location (and anchor) */
    int64_t offset;                      /* of the first element in the output */
    int64_t location_step, channel_step; /* elements from one to the next */
    int anchors;                         /* a location; 1 where the axis is not there */
    int64_t anchor_step;
};

/* Outputs by what they hold; PLD_NONE where there is none. */
struct pld_head_roles {
    int boxes, scores, labels;
};

/* What decode() needs to know about the model, fixed when the head is chosen. Past `defaults` a
 * head fills what it uses. */
struct pld_head_model {
    const struct pld_head *head;
    int classes;
    int input_width, input_height;
    int n_outputs;
    struct pld_shape outputs[PLD_HEAD_OUTPUTS];
    const char *const
        *class_names; /* [classes] from the model's metadata, or NULL; arena of graph */
    struct pld_decode_options defaults;
    int strides[PLD_HEAD_LEVELS], n_strides; /* of the levels behind the output's locations */
    bool decoded;                            /* yolox: grid and exp are part of the graph */
    int n_levels;                            /* of the two below, finest first */
    struct pld_head_map score_maps[PLD_HEAD_LEVELS], box_maps[PLD_HEAD_LEVELS];
    int bins;     /* of a distance (DFL) */
    float center; /* of a cell, in cells from its corner */
    bool logits;  /* scores still need a sigmoid */
    struct pld_head_roles roles;
    float anchors[PLD_HEAD_ANCHORS][2]; /* width, height in input pixels, level by level */
    float xy_scale[PLD_HEAD_LEVELS];    /* YOLOv4's scale_x_y */
};

struct pld_head {
    const char *name;
    const char *help;
    const char *preprocess; /* default row of preprocess.def */
    /* Says whether this graph ends in this head: 0 = no, higher is surer; `why` (size n) receives
     * the evidence in a few words. Heads that shapes cannot tell apart give equal numbers. */
    int (*match)(const struct pld_graph *graph, char *why, size_t n);
    /* Fills classes, defaults and anything derived from shapes; PLD_EMODEL when the graph does
     * not fit the head (it was forced with --head). Input size and outputs are filled already. */
    pld_status (*bind)(struct pld_head_model *model, const struct pld_graph *graph);
    /* Appends what scores above `conf`; one class a location if model->defaults.best_class. The
     * order is the head's own and fixed: NMS breaks ties by it. A box may be anything a network
     * can produce, NaN included. */
    pld_status (*decode)(struct pld_candidates *out, const struct pld_head_model *model,
                         const struct pld_head_output *outputs, float conf);
};

const struct pld_head *const *pld_head_list(int *count);
const struct pld_head *pld_head_find(const char *name); /* NULL when there is none */

/* Chooses the head (by name; NULL: the one in the metadata under PLD_META_HEAD, else the surest
 * match), and binds it. `why` may be NULL. Fails with PLD_EMODEL naming what was seen, also when
 * several heads fit equally well, PLD_EUSAGE for an unknown name. The graph must have been through
 * shape inference and must outlive `out`. */
pld_status pld_head_bind(struct pld_head_model *out, const struct pld_graph *graph,
                         const char *name, char *why, size_t why_size);

/* Greedy NMS in place: goes through the candidates by descending score (equal scores: in list
 * order), drops what overlaps a kept box of the same class (any class if agnostic) by more than
 * `iou`, and keeps the first `max_det` (0 or less: none). Candidates with a NaN score or a box that
 * is not finite are no detections. IoU is in float: intersection / (area + area - intersection),
 * area = (x2 - x1) * (y2 - y1); where that is NaN (two empty boxes) nothing is dropped. Exact
 * whatever the number of candidates; there is no time limit. */
pld_status pld_nms(struct pld_candidates *list, float iou, int max_det, bool agnostic);

/* decode + NMS + mapping to the original image, appended to `out` with the given image index.
 * class_map[model class] = dataset category index, or -1 to drop (after NMS: a class that the
 * dataset lacks still competes for max_det); NULL: equal numbers. `scratch` is reused. */
pld_status pld_head_detect(struct pld_detections *out, struct pld_candidates *scratch,
                           const struct pld_head_model *model,
                           const struct pld_head_output *outputs,
                           const struct pld_placement *placement, int image,
                           const int32_t *class_map, const struct pld_decode_options *options);

#endif
