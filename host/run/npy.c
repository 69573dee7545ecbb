#include "run/npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/str.h"

/* numpy/lib/format.py: magic, version, length of the header, and the header as a Python literal of
 * a dict with the keys descr, fortran_order and shape. */
static const unsigned char MAGIC[6] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

struct npy_type {
    enum pld_dtype dtype;
    const char *code; /* kind and size, without the byte order */
};

static const struct npy_type types[] = {
    {PLD_F32, "f4"}, {PLD_F16, "f2"}, {PLD_F64, "f8"},  {PLD_I64, "i8"}, {PLD_I32, "i4"},
    {PLD_I8, "i1"},  {PLD_U8, "u1"},  {PLD_BOOL, "b1"}, {PLD_I16, "i2"}, {PLD_U16, "u2"},
    {PLD_U32, "u4"}, {PLD_U64, "u8"}, {PLD_BF16, "V2"}, /* NumPy has no name for it: two raw bytes,
                                                           as ml_dtypes saves it */
};
enum { TYPES = sizeof types / sizeof types[0] };

/* The header's text, read from left to right. */
struct cursor {
    const char *at, *end;
    const char *name;
};

static pld_status bad_header(const struct cursor *c)
{
    return pld_fail(PLD_EDATA, c->name, "the .npy header cannot be read");
}

static void skip_blanks(struct cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t'))
        c->at++;
}

static bool take(struct cursor *c, char wanted)
{
    skip_blanks(c);
    if (c->at >= c->end || *c->at != wanted) return false;
    c->at++;
    return true;
}

/* A Python string without escapes. */
static bool take_string(struct cursor *c, char *out, size_t size)
{
    skip_blanks(c);
    if (c->at >= c->end || (*c->at != '\'' && *c->at != '"')) return false;
    char quote = *c->at++;
    size_t n = 0;
    while (c->at < c->end && *c->at != quote) {
        if (n + 1 >= size) return false;
        out[n++] = *c->at++;
    }
    if (c->at >= c->end) return false;
    c->at++;
    out[n] = '\0';
    return true;
}

static bool take_word(struct cursor *c, const char *word)
{
    skip_blanks(c);
    size_t n = strlen(word);
    if ((size_t)(c->end - c->at) < n || memcmp(c->at, word, n) != 0) return false;
    c->at += n;
    return true;
}

static pld_status take_shape(struct cursor *c, struct pld_shape *shape)
{
    *shape = (struct pld_shape){0};
    if (!take(c, '(')) return bad_header(c);
    while (!take(c, ')')) {
        if (shape->rank == PLD_MAX_RANK)
            return pld_fail(PLD_EDATA, c->name, "has more than %d axes", PLD_MAX_RANK);
        int64_t dim = 0;
        const char *start = c->at;
        for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
            if (dim > (INT64_MAX - 9) / 10) return bad_header(c);
            dim = dim * 10 + (*c->at - '0');
        }
        if (c->at == start) return bad_header(c);
        take_word(c, "L"); /* Python 2 wrote 3L */
        shape->dim[shape->rank++] = dim;
        if (!take(c, ',')) {
            if (!take(c, ')')) return bad_header(c);
            break;
        }
    }
    if (pld_shape_check(shape, c->name) != PLD_OK)
        return pld_fail(PLD_EDATA, c->name, "its shape is too large");
    return PLD_OK;
}

struct header {
    char descr[32];
    bool fortran;
    struct pld_shape shape;
};

static pld_status parse_header(struct header *out, struct cursor *c)
{
    unsigned seen = 0;
    if (!take(c, '{')) return bad_header(c);
    while (!take(c, '}')) {
        char key[32];
        if (!take_string(c, key, sizeof key) || !take(c, ':')) return bad_header(c);
        if (strcmp(key, "descr") == 0) {
            if (!take_string(c, out->descr, sizeof out->descr))
                return pld_fail(PLD_EDATA, c->name,
                                "has a structured type, one number is expected");
            seen |= 1;
        } else if (strcmp(key, "fortran_order") == 0) {
            out->fortran = take_word(c, "True");
            if (!out->fortran && !take_word(c, "False")) return bad_header(c);
            seen |= 2;
        } else if (strcmp(key, "shape") == 0) {
            PLD_TRY(take_shape(c, &out->shape));
            seen |= 4;
        } else {
            return bad_header(c);
        }
        if (!take(c, ',')) {
            if (!take(c, '}')) return bad_header(c);
            break;
        }
    }
    return seen == 7 ? PLD_OK : bad_header(c);
}

/* Finds the header and the data behind it. */
static pld_status locate(struct cursor *c, const unsigned char **data, const unsigned char *bytes,
                         size_t size, const char *name)
{
    c->name = name;
    if (size < 10 || memcmp(bytes, MAGIC, sizeof MAGIC) != 0)
        return pld_fail(PLD_EDATA, name, "is not a .npy file");
    size_t start = 10, length = bytes[8] | (size_t)bytes[9] << 8;
    if (bytes[6] < 1 || bytes[6] > 3)
        return pld_fail(PLD_EDATA, name, "is of .npy version %d.%d, known are 1 to 3", bytes[6],
                        bytes[7]);
    if (bytes[6] > 1) {
        start = 12;
        if (size < start) return pld_fail(PLD_EDATA, name, "is truncated");
        length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    }
    if (length > size - start) return pld_fail(PLD_EDATA, name, "is truncated");
    c->at = (const char *)bytes + start;
    c->end = c->at + length;
    *data = bytes + start + length;
    return PLD_OK;
}

static pld_status find_type(enum pld_dtype *dtype, bool *swap, const struct header *header,
                            const char *name)
{
    const char *code = header->descr;
    char order = '=';
    if (strchr("<>=|", code[0]) && code[0]) order = *code++;
    const uint16_t probe = 1;
    bool little = *(const unsigned char *)&probe == 1;
    for (int i = 0; i < TYPES; i++) {
        if (strcmp(types[i].code, code) != 0) continue;
        *dtype = types[i].dtype;
        *swap = (order == '<' && !little) || (order == '>' && little);
        return PLD_OK;
    }
    return pld_fail(PLD_EDATA, name, "has elements of type '%s', which no tensor has",
                    header->descr);
}

static void copy_element(unsigned char *to, const unsigned char *from, size_t size, bool swap)
{
    if (!swap) {
        memcpy(to, from, size);
        return;
    }
    for (size_t i = 0; i < size; i++)
        to[i] = from[size - 1 - i];
}

/* Elements in row-major order; the file's first axis runs fastest when it is Fortran's. */
static void reorder(unsigned char *to, const unsigned char *from, const struct pld_desc *desc,
                    bool fortran, bool swap)
{
    size_t size = pld_dtype_size(desc->dtype);
    int64_t count = pld_shape_count(&desc->shape), index[PLD_MAX_RANK] = {0};
    int64_t stride[PLD_MAX_RANK] = {0}, step = 1;
    int rank = desc->shape.rank;
    for (int i = 0; i < rank; i++) {
        int axis = fortran ? i : rank - 1 - i;
        stride[axis] = step;
        step *= desc->shape.dim[axis];
    }
    for (int64_t e = 0; e < count; e++) {
        int64_t at = 0;
        for (int i = 0; i < rank; i++)
            at += index[i] * stride[i];
        copy_element(to + (size_t)e * size, from + (size_t)at * size, size, swap);
        for (int i = rank - 1; i >= 0 && ++index[i] == desc->shape.dim[i]; i--)
            index[i] = 0;
    }
}

pld_status pld_npy_parse(struct pld_npy *out, const void *bytes, size_t size, const char *name)
{
    *out = (struct pld_npy){0};
    struct cursor c;
    const unsigned char *data;
    struct header header = {0};
    bool swap;
    PLD_TRY(locate(&c, &data, bytes, size, name));
    PLD_TRY(parse_header(&header, &c));
    struct pld_desc desc = {.layout = PLD_ROW_MAJOR, .shape = header.shape};
    PLD_TRY(find_type(&desc.dtype, &swap, &header, name));
    size_t wanted = (size_t)pld_shape_count(&desc.shape) * pld_dtype_size(desc.dtype);
    size_t have = size - (size_t)(data - (const unsigned char *)bytes);
    if (have != wanted)
        return pld_fail(PLD_EDATA, name, "holds %zu bytes of data, its header says %zu", have,
                        wanted);
    void *copy = malloc(wanted + 1);
    if (!copy) return pld_fail_memory(name);
    if (header.fortran || swap)
        reorder(copy, data, &desc, header.fortran, swap);
    else
        memcpy(copy, data, wanted);
    *out = (struct pld_npy){desc, copy};
    return PLD_OK;
}

pld_status pld_npy_read(struct pld_npy *out, const char *path)
{
    *out = (struct pld_npy){0};
    struct pld_bytes bytes;
    PLD_TRY(pld_file_read(&bytes, path, PLD_EDATA));
    pld_status status = pld_npy_parse(out, bytes.data, bytes.size, path);
    pld_bytes_release(&bytes);
    return status;
}

void pld_npy_release(struct pld_npy *npy)
{
    free(npy->data);
    *npy = (struct pld_npy){0};
}

/* Version 1.0, header padded so that the data begins at a multiple of 64, as NumPy does. */
static void append_header(struct pld_str *out, const struct pld_desc *desc)
{
    struct pld_str text = {0};
    const char *code = types[0].code;
    for (int i = 0; i < TYPES; i++)
        if (types[i].dtype == desc->dtype) code = types[i].code;
    const uint16_t probe = 1;
    char order = pld_dtype_size(desc->dtype) == 1 ? '|' : *(const char *)&probe == 1 ? '<' : '>';
    pld_str_printf(&text, "{'descr': '%c%s', 'fortran_order': False, 'shape': (", order, code);
    for (int i = 0; i < desc->shape.rank; i++)
        pld_str_printf(&text, "%s%lld", i ? ", " : "", (long long)desc->shape.dim[i]);
    pld_str_append(&text, desc->shape.rank == 1 ? ",), }" : "), }");
    while ((10 + text.len + 1) % 64 != 0 && !text.failed)
        pld_str_append(&text, " ");
    pld_str_append(&text, "\n");
    const char length[2] = {(char)(text.len & 0xff), (char)(text.len >> 8)};
    pld_str_append_n(out, (const char *)MAGIC, sizeof MAGIC);
    pld_str_append_n(out, "\1\0", 2);
    pld_str_append_n(out, length, 2);
    if (text.data) pld_str_append_n(out, text.data, text.len);
    out->failed = out->failed || text.failed;
    pld_str_release(&text);
}

pld_status pld_npy_write(const char *path, const struct pld_desc *desc, const void *data)
{
    struct pld_str file = {0};
    size_t bytes = (size_t)pld_shape_count(&desc->shape) * pld_dtype_size(desc->dtype);
    append_header(&file, desc);
    pld_str_append_n(&file, data, bytes);
    pld_status status =
        file.failed ? pld_fail_memory(path) : pld_file_write(path, file.data, file.len);
    pld_str_release(&file);
    return status;
}
