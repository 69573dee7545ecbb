/* Operators that only move elements, of any type: each is a list of strided copies, made when it is
 * planned. */
#include <stdlib.h>
#include <string.h>

#include "cpu/cpu_plan.h"
#include "cpu/element.h"
#include "cpu/fast/copy.h"

struct move {
    struct pld_copy copy;
    int in, out;           /* which input and output; input -1 is the plan's `value` */
    int64_t in_at, out_at; /* first element */
};

struct moves {
    int n;
    size_t size;    /* bytes of an element */
    uint64_t value; /* one element, for Pad */
    struct move move[];
};

/* NULL (and an error record) on no memory. */
static struct moves *moves_new(int n, const struct pld_desc *element)
{
    struct moves *moves = calloc(1, sizeof *moves + (size_t)n * sizeof moves->move[0]);
    if (moves)
        moves->size = pld_dtype_size(element->dtype);
    else
        pld_fail_memory("kernel plan");
    return moves;
}

static struct move *add(struct moves *moves, const struct pld_shape *shape,
                        const int64_t *out_stride, const int64_t *in_stride)
{
    struct move *move = &moves->move[moves->n++];
    pld_copy_init(&move->copy, shape, out_stride, in_stride, moves->size);
    return move;
}

static pld_status run(const void *plan, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    (void)lane, (void)workspace;
    const struct moves *moves = plan;
    int64_t size = (int64_t)moves->size;
    for (int i = 0; i < moves->n; i++) {
        const struct move *move = &moves->move[i];
        const void *source = move->in < 0 ? &moves->value : in[move->in];
        pld_copy_run(&move->copy, (char *)out[move->out] + move->out_at * size,
                     (const char *)source + move->in_at * size);
    }
    return PLD_OK;
}

#define MOVE_KERNEL(op, can)                                        \
    extern const struct pld_kernel pld_fast_##op;                   \
    const struct pld_kernel pld_fast_##op = {.name = "fast." #op,   \
                                             .supports = can,       \
                                             .plan_new = plan_##op, \
                                             .plan_free = free,     \
                                             .run = run}

/* ---- Concat ---- */

static bool can_concat(const struct pld_signature *sig)
{
    return pld_sig_single(sig) && pld_sig_same(sig);
}

static pld_status plan_concat(void **plan, size_t *workspace, const struct pld_signature *sig)
{
    struct pld_cpu_tensor x, z;
    int64_t axis = sig->params->axis.axis, begin = 0;
    *workspace = 0;
    struct moves *moves = moves_new(sig->n_in, &sig->out[0]);
    if (!moves) return PLD_EDEVICE;
    pld_cpu_tensor_init(&z, &sig->out[0]);
    for (int i = 0; i < sig->n_in; i++) {
        pld_cpu_tensor_init(&x, &sig->in[i]);
        struct move *move = add(moves, &x.desc.shape, z.stride, x.stride);
        move->in = i;
        move->out_at = begin * z.stride[axis];
        begin += x.desc.shape.dim[axis];
    }
    *plan = moves;
    return PLD_OK;
}

MOVE_KERNEL(concat, can_concat);

/* ---- Split ---- */

static bool can_split(const struct pld_signature *sig)
{
    return sig->n_in == 1 && sig->n_out <= 64 && pld_sig_same(sig);
}

static pld_status plan_split(void **plan, size_t *workspace, const struct pld_signature *sig)
{
    struct pld_cpu_tensor x, z;
    int64_t axis = sig->params->split.axis;
    *workspace = 0;
    struct moves *moves = moves_new(sig->n_out, &sig->in[0]);
    if (!moves) return PLD_EDEVICE;
    pld_cpu_tensor_init(&x, &sig->in[0]);
    for (int i = 0; i < sig->n_out; i++) {
        if (sig->out[i].dtype >= PLD_DTYPE_COUNT) continue; /* nobody reads it */
        pld_cpu_tensor_init(&z, &sig->out[i]);
        struct move *move = add(moves, &z.desc.shape, z.stride, x.stride);
        move->out = i;
        move->in_at = sig->params->split.begin[i] * x.stride[axis];
    }
    *plan = moves;
    return PLD_OK;
}

MOVE_KERNEL(split, can_split);

/* ---- one input, one output, one copy ---- */

static bool can_move(const struct pld_signature *sig)
{
    return sig->n_in == 1 && pld_sig_single(sig) && pld_sig_same(sig);
}

/* Makes the plan from strides that both tensors have along the axes of `shape`. */
static pld_status plan_one(void **plan, size_t *workspace, const struct pld_signature *sig,
                           const struct pld_shape *shape, const int64_t *out_stride,
                           const int64_t *in_stride, int64_t in_at)
{
    *workspace = 0;
    struct moves *moves = moves_new(1, &sig->out[0]);
    if (!moves) return PLD_EDEVICE;
    add(moves, shape, out_stride, in_stride)->in_at = in_at;
    *plan = moves;
    return PLD_OK;
}

static pld_status plan_copy(void **plan, size_t *workspace, const struct pld_signature *sig)
{
    struct pld_cpu_tensor x, z;
    pld_cpu_tensor_init(&x, &sig->in[0]);
    pld_cpu_tensor_init(&z, &sig->out[0]);
    return plan_one(plan, workspace, sig, &z.desc.shape, z.stride, x.stride, 0);
}

/* Reorder, Identity, Dropout. */
MOVE_KERNEL(copy, can_move);

/* Row-major tensors of equal count are the same bytes. */
static bool can_reshape(const struct pld_signature *sig)
{
    return can_move(sig) && sig->in[0].layout == PLD_ROW_MAJOR &&
           sig->out[0].layout == PLD_ROW_MAJOR;
}

static pld_status plan_reshape(void **plan, size_t *workspace, const struct pld_signature *sig)
{
    struct pld_shape line = {.rank = 1, .dim = {pld_shape_count(&sig->out[0].shape)}};
    int64_t one[] = {1};
    return plan_one(plan, workspace, sig, &line, one, one, 0);
}

MOVE_KERNEL(reshape, can_reshape);

static pld_status plan_slice(void **plan, size_t *workspace, const struct pld_signature *sig)
{
    const struct pld_slice_params *slice = &sig->params->slice;
    struct pld_cpu_tensor x, z;
    int64_t stride[PLD_MAX_RANK], first = 0;
    pld_cpu_tensor_init(&x, &sig->in[0]);
    pld_cpu_tensor_init(&z, &sig->out[0]);
    for (int i = 0; i < z.desc.shape.rank; i++) {
        stride[i] = x.stride[i] * slice->step[i];
        first += x.stride[i] * slice->start[i];
    }
    return plan_one(plan, workspace, sig, &z.desc.shape, z.stride, stride, first);
}

MOVE_KERNEL(slice, can_move);

static pld_status plan_transpose(void **plan, size_t *workspace, const struct pld_signature *sig)
{
    struct pld_cpu_tensor x, z;
    int64_t stride[PLD_MAX_RANK];
    pld_cpu_tensor_init(&x, &sig->in[0]);
    pld_cpu_tensor_init(&z, &sig->out[0]);
    for (int i = 0; i < z.desc.shape.rank; i++)
        stride[i] = x.stride[sig->params->transpose.perm[i]];
    return plan_one(plan, workspace, sig, &z.desc.shape, z.stride, stride, 0);
}

MOVE_KERNEL(transpose, can_move);

/* ---- Expand, Tile ---- */

/* Axes of the copy: for each output axis how often the input repeats, then the input itself. */
static int expand_axes(struct pld_shape *shape, int64_t *out_stride, int64_t *in_stride,
                       const struct pld_signature *sig)
{
    struct pld_cpu_tensor x, z;
    pld_cpu_tensor_init(&x, &sig->in[0]);
    pld_cpu_tensor_init(&z, &sig->out[0]);
    int shift = z.desc.shape.rank - x.desc.shape.rank, n = 0;
    for (int i = 0; i < z.desc.shape.rank; i++) {
        int64_t size = i < shift ? 1 : x.desc.shape.dim[i - shift];
        int64_t repeats = size ? z.desc.shape.dim[i] / size : 0;
        int64_t dims[2] = {repeats, size};
        for (int k = 0; k < 2; k++) {
            if (dims[k] == 1) continue;
            if (n == PLD_MAX_RANK) return -1;
            shape->dim[n] = dims[k];
            out_stride[n] = z.stride[i] * (k ? 1 : size);
            in_stride[n++] = k ? x.stride[i - shift] : 0;
        }
    }
    return shape->rank = n;
}

static bool can_expand(const struct pld_signature *sig)
{
    struct pld_shape shape;
    int64_t a[PLD_MAX_RANK], b[PLD_MAX_RANK];
    return can_move(sig) && sig->in[0].shape.rank <= sig->out[0].shape.rank &&
           expand_axes(&shape, a, b, sig) >= 0;
}

static pld_status plan_expand(void **plan, size_t *workspace, const struct pld_signature *sig)
{
    struct pld_shape shape = {0};
    int64_t out_stride[PLD_MAX_RANK], in_stride[PLD_MAX_RANK];
    expand_axes(&shape, out_stride, in_stride, sig);
    return plan_one(plan, workspace, sig, &shape, out_stride, in_stride, 0);
}

MOVE_KERNEL(expand, can_expand);

/* ---- DepthToSpace, SpaceToDepth ---- */

static bool can_depth_space(const struct pld_signature *sig)
{
    return can_move(sig) && sig->in[0].shape.rank == 4 && sig->params->depth_space.block > 0;
}

/* The wide tensor is [n, c, h, i, w, j] with i, j inside the block; so is the deep one, with its
 * channels taken apart. */
static pld_status plan_depth_space(void **plan, size_t *workspace, const struct pld_signature *sig)
{
    bool widen = sig->op == PLD_OP_DEPTH_TO_SPACE, crd = widen && sig->params->depth_space.crd;
    struct pld_cpu_tensor wide, deep;
    pld_cpu_tensor_init(&wide, widen ? &sig->out[0] : &sig->in[0]);
    pld_cpu_tensor_init(&deep, widen ? &sig->in[0] : &sig->out[0]);
    const int64_t *d = wide.desc.shape.dim, *s = wide.stride, *t = deep.stride;
    int64_t b = sig->params->depth_space.block, c = d[1];
    struct pld_shape shape = pld_shape_of(6, (int64_t[]){d[0], c, d[2] / b, b, d[3] / b, b});
    int64_t on_wide[] = {s[0], s[1], s[2] * b, s[2], s[3] * b, s[3]};
    int64_t on_deep[] = {t[0], crd ? t[1] * b * b : t[1], t[2], crd ? t[1] * b : t[1] * b * c,
                         t[3], crd ? t[1] : t[1] * c};
    return plan_one(plan, workspace, sig, &shape, widen ? on_wide : on_deep,
                    widen ? on_deep : on_wide, 0);
}

MOVE_KERNEL(depth_space, can_depth_space);

/* ---- Pad with a constant ---- */

static bool can_pad(const struct pld_signature *sig)
{
    return can_move(sig) && sig->params->pad.mode == 0;
}

/* Fills the whole output, then copies what is inside over it. */
static pld_status plan_pad(void **plan, size_t *workspace, const struct pld_signature *sig)
{
    const struct pld_pad_params *pad = &sig->params->pad;
    static const int64_t nowhere[PLD_MAX_RANK];
    struct pld_cpu_tensor x, z;
    *workspace = 0;
    struct moves *moves = moves_new(2, &sig->out[0]);
    if (!moves) return PLD_EDEVICE;
    pld_cpu_tensor_init(&x, &sig->in[0]);
    pld_cpu_tensor_init(&z, &sig->out[0]);
    pld_store(z.desc.dtype, &moves->value, 0, pad->value);
    add(moves, &z.desc.shape, z.stride, nowhere)->in = -1;

    struct pld_shape inside = x.desc.shape;
    int64_t in_at = 0, out_at = 0;
    for (int i = 0; i < inside.rank; i++) {
        int64_t skip = pad->begin[i] < 0 ? -pad->begin[i] : 0;
        int64_t cut = pad->end[i] < 0 ? -pad->end[i] : 0;
        inside.dim[i] = inside.dim[i] > skip + cut ? inside.dim[i] - skip - cut : 0;
        in_at += skip * x.stride[i];
        out_at += (pad->begin[i] > 0 ? pad->begin[i] : 0) * z.stride[i];
    }
    struct move *move = add(moves, &inside, z.stride, x.stride);
    move->in_at = in_at;
    move->out_at = out_at;
    *plan = moves;
    return PLD_OK;
}

MOVE_KERNEL(pad, can_pad);
