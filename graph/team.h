/* One forward on several threads: every step is cut into shares where its kernel can do that
 * (pld_kernel.run_share), and runs on the first thread where it cannot. Results have the bits of a
 * run on one lane. */
#ifndef PLD_GRAPH_TEAM_H
#define PLD_GRAPH_TEAM_H

#include "core/pool.h"
#include "graph/exec.h"

struct pld_team;

/* One member for each thread of the pool. Engine, program and pool must outlive the team. */
pld_status pld_team_new(struct pld_team **out, struct pld_engine *engine,
                        const struct pld_program *program, struct pld_pool *pool);
void pld_team_free(struct pld_team *team);

/* As pld_lane_bind(), pld_lane_value(), pld_lane_set_timer(). */
void pld_team_bind(struct pld_team *team, int value, const void *data);
const void *pld_team_value(const struct pld_team *team, int value);
void pld_team_set_timer(struct pld_team *team, pld_step_timer timer, void *context);

pld_status pld_team_run(struct pld_team *team);

#endif
