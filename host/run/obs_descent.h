/* Plans by block OBS: what goes is chosen over all groups at once by what it costs after
 * compensation, and everything is measured again as the network shrinks. */
#ifndef PLD_RUN_OBS_DESCENT_H
#define PLD_RUN_OBS_DESCENT_H

#include "prune/recover/obs.h"
#include "run/session.h"

struct pld_obs_descent_options {
    struct pld_obs_options obs;
    const double *budgets; /* MACs as shares of the whole model's, descending */
    int n_budgets;
    double step; /* measure again whenever this share of the MACs has gone; 0: 0.05 */
    int images;  /* of the session's, for sensitivities; 0: 16 */
    /* Called at every budget; `gone` [units] (numbered over all groups). */
    pld_status (*at_budget)(void *context, int budget, const bool *gone);
    void *context;
};

/* Plans for session->model, whose groups are given, on the session's images (no labels are used).
 * One image a forward, on the CPU. PLD_EDATA for too few images, PLD_EGATE when floors and caps do
 * not let a budget be reached, after the budgets before it were handed over. */
pld_status pld_obs_descend(const struct pld_session *session, const struct pld_groups *groups,
                           const struct pld_obs_descent_options *options);

#endif
