/* libFuzzer target: a hostile model. Whatever loads is saved, loaded again, inferred, and taken
 * through all passes; nothing is executed but what folding computes. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/rng.h"
#include "cpu/cpu.h"
#include "graph/onnx.h"
#include "graph/passes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A loaded model must survive its own serialised form. */
static void save_and_load(const struct pld_graph *graph)
{
    void *bytes;
    size_t size;
    struct pld_graph *again;
    if (pld_graph_serialise(&bytes, &size, graph) != PLD_OK) abort();
    if (pld_graph_parse(&again, bytes, size, "again") != PLD_OK) abort();
    if (again->n_nodes != graph->n_nodes || again->n_inputs != graph->n_inputs) abort();
    pld_graph_free(again);
    free(bytes);
}

/* Folding executes kernels, which is slow where shapes are large: only small graphs do it. */
static bool small(const struct pld_graph *graph)
{
    int64_t total = 0;
    for (int v = 0; v < graph->n_values; v++)
        if (graph->values[v].desc.dtype != PLD_DTYPE_COUNT)
            total += pld_shape_count(&graph->values[v].desc.shape);
    return total < 4096;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pld_backend *cpu;
    const struct pld_backend_options backend = {.threads = 1, .reference = true};
    const struct pld_infer_options options = {.height = 8, .width = 8};
    struct pld_graph *graph, *compiled = NULL;
    if (!cpu) {
        pld_log_set_level(PLD_LOG_ERROR);
        if (pld_cpu_backend_api.open(&cpu, &backend) != PLD_OK) abort();
    }
    if (pld_graph_parse(&graph, data, size, "fuzz") != PLD_OK) return 0;
    save_and_load(graph);
    pld_status status = pld_pass_infer(graph, NULL, &options);
    if (status == PLD_OK && small(graph)) status = pld_pass_infer(graph, cpu, &options);
    if (status == PLD_OK) {
        pld_graph_params(graph);
        pld_graph_macs(graph);
        status = pld_graph_compile(&compiled, graph, NULL, cpu, 2);
    }
    pld_graph_free(compiled);
    pld_graph_free(graph);
    return 0;
}

/* ---- mutations that keep the file well-formed, so that what is behind the parser is reached ----
 */

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max) __attribute__((weak));
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

static int64_t odd_number(struct pld_rng *rng)
{
    static const int64_t odd[] = {0,  1,  2,  3,   4,     7,         8,         64,        255,
                                  -1, -2, -8, 256, 65536, INT32_MAX, INT64_MAX, INT64_MIN, 1000};
    return odd[pld_rng_below(rng, sizeof odd / sizeof *odd)];
}

static void mutate_tensor(Onnx__TensorProto *t, struct pld_rng *rng)
{
    switch (pld_rng_below(rng, 4)) {
    case 0:
        t->data_type = (int32_t)pld_rng_below(rng, 18);
        break;
    case 1:
        if (t->n_int64_data) t->int64_data[pld_rng_below(rng, t->n_int64_data)] = odd_number(rng);
        break;
    case 2:
        if (t->n_dims) t->dims[pld_rng_below(rng, t->n_dims)] = odd_number(rng);
        break;
    default:
        if (t->has_raw_data && t->raw_data.len >= 8) {
            int64_t x = odd_number(rng);
            memcpy(t->raw_data.data + 8 * pld_rng_below(rng, t->raw_data.len / 8), &x, 8);
        }
    }
}

static void mutate_attribute(Onnx__AttributeProto *a, struct pld_rng *rng)
{
    switch (pld_rng_below(rng, 5)) {
    case 0:
        a->i = odd_number(rng);
        break;
    case 1:
        if (a->n_ints) a->ints[pld_rng_below(rng, a->n_ints)] = odd_number(rng);
        break;
    case 2:
        if (a->n_ints) a->n_ints--;
        break;
    case 3:
        a->f = (float)odd_number(rng);
        break;
    default:
        if (a->t) mutate_tensor(a->t, rng);
    }
}

/* Exchanges two strings of lists that the message owns. */
static void swap(char **a, char **b)
{
    char *t = *a;
    *a = *b;
    *b = t;
}

static void mutate_node(Onnx__GraphProto *g, Onnx__NodeProto *n, struct pld_rng *rng)
{
    Onnx__NodeProto *other = g->node[pld_rng_below(rng, g->n_node)];
    switch (pld_rng_below(rng, 4)) {
    case 0:
        swap(&n->op_type, &other->op_type);
        break;
    case 1:
        if (n->n_input && other->n_input)
            swap(&n->input[pld_rng_below(rng, n->n_input)],
                 &other->input[pld_rng_below(rng, other->n_input)]);
        break;
    case 2:
        free(n->op_type);
        n->op_type = strdup(pld_op_name((enum pld_op)pld_rng_below(rng, PLD_OP_COUNT)));
        break;
    default:
        if (n->n_attribute) mutate_attribute(n->attribute[pld_rng_below(rng, n->n_attribute)], rng);
    }
}

static void mutate_input(Onnx__ValueInfoProto *info, struct pld_rng *rng)
{
    Onnx__TypeProto *type = info->type;
    if (!type || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE) return;
    Onnx__TensorShapeProto *shape = type->tensor_type->shape;
    if (!shape || !shape->n_dim || pld_rng_below(rng, 4) == 0) {
        type->tensor_type->elem_type = (int32_t)pld_rng_below(rng, 18);
        return;
    }
    Onnx__TensorShapeProto__Dimension *dim = shape->dim[pld_rng_below(rng, shape->n_dim)];
    if (dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE)
        dim->dim_value = odd_number(rng);
}

static void mutate_model(Onnx__ModelProto *m, struct pld_rng *rng)
{
    Onnx__GraphProto *g = m->graph;
    switch (pld_rng_below(rng, 6)) {
    case 0:
        if (m->n_opset_import) m->opset_import[0]->version = (int64_t)pld_rng_below(rng, 22);
        break;
    case 1:
        if (g->n_initializer)
            mutate_tensor(g->initializer[pld_rng_below(rng, g->n_initializer)], rng);
        break;
    case 2:
        if (g->n_input) mutate_input(g->input[pld_rng_below(rng, g->n_input)], rng);
        break;
    default:
        if (g->n_node) mutate_node(g, g->node[pld_rng_below(rng, g->n_node)], rng);
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    struct pld_rng rng;
    pld_rng_init(&rng, seed);
    Onnx__ModelProto *m = NULL;
    bool sound = pld_onnx_check_wire(data, size, "fuzz", &onnx__model_proto__descriptor) == PLD_OK;
    if (sound && pld_rng_below(&rng, 4)) m = onnx__model_proto__unpack(NULL, size, data);
    if (!m || !m->graph) {
        if (m) onnx__model_proto__free_unpacked(m, NULL);
        return LLVMFuzzerMutate ? LLVMFuzzerMutate(data, size, max) : size;
    }
    for (uint64_t n = 1 + pld_rng_below(&rng, 4); n > 0; n--)
        mutate_model(m, &rng);
    size_t packed = onnx__model_proto__get_packed_size(m);
    if (packed <= max) size = onnx__model_proto__pack(m, data);
    onnx__model_proto__free_unpacked(m, NULL);
    return size;
}
