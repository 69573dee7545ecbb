/* Constant, ConstantOfShape and Range. */
#include <math.h>
#include <string.h>

#include "graph/ops/ops.h"

/* The elements that an attribute of a Constant node holds, or NULL. */
static const void *elements(struct pld_desc *desc, const struct pld_attr *attr)
{
    *desc = (struct pld_desc){.shape = pld_shape_of(1, (int64_t[]){attr->n})};
    switch (attr->type) {
    case PLD_ATTR_TENSOR:
        *desc = attr->tensor;
        return attr->tensor_data;
    case PLD_ATTR_FLOAT:
        *desc = (struct pld_desc){.dtype = PLD_F32};
        return &attr->f;
    case PLD_ATTR_INT:
        *desc = (struct pld_desc){.dtype = PLD_I64};
        return &attr->i;
    case PLD_ATTR_FLOATS:
        desc->dtype = PLD_F32;
        return attr->floats;
    case PLD_ATTR_INTS:
        desc->dtype = PLD_I64;
        return attr->ints;
    default:
        return NULL;
    }
}

static pld_status infer_constant(struct pld_graph *graph, struct pld_node *node)
{
    static const char *const names[] = {"value", "value_float", "value_floats", "value_int",
                                        "value_ints"};
    const struct pld_attr *attr = NULL;
    struct pld_desc desc;
    void *data;
    pld_op_begin(node, 0);
    for (int i = 0; i < 5 && !attr; i++)
        attr = pld_node_attr(node, names[i]);
    if (!attr) return pld_op_fail(node, "it has no number in it");
    const void *from = elements(&desc, attr);
    size_t bytes = pld_desc_bytes(&desc);
    if (!from && bytes) return pld_op_fail(node, "attribute %s is not a number", attr->name);
    PLD_TRY(pld_op_constant_output(&data, graph, node, 0, desc.dtype, &desc.shape));
    if (bytes) memcpy(data, from, bytes);
    return PLD_OK;
}

static pld_status infer_of_shape(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_attr *attr = pld_node_attr(node, "value");
    struct pld_shape shape = {0};
    enum pld_dtype dtype = PLD_F32;
    const float zero = 0;
    const void *value = &zero;
    void *data;
    pld_op_begin(node, 0);
    if (pld_op_in(node, 0) == PLD_NONE) return pld_op_fail(node, "input 0 is missing");
    PLD_TRY(pld_infer_ints(shape.dim, &shape.rank, PLD_MAX_RANK, graph, node, 0));
    if (attr) {
        if (attr->type != PLD_ATTR_TENSOR || pld_shape_count(&attr->tensor.shape) != 1)
            return pld_op_fail(node, "attribute value must be a tensor of one element");
        dtype = attr->tensor.dtype;
        value = attr->tensor_data;
    }
    PLD_TRY(pld_op_constant_output(&data, graph, node, 0, dtype, &shape));
    size_t size = pld_dtype_size(dtype);
    int64_t n = pld_shape_count(&shape);
    for (int64_t i = 0; i < n; i++)
        memcpy((char *)data + (size_t)i * size, value, size);
    return PLD_OK;
}

/* Elements of start, start + delta, ... before limit; -1 when there is no such number. */
static int64_t range_count(const struct pld_value *const v[3], enum pld_dtype dtype)
{
    double x[3];
    for (int i = 0; i < 3; i++) {
        switch (dtype) {
        case PLD_F32:
            x[i] = *(const float *)v[i]->data;
            break;
        case PLD_F64:
            x[i] = *(const double *)v[i]->data;
            break;
        case PLD_I64:
            x[i] = (double)*(const int64_t *)v[i]->data;
            break;
        case PLD_I32:
            x[i] = *(const int32_t *)v[i]->data;
            break;
        default:
            return -1;
        }
    }
    double n = ceil((x[1] - x[0]) / x[2]);
    if (x[2] == 0 || !(n < 0x1p28)) return -1;
    return n > 0 ? (int64_t)n : 0;
}

/* The elements are a kernel's business: inputs are constant, so the node is folded. */
static pld_status infer_range(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_value *v[3];
    pld_op_begin(node, 3);
    for (int i = 0; i < 3; i++) {
        v[i] = pld_op_in_value(graph, node, i);
        if (!v[i]) return pld_op_fail(node, "input %d is missing", i);
        PLD_TRY(pld_op_wait_for(graph, node, i));
        if (!v[i]->data || pld_shape_count(&v[i]->desc.shape) != 1)
            return pld_op_fail(node, "input %d, %s, must be one number", i, v[i]->name);
        if (v[i]->desc.dtype != v[0]->desc.dtype)
            return pld_op_fail(node, "the inputs differ in type");
    }
    struct pld_shape out = {1, {range_count(v, v[0]->desc.dtype)}};
    if (out.dim[0] < 0) return pld_op_fail(node, "start, limit and delta make no range");
    return pld_infer_output(graph, node, 0, v[0]->desc.dtype, &out);
}

const struct pld_op_desc pld_opdesc_CONSTANT = {infer_constant, NULL, pld_op_channels_none,
                                                PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_CONSTANT_OF_SHAPE = {infer_of_shape, NULL, pld_op_channels_none,
                                                         PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_RANGE = {infer_range, NULL, pld_op_channels_none,
                                             PLD_LAYOUT_ROWS};
