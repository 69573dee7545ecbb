/* How much an error in one layer matters to the detections: measured by noise, forward only. */
#ifndef PLD_RUN_SENSITIVITY_H
#define PLD_RUN_SENSITIVITY_H

#include "prune/recover/compensate.h"
#include "run/detector.h"

/* How far two decodings of one image are from each other, without labels:
 *
 *   sum over locations and classes of  (p - q)^2 + 4 p^2 |box - box'|^2 / (w h)
 *
 * p, q the scores of teacher and student, box differences over the four sides, w h the area of the
 * teacher's box (at least one pixel). Both lists hold every location and class, in the head's
 * order. PLD_EMODEL, naming `where`, when their lengths differ. */
pld_status pld_candidates_distance(double *out, const struct pld_candidates *teacher,
                                   const struct pld_candidates *student, const char *where);

/* Weights omega [sites] for errors of layers: sqrt(s_j) / v_j. v_j is the variance of the layer's
 * output, summed over the rows that are left, and s_j the distance of the detections, per unit of
 * relative error, when the layer's output is off by a hundredth of its variance. The error is made
 * by noise on the weights, white in the space of the layer's whitened inputs; it is measured on
 * `images` of the session's images with the part of the network behind the layer, on shared
 * activations like a sweep. `gone` [units] is what is removed already, or NULL. */
pld_status pld_sensitivity(double *omega, const struct pld_detector *detector,
                           const struct pld_sites *sites, const struct pld_moments *moments,
                           const bool *gone, int images, uint64_t seed);

#endif
