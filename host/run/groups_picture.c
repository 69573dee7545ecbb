#include "run/groups_picture.h"

#include <math.h>
#include <string.h>

#include "run/groups_layout.h"
#include "run/report/format.h"

enum { BOX_W = 150, BOX_H = 30, STEP_X = 200, STEP_Y = 56, MARGIN = 20 };

/* For every node the group that holds most of its outputs' channels, or -1. */
static pld_status colour_nodes(int **out, struct pld_arena *arena, const struct pld_groups *groups)
{
    const struct pld_graph *graph = groups->graph;
    size_t n = (size_t)graph->n_nodes + 1;
    int64_t *most = pld_arena_array(arena, n, sizeof *most);
    *out = pld_arena_array(arena, n, sizeof **out);
    if (!most || !*out) return PLD_EDEVICE;
    for (int i = 0; i < graph->n_nodes; i++)
        (*out)[i] = -1;
    for (int g = 0; g < groups->n_groups; g++) {
        const struct pld_group *group = &groups->groups[g];
        for (int t = 0; t < group->n_touches; t++) {
            int node = graph->values[pld_groups_touched(groups, g, t)].producer;
            int64_t weight = (int64_t)group->units * group->touches[t].per_unit;
            if (node == PLD_NONE || weight <= most[node]) continue;
            most[node] = weight;
            (*out)[node] = g;
        }
    }
    return PLD_OK;
}

/* Neighbouring numbers get far hues: steps of the golden angle. */
static double hue_of(int group)
{
    return fmod(group * 0.381966, 1.0);
}

/* The end of a name tells more than its start. Begins with a whole character. */
static const char *tail(const char *name, size_t room)
{
    size_t n = strlen(name);
    if (n <= room) return name;
    for (name += n - room; ((unsigned char)*name & 0xc0) == 0x80; name++)
        ;
    return name;
}

/* Puts text between the quotes of a Graphviz string, which quotes and backslashes would end. */
static void quote(struct pld_str *out, const char *text)
{
    while (*text) {
        size_t n = pld_utf8_length(text);
        bool plain = n && (unsigned char)*text >= 32 && *text != 0x7f;
        if (*text == '"' || *text == '\\') pld_str_append(out, "\\");
        pld_str_append_n(out, plain ? text : " ", plain ? n : 1);
        text += n ? n : 1;
    }
}

typedef void (*put_fn)(struct pld_str *out, const char *text);

/* "g3: 32 units, prunable", a line for each group with channels in the node's outputs. */
static void list_groups(struct pld_str *out, const struct pld_groups *groups, int node, put_fn put)
{
    for (int g = 0; g < groups->n_groups; g++) {
        const struct pld_group *group = &groups->groups[g];
        bool here = false;
        for (int t = 0; t < group->n_touches && !here; t++)
            here = groups->graph->values[pld_groups_touched(groups, g, t)].producer == node;
        if (!here) continue;
        pld_str_printf(out, "\n%s: %d units, ", group->id, group->units);
        put(out, group->prunable ? "prunable" : group->reason);
    }
}

static double x_of(const struct pld_picture_layout *layout, int node)
{
    return MARGIN + BOX_W / 2.0 + STEP_X * layout->nodes[node].column;
}

static double y_of(const struct pld_picture_layout *layout, int node)
{
    return MARGIN + STEP_Y * layout->nodes[node].layer;
}

/* To the next layer from bottom to top; further, around the boxes in between from side to side. */
static void draw_edge(struct pld_str *out, const struct pld_picture_layout *layout, int from,
                      int to)
{
    double x0 = x_of(layout, from), y0 = y_of(layout, from) + BOX_H;
    double x1 = x_of(layout, to), y1 = y_of(layout, to), bend = (y1 - y0) / 2;
    int gap = layout->nodes[to].layer - layout->nodes[from].layer;
    double c0 = x0, c1 = x1;
    if (gap > 1) {
        x0 += BOX_W / 2.0, y0 -= BOX_H / 2.0;
        x1 += BOX_W / 2.0, y1 += BOX_H / 2.0;
        c0 = c1 = fmax(x0, x1) + 8 + 3 * fmin(gap, 20);
        bend = fmin(bend, 40);
    }
    pld_str_printf(out, "<path d=\"M%.0f %.0fC%.0f %.0f %.0f %.0f %.0f %.0f\"/>\n", x0, y0, c0,
                   y0 + bend, c1, y1 - bend, x1, y1);
}

static void draw_edges(struct pld_str *out, const struct pld_graph *graph,
                       const struct pld_picture_layout *layout, int node)
{
    for (int k = 0; k < graph->nodes[node].n_in; k++) {
        int v = graph->nodes[node].in[k], p = v == PLD_NONE ? PLD_NONE : graph->values[v].producer;
        if (p != PLD_NONE && layout->nodes[p].layer >= 0) draw_edge(out, layout, p, node);
    }
}

static void draw_node(struct pld_str *out, const struct pld_groups *groups,
                      const struct pld_picture_layout *layout, const int *colour, int index)
{
    const struct pld_node *node = &groups->graph->nodes[index];
    int g = colour[index];
    double x = x_of(layout, index) - BOX_W / 2.0, y = y_of(layout, index);
    pld_str_printf(out, "<g><title>");
    pld_put_text(out, node->type);
    pld_str_append(out, " ");
    pld_put_text(out, node->name);
    list_groups(out, groups, index, pld_put_text);
    pld_str_printf(out, "</title><rect x=\"%.0f\" y=\"%.0f\" width=\"%d\" height=\"%d\" rx=\"4\"",
                   x, y, BOX_W, BOX_H);
    if (g >= 0) pld_str_printf(out, " fill=\"hsl(%.0f,65%%,82%%)\"", 360 * hue_of(g));
    if (g >= 0 && !groups->groups[g].prunable) pld_str_append(out, " stroke-dasharray=\"4 3\"");
    pld_str_printf(out, "/><text x=\"%.0f\" y=\"%.0f\"><tspan class=\"t\">", x + 5, y + 12);
    pld_put_text(out, node->type);
    pld_str_printf(out, "</tspan>%s%s</text><text x=\"%.0f\" y=\"%.0f\">", g >= 0 ? " " : "",
                   g >= 0 ? groups->groups[g].id : "", x + 5, y + 24);
    pld_put_text(out, tail(node->name, 26));
    pld_str_append(out, "</text></g>\n");
}

pld_status pld_groups_svg(struct pld_str *out, const struct pld_groups *groups)
{
    const struct pld_graph *graph = groups->graph;
    struct pld_arena arena = {0};
    struct pld_picture_layout layout;
    int *colour;
    pld_status status = pld_picture_layout_nodes(&layout, &arena, graph);
    if (status == PLD_OK) status = colour_nodes(&colour, &arena, groups);
    if (status == PLD_OK) {
        pld_str_printf(out,
                       "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\">\n"
                       "<style>rect{fill-opacity:1;stroke:#555}rect:not([fill]){fill:#fff}"
                       "path{fill:none;stroke:#999}"
                       "text{font:10px sans-serif}.t{font-weight:bold}</style>\n",
                       2 * MARGIN + STEP_X * layout.columns, 2 * MARGIN + STEP_Y * layout.layers);
        for (int i = 0; i < graph->n_nodes; i++)
            if (layout.nodes[i].layer >= 0) draw_edges(out, graph, &layout, i);
        for (int i = 0; i < graph->n_nodes; i++)
            if (layout.nodes[i].layer >= 0) draw_node(out, groups, &layout, colour, i);
        pld_str_append(out, "</svg>\n");
    }
    pld_arena_release(&arena);
    return status;
}

static void dot_node(struct pld_str *out, const struct pld_groups *groups, const int *colour, int i)
{
    const struct pld_graph *graph = groups->graph;
    const struct pld_node *node = &graph->nodes[i];
    int g = colour[i];
    pld_str_printf(out, "  n%d [label=\"", i);
    quote(out, node->type);
    if (g >= 0) pld_str_printf(out, " %s", groups->groups[g].id);
    pld_str_append(out, "\\n");
    quote(out, tail(node->name, 26));
    pld_str_append(out, "\" tooltip=\"");
    quote(out, node->name);
    list_groups(out, groups, i, quote);
    pld_str_append(out, "\"");
    if (g >= 0)
        pld_str_printf(out, " fillcolor=\"%.3f 0.3 1.0\" style=\"filled%s\"", hue_of(g),
                       groups->groups[g].prunable ? "" : ",dashed");
    pld_str_append(out, "];\n");
    for (int k = 0; k < node->n_in; k++) {
        int v = node->in[k], p = v == PLD_NONE ? PLD_NONE : graph->values[v].producer;
        if (p != PLD_NONE && pld_node_live(&graph->nodes[p]))
            pld_str_printf(out, "  n%d -> n%d;\n", p, i);
    }
}

pld_status pld_groups_dot(struct pld_str *out, const struct pld_groups *groups)
{
    struct pld_arena arena = {0};
    int *colour;
    pld_status status = colour_nodes(&colour, &arena, groups);
    if (status == PLD_OK) {
        pld_str_append(out, "digraph groups {\n  node [shape=box fontname=\"sans-serif\" "
                            "fontsize=10];\n");
        for (int i = 0; i < groups->graph->n_nodes; i++)
            if (pld_node_live(&groups->graph->nodes[i])) dot_node(out, groups, colour, i);
        pld_str_append(out, "}\n");
    }
    pld_arena_release(&arena);
    return status;
}
