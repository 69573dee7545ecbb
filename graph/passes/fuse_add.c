/* Conv + Add of a tensor of the same shape (a shortcut) -> one Conv that adds while it writes; and
 * the activation behind it, as in residual blocks: relu(conv(x) + y). */
#include <string.h>

#include "graph/passes.h"
#include "graph/passes/pass.h"

enum { WITH_ADD = 4 }; /* inputs: x, weights, bias, addend */

static bool same_shape(const struct pld_graph *graph, int a, int b)
{
    const struct pld_desc *x = &graph->values[a].desc, *y = &graph->values[b].desc;
    return x->dtype == PLD_F32 && y->dtype == PLD_F32 && pld_shape_equal(&x->shape, &y->shape);
}

/* The kernel that the device would run a conv with on images of its preferred layout. */
static const struct pld_kernel *kernel_of(const struct pld_graph *graph,
                                          const struct pld_backend *device,
                                          const struct pld_node *conv, const int *in, int n_in,
                                          const struct pld_conv_params *params)
{
    struct pld_desc descs[WITH_ADD], out = graph->values[conv->out[0]].desc;
    union pld_op_params all;
    uint32_t varies = 0;
    memset(&all, 0, sizeof all);
    all.conv = *params;
    out.layout = device->prefer(device, PLD_OP_CONV, &graph->values[in[0]].desc);
    for (int i = 0; i < n_in; i++) {
        descs[i].dtype = PLD_DTYPE_COUNT;
        if (in[i] == PLD_NONE) continue;
        descs[i] = graph->values[in[i]].desc;
        if (i == 0 || i == 3) descs[i].layout = out.layout;
        if (!graph->values[in[i]].data) varies |= 1u << i;
    }
    struct pld_signature sig = {.op = PLD_OP_CONV,
                                .params = &all,
                                .in = descs,
                                .out = &out,
                                .n_in = n_in,
                                .n_out = 1,
                                .varies = varies,
                                .node = conv->name};
    return pld_kernel_choose(device, &sig);
}

/* The conv that could take over `add`: it writes one of the two inputs, for nobody else, after the
 * other one was computed. The other input in *addend; PLD_NONE when there is none. */
static int candidate(int *addend, const struct pld_graph *graph, const struct pld_readers *readers,
                     int index)
{
    const struct pld_node *add = &graph->nodes[index];
    for (int i = 0; i < 2; i++) {
        int value = add->in[i], other = add->in[1 - i];
        if (value == PLD_NONE || other == PLD_NONE || graph->values[other].data) continue;
        if (!same_shape(graph, value, other) || pld_sole_reader(readers, value) != index) continue;
        int conv = graph->values[value].producer;
        if (conv == PLD_NONE || graph->values[other].producer >= conv) continue;
        const struct pld_node *node = &graph->nodes[conv];
        if (!pld_node_live(node) || node->op != PLD_OP_CONV || node->params.conv.add) continue;
        *addend = other;
        return conv;
    }
    return PLD_NONE;
}

/* The activation that alone reads the sum, where the conv has none of its own; else PLD_NONE. */
static int activation(const struct pld_graph *graph, const struct pld_readers *readers,
                      const struct pld_node *conv, const struct pld_node *add)
{
    if (conv->params.conv.act.op != -1) return PLD_NONE;
    int next = pld_sole_reader(readers, add->out[0]);
    if (next == PLD_NONE || !pld_node_live(&graph->nodes[next])) return PLD_NONE;
    return pld_is_fusible(graph->nodes[next].op) ? next : PLD_NONE;
}

static pld_status fuse(struct pld_graph *graph, const struct pld_readers *readers,
                       const struct pld_backend *device, int index)
{
    const struct pld_node *add = &graph->nodes[index];
    if (!pld_node_live(add) || add->n_in != 2) return PLD_OK;
    if (add->op != PLD_OP_ADD && add->op != PLD_OP_SUM) return PLD_OK;
    int addend, at = candidate(&addend, graph, readers, index);
    if (at == PLD_NONE) return PLD_OK;
    struct pld_node *conv = &graph->nodes[at];
    int next = activation(graph, readers, conv, add);
    int in[WITH_ADD] = {conv->in[0], conv->in[1], conv->n_in > 2 ? conv->in[2] : PLD_NONE, addend};
    struct pld_conv_params params = conv->params.conv;
    params.add = params.act.op == -1 ? PLD_CONV_ADD_EARLY : PLD_CONV_ADD_LATE;
    if (next != PLD_NONE) params.act = graph->nodes[next].params.act;
    const struct pld_kernel *now =
        kernel_of(graph, device, conv, conv->in, conv->n_data, &conv->params.conv);
    if (!now || kernel_of(graph, device, conv, in, WITH_ADD, &params) != now) return PLD_OK;
    conv->in = pld_arena_array(&graph->arena, WITH_ADD, sizeof *conv->in);
    if (!conv->in) return PLD_EDEVICE;
    memcpy(conv->in, in, sizeof in);
    conv->n_in = conv->n_data = WITH_ADD;
    conv->params.conv = params;
    pld_absorb(graph, at, index);
    if (next != PLD_NONE) pld_absorb(graph, at, next);
    return PLD_OK;
}

pld_status pld_pass_fuse_add(struct pld_graph *graph, const struct pld_backend *device)
{
    struct pld_readers readers;
    PLD_TRY(pld_readers_init(&readers, graph));
    pld_status status = PLD_OK;
    for (int i = 0; i < graph->n_nodes && status == PLD_OK; i++)
        status = fuse(graph, &readers, device, i);
    pld_readers_release(&readers);
    return status;
}
