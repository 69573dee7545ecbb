#include <string.h>

#include "graph/onnx.h"

/* Deeper than any model nests (attributes of nodes of subgraphs: three levels each), and shallow
 * enough for a thread's stack. */
enum { MAX_DEPTH = 64 };

/* What protobuf-c spends on a field before its content (its list of members, with growth). */
enum { FIELD_COST = 80 };

struct wire {
    const unsigned char *at, *end;
};

/* Memory that unpacking takes besides the content. Two bytes of file can ask for a hundred, so a
 * small hostile file could fill the machine; real models stay far below the limit. */
struct budget {
    uint64_t left;
};

static bool spend(struct budget *b, uint64_t cost)
{
    if (cost > b->left) return false;
    b->left -= cost;
    return true;
}

static bool read_varint(struct wire *w, uint64_t *out)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 70 && w->at < w->end; shift += 7) {
        unsigned char byte = *w->at++;
        if (shift < 64) value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *out = value;
            return true;
        }
    }
    return false;
}

static bool skip(struct wire *w, uint64_t n)
{
    if (n > (uint64_t)(w->end - w->at)) return false;
    w->at += n;
    return true;
}

/* NULL when the message is sound, else what is wrong with it. */
static const char *scan(struct wire w, const ProtobufCMessageDescriptor *kind, int depth,
                        struct budget *budget)
{
    if (depth > MAX_DEPTH) return "nested too deeply";
    if (!spend(budget, kind->sizeof_message)) return "too many empty parts";
    while (w.at < w.end) {
        uint64_t tag, size;
        if (!read_varint(&w, &tag)) return "truncated or not protobuf";
        if (!spend(budget, FIELD_COST)) return "too many empty parts";
        uint64_t number = tag >> 3;
        if (number == 0 || number > 536870911) return "not protobuf";
        switch (tag & 7) {
        case PROTOBUF_C_WIRE_TYPE_VARINT:
            if (!read_varint(&w, &size)) return "truncated or not protobuf";
            continue;
        case PROTOBUF_C_WIRE_TYPE_64BIT:
            if (!skip(&w, 8)) return "truncated";
            continue;
        case PROTOBUF_C_WIRE_TYPE_32BIT:
            if (!skip(&w, 4)) return "truncated";
            continue;
        case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
            break;
        default:
            return "not protobuf";
        }
        struct wire inner = {.at = NULL};
        if (!read_varint(&w, &size)) return "truncated or not protobuf";
        inner.at = w.at;
        if (!skip(&w, size)) return "truncated";
        inner.end = w.at;
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(kind, (unsigned)number);
        if (!field || field->type != PROTOBUF_C_TYPE_MESSAGE) continue;
        const char *fault = scan(inner, field->descriptor, depth + 1, budget);
        if (fault) return fault;
    }
    return NULL;
}

pld_status pld_onnx_check_wire(const void *data, size_t size, const char *path,
                               const ProtobufCMessageDescriptor *kind)
{
    if (size > PLD_ONNX_MAX_BYTES)
        return pld_fail(PLD_EMODEL, path,
                        "larger than 2 GB, which one ONNX file cannot be (store the weights as "
                        "external data)");
    struct wire w = {data, (const unsigned char *)data + size};
    struct budget budget = {((uint64_t)256 << 20) + 16 * (uint64_t)size};
    const char *fault = size ? scan(w, kind, 0, &budget) : "the file is empty";
    if (fault) return pld_fail(PLD_EMODEL, path, "not an ONNX model: %s", fault);
    return PLD_OK;
}

static void *arena_alloc(void *arena, size_t size)
{
    return pld_arena_alloc(arena, size);
}

static void arena_free(void *arena, void *memory)
{
    (void)arena, (void)memory;
}

pld_status pld_onnx_unpack(ProtobufCMessage **out, struct pld_arena *arena,
                           const ProtobufCMessageDescriptor *kind, const void *data, size_t size,
                           const char *path)
{
    ProtobufCAllocator allocator = {arena_alloc, arena_free, arena};
    *out = protobuf_c_message_unpack(kind, &allocator, size, data);
    if (!*out) return pld_fail(PLD_EMODEL, path, "not an ONNX model: malformed protobuf");
    return PLD_OK;
}
