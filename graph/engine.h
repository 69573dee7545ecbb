/* Private to the executor: an engine's tables. */
#ifndef PLD_GRAPH_ENGINE_H
#define PLD_GRAPH_ENGINE_H

#include "backend/plan_cache.h"
#include "graph/exec.h"

struct pld_step {
    const struct pld_planned *planned; /* NULL: a view, output 0 is input 0 under another shape */
    const void **constants;            /* [n_data] packed constants; NULL where an input varies */
    int kernel_inputs;
    bool transfer; /* computed by backend->fallback */
};

struct pld_engine {
    const struct pld_graph *graph;
    struct pld_backend *backend;
    struct pld_plan_cache *cache;
    struct pld_plan_cache *transfer_cache; /* plans of backend->fallback, or NULL */
    struct pld_arena arena;
    struct pld_step *steps; /* [n_nodes]; empty for nodes that do not run */
    struct pld_constant {
        struct pld_backend *backend;
        void *data;
    } * memory; /* buffers of constants */
    int n_memory, cap_memory;
    size_t workspace;   /* largest of all plans */
    int n_plans;        /* of both caches */
    int n_device_plans; /* of `cache` */
    int n_transfers;    /* nodes that the fallback computes */
    size_t staging;     /* largest sum of operands of such a node */
    size_t transfer_workspace;
    int max_inputs, max_outputs;
};

/* A lane's part in a run that several lanes do together. */
struct pld_shared_run {
    int share, shares;
    bool (*step_done)(void *context); /* waits for the others; false: another one has failed */
    void *context;
};

/* As pld_lane_run(), on a slab that all of them use. PLD_OK also when another lane has failed: the
 * error is that one's. */
pld_status pld_lane_run_share(struct pld_lane *lane, const struct pld_program *program, void *slab,
                              const struct pld_shared_run *run);

/* Where a node runs. */
struct pld_backend *pld_step_backend(const struct pld_engine *engine, int node);
/* A number for a node's plan, below n_plans. */
int pld_step_plan(const struct pld_engine *engine, int node);

#endif
