#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "graph/onnx.h"

/* The message tree is built in an arena that lives until it is packed; weights are pointed at, not
 * copied. What we do not model (documentation, other domains, functions) comes from the messages
 * that were read. Protobuf-c takes pointers to non-const; it does not write through them. */
struct writer {
    const struct pld_graph *graph;
    struct pld_arena arena;
    struct pld_onnx_outside *outside; /* NULL: everything goes into the one file */
};

static char *mutable(const char *s)
{
    return (char *)(uintptr_t)s;
}

/* NULL for an empty string: an absent field. */
static char *optional(const char *s)
{
    return s && s[0] ? mutable(s) : NULL;
}

/* A message of `kind` in the arena, a shallow copy of `source` when there is one. */
static void *message(struct writer *w, const ProtobufCMessageDescriptor *kind, const void *source)
{
    void *out = pld_arena_alloc(&w->arena, kind->sizeof_message);
    if (!out) return NULL;
    if (source)
        memcpy(out, source, kind->sizeof_message);
    else
        protobuf_c_message_init(kind, out);
    return out;
}

static void *pointers(struct writer *w, int n)
{
    return pld_arena_array(&w->arena, (size_t)n, sizeof(void *));
}

static Onnx__TensorProto *tensor(struct writer *w, const char *name, const struct pld_desc *desc,
                                 const void *data, const Onnx__TensorProto *source)
{
    Onnx__TensorProto *t = message(w, &onnx__tensor_proto__descriptor, NULL);
    int rank = desc->shape.rank;
    int64_t *dims = pld_arena_array(&w->arena, (size_t)rank, sizeof *dims);
    if (!t || !dims) return NULL;
    if (rank) memcpy(dims, desc->shape.dim, (size_t)rank * sizeof *dims);
    t->name = mutable(name);
    t->doc_string = source ? source->doc_string : NULL;
    t->n_dims = (size_t)rank;
    t->dims = dims;
    t->has_data_type = 1;
    t->data_type = pld_onnx_type(desc->dtype);
    t->has_raw_data = 1;
    t->raw_data.len = pld_desc_bytes(desc);
    t->raw_data.data = (uint8_t *)(uintptr_t)data;
    return t;
}

static bool fill_strings(struct writer *w, Onnx__AttributeProto *a, const struct pld_attr *attr)
{
    a->n_strings = (size_t)attr->n;
    a->strings = pld_arena_array(&w->arena, (size_t)attr->n, sizeof *a->strings);
    for (int i = 0; a->strings && i < attr->n; i++) {
        a->strings[i].len = strlen(attr->strings[i]);
        a->strings[i].data = (uint8_t *)mutable(attr->strings[i]);
    }
    return a->strings != NULL;
}

static bool fill_attr(struct writer *w, Onnx__AttributeProto *a, const struct pld_attr *attr)
{
    const Onnx__AttributeProto *source = attr->source;
    switch (attr->type) {
    case PLD_ATTR_FLOAT:
        a->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT;
        a->has_f = 1;
        a->f = attr->f;
        return true;
    case PLD_ATTR_INT:
        a->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT;
        a->has_i = 1;
        a->i = attr->i;
        return true;
    case PLD_ATTR_STRING:
        a->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING;
        a->has_s = 1;
        a->s.len = strlen(attr->s);
        a->s.data = (uint8_t *)mutable(attr->s);
        return true;
    case PLD_ATTR_FLOATS:
        a->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS;
        a->n_floats = (size_t)attr->n;
        a->floats = (float *)(uintptr_t)attr->floats;
        return true;
    case PLD_ATTR_INTS:
        a->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS;
        a->n_ints = (size_t)attr->n;
        a->ints = (int64_t *)(uintptr_t)attr->ints;
        return true;
    case PLD_ATTR_STRINGS:
        a->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRINGS;
        return fill_strings(w, a, attr);
    case PLD_ATTR_TENSOR: {
        a->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR;
        const Onnx__TensorProto *old = source ? source->t : NULL;
        a->t = tensor(w, old ? old->name : NULL, &attr->tensor, attr->tensor_data, old);
        return a->t != NULL;
    }
    default:
        return false;
    }
}

static Onnx__AttributeProto *attribute(struct writer *w, const struct pld_attr *attr)
{
    const Onnx__AttributeProto *source = attr->source;
    if (attr->type == PLD_ATTR_OTHER) return message(w, &onnx__attribute_proto__descriptor, source);
    Onnx__AttributeProto *a = message(w, &onnx__attribute_proto__descriptor, NULL);
    if (!a) return NULL;
    a->name = mutable(attr->name);
    a->doc_string = source ? source->doc_string : NULL;
    a->has_type = 1;
    return fill_attr(w, a, attr) ? a : NULL;
}

/* Names of the values; "" for absent ones. */
static char **value_names(struct writer *w, const int *values, int n)
{
    char **names = pointers(w, n);
    for (int i = 0; names && i < n; i++)
        names[i] = mutable(values[i] == PLD_NONE ? "" : w->graph->values[values[i]].name);
    return names;
}

static Onnx__NodeProto *node_proto(struct writer *w, const struct pld_node *node)
{
    Onnx__NodeProto *p = message(w, &onnx__node_proto__descriptor, node->source);
    if (!p) return NULL;
    p->op_type = mutable(node->type);
    p->domain = optional(node->domain);
    p->name = node->named ? mutable(node->name) : NULL;
    p->n_input = (size_t)node->n_in;
    p->n_output = (size_t)node->n_out;
    p->n_attribute = (size_t)node->n_attrs;
    p->input = value_names(w, node->in, node->n_in);
    p->output = value_names(w, node->out, node->n_out);
    p->attribute = pointers(w, node->n_attrs);
    if (!p->input || !p->output || !p->attribute) return NULL;
    for (int i = 0; i < node->n_attrs; i++)
        if (!(p->attribute[i] = attribute(w, &node->attrs[i]))) return NULL;
    return p;
}

static pld_status write_nodes(struct writer *w, Onnx__GraphProto *proto)
{
    const struct pld_graph *graph = w->graph;
    proto->n_node = 0;
    proto->node = pointers(w, graph->n_nodes);
    if (!proto->node) return PLD_EDEVICE;
    for (int i = 0; i < graph->n_nodes; i++) {
        const struct pld_node *node = &graph->nodes[i];
        if (node->dead) continue;
        if (strchr(node->type, '.') && node->op != PLD_NONE)
            return pld_fail(PLD_EFAIL, node->name, "%s exists only in compiled graphs", node->type);
        if (!(proto->node[proto->n_node++] = node_proto(w, node))) return PLD_EDEVICE;
    }
    return PLD_OK;
}

/* The declaration of a value from what is known of it now. */
static Onnx__ValueInfoProto *declaration(struct writer *w, const struct pld_value *value)
{
    Onnx__ValueInfoProto *info = message(w, &onnx__value_info_proto__descriptor, NULL);
    Onnx__TypeProto *type = message(w, &onnx__type_proto__descriptor, NULL);
    Onnx__TypeProto__Tensor *t = message(w, &onnx__type_proto__tensor__descriptor, NULL);
    Onnx__TensorShapeProto *shape = message(w, &onnx__tensor_shape_proto__descriptor, NULL);
    if (!info || !type || !t || !shape) return NULL;
    info->name = mutable(value->name);
    info->type = type;
    type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    type->tensor_type = t;
    t->has_elem_type = 1;
    t->elem_type = pld_onnx_type(value->desc.dtype);
    if (!value->inferred) return info;
    t->shape = shape;
    shape->n_dim = (size_t)value->desc.shape.rank;
    shape->dim = pointers(w, value->desc.shape.rank);
    if (!shape->dim) return NULL;
    for (size_t i = 0; i < shape->n_dim; i++) {
        Onnx__TensorShapeProto__Dimension *dim =
            message(w, &onnx__tensor_shape_proto__dimension__descriptor, NULL);
        if (!dim) return NULL;
        dim->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
        dim->dim_value = value->desc.shape.dim[i];
        shape->dim[i] = dim;
    }
    return info;
}

/* As the file declared it, symbolic axes and all; else from what is known now. */
static Onnx__ValueInfoProto *declared(struct writer *w, const struct pld_value *value,
                                      Onnx__ValueInfoProto *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i]->name && strcmp(list[i]->name, value->name) == 0) return list[i];
    return declaration(w, value);
}

static pld_status write_interface(struct writer *w, Onnx__GraphProto *proto,
                                  const Onnx__GraphProto *source)
{
    const struct pld_graph *graph = w->graph;
    proto->n_input = proto->n_output = 0;
    proto->input = pointers(w, graph->n_inputs + graph->n_values);
    proto->output = pointers(w, graph->n_outputs);
    if (!proto->input || !proto->output) return PLD_EDEVICE;
    for (int i = 0; i < graph->n_inputs; i++)
        proto->input[proto->n_input++] =
            declared(w, &graph->values[graph->inputs[i]], source ? source->input : NULL,
                     source ? source->n_input : 0);
    /* Before IR version 4 every initializer had to be listed as an input. */
    for (int v = 0; v < graph->n_values; v++) {
        const struct pld_value *value = &graph->values[v];
        if (!value->initializer || !value->data) continue;
        if (value->listed || graph->ir_version < 4)
            proto->input[proto->n_input++] = declaration(w, value);
    }
    for (int i = 0; i < graph->n_outputs; i++)
        proto->output[proto->n_output++] =
            declared(w, &graph->values[graph->outputs[i]], source ? source->output : NULL,
                     source ? source->n_output : 0);
    for (size_t i = 0; i < proto->n_input; i++)
        if (!proto->input[i]) return PLD_EDEVICE;
    for (size_t i = 0; i < proto->n_output; i++)
        if (!proto->output[i]) return PLD_EDEVICE;
    return PLD_OK;
}

static pld_status write_initializers(struct writer *w, Onnx__GraphProto *proto)
{
    const struct pld_graph *graph = w->graph;
    proto->n_initializer = 0;
    proto->initializer = pointers(w, graph->n_values);
    if (!proto->initializer) return PLD_EDEVICE;
    for (int v = 0; v < graph->n_values; v++) {
        const struct pld_value *value = &graph->values[v];
        if (!value->initializer) continue;
        Onnx__TensorProto *t;
        if (value->data)
            t = tensor(w, value->name, &value->desc, value->data, value->source);
        else
            t = message(w, &onnx__tensor_proto__descriptor, value->source);
        if (!t) return PLD_EDEVICE;
        if (w->outside && value->data) PLD_TRY(pld_onnx_put_outside(w->outside, t, value->source));
        proto->initializer[proto->n_initializer++] = t;
    }
    return PLD_OK;
}

static pld_status write_opset(struct writer *w, Onnx__ModelProto *model)
{
    if (w->graph->source) return PLD_OK;
    Onnx__OperatorSetIdProto *id = message(w, &onnx__operator_set_id_proto__descriptor, NULL);
    model->opset_import = pointers(w, 1);
    if (!id || !model->opset_import) return PLD_EDEVICE;
    id->domain = mutable("");
    id->has_version = 1;
    id->version = w->graph->opset;
    model->opset_import[0] = id;
    model->n_opset_import = 1;
    return PLD_OK;
}

static pld_status write_metadata(struct writer *w, Onnx__ModelProto *model)
{
    const struct pld_graph *graph = w->graph;
    model->n_metadata_props = (size_t)graph->n_metadata;
    model->metadata_props = pointers(w, graph->n_metadata);
    if (!model->metadata_props) return PLD_EDEVICE;
    for (int i = 0; i < graph->n_metadata; i++) {
        Onnx__StringStringEntryProto *entry =
            message(w, &onnx__string_string_entry_proto__descriptor, NULL);
        if (!entry) return PLD_EDEVICE;
        entry->key = mutable(graph->metadata[i].key);
        entry->value = mutable(graph->metadata[i].value);
        model->metadata_props[i] = entry;
    }
    return PLD_OK;
}

static pld_status write_model(Onnx__ModelProto **out, struct writer *w)
{
    const struct pld_graph *graph = w->graph;
    const Onnx__ModelProto *source = graph->source;
    const Onnx__GraphProto *old = source ? source->graph : NULL;
    Onnx__ModelProto *model = message(w, &onnx__model_proto__descriptor, source);
    Onnx__GraphProto *proto = message(w, &onnx__graph_proto__descriptor, old);
    if (!model || !proto) return PLD_EDEVICE;
    model->graph = proto;
    model->has_ir_version = 1;
    model->ir_version = graph->ir_version;
    if (!source) model->producer_name = optional(graph->producer_name);
    proto->name = mutable(graph->name[0] ? graph->name : "graph"); /* required by the checker */
    proto->n_value_info = 0;
    PLD_TRY(write_opset(w, model));
    PLD_TRY(write_metadata(w, model));
    PLD_TRY(write_nodes(w, proto));
    PLD_TRY(write_interface(w, proto, old));
    PLD_TRY(write_initializers(w, proto));
    *out = model;
    return PLD_OK;
}

static pld_status serialise(void **data, size_t *size, const struct pld_graph *graph,
                            struct pld_onnx_outside *outside)
{
    *data = NULL;
    *size = 0;
    struct writer w = {.graph = graph, .outside = outside};
    Onnx__ModelProto *model;
    pld_status status = write_model(&model, &w);
    if (status != PLD_OK) goto out;
    /* Lengths inside the file are 32 bit, so the sum is checked before anything is packed. */
    size_t total = protobuf_c_message_get_packed_size(&model->base);
    if (total > PLD_ONNX_MAX_BYTES) {
        status = pld_fail(PLD_EFAIL, graph->path, "the model exceeds 2 GB, the limit of one file");
        goto out;
    }
    uint8_t *bytes = malloc(total + 1);
    if (!bytes) {
        status = pld_fail_memory("serialised model");
        goto out;
    }
    *size = protobuf_c_message_pack(&model->base, bytes);
    *data = bytes;
out:
    pld_arena_release(&w.arena);
    return status;
}

pld_status pld_graph_serialise(void **data, size_t *size, const struct pld_graph *graph)
{
    return serialise(data, size, graph, NULL);
}

pld_status pld_graph_save(const struct pld_graph *graph, const char *path)
{
    struct pld_onnx_outside outside = {.location = pld_path_basename(path)};
    void *data;
    size_t size;
    pld_status status = serialise(&data, &size, graph, &outside);
    if (status == PLD_OK) status = pld_onnx_write_outside(&outside, path);
    if (status == PLD_OK) status = pld_file_write(path, data, size);
    free(data);
    pld_arena_release(&outside.arena);
    return status;
}
