/* How much the detections change when the unit alone is removed (host/run/score_output.c): the
 * oracle that the cheap criteria try to guess. */
#include "prune/criterion.h"

const struct pld_criterion pld_criterion_output = {
    .name = "output",
    .help = "change of the detections without the channel, on images",
    .output = true,
};
