/* What a workflow works with: devices, a model with its head, a dataset, loaded images.
 *
 * Opened step by step; each step needs those before it. pld_session_close() frees whatever was
 * opened, also after a failed step.
 */
#ifndef PLD_RUN_SESSION_H
#define PLD_RUN_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/backend.h"
#include "core/option.h"
#include "core/pool.h"
#include "eval/dataset.h"
#include "eval/head.h"
#include "eval/loader.h"
#include "eval/preprocess.h"
#include "graph/graph.h"

/* As the command line gives them; a zeroed struct with conf = iou = -1 asks for the defaults. */
struct pld_session_options {
    const char *device;    /* NULL: auto */
    const char *precision; /* fp32, fp16; NULL or auto: what the device is fast in */
    bool strict_device;    /* an operator that the device has no kernel for is an error */
    int threads;           /* 0: all */
    int batch;             /* images a forward; 0: 1 */
    uint64_t seed;
    const char *head, *preprocess; /* NULL: what the model looks like */
    struct pld_reals anchors; /* w,h,... of maps of anchors; empty: the model's or the head's */
    const char *fit, *filter, *channels; /* parts of the preprocessing; NULL: as its row has them */
    struct pld_reals mean, std;          /* 1 or 3 numbers, pixels of 0..255; empty: the row's */
    struct pld_ints pad;                 /* one number; empty: the row's */
    double conf, iou;                    /* negative: the head's */
    int max_det;                         /* 0: the head's */
    int max_images;                      /* 0: all */
    const char *images_dir;              /* NULL: beside the annotations */
    struct pld_ints imgsz;               /* N or H,W for dynamic inputs */
    const char *protocol;                /* NULL: coco */
    bool quiet;                          /* no progress */
    bool reference;                      /* plain kernels only: slow, and obviously right */
};

struct pld_session {
    const struct pld_session_options *options;
    struct pld_backend *host;   /* the CPU; also runs constant folding */
    struct pld_backend *device; /* where forwards run; may be `host` */
    struct pld_pool *pool;      /* one worker a lane of the device */
    struct pld_graph *model;    /* as loaded and inferred */
    struct pld_head_model head;
    char head_why[256];                      /* evidence for the head */
    const struct pld_preprocess *preprocess; /* a row, or `changed` */
    struct pld_preprocess changed;
    char preprocess_name[160];
    struct pld_decode_options decode; /* the head's defaults under the options */
    struct pld_dataset dataset;
    int32_t *class_map;            /* [head.classes] dataset category index, or -1 */
    struct pld_loaded_set *images; /* NULL until loaded */
    double load_seconds;
};

/* Opens the devices and starts the pool. `options` must outlive the session. */
pld_status pld_session_open(struct pld_session *out, const struct pld_session_options *options);

/* Loads a model and infers its shapes with the batch size as in the file (or 1). Operators that are
 * not supported are PLD_EMODEL naming all of them. */
pld_status pld_session_load_model(struct pld_session *session, const char *path);

/* Chooses head, preprocessing and decoding, the options over what the model looks like. */
pld_status pld_session_bind_head(struct pld_session *session);

/* Opens the dataset and maps the model's classes to its categories: by name (ignoring case) where
 * the model carries names, else by ascending category id. Classes without a counterpart are a
 * warning; a dataset with more categories than the model has classes, or none in common, is
 * PLD_EDATA. */
pld_status pld_session_open_data(struct pld_session *session, const char *path, bool need_labels);

/* Decodes and fits all images to the model's input. */
pld_status pld_session_load_images(struct pld_session *session);

/* Devices to images in one call, for labelled data. */
pld_status pld_session_prepare(struct pld_session *out, const struct pld_session_options *options,
                               const char *model, const char *data);

void pld_session_close(struct pld_session *session);

#endif
