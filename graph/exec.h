/* Execution of a compiled graph, whole or in part.
 *
 *   engine   kernels planned and constants packed for every node of a compiled graph; immutable
 *   program  some of the nodes in order, with a place in a slab for every activation; immutable
 *   lane     what one stream of execution owns: slab, workspace, bound kernel state
 *
 * A lane runs any program of its engine. Nothing is allocated while running. Parallel work uses
 * one lane a thread; results do not depend on how images are spread over lanes.
 *
 * A program may be a suffix: nodes whose other inputs were computed earlier, by another program,
 * and are bound to the lane as external values. That is how a sweep shares prefix activations.
 */
#ifndef PLD_GRAPH_EXEC_H
#define PLD_GRAPH_EXEC_H

#include "graph/graph.h"

struct pld_engine;
struct pld_program;
struct pld_lane;

/* `graph` comes from pld_graph_compile() and must outlive the engine; so must `backend`. */
pld_status pld_engine_new(struct pld_engine **out, const struct pld_graph *graph,
                          struct pld_backend *backend);
void pld_engine_free(struct pld_engine *engine);
const struct pld_graph *pld_engine_graph(const struct pld_engine *engine);
struct pld_backend *pld_engine_backend(const struct pld_engine *engine);
/* Name of the kernel that runs a node ("dnnl.conv"); NULL for a view. */
const char *pld_engine_kernel(const struct pld_engine *engine, int node);

struct pld_program_options {
    const bool *nodes; /* [n_nodes] which to run; NULL = all live ones */
    const bool *keep; /* [n_values] values that must still be there at the end; NULL = none. Outputs
                       * of the graph always are. */
    bool keep_all;    /* keep every activation */
};

/* Values that selected nodes read and no selected node writes are external: graph inputs, and
 * whatever an earlier program computed. */
pld_status pld_program_new(struct pld_program **out, struct pld_engine *engine,
                           const struct pld_program_options *options);
void pld_program_free(struct pld_program *program);
size_t pld_program_slab(const struct pld_program *program); /* bytes */
/* Where the program puts a value in its slab, or SIZE_MAX when it does not write it. */
size_t pld_program_offset(const struct pld_program *program, int value);
/* External values. */
const int *pld_program_externals(const struct pld_program *program, int *count);
int64_t pld_program_macs(const struct pld_program *program);

/* `slab` bytes of activation memory (the largest pld_program_slab() of the programs it will run; 0
 * when every run brings its own). */
pld_status pld_lane_new(struct pld_lane **out, struct pld_engine *engine, size_t slab);
void pld_lane_free(struct pld_lane *lane);

/* Says where an external value lies; stays bound until bound again. Constants need no binding. */
void pld_lane_bind(struct pld_lane *lane, int value, const void *data);

/* A constant input of a node replaced for one run: pruning candidates. `data` is in the packed form
 * of pld_engine_pack(). */
struct pld_override {
    int node, input;
    const void *data;
};

/* Runs a program. `slab` NULL: the lane's own. Afterwards pld_lane_value() finds results. */
pld_status pld_lane_run(struct pld_lane *lane, const struct pld_program *program, void *slab,
                        const struct pld_override *overrides, int n_overrides);

/* Where a value lies after (or bound before) a run. Overwritten by the lane's next run unless it
 * was kept in a slab of its own. */
const void *pld_lane_value(const struct pld_lane *lane, int value);

/* Bytes of constant input `input` of `node` in the kernel's packed form, and the conversion of
 * other row-major data of the same shape into it. */
size_t pld_engine_pack_size(const struct pld_engine *engine, int node, int input);
pld_status pld_engine_pack(const struct pld_engine *engine, int node, int input, void *packed,
                           const void *plain);

/* Timing of one node at a time, for bench --layers: called after each step with its seconds. */
typedef void (*pld_step_timer)(void *context, int node, double seconds);
void pld_lane_set_timer(struct pld_lane *lane, pld_step_timer timer, void *context);

#endif
