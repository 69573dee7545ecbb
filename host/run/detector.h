/* A detector ready to run: a compiled model, its engine, and what turns its outputs into
 * detections. Evaluation runs it whole, a sweep runs parts of it; both read and decode images
 * through here, so that their detections agree bit for bit.
 */
#ifndef PLD_RUN_DETECTOR_H
#define PLD_RUN_DETECTOR_H

#include "graph/exec.h"
#include "run/mirror.h"
#include "run/session.h"

struct pld_detector {
    const struct pld_session *session;
    struct pld_graph *graph; /* compiled */
    struct pld_engine *engine;
    int batch; /* images a forward */
    int input; /* value that takes the pictures */
    struct pld_mirror
        *side;    /* [graph->n_inputs] contents of the other inputs (eval/side_input.h) */
    int *outputs; /* values, in the model's order; owned by the graph */
    int n_outputs;
};

/* Compiles session->model (or a masked clone of it) for the session's device and batch size. The
 * session needs model, head and preprocessing; it must outlive the detector. */
pld_status pld_detector_new(struct pld_detector **out, const struct pld_session *session,
                            const struct pld_graph *model);
void pld_detector_free(struct pld_detector *detector);

/* Number of forwards that cover `images` images. */
int pld_detector_steps(const struct pld_detector *detector, int images);

/* One stream of execution with its input buffer and scratch. */
struct pld_detector_lane {
    const struct pld_detector *detector;
    struct pld_lane *lane;
    struct pld_mirror input;         /* [batch] pictures in the input's layout, float */
    struct pld_mirror *fetched;      /* [n_outputs] whole batches */
    const void **data;               /* [n_outputs] where they are after pld_detector_collect() */
    struct pld_head_output *outputs; /* [n_outputs] of one image */
    float **converted;               /* [n_outputs] outputs that are not float32, as float32 */
    struct pld_candidates candidates;
};

/* `slab`: see pld_lane_new(). */
pld_status pld_detector_lane_new(struct pld_detector_lane **out,
                                 const struct pld_detector *detector, size_t slab);
void pld_detector_lane_free(struct pld_detector_lane *lane);

/* Fills and binds the input with the images of step `step` (images step*batch and on; a last,
 * incomplete batch repeats its last image). */
pld_status pld_detector_feed(struct pld_detector_lane *lane, int step);

/* Decodes the outputs that the lane holds now and appends the detections of step `step`. */
pld_status pld_detector_collect(struct pld_detections *out, struct pld_detector_lane *lane,
                                int step);

/* Appends the candidates of image `i` of the batch before NMS: every location and class that scores
 * above `conf`, in the head's order. */
pld_status pld_detector_decode(struct pld_candidates *out, struct pld_detector_lane *lane, int i,
                               float conf);

/* Runs the whole detector over all images of the session: detections in order of images. `seconds`
 * (may be NULL) receives the time of forwards and of decoding + NMS, summed over lanes. */
struct pld_detect_seconds {
    double forward, post;
};
pld_status pld_detector_run(struct pld_detections *out, const struct pld_detector *detector,
                            struct pld_detect_seconds *seconds);

#endif
