/* A model made ready to run the same forward again and again: B images on all threads of the
 * session, from row-major inputs in host memory to row-major outputs there.
 *
 * The images of a batch are independent, so each thread takes whole images (the model's own batch
 * at a time): activations of one image stay in the cache, and threads never wait for each other
 * before the end. With fewer images than threads all of them work on one (graph/team.h). */
#ifndef PLD_RUN_RUNNER_H
#define PLD_RUN_RUNNER_H

#include "graph/exec.h"
#include "graph/team.h"
#include "run/session.h"

struct pld_runner_lane;

struct pld_runner {
    struct pld_session session; /* its own, or what another one lends */
    bool lent;
    struct pld_graph *graph; /* compiled for `piece` images */
    struct pld_engine *engine;
    struct pld_program *program;
    struct pld_runner_lane *lanes; /* [threads] */
    struct pld_team *team;         /* takes one image after the other; NULL: the lanes do */
    int threads;
    int64_t batch, piece, pieces; /* images a forward; images a lane takes at once; batch / piece */
    void **inputs, **outputs;     /* row-major, `batch` images */
};

/* Loads and compiles. options->batch 0 is the model's own (1 where it is dynamic). Inputs are
 * filled with numbers from options->seed: floats in [0, 1), integers the size of the picture.
 * `options` must outlive the runner. PLD_EUSAGE when the batch is no multiple of a fixed one. */
pld_status pld_runner_new(struct pld_runner **out, const struct pld_session_options *options,
                          const char *model);
/* The same for an inferred model on the devices of an open session; both must outlive the runner.
 */
pld_status pld_runner_on(struct pld_runner **out, const struct pld_session *session,
                         struct pld_graph *model);
void pld_runner_free(struct pld_runner *runner);

/* One forward. */
pld_status pld_runner_run(struct pld_runner *runner);
/* The first `piece` images of it. */
pld_status pld_runner_run_piece(struct pld_runner *runner);

/* Called after each step of later forwards with its node and seconds, from the thread that ran it;
 * NULL ends it. Meant for pld_runner_run_piece(): threads would call it at the same time. */
void pld_runner_set_timer(struct pld_runner *runner, pld_step_timer timer, void *context);

#endif
