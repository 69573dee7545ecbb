#include "graph/passes.h"
#include "graph/passes/pass.h"

/* Copies its input and does nothing else. */
static bool is_copy(const struct pld_node *node)
{
    return node->op == PLD_OP_IDENTITY || node->op == PLD_OP_DROPOUT;
}

/* Readers of a copy read the original. A copy that is itself a graph output stays: outputs keep
 * their names. */
static void skip_copies(struct pld_graph *graph, int *original, const bool *output)
{
    for (int v = 0; v < graph->n_values; v++)
        original[v] = v;
    for (int i = 0; i < graph->n_nodes; i++) {
        struct pld_node *node = &graph->nodes[i];
        if (!pld_node_live(node)) continue;
        for (int k = 0; k < node->n_in; k++)
            if (node->in[k] != PLD_NONE) node->in[k] = original[node->in[k]];
        if (is_copy(node) && node->n_out > 0 && node->out[0] != PLD_NONE && !output[node->out[0]])
            original[node->out[0]] = node->in[0];
    }
}

/* A folded node needs nothing: its result is there. So what only its shape was asked of goes too.
 */
static void mark_dead(struct pld_graph *graph, bool *needed)
{
    for (int i = graph->n_nodes - 1; i >= 0; i--) {
        struct pld_node *node = &graph->nodes[i];
        if (node->dead || node->dynamic) continue;
        bool use = false;
        for (int k = 0; k < node->n_out && !use; k++)
            use = node->out[k] != PLD_NONE && needed[node->out[k]];
        node->dead = !use;
        /* Nobody reads an optional output: kernels need not write it. */
        for (int k = 1; k < node->n_out; k++)
            if (node->out[k] != PLD_NONE && !needed[node->out[k]]) node->out[k] = PLD_NONE;
        for (int k = 0; k < node->n_in && use && !node->constant; k++)
            if (node->in[k] != PLD_NONE) needed[node->in[k]] = true;
    }
}

pld_status pld_pass_dead(struct pld_graph *graph)
{
    struct pld_arena arena = {0};
    size_t n = (size_t)graph->n_values;
    int *original = pld_arena_array(&arena, n, sizeof *original);
    bool *needed = pld_arena_array(&arena, n, sizeof *needed);
    if (!original || !needed) {
        pld_arena_release(&arena);
        return PLD_EDEVICE;
    }
    for (int i = 0; i < graph->n_outputs; i++)
        needed[graph->outputs[i]] = true;
    skip_copies(graph, original, needed);
    mark_dead(graph, needed);
    pld_arena_release(&arena);
    return PLD_OK;
}
