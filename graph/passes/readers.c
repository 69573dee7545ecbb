#include "graph/passes/pass.h"

pld_status pld_readers_init(struct pld_readers *readers, const struct pld_graph *graph)
{
    *readers = (struct pld_readers){0};
    pld_status status = pld_graph_uses(&readers->uses, &readers->arena, graph);
    if (status == PLD_OK) {
        readers->output = pld_arena_array(&readers->arena, (size_t)graph->n_values, sizeof(bool));
        if (!readers->output) status = PLD_EDEVICE;
    }
    if (status != PLD_OK) {
        pld_readers_release(readers);
        return status;
    }
    for (int i = 0; i < graph->n_outputs; i++)
        readers->output[graph->outputs[i]] = true;
    return PLD_OK;
}

void pld_readers_release(struct pld_readers *readers)
{
    pld_arena_release(&readers->arena);
}

int pld_sole_reader(const struct pld_readers *readers, int value)
{
    const int *first = readers->uses.first + value;
    if (readers->output[value] || first[1] - first[0] != 1) return PLD_NONE;
    return readers->uses.users[first[0]];
}

void pld_absorb(struct pld_graph *graph, int node, int last)
{
    struct pld_node *keep = &graph->nodes[node], *gone = &graph->nodes[last];
    graph->values[keep->out[0]].producer = PLD_NONE;
    keep->out[0] = gone->out[0];
    graph->values[keep->out[0]].producer = node;
    gone->dead = true;
}
