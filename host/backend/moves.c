#include "backend/moves.h"

#include <stdlib.h>
#include <string.h>

#include "backend/signature.h"

/* Adds a copy between strides that both tensors have along the axes of `shape`. */
static struct pld_move *add(struct pld_moves *moves, const struct pld_shape *shape,
                            const int64_t *out_stride, const int64_t *in_stride)
{
    struct pld_move *move = &moves->move[moves->n++];
    size_t bytes = (size_t)shape->rank * sizeof(int64_t);
    move->shape = *shape;
    memcpy(move->out_stride, out_stride, bytes);
    memcpy(move->in_stride, in_stride, bytes);
    return move;
}

static bool one_to_one(const struct pld_signature *sig)
{
    return sig->n_in == 1 && pld_sig_single(sig) && pld_sig_same(sig);
}

/* ---- Concat, Split ---- */

static bool can_concat(const struct pld_signature *sig)
{
    return pld_sig_single(sig) && pld_sig_same(sig);
}

static void concat(struct pld_moves *moves, const struct pld_signature *sig)
{
    int64_t x[PLD_MAX_RANK], z[PLD_MAX_RANK], axis = sig->params->axis.axis, begin = 0;
    pld_desc_strides(z, &sig->out[0]);
    for (int i = 0; i < sig->n_in; i++) {
        pld_desc_strides(x, &sig->in[i]);
        struct pld_move *move = add(moves, &sig->in[i].shape, z, x);
        move->in = i;
        move->out_at = begin * z[axis];
        begin += sig->in[i].shape.dim[axis];
    }
}

static bool can_split(const struct pld_signature *sig)
{
    return sig->n_in == 1 && sig->n_out <= 64 && pld_sig_same(sig);
}

static void split(struct pld_moves *moves, const struct pld_signature *sig)
{
    int64_t x[PLD_MAX_RANK], z[PLD_MAX_RANK], axis = sig->params->split.axis;
    pld_desc_strides(x, &sig->in[0]);
    for (int i = 0; i < sig->n_out; i++) {
        if (sig->out[i].dtype >= PLD_DTYPE_COUNT) continue; /* nobody reads it */
        pld_desc_strides(z, &sig->out[i]);
        struct pld_move *move = add(moves, &sig->out[i].shape, z, x);
        move->out = i;
        move->in_at = sig->params->split.begin[i] * x[axis];
    }
}

/* ---- one input, one output, one copy ---- */

static void copy(struct pld_moves *moves, const struct pld_signature *sig)
{
    int64_t x[PLD_MAX_RANK], z[PLD_MAX_RANK];
    pld_desc_strides(x, &sig->in[0]);
    pld_desc_strides(z, &sig->out[0]);
    add(moves, &sig->out[0].shape, z, x);
}

/* Row-major tensors of equal count are the same bytes. */
static bool can_reshape(const struct pld_signature *sig)
{
    return one_to_one(sig) && sig->in[0].layout == PLD_ROW_MAJOR &&
           sig->out[0].layout == PLD_ROW_MAJOR;
}

static void reshape(struct pld_moves *moves, const struct pld_signature *sig)
{
    struct pld_shape line = {.rank = 1, .dim = {pld_shape_count(&sig->out[0].shape)}};
    int64_t one[] = {1};
    add(moves, &line, one, one);
}

static void slice(struct pld_moves *moves, const struct pld_signature *sig)
{
    const struct pld_slice_params *slice = &sig->params->slice;
    int64_t x[PLD_MAX_RANK], z[PLD_MAX_RANK], first = 0;
    pld_desc_strides(x, &sig->in[0]);
    pld_desc_strides(z, &sig->out[0]);
    for (int i = 0; i < sig->out[0].shape.rank; i++) {
        first += x[i] * slice->start[i];
        x[i] *= slice->step[i];
    }
    add(moves, &sig->out[0].shape, z, x)->in_at = first;
}

static void transpose(struct pld_moves *moves, const struct pld_signature *sig)
{
    int64_t x[PLD_MAX_RANK], z[PLD_MAX_RANK], turned[PLD_MAX_RANK];
    pld_desc_strides(x, &sig->in[0]);
    pld_desc_strides(z, &sig->out[0]);
    for (int i = 0; i < sig->out[0].shape.rank; i++)
        turned[i] = x[sig->params->transpose.perm[i]];
    add(moves, &sig->out[0].shape, z, turned);
}

/* ---- Expand, Tile ---- */

/* Axes of the copy: for each output axis how often the input repeats, then the input itself.
 * Returns their number, or -1 when they are too many. */
static int expand_axes(struct pld_shape *shape, int64_t *out_stride, int64_t *in_stride,
                       const struct pld_signature *sig)
{
    const struct pld_shape *in = &sig->in[0].shape, *out = &sig->out[0].shape;
    int64_t x[PLD_MAX_RANK], z[PLD_MAX_RANK];
    pld_desc_strides(x, &sig->in[0]);
    pld_desc_strides(z, &sig->out[0]);
    int shift = out->rank - in->rank, n = 0;
    for (int i = 0; i < out->rank; i++) {
        int64_t size = i < shift ? 1 : in->dim[i - shift];
        int64_t dims[2] = {size ? out->dim[i] / size : 0, size};
        for (int k = 0; k < 2; k++) {
            if (dims[k] == 1) continue;
            if (n == PLD_MAX_RANK) return -1;
            shape->dim[n] = dims[k];
            out_stride[n] = z[i] * (k ? 1 : size);
            in_stride[n++] = k ? x[i - shift] : 0;
        }
    }
    return shape->rank = n;
}

static bool can_expand(const struct pld_signature *sig)
{
    struct pld_shape shape;
    int64_t a[PLD_MAX_RANK], b[PLD_MAX_RANK];
    return one_to_one(sig) && sig->in[0].shape.rank <= sig->out[0].shape.rank &&
           expand_axes(&shape, a, b, sig) >= 0;
}

static void expand(struct pld_moves *moves, const struct pld_signature *sig)
{
    struct pld_shape shape = {0};
    int64_t out_stride[PLD_MAX_RANK], in_stride[PLD_MAX_RANK];
    expand_axes(&shape, out_stride, in_stride, sig);
    add(moves, &shape, out_stride, in_stride);
}

/* ---- DepthToSpace, SpaceToDepth ---- */

static bool can_depth_space(const struct pld_signature *sig)
{
    return one_to_one(sig) && sig->in[0].shape.rank == 4 && sig->params->depth_space.block > 0;
}

/* The wide tensor is [n, c, h, i, w, j] with i, j inside the block; so is the deep one, with its
 * channels taken apart. */
static void depth_space(struct pld_moves *moves, const struct pld_signature *sig)
{
    bool widen = sig->op == PLD_OP_DEPTH_TO_SPACE, crd = widen && sig->params->depth_space.crd;
    const struct pld_desc *wide = widen ? &sig->out[0] : &sig->in[0];
    int64_t s[PLD_MAX_RANK], t[PLD_MAX_RANK];
    pld_desc_strides(s, wide);
    pld_desc_strides(t, widen ? &sig->in[0] : &sig->out[0]);
    const int64_t *d = wide->shape.dim;
    int64_t b = sig->params->depth_space.block, c = d[1];
    struct pld_shape shape = pld_shape_of(6, (int64_t[]){d[0], c, d[2] / b, b, d[3] / b, b});
    int64_t on_wide[] = {s[0], s[1], s[2] * b, s[2], s[3] * b, s[3]};
    int64_t on_deep[] = {t[0], crd ? t[1] * b * b : t[1], t[2], crd ? t[1] * b : t[1] * b * c,
                         t[3], crd ? t[1] : t[1] * c};
    add(moves, &shape, widen ? on_wide : on_deep, widen ? on_deep : on_wide);
}

/* ---- Pad with a constant ---- */

static bool can_pad(const struct pld_signature *sig)
{
    return one_to_one(sig) && sig->params->pad.mode == 0;
}

/* Fills the whole output, then copies what is inside over it. */
static void pad(struct pld_moves *moves, const struct pld_signature *sig)
{
    const struct pld_pad_params *pad = &sig->params->pad;
    static const int64_t nowhere[PLD_MAX_RANK];
    int64_t x[PLD_MAX_RANK], z[PLD_MAX_RANK], in_at = 0, out_at = 0;
    pld_desc_strides(x, &sig->in[0]);
    pld_desc_strides(z, &sig->out[0]);
    moves->value = pad->value;
    add(moves, &sig->out[0].shape, z, nowhere)->in = -1;

    struct pld_shape inside = sig->in[0].shape;
    for (int i = 0; i < inside.rank; i++) {
        int64_t skip = pad->begin[i] < 0 ? -pad->begin[i] : 0;
        int64_t cut = pad->end[i] < 0 ? -pad->end[i] : 0;
        inside.dim[i] = inside.dim[i] > skip + cut ? inside.dim[i] - skip - cut : 0;
        in_at += skip * x[i];
        out_at += (pad->begin[i] > 0 ? pad->begin[i] : 0) * z[i];
    }
    struct pld_move *move = add(moves, &inside, z, x);
    move->in_at = in_at;
    move->out_at = out_at;
}

/* ---- the operators ---- */

static const struct {
    bool (*can)(const struct pld_signature *sig);
    void (*fill)(struct pld_moves *moves, const struct pld_signature *sig);
} rules[PLD_OP_COUNT] = {
    [PLD_OP_CONCAT] = {can_concat, concat},
    [PLD_OP_SPLIT] = {can_split, split},
    [PLD_OP_IDENTITY] = {one_to_one, copy},
    [PLD_OP_DROPOUT] = {one_to_one, copy},
    [PLD_OP_REORDER] = {one_to_one, copy},
    [PLD_OP_RESHAPE] = {can_reshape, reshape},
    [PLD_OP_FLATTEN] = {can_reshape, reshape},
    [PLD_OP_SQUEEZE] = {can_reshape, reshape},
    [PLD_OP_UNSQUEEZE] = {can_reshape, reshape},
    [PLD_OP_SLICE] = {one_to_one, slice},
    [PLD_OP_TRANSPOSE] = {one_to_one, transpose},
    [PLD_OP_EXPAND] = {can_expand, expand},
    [PLD_OP_TILE] = {can_expand, expand},
    [PLD_OP_DEPTH_TO_SPACE] = {can_depth_space, depth_space},
    [PLD_OP_SPACE_TO_DEPTH] = {can_depth_space, depth_space},
    [PLD_OP_PAD] = {can_pad, pad},
};

bool pld_moves_supports(const struct pld_signature *sig)
{
    return rules[sig->op].can && rules[sig->op].can(sig);
}

struct pld_moves *pld_moves_new(const struct pld_signature *sig)
{
    size_t most = (size_t)sig->n_in + (size_t)sig->n_out;
    struct pld_moves *moves = calloc(1, sizeof *moves + most * sizeof moves->move[0]);
    if (!moves) {
        pld_fail_memory("kernel plan");
        return NULL;
    }
    moves->dtype = sig->in[0].dtype;
    moves->size = pld_dtype_size(moves->dtype);
    rules[sig->op].fill(moves, sig);
    return moves;
}
