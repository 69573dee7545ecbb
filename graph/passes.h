/* Passes over a graph. Each takes a graph whose earlier passes have run, and leaves it valid. */
#ifndef PLD_GRAPH_PASSES_H
#define PLD_GRAPH_PASSES_H

#include "graph/graph.h"

struct pld_infer_options {
    int64_t batch;         /* leading size of every input; 0 = as in the model, or 1 */
    int64_t height, width; /* of 4-d inputs whose H or W is dynamic; 0 = as in the model */
};

/* Shapes, parameters and constants of the whole graph, in one walk: infers each node, computes
 * those whose inputs are all constant (on `host`, the CPU backend) and marks them `constant`. Nodes
 * whose shapes cannot be known before the data is there are marked `dynamic` (graph/tail.h).
 * A baked batch of 1 (Reshape to 1x85x-1) is widened where the model was exported for one image.
 * PLD_EMODEL names the node. */
pld_status pld_pass_infer(struct pld_graph *graph, struct pld_backend *host,
                          const struct pld_infer_options *options);

/* The same for one node whose inputs are inferred: after an edit, nodes are inferred again in
 * order.
 */
pld_status pld_pass_infer_node(struct pld_graph *graph, int node, struct pld_backend *host);

/* Conv/ConvTranspose/Gemm + BatchNormalization with constants, or + Mul/Add/Sub/Div with one
 * constant a channel, -> one node with scaled weights (in new values whose origin is the old one).
 */
pld_status pld_pass_fold_bn(struct pld_graph *graph);

/* x * Sigmoid(x) -> SiLU; HardSigmoid, HardSwish and Mish that are spelled out -> one node; then
 * Conv/ConvTranspose + activation -> params.conv.act. */
pld_status pld_pass_fuse_act(struct pld_graph *graph);

/* Conv + Add of a shortcut [+ activation] -> params.conv.add, where `device` runs that with the kernel
 * that it has for the conv alone. */
pld_status pld_pass_fuse_add(struct pld_graph *graph, const struct pld_backend *device);

/* Marks nodes dead that feed no output; removes Identity and Dropout. For graphs to execute, not to
 * save: what only led to a folded constant goes too. */
pld_status pld_pass_dead(struct pld_graph *graph);

/* Stores activations in half precision, but for what follows the last costly products, and inserts
 * CAST nodes between the two. Inputs and outputs of the graph keep their types. */
pld_status pld_pass_precision(struct pld_graph *graph);

/* Chooses a layout for every value (graph/op_desc.h rules, backend->prefer) and inserts REORDER
 * nodes where it changes. Inputs and outputs of the graph become channels-last or row-major as
 * cheapest; model outputs stay row-major. */
pld_status pld_pass_layout(struct pld_graph *graph, const struct pld_backend *backend);

/* clone + infer(batch), and nothing else: every value of the model can be looked at, nothing is
 * fused. For the rest as pld_graph_compile(). */
pld_status pld_graph_compile_plain(struct pld_graph **out, const struct pld_graph *model,
                                   struct pld_backend *host, int64_t batch);

/* The outputs of the executed graph are those of the model, but for what the tail makes; what the
 * tail reads follows them.
 *
 * clone + infer(batch) + fold_bn + fuse_act + fuse_add + dead [+ precision] + layout: what is
 * executed. `model` must have been inferred, and must outlive *out. */
pld_status pld_graph_compile(struct pld_graph **out, const struct pld_graph *model,
                             struct pld_backend *host, const struct pld_backend *device,
                             int64_t batch);

#endif
