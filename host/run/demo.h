/* The shipped example: pictures drawn by the program, a small detector that is part of it, and the
 * sweep of one on the other.
 */
#ifndef PLD_RUN_DEMO_H
#define PLD_RUN_DEMO_H

#include "run/sweep.h"

/* Series that the detector was not trained on. */
enum { PLD_DEMO_SEED = 7, PLD_DEMO_IMAGES = 96 };

struct pld_demo_options {
    const struct pld_session_options *session;
    const char *out;
    uint64_t seed;
    int first, count; /* pictures of the series */
    const char *command_line;
};

/* Draws OUT/data, writes the detector to OUT/panels.onnx and sweeps it into OUT/sweep, all ratios
 * and groups, with l1. A sweep that was interrupted there goes on. */
pld_status pld_demo_run(struct pld_sweep_summary *out, const struct pld_demo_options *options);

/* The detector's ONNX file, part of the program. */
extern const unsigned char pld_demo_model[];
extern const unsigned char pld_demo_model_end[];

#endif
