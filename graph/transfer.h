/* Nodes that the device has no kernel for: their inputs come to the host, the fallback backend
 * computes, and the outputs go back. */
#ifndef PLD_GRAPH_TRANSFER_H
#define PLD_GRAPH_TRANSFER_H

#include "graph/engine.h"

enum { PLD_TRANSFER_OUTPUTS = 64 };

/* A lane's memory for it, on the host. */
struct pld_transfer {
    unsigned char *staging;
    void *workspace;
};

/* Bytes of staging that an operand takes. */
size_t pld_staging_size(const struct pld_desc *desc);

/* Nothing is allocated for an engine without such nodes. */
pld_status pld_transfer_init(struct pld_transfer *transfer, const struct pld_engine *engine);
void pld_transfer_release(struct pld_transfer *transfer, const struct pld_engine *engine);

/* Computes a node. in[] and out[] are addresses on the device, but for constants, which lie on the
 * host; in[i] and out[i] are replaced on the way. `state` is the lane's for the node's plan. */
pld_status pld_transfer_run(const struct pld_transfer *transfer, const struct pld_engine *engine,
                            int node, void *state, const void **in, void **out);

#endif
