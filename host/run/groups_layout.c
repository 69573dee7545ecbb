#include "run/groups_layout.h"

#include <stdlib.h>

/* A node of the layer that is being ordered. */
struct seat {
    double centre;
    int node;
};

static int by_centre(const void *a, const void *b)
{
    const struct seat *x = a, *y = b;
    if (x->centre != y->centre) return x->centre < y->centre ? -1 : 1;
    return x->node - y->node;
}

static int producer_of(const struct pld_graph *graph, int value)
{
    int producer = value == PLD_NONE ? PLD_NONE : graph->values[value].producer;
    return producer != PLD_NONE && pld_node_live(&graph->nodes[producer]) ? producer : PLD_NONE;
}

static void find_layers(struct pld_picture_layout *out, const struct pld_graph *graph)
{
    for (int i = 0; i < graph->n_nodes; i++) {
        const struct pld_node *node = &graph->nodes[i];
        out->nodes[i].layer = -1;
        if (!pld_node_live(node)) continue;
        out->nodes[i].layer = 0;
        for (int k = 0; k < node->n_in; k++) {
            int p = producer_of(graph, node->in[k]);
            if (p != PLD_NONE && out->nodes[p].layer >= out->nodes[i].layer)
                out->nodes[i].layer = out->nodes[p].layer + 1;
        }
        if (out->nodes[i].layer >= out->layers) out->layers = out->nodes[i].layer + 1;
    }
}

static double centre_of(const struct pld_picture_layout *layout, const struct pld_graph *graph,
                        int index)
{
    double sum = 0;
    int n = 0;
    for (int k = 0; k < graph->nodes[index].n_in; k++) {
        int p = producer_of(graph, graph->nodes[index].in[k]);
        if (p == PLD_NONE) continue;
        sum += layout->nodes[p].column;
        n++;
    }
    return n ? sum / n : 0;
}

pld_status pld_picture_layout_nodes(struct pld_picture_layout *out, struct pld_arena *arena,
                                    const struct pld_graph *graph)
{
    size_t n = (size_t)graph->n_nodes + 1;
    *out = (struct pld_picture_layout){.nodes = pld_arena_array(arena, n, sizeof *out->nodes)};
    if (!out->nodes) return PLD_EDEVICE;
    find_layers(out, graph);
    int *first = pld_arena_array(arena, (size_t)out->layers + 2, sizeof *first);
    struct seat *seats = pld_arena_array(arena, n, sizeof *seats);
    if (!first || !seats) return PLD_EDEVICE;
    for (int i = 0; i < graph->n_nodes; i++)
        if (out->nodes[i].layer >= 0) first[out->nodes[i].layer + 2]++;
    for (int l = 1; l <= out->layers + 1; l++)
        first[l] += first[l - 1];
    for (int i = 0; i < graph->n_nodes; i++)
        if (out->nodes[i].layer >= 0) seats[first[out->nodes[i].layer + 1]++].node = i;
    for (int l = 0; l < out->layers; l++) {
        int count = first[l + 1] - first[l];
        struct seat *row = &seats[first[l]];
        for (int i = 0; i < count; i++)
            row[i].centre = centre_of(out, graph, row[i].node);
        qsort(row, (size_t)count, sizeof *row, by_centre);
        for (int i = 0; i < count; i++)
            out->nodes[row[i].node].column = i;
        if (count > out->columns) out->columns = count;
    }
    return PLD_OK;
}
