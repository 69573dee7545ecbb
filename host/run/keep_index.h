/* What a plan keeps, for people who prune the original network in its training framework.
 *
 * {"version":1, "model_sha256":"..",
 *  "tensors": {"model.0.conv.weight": {"shape":[16,3,3,3], "keep": {"0":[0,1,..], "1":[..]}}, ..},
 *  "history": [["model.0.conv", true, [3, 7, ..]], ..]}
 *
 * `tensors` lists every initializer that gets smaller, and the indices that stay on each cut axis,
 * in the layout of the ONNX file. `history` has the form that Torch-Pruning's
 * load_pruning_history() takes: module, whether its output channels go, and which. Modules are the
 * initializers' names without ".weight": exporters keep them where they did not fold anything into
 * the weight.
 */
#ifndef PLD_RUN_KEEP_INDEX_H
#define PLD_RUN_KEEP_INDEX_H

#include "prune/planfile.h"

pld_status pld_keep_index_write(const char *path, const struct pld_groups *groups,
                                const struct pld_plan *plan);

#endif
