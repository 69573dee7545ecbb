#include <string.h>

#include "graph/onnx.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "raw_data is little-endian; this reader takes it as it is"
#endif

static const struct {
    enum pld_dtype dtype;
    const char *name;
} types[] = {
    [ONNX__TENSOR_PROTO__DATA_TYPE__UNDEFINED] = {PLD_DTYPE_COUNT, "undefined"},
    [ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT] = {PLD_F32, "float32"},
    [ONNX__TENSOR_PROTO__DATA_TYPE__UINT8] = {PLD_U8, "uint8"},
    [ONNX__TENSOR_PROTO__DATA_TYPE__INT8] = {PLD_I8, "int8"},
    [ONNX__TENSOR_PROTO__DATA_TYPE__UINT16] = {PLD_U16, "uint16"},
    [ONNX__TENSOR_PROTO__DATA_TYPE__INT16] = {PLD_I16, "int16"},
    [ONNX__TENSOR_PROTO__DATA_TYPE__INT32] = {PLD_I32, "int32"},
    [ONNX__TENSOR_PROTO__DATA_TYPE__INT64] = {PLD_I64, "int64"},
    [ONNX__TENSOR_PROTO__DATA_TYPE__STRING] = {PLD_DTYPE_COUNT, "string"},
    [ONNX__TENSOR_PROTO__DATA_TYPE__BOOL] = {PLD_BOOL, "bool"},
    [ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16] = {PLD_F16, "float16"},
    [ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE] = {PLD_F64, "float64"},
    [ONNX__TENSOR_PROTO__DATA_TYPE__UINT32] = {PLD_U32, "uint32"},
    [ONNX__TENSOR_PROTO__DATA_TYPE__UINT64] = {PLD_U64, "uint64"},
    [ONNX__TENSOR_PROTO__DATA_TYPE__COMPLEX64] = {PLD_DTYPE_COUNT, "complex64"},
    [ONNX__TENSOR_PROTO__DATA_TYPE__COMPLEX128] = {PLD_DTYPE_COUNT, "complex128"},
    [ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16] = {PLD_BF16, "bfloat16"},
};

enum { N_TYPES = sizeof types / sizeof types[0] };

enum pld_dtype pld_onnx_dtype(int32_t type)
{
    return type >= 0 && type < N_TYPES ? types[type].dtype : PLD_DTYPE_COUNT;
}

const char *pld_onnx_type_name(int32_t type)
{
    return type >= 0 && type < N_TYPES ? types[type].name : "unknown";
}

int32_t pld_onnx_type(enum pld_dtype dtype)
{
    for (int32_t i = 0; i < N_TYPES; i++)
        if (types[i].dtype == dtype && dtype != PLD_DTYPE_COUNT) return i;
    return ONNX__TENSOR_PROTO__DATA_TYPE__UNDEFINED;
}

static const char *tensor_name(const Onnx__TensorProto *tensor)
{
    return tensor->name ? tensor->name : "";
}

static pld_status read_shape(struct pld_shape *shape, const Onnx__TensorProto *tensor,
                             const char *path)
{
    const char *name = tensor_name(tensor);
    if (tensor->n_dims > PLD_MAX_RANK)
        return pld_fail(PLD_EMODEL, path, "tensor '%s' has rank %zu, above %d", name,
                        tensor->n_dims, PLD_MAX_RANK);
    *shape = pld_shape_of((int)tensor->n_dims, tensor->dims);
    if (pld_shape_check(shape, name) != PLD_OK) {
        struct pld_error error = *pld_error_last();
        return pld_fail(PLD_EMODEL, path, "tensor '%s': %s", name, error.message);
    }
    return PLD_OK;
}

/* The typed field that holds elements of `dtype`; NULL and 0 when it is empty. */
static const void *typed_field(size_t *n, const Onnx__TensorProto *tensor, enum pld_dtype dtype)
{
    switch (dtype) {
    case PLD_F32:
        *n = tensor->n_float_data;
        return tensor->float_data;
    case PLD_F64:
        *n = tensor->n_double_data;
        return tensor->double_data;
    case PLD_I64:
        *n = tensor->n_int64_data;
        return tensor->int64_data;
    case PLD_U64:
    case PLD_U32:
        *n = tensor->n_uint64_data;
        return tensor->uint64_data;
    default:
        *n = tensor->n_int32_data;
        return tensor->int32_data;
    }
}

/* int32_data carries every narrower type, one element an entry; uint64_data carries uint32. */
static pld_status narrow(const void **data, struct pld_arena *arena, enum pld_dtype dtype,
                         const Onnx__TensorProto *tensor, const char *path)
{
    static const struct {
        int64_t low, high;
    } range[PLD_DTYPE_COUNT] = {
        [PLD_F16] = {0, 0xffff}, [PLD_BF16] = {0, 0xffff},           [PLD_I8] = {-128, 127},
        [PLD_U8] = {0, 255},     [PLD_I16] = {INT16_MIN, INT16_MAX}, [PLD_U16] = {0, 0xffff},
        [PLD_BOOL] = {0, 1},     [PLD_U32] = {0, UINT32_MAX},
    };
    size_t n, size = pld_dtype_size(dtype);
    const void *field = typed_field(&n, tensor, dtype);
    unsigned char *out = pld_arena_array(arena, n, size);
    if (!out) return PLD_EDEVICE;
    for (size_t i = 0; i < n; i++) {
        int64_t x = dtype == PLD_U32 ? ((const int64_t *)field)[i] : ((const int32_t *)field)[i];
        if (x < range[dtype].low || x > range[dtype].high)
            return pld_fail(PLD_EMODEL, path, "tensor '%s': %lld is not a %s", tensor_name(tensor),
                            (long long)x, pld_dtype_name(dtype));
        uint32_t bits = (uint32_t)x;
        memcpy(out + i * size, &bits, size);
    }
    *data = out;
    return PLD_OK;
}

static pld_status from_typed(const void **data, struct pld_arena *arena,
                             const struct pld_desc *desc, const Onnx__TensorProto *tensor,
                             const char *path)
{
    size_t count = (size_t)pld_shape_count(&desc->shape), n = 0;
    const void *field = typed_field(&n, tensor, desc->dtype);
    if (n != count)
        return pld_fail(PLD_EMODEL, path, "tensor '%s' has %zu elements where its shape says %zu",
                        tensor_name(tensor), n, count);
    bool wide = desc->dtype == PLD_F32 || desc->dtype == PLD_F64 || desc->dtype == PLD_I64 ||
                desc->dtype == PLD_U64 || desc->dtype == PLD_I32;
    if (!wide) return narrow(data, arena, desc->dtype, tensor, path);
    *data = n ? field : pld_arena_alloc(arena, 0);
    return *data ? PLD_OK : PLD_EDEVICE;
}

/* A bool is one byte that is 0 or 1, whatever non-zero value the file has. */
static pld_status normalise_bools(const void **data, struct pld_arena *arena, size_t n)
{
    const unsigned char *from = *data;
    unsigned char *out = pld_arena_alloc(arena, n);
    if (!out) return PLD_EDEVICE;
    for (size_t i = 0; i < n; i++)
        out[i] = from[i] != 0;
    *data = out;
    return PLD_OK;
}

pld_status pld_onnx_tensor(struct pld_desc *desc, const void **data, struct pld_arena *arena,
                           const Onnx__TensorProto *tensor, const char *path)
{
    *data = NULL;
    *desc = (struct pld_desc){.dtype = pld_onnx_dtype(tensor->data_type)};
    if (desc->dtype == PLD_DTYPE_COUNT) return PLD_OK;
    if (tensor->segment)
        return pld_fail(PLD_EMODEL, path, "tensor '%s' is stored in segments, which no writer uses",
                        tensor_name(tensor));
    PLD_TRY(read_shape(&desc->shape, tensor, path));
    size_t bytes = pld_desc_bytes(desc);
    if (tensor->has_data_location &&
        tensor->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL) {
        PLD_TRY(pld_onnx_external(data, arena, tensor, bytes, path));
    } else if (tensor->has_raw_data) {
        if (tensor->raw_data.len != bytes)
            return pld_fail(PLD_EMODEL, path,
                            "tensor '%s' has %zu bytes where its shape and type say %zu",
                            tensor_name(tensor), tensor->raw_data.len, bytes);
        *data = bytes ? tensor->raw_data.data : pld_arena_alloc(arena, 0);
        if (!*data) return PLD_EDEVICE;
    } else {
        return from_typed(data, arena, desc, tensor, path);
    }
    return desc->dtype == PLD_BOOL ? normalise_bools(data, arena, bytes) : PLD_OK;
}

pld_status pld_onnx_tensor_parse(struct pld_desc *desc, const void **data, struct pld_arena *arena,
                                 const void *bytes, size_t size, const char *path)
{
    ProtobufCMessage *message;
    PLD_TRY(pld_onnx_check_wire(bytes, size, path, &onnx__tensor_proto__descriptor));
    PLD_TRY(pld_onnx_unpack(&message, arena, &onnx__tensor_proto__descriptor, bytes, size, path));
    return pld_onnx_tensor(desc, data, arena, (const Onnx__TensorProto *)message, path);
}
