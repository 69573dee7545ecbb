/* Criteria over images: statistics of feature maps, and the change of the detections. */
#ifndef PLD_RUN_SCORE_IMAGES_H
#define PLD_RUN_SCORE_IMAGES_H

#include "prune/score.h"
#include "run/session.h"

/* Fills scorer->measured for its groups' prunable ones from the session's images; does nothing for
 * criteria that need none. `model` is session->model or a masked clone of it. PLD_EUSAGE when the
 * session has no images. */
pld_status pld_scorer_measure(struct pld_scorer *scorer, const struct pld_session *session,
                              const struct pld_graph *model);

/* The part for pld_criterion.output: every unit of every prunable group removed alone, on shared
 * activations like a sweep; scores are 1 - agreement (eval/metrics/agreement.h). */
pld_status pld_scorer_measure_outputs(struct pld_scorer *scorer, const struct pld_session *session,
                                      const struct pld_graph *model);

#endif
