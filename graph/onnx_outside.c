/* External data, written: the counterpart of onnx_external.c. */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "graph/onnx.h"

struct pld_onnx_blob {
    const void *data;
    size_t offset, size;
};

enum { ALIGNMENT = 64 };

static pld_status keep_blob(struct pld_onnx_outside *o, const void *data, size_t size)
{
    if (o->n_blobs == o->cap_blobs) {
        int larger = o->cap_blobs ? 2 * o->cap_blobs : 64;
        struct pld_onnx_blob *blobs = pld_arena_array(&o->arena, (size_t)larger, sizeof *blobs);
        if (!blobs) return PLD_EDEVICE;
        if (o->n_blobs) memcpy(blobs, o->blobs, (size_t)o->n_blobs * sizeof *blobs);
        o->blobs = blobs;
        o->cap_blobs = larger;
    }
    o->blobs[o->n_blobs++] = (struct pld_onnx_blob){data, o->size, size};
    o->size += (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return PLD_OK;
}

static Onnx__StringStringEntryProto *entry(struct pld_arena *arena, const char *key, char *value)
{
    Onnx__StringStringEntryProto *e = pld_arena_alloc(arena, sizeof *e);
    if (!e || !value) return NULL;
    onnx__string_string_entry_proto__init(e);
    e->key = (char *)(uintptr_t)key;
    e->value = value;
    return e;
}

pld_status pld_onnx_put_outside(struct pld_onnx_outside *o, Onnx__TensorProto *tensor,
                                const Onnx__TensorProto *source)
{
    if (!source || source->data_location != ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL)
        return PLD_OK;
    struct pld_arena *arena = &o->arena;
    size_t offset = o->size, size = tensor->raw_data.len;
    PLD_TRY(keep_blob(o, tensor->raw_data.data, size));
    Onnx__StringStringEntryProto **list = pld_arena_array(arena, 3, sizeof *list);
    if (!list) return PLD_EDEVICE;
    list[0] = entry(arena, "location", pld_arena_printf(arena, "%s.data", o->location));
    list[1] = entry(arena, "offset", pld_arena_printf(arena, "%zu", offset));
    list[2] = entry(arena, "length", pld_arena_printf(arena, "%zu", size));
    if (!list[0] || !list[1] || !list[2]) return PLD_EDEVICE;
    tensor->external_data = list;
    tensor->n_external_data = 3;
    tensor->has_data_location = 1;
    tensor->data_location = ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
    tensor->has_raw_data = 0;
    tensor->raw_data = (ProtobufCBinaryData){0};
    return PLD_OK;
}

pld_status pld_onnx_write_outside(const struct pld_onnx_outside *o, const char *path)
{
    if (!o->n_blobs) return PLD_OK;
    struct pld_arena arena = {0};
    const char *file = pld_arena_printf(&arena, "%s.data", path);
    unsigned char *bytes = calloc(o->size + 1, 1);
    pld_status status = file && bytes ? PLD_OK : pld_fail_memory("external data");
    for (int i = 0; i < o->n_blobs && bytes; i++)
        if (o->blobs[i].size)
            memcpy(bytes + o->blobs[i].offset, o->blobs[i].data, o->blobs[i].size);
    if (status == PLD_OK) status = pld_file_write(file, bytes, o->size);
    free(bytes);
    pld_arena_release(&arena);
    return status;
}
