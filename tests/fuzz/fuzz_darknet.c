/* libFuzzer target: a hostile Darknet model, the .cfg up to the first zero byte and the .weights
 * behind it. Whatever loads is inferred and must survive being saved as ONNX. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "graph/darknet.h"
#include "graph/passes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct pld_infer_options options = {0};
    const uint8_t *zero = size ? memchr(data, 0, size) : NULL;
    size_t cfg = zero ? (size_t)(zero - data) : size, weights = zero ? size - cfg - 1 : 0;
    struct pld_graph *graph, *again;
    pld_log_set_level(PLD_LOG_ERROR);
    if (pld_darknet_parse(&graph, data, cfg, zero ? zero + 1 : data, weights, "fuzz") != PLD_OK)
        return 0;
    if (pld_pass_infer(graph, NULL, &options) == PLD_OK) {
        void *bytes;
        size_t n;
        if (pld_graph_serialise(&bytes, &n, graph) != PLD_OK) abort();
        if (pld_graph_parse(&again, bytes, n, "again") != PLD_OK) abort();
        if (again->n_nodes != graph->n_nodes) abort();
        pld_graph_free(again);
        free(bytes);
    }
    pld_graph_free(graph);
    return 0;
}
