#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/log.h"
#include "graph/onnx.h"

enum { OLDEST_OPSET = 7, NEWEST_OPSET = 21, MAX_ATTRS = 4096 };

static const char *text(const char *s)
{
    return s ? s : "";
}

static bool standard_domain(const char *domain)
{
    return !domain || domain[0] == '\0' || strcmp(domain, "ai.onnx") == 0;
}

static pld_status read_opset(struct pld_graph *graph, const Onnx__ModelProto *model)
{
    int64_t version = -1;
    for (size_t i = 0; i < model->n_opset_import; i++)
        if (standard_domain(model->opset_import[i]->domain))
            version = model->opset_import[i]->version;
    if (version < 0) version = 1; /* what the format says of files that do not say */
    if (version > 1000)
        return pld_fail(PLD_EMODEL, graph->path, "opset %lld does not exist", (long long)version);
    graph->opset = (int)version;
    if (version < OLDEST_OPSET || version > NEWEST_OPSET)
        pld_log(PLD_LOG_WARN, "%s: opset %d is outside %d..%d, which is what is tested",
                graph->path, graph->opset, OLDEST_OPSET, NEWEST_OPSET);
    return PLD_OK;
}

static pld_status read_header(struct pld_graph *graph, const Onnx__ModelProto *model)
{
    graph->ir_version = model->ir_version;
    graph->model_version = model->model_version;
    graph->producer_name = text(model->producer_name);
    graph->producer_version = text(model->producer_version);
    graph->doc = text(model->doc_string);
    graph->name = text(model->graph->name);
    graph->source = model;
    graph->metadata =
        pld_arena_array(&graph->arena, model->n_metadata_props, sizeof *graph->metadata);
    if (!graph->metadata) return PLD_EDEVICE;
    for (size_t i = 0; i < model->n_metadata_props; i++)
        graph->metadata[graph->n_metadata++] = (struct pld_metadata){
            text(model->metadata_props[i]->key), text(model->metadata_props[i]->value)};
    return read_opset(graph, model);
}

static pld_status read_initializers(struct pld_onnx_reader *r)
{
    struct pld_graph *graph = r->graph;
    const Onnx__GraphProto *proto = r->model->graph;
    int v;
    for (size_t i = 0; i < proto->n_initializer; i++) {
        const Onnx__TensorProto *tensor = proto->initializer[i];
        if (!tensor->name || !tensor->name[0])
            return pld_fail(PLD_EMODEL, graph->path, "initializer %zu has no name", i);
        PLD_TRY(pld_onnx_name_add(&v, r, tensor->name));
        struct pld_value *value = &graph->values[v];
        value->initializer = value->inferred = true;
        value->source = tensor;
        PLD_TRY(pld_onnx_tensor(&value->desc, &value->data, &graph->arena, tensor, graph->path));
    }
    for (size_t i = 0; i < proto->n_sparse_initializer; i++) {
        const Onnx__TensorProto *values = proto->sparse_initializer[i]->values;
        if (!values || !values->name || !values->name[0])
            return pld_fail(PLD_EMODEL, graph->path, "sparse initializer %zu has no name", i);
        PLD_TRY(pld_onnx_name_add(&v, r, values->name));
        graph->values[v].source = values;
    }
    return PLD_OK;
}

static pld_status read_declared(struct pld_value *value, struct pld_graph *graph,
                                const Onnx__ValueInfoProto *info)
{
    struct pld_declared *d = pld_arena_alloc(&graph->arena, sizeof *d);
    if (!d) return PLD_EDEVICE;
    d->rank = -1;
    value->declared = d;
    const Onnx__TypeProto *type = info->type;
    if (!type || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE || !type->tensor_type)
        return PLD_OK;
    const Onnx__TensorShapeProto *shape = type->tensor_type->shape;
    /* A type that we do not hold leaves PLD_DTYPE_COUNT: an error once a node reads the value. */
    if (value->producer == PLD_NONE && !value->initializer)
        value->desc.dtype = pld_onnx_dtype(type->tensor_type->elem_type);
    if (!shape) return PLD_OK;
    if (shape->n_dim > PLD_MAX_RANK)
        return pld_fail(PLD_EMODEL, graph->path, "'%.200s' has rank %zu, above %d", value->name,
                        shape->n_dim, PLD_MAX_RANK);
    d->rank = (int)shape->n_dim;
    for (int i = 0; i < d->rank; i++) {
        const Onnx__TensorShapeProto__Dimension *dim = shape->dim[i];
        d->dim[i] = -1;
        if (dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE &&
            dim->dim_value >= 0)
            d->dim[i] = dim->dim_value;
        if (dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM &&
            dim->dim_param && dim->dim_param[0])
            d->axis_name[i] = dim->dim_param;
    }
    return PLD_OK;
}

/* The shape of a static input is known at once. */
static pld_status settle_static(struct pld_value *value, const char *path)
{
    const struct pld_declared *d = value->declared;
    struct pld_shape shape = {.rank = d->rank};
    for (int i = 0; i < d->rank; i++) {
        if (d->dim[i] < 0) return PLD_OK;
        shape.dim[i] = d->dim[i];
    }
    if (d->rank < 0) return PLD_OK;
    if (pld_shape_check(&shape, value->name) != PLD_OK) {
        struct pld_error error = *pld_error_last();
        return pld_fail(PLD_EMODEL, path, "input '%.200s': %s", value->name, error.message);
    }
    value->desc.shape = shape;
    return PLD_OK;
}

static pld_status read_inputs(struct pld_onnx_reader *r)
{
    struct pld_graph *graph = r->graph;
    const Onnx__GraphProto *proto = r->model->graph;
    graph->inputs = pld_arena_array(&graph->arena, proto->n_input, sizeof *graph->inputs);
    if (!graph->inputs) return PLD_EDEVICE;
    for (size_t i = 0; i < proto->n_input; i++) {
        const Onnx__ValueInfoProto *info = proto->input[i];
        if (!info->name || !info->name[0])
            return pld_fail(PLD_EMODEL, graph->path, "input %zu has no name", i);
        int v = pld_onnx_name_find(r, info->name);
        if (v != PLD_NONE && graph->values[v].initializer && !graph->values[v].listed) {
            graph->values[v].listed = true;
            continue;
        }
        PLD_TRY(pld_onnx_name_add(&v, r, info->name));
        PLD_TRY(read_declared(&graph->values[v], graph, info));
        PLD_TRY(settle_static(&graph->values[v], graph->path));
        graph->inputs[graph->n_inputs++] = v;
    }
    return PLD_OK;
}

static pld_status name_node(struct pld_node *node, struct pld_arena *arena, size_t index)
{
    const Onnx__NodeProto *proto = node->source;
    node->named = proto->name && proto->name[0];
    if (node->named)
        node->name = proto->name;
    else if (proto->n_output && proto->output[0][0])
        node->name = proto->output[0];
    else
        node->name = pld_arena_printf(arena, "%s_%zu", node->type, index);
    return node->name ? PLD_OK : PLD_EDEVICE;
}

/* A node and the values it writes. What it reads may come later in the file. */
static pld_status read_node(struct pld_onnx_reader *r, const Onnx__NodeProto *proto, int index)
{
    struct pld_graph *graph = r->graph;
    struct pld_arena *arena = &graph->arena;
    struct pld_node *node = &graph->nodes[index];
    if (!proto->op_type || !proto->op_type[0])
        return pld_fail(PLD_EMODEL, graph->path, "node %d has no operator", index);
    *node = (struct pld_node){.op = PLD_NONE,
                              .type = proto->op_type,
                              .domain = text(proto->domain),
                              .n_in = (int)proto->n_input,
                              .n_out = (int)proto->n_output,
                              .in = pld_arena_array(arena, proto->n_input, sizeof(int)),
                              .out = pld_arena_array(arena, proto->n_output, sizeof(int)),
                              .source = proto};
    if (!node->in || !node->out) return PLD_EDEVICE;
    PLD_TRY(name_node(node, arena, (size_t)index));
    /* Kinds of our own are spelled "pollard.X"; a file cannot ask for them. */
    if (standard_domain(proto->domain) && !strchr(proto->op_type, '.'))
        node->op = pld_op_find(proto->op_type);
    if (proto->n_attribute > MAX_ATTRS)
        return pld_fail(PLD_EMODEL, graph->path, "node '%.200s' has %zu attributes", node->name,
                        proto->n_attribute);
    PLD_TRY(pld_onnx_attrs(graph, node, proto));
    for (int i = 0; i < node->n_out; i++) {
        node->out[i] = PLD_NONE;
        if (!proto->output[i][0]) continue;
        PLD_TRY(pld_onnx_name_add(&node->out[i], r, proto->output[i]));
        graph->values[node->out[i]].producer = index;
    }
    return PLD_OK;
}

static pld_status connect(struct pld_onnx_reader *r, struct pld_node *node)
{
    const struct pld_graph *graph = r->graph;
    const Onnx__NodeProto *proto = node->source;
    for (int i = 0; i < node->n_in; i++) {
        node->in[i] = PLD_NONE;
        if (!proto->input[i][0]) continue;
        int v = pld_onnx_name_find(r, proto->input[i]);
        if (v == PLD_NONE)
            return pld_fail(PLD_EMODEL, graph->path,
                            "node '%.200s' reads '%.200s', which nothing produces", node->name,
                            proto->input[i]);
        node->in[i] = v;
        const struct pld_value *value = &graph->values[v];
        bool held = value->data || value->producer != PLD_NONE || value->declared;
        if (held || node->op == PLD_NONE) continue;
        const Onnx__TensorProto *tensor = value->source;
        return pld_fail(PLD_EMODEL, graph->path,
                        "node '%.200s' reads tensor '%.200s', whose type %s is not supported",
                        node->name, value->name,
                        value->initializer ? pld_onnx_type_name(tensor->data_type) : "(sparse)");
    }
    return PLD_OK;
}

static pld_status read_nodes(struct pld_onnx_reader *r)
{
    struct pld_graph *graph = r->graph;
    const Onnx__GraphProto *proto = r->model->graph;
    if (proto->n_node == 0) return pld_fail(PLD_EMODEL, graph->path, "the graph has no nodes");
    graph->nodes = pld_arena_array(&graph->arena, proto->n_node, sizeof *graph->nodes);
    if (!graph->nodes) return PLD_EDEVICE;
    graph->cap_nodes = (int)proto->n_node;
    for (size_t i = 0; i < proto->n_node; i++) {
        PLD_TRY(read_node(r, proto->node[i], (int)i));
        graph->n_nodes++;
    }
    for (int i = 0; i < graph->n_nodes; i++)
        PLD_TRY(connect(r, &graph->nodes[i]));
    return pld_onnx_sort(graph);
}

static pld_status read_outputs(struct pld_onnx_reader *r)
{
    struct pld_graph *graph = r->graph;
    const Onnx__GraphProto *proto = r->model->graph;
    if (proto->n_output == 0) return pld_fail(PLD_EMODEL, graph->path, "the graph has no outputs");
    graph->outputs = pld_arena_array(&graph->arena, proto->n_output, sizeof *graph->outputs);
    if (!graph->outputs) return PLD_EDEVICE;
    for (size_t i = 0; i < proto->n_output; i++) {
        const Onnx__ValueInfoProto *info = proto->output[i];
        int v = info->name ? pld_onnx_name_find(r, info->name) : PLD_NONE;
        if (v == PLD_NONE)
            return pld_fail(PLD_EMODEL, graph->path, "nothing produces the output '%.200s'",
                            text(info->name));
        if (graph->values[v].initializer && !graph->values[v].data)
            return pld_fail(PLD_EMODEL, graph->path,
                            "the output '%.200s' is a tensor of an unsupported type", info->name);
        if (!graph->values[v].declared) PLD_TRY(read_declared(&graph->values[v], graph, info));
        graph->outputs[graph->n_outputs++] = v;
    }
    return PLD_OK;
}

static pld_status read_model(struct pld_graph *graph, const Onnx__ModelProto *model)
{
    const char *path = graph->path;
    if (!model->graph) return pld_fail(PLD_EMODEL, path, "not an ONNX model: it has no graph");
    if (!model->has_ir_version)
        return pld_fail(PLD_EMODEL, path, "not an ONNX model: it has no ir_version");
    PLD_TRY(read_header(graph, model));
    const Onnx__GraphProto *proto = model->graph;
    size_t names = proto->n_initializer + proto->n_sparse_initializer + proto->n_input;
    for (size_t i = 0; i < proto->n_node; i++)
        names += proto->node[i]->n_output;
    struct pld_onnx_reader r = {.graph = graph, .model = model};
    PLD_TRY(pld_onnx_names_new(&r.names, &graph->arena, names));
    PLD_TRY(read_initializers(&r));
    PLD_TRY(read_inputs(&r));
    PLD_TRY(read_nodes(&r));
    return read_outputs(&r);
}

pld_status pld_graph_parse(struct pld_graph **out, const void *data, size_t size, const char *path)
{
    *out = NULL;
    const ProtobufCMessageDescriptor *kind = &onnx__model_proto__descriptor;
    PLD_TRY(pld_onnx_check_wire(data, size, path, kind));
    struct pld_graph *graph;
    PLD_TRY(pld_graph_new(&graph, path));
    pld_sha256_hex(graph->sha256, data, size);
    ProtobufCMessage *message;
    pld_status status = pld_onnx_unpack(&message, &graph->arena, kind, data, size, path);
    if (status == PLD_OK) status = read_model(graph, (const Onnx__ModelProto *)message);
    if (status != PLD_OK) {
        pld_graph_free(graph);
        return status;
    }
    *out = graph;
    return PLD_OK;
}

pld_status pld_onnx_load(struct pld_graph **out, const char *path)
{
    *out = NULL;
    struct stat st;
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size > PLD_ONNX_MAX_BYTES)
        return pld_fail(PLD_EMODEL, path,
                        "larger than 2 GB, which one ONNX file cannot be (store the weights as "
                        "external data)");
    struct pld_bytes bytes;
    PLD_TRY(pld_file_read(&bytes, path, PLD_EMODEL));
    pld_status status = pld_graph_parse(out, bytes.data, bytes.size, path);
    pld_bytes_release(&bytes);
    return status;
}
