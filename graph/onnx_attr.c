#include <string.h>

#include "graph/onnx.h"

/* Files older than IR version 2 do not say which field of an attribute counts. */
static Onnx__AttributeProto__AttributeType guess_type(const Onnx__AttributeProto *a)
{
    if (a->has_f) return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT;
    if (a->has_i) return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT;
    if (a->has_s) return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING;
    if (a->t) return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR;
    if (a->n_floats) return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS;
    if (a->n_ints) return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS;
    if (a->n_strings) return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRINGS;
    return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__UNDEFINED;
}

static const char *copy_string(struct pld_arena *arena, const ProtobufCBinaryData *s)
{
    return pld_arena_strndup(arena, (const char *)s->data, s->len);
}

static pld_status read_strings(struct pld_attr *attr, struct pld_arena *arena,
                               const Onnx__AttributeProto *a)
{
    const char **strings = pld_arena_array(arena, a->n_strings, sizeof *strings);
    if (!strings) return PLD_EDEVICE;
    for (size_t i = 0; i < a->n_strings; i++)
        if (!(strings[i] = copy_string(arena, &a->strings[i]))) return PLD_EDEVICE;
    attr->strings = strings;
    attr->n = (int)a->n_strings;
    return PLD_OK;
}

static pld_status read_attr(struct pld_attr *attr, struct pld_graph *graph,
                            const Onnx__AttributeProto *a)
{
    attr->source = a;
    Onnx__AttributeProto__AttributeType type = a->has_type ? a->type : guess_type(a);
    switch (type) {
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT:
        attr->type = PLD_ATTR_FLOAT;
        attr->f = a->f;
        break;
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT:
        attr->type = PLD_ATTR_INT;
        attr->i = a->i;
        break;
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING:
        attr->type = PLD_ATTR_STRING;
        attr->s = copy_string(&graph->arena, &a->s);
        if (!attr->s) return PLD_EDEVICE;
        break;
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS:
        attr->type = PLD_ATTR_FLOATS;
        attr->n = (int)a->n_floats;
        attr->floats = a->floats;
        break;
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS:
        attr->type = PLD_ATTR_INTS;
        attr->n = (int)a->n_ints;
        attr->ints = a->ints;
        break;
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRINGS:
        attr->type = PLD_ATTR_STRINGS;
        return read_strings(attr, &graph->arena, a);
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR:
        attr->type = PLD_ATTR_OTHER;
        if (!a->t || pld_onnx_dtype(a->t->data_type) == PLD_DTYPE_COUNT) break;
        attr->type = PLD_ATTR_TENSOR;
        return pld_onnx_tensor(&attr->tensor, &attr->tensor_data, &graph->arena, a->t, graph->path);
    default:
        attr->type = PLD_ATTR_OTHER;
    }
    if (a->ref_attr_name && a->ref_attr_name[0]) attr->type = PLD_ATTR_OTHER;
    return PLD_OK;
}

pld_status pld_onnx_attrs(struct pld_graph *graph, struct pld_node *node,
                          const Onnx__NodeProto *proto)
{
    node->attrs = pld_arena_array(&graph->arena, proto->n_attribute, sizeof *node->attrs);
    if (!node->attrs) return PLD_EDEVICE;
    for (size_t i = 0; i < proto->n_attribute; i++) {
        const Onnx__AttributeProto *a = proto->attribute[i];
        if (!a->name || !a->name[0])
            return pld_fail(PLD_EMODEL, graph->path, "node '%s' has an attribute without a name",
                            node->name);
        if (pld_node_attr(node, a->name))
            return pld_fail(PLD_EMODEL, graph->path, "node '%s' has attribute '%s' twice",
                            node->name, a->name);
        node->attrs[node->n_attrs].name = a->name;
        PLD_TRY(read_attr(&node->attrs[node->n_attrs], graph, a));
        node->n_attrs++;
    }
    return PLD_OK;
}
