/* Evaluation: mean average precision of a model, or of a detections file. */
#ifndef PLD_RUN_EVAL_H
#define PLD_RUN_EVAL_H

#include "run/eval_metrics.h"
#include "run/session.h"

struct pld_eval_options {
    const struct pld_session_options *session;
    const char *model; /* NULL with `detections` */
    const char *data;
    const char *detections;      /* a COCO results file to evaluate instead of a model, or NULL */
    const char *against;         /* another file, to compare with, or NULL */
    const char *save_detections; /* where to write what the model found, or NULL */
    const char *draw;            /* folder for pictures with the boxes drawn, or NULL: with it the
                                  * images need no labels, and then nothing is measured */
    double draw_score;           /* boxes with a higher score are drawn */
    const char *report;          /* page to write, or NULL; with it all analyses are made, and a
                                    bootstrap even where none is asked for */
    const char *command_line;    /* for the page, or NULL */
    bool strict;                 /* refuse what pycocotools raises on */
    bool lenient; /* leave out what refers to unknown images and categories, with a warning */
    struct pld_eval_request request; /* protocol and seed are the session's */
};

struct pld_eval_seconds {
    double load, forward, post, metrics, total; /* forward and post are summed over lanes */
};

struct pld_eval_class {
    int64_t id;
    const char *name;
    int labels; /* boxes in the ground truth, crowds included */
};

struct pld_eval_result {
    struct pld_arena arena; /* owns the below */
    const char *device;     /* "" for a detections file */
    const char *head, *preprocess;
    int images;
    bool measured; /* false: the images have no labels */
    size_t detections;
    bool last_pixel_inside;          /* as the dataset's: VOC's rules added no pixel */
    struct pld_eval_metrics metrics; /* owned; its classes are the below */
    struct pld_eval_class *classes;  /* one, named "all", when class-agnostic */
    int n_classes;
    struct pld_eval_seconds seconds;
};

/* Evaluates; release the result with pld_eval_result_release(), also after a failure. */
pld_status pld_eval_run(struct pld_eval_result *out, const struct pld_eval_options *options);
void pld_eval_result_release(struct pld_eval_result *result);

#endif
