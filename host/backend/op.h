/* Operator kinds, from op.def, and their parameters as kernels see them. */
#ifndef PLD_BACKEND_OP_H
#define PLD_BACKEND_OP_H

#include <stdint.h>

#include "backend/tensor.h"

enum pld_op {
#define PLD_OP(id, onnx, file) PLD_OP_##id,
#include "backend/op.def"
#undef PLD_OP
    PLD_OP_COUNT
};

/* The ONNX name of a kind; kinds of our own start with "pollard.". */
const char *pld_op_name(enum pld_op op);
/* The kind of an ONNX operator, or -1. */
int pld_op_find(const char *onnx_name);

/* An elementwise function with its constants; the kinds are the unary rows of op.def.
 * LEAKY_RELU, ELU, CELU, THRESHOLDED_RELU: alpha. HARD_SIGMOID: max(0, min(1, alpha x + beta)).
 * CLIP: [alpha, beta]. SELU: alpha and, as beta, gamma. SHRINK: lambd and bias. GELU: alpha 1 asks
 * for the tanh approximation. IS_INF: alpha negative ones, beta positive ones. */
struct pld_act {
    int op; /* enum pld_op, or -1 for none */
    float alpha, beta;
};

/* Spatial window: axes are H, W and, of volumes, D. Axes that an image does not have are 1 wide. */
enum { PLD_MAX_SPATIAL = 3 };
struct pld_window {
    int64_t kernel[PLD_MAX_SPATIAL], stride[PLD_MAX_SPATIAL], dilation[PLD_MAX_SPATIAL],
        pad_begin[PLD_MAX_SPATIAL], pad_end[PLD_MAX_SPATIAL];
};

/* The entry of a window for axis 2 + k of a tensor with `spatial` such axes. */
static inline int pld_window_axis(int spatial, int k)
{
    static const int from_last[PLD_MAX_SPATIAL] = {1, 0, 2};
    return from_last[spatial - 1 - k];
}

/* A tensor of the output's shape that a pass made input 3 of a Conv: act(x + add), or act(x) + add.
 */
enum pld_conv_add { PLD_CONV_ADD_NONE, PLD_CONV_ADD_EARLY, PLD_CONV_ADD_LATE };

/* Inputs x, w [, b [, add]]; w is [M, C/group, kh, kw] (ConvTranspose: [C, M/group, kh, kw]). */
struct pld_conv_params {
    struct pld_window window;
    int64_t group;
    int64_t output_padding[PLD_MAX_SPATIAL]; /* ConvTranspose */
    struct pld_act act;                      /* fused by a pass; op = -1 when none */
    enum pld_conv_add add;
};

struct pld_pool_params {
    struct pld_window window; /* pads as resolved (auto_pad, ceil_mode extends pad_end) */
    int count_include_pad;    /* AveragePool; cells that only ceil_mode added never count */
    int column_major; /* MaxPool: Indices count the positions of an image column by column */
    int64_t p;        /* LpPool: the norm */
    int64_t ceil_extra[PLD_MAX_SPATIAL]; /* how much of pad_end came from ceil_mode */
};

/* MaxUnpool: indices count positions of a tensor of this shape, and of the output's rank. */
struct pld_unpool_params {
    struct pld_shape counted;
};

/* BatchNormalization has epsilon alone. For the others the statistics are over `axes` of the input
 * (bit i: axis i); with groups > 0 also over each of so many equal parts of axis 1. */
struct pld_norm_params {
    float epsilon;
    uint32_t axes;
    int64_t groups;
    int p; /* LpNormalization: 1 or 2 */
};

struct pld_axis_params {
    int64_t axis; /* non-negative */
};

/* Scatter adds to, multiplies, or compares with what is there. */
enum pld_scatter {
    PLD_SCATTER_SET,
    PLD_SCATTER_ADD,
    PLD_SCATTER_MUL,
    PLD_SCATTER_MAX,
    PLD_SCATTER_MIN
};
struct pld_index_params {
    int64_t axis;  /* GatherElements, ScatterElements */
    int batch;     /* GatherND: leading axes that data and indices share */
    int reduction; /* enum pld_scatter */
};

struct pld_top_k_params {
    int64_t axis;
    int smallest;
};

enum pld_sample_mode { PLD_SAMPLE_LINEAR, PLD_SAMPLE_NEAREST, PLD_SAMPLE_CUBIC };
enum pld_sample_padding { PLD_SAMPLE_ZEROS, PLD_SAMPLE_BORDER, PLD_SAMPLE_REFLECTION };
struct pld_grid_sample_params {
    int mode, padding; /* the enums above */
    int align_corners;
};

/* QuantizeLinear, DequantizeLinear: which element of scale and zero point belongs to an index. A
 * scale of one element belongs to all; one of rank 1 to the indices of `axis`; with block > 0 one
 * of the input's rank, an entry for `block` neighbours along `axis`. */
struct pld_quantize_params {
    int64_t axis, block;
};

/* Which outputs; sizes sum to the axis. */
struct pld_split_params {
    int64_t axis;
    int64_t begin[64]; /* start of output i along the axis */
    int64_t size[64];
};

/* Per input axis: out[i] = in[start + i * step]. Steps may be negative. */
struct pld_slice_params {
    int64_t start[PLD_MAX_RANK], step[PLD_MAX_RANK];
};

struct pld_transpose_params {
    int perm[PLD_MAX_RANK];
};

struct pld_pad_params {
    int64_t begin[PLD_MAX_RANK], end[PLD_MAX_RANK];
    int mode; /* 0 constant, 1 reflect, 2 edge, 3 wrap */
    float value;
};

enum pld_resize_mode { PLD_RESIZE_NEAREST, PLD_RESIZE_LINEAR, PLD_RESIZE_CUBIC };
enum pld_resize_coord {
    PLD_COORD_HALF_PIXEL,
    PLD_COORD_PYTORCH_HALF_PIXEL,
    PLD_COORD_ASYMMETRIC,
    PLD_COORD_ALIGN_CORNERS,
    PLD_COORD_TF_HALF_PIXEL, /* tf_half_pixel_for_nn */
    PLD_COORD_HALF_PIXEL_SYMMETRIC,
    PLD_COORD_TF_CROP, /* tf_crop_and_resize */
};
enum pld_resize_nearest {
    PLD_NEAREST_ROUND_PREFER_FLOOR,
    PLD_NEAREST_ROUND_PREFER_CEIL,
    PLD_NEAREST_FLOOR,
    PLD_NEAREST_CEIL,
};
/* Pixels along an axis that one output pixel may be made of. */
enum { PLD_RESIZE_MAX_TAPS = 64 };
struct pld_resize_params {
    enum pld_resize_mode mode;
    enum pld_resize_coord coord;
    enum pld_resize_nearest nearest;
    float scale[PLD_MAX_RANK]; /* output / input, as given or as implied by sizes */
    float cubic_a;
    int exclude_outside;
    int antialias; /* a reduction averages all pixels below the output pixel */
    /* TF_CROP: the part that is kept, from 0 to 1, and the value of what is outside. */
    float crop_begin[PLD_MAX_RANK], crop_end[PLD_MAX_RANK], outside;
};

struct pld_softmax_params {
    int64_t axis;
    int flatten; /* opset < 13: softmax over all axes from `axis` on */
    int log;     /* LogSoftmax */
};

/* Elementwise operators of two inputs that have a choice. */
struct pld_binary_params {
    int fmod;  /* Mod: the result has the sign of the dividend */
    int right; /* BitShift */
};

struct pld_reduce_params {
    uint32_t axes; /* bit i: axis i is reduced */
    int keep_dims;
    int last; /* ArgMax, ArgMin: of equal elements the last, not the first */
};

/* y = alpha * op(a) op(b) + beta * c */
struct pld_gemm_params {
    float alpha, beta;
    int trans_a, trans_b;
};

/* An index of the equation is a label: 0..n_out-1 are those of the result in its order, the rest is
 * summed over. */
enum { PLD_EINSUM_INPUTS = 4, PLD_EINSUM_LABELS = 16 };
struct pld_einsum_params {
    int n_out, n_labels;
    int64_t size[PLD_EINSUM_LABELS];
    int label[PLD_EINSUM_INPUTS][PLD_MAX_RANK]; /* of each axis of each input */
};

struct pld_cum_sum_params {
    int64_t axis;
    int exclusive, reverse;
};

/* Trilu, EyeLike: the diagonal where column - row = shift. */
struct pld_diagonal_params {
    int64_t shift;
    int upper; /* Trilu: what is above stays, else what is below */
};

struct pld_depth_space_params {
    int64_t block;
    int crd; /* DepthToSpace mode: 0 DCR, 1 CRD */
};

struct pld_lrn_params {
    float alpha, beta, bias;
    int64_t size;
};

/* Everything a kernel needs besides shapes. Constants such as Reshape's shape or Slice's bounds
 * have been read into here, so kernels never look at shape-like inputs. Zeroed before use, so equal
 * parameters are equal bytes. */
union pld_op_params {
    struct pld_conv_params conv;
    struct pld_pool_params pool;
    struct pld_unpool_params unpool;
    struct pld_norm_params norm;
    struct pld_act act; /* unary ops; act.op repeats the kind */
    struct pld_axis_params axis;
    struct pld_index_params index;
    struct pld_top_k_params top_k;
    struct pld_grid_sample_params grid_sample;
    struct pld_quantize_params quantize;
    struct pld_split_params split;
    struct pld_slice_params slice;
    struct pld_transpose_params transpose;
    struct pld_pad_params pad;
    struct pld_resize_params resize;
    struct pld_softmax_params softmax;
    struct pld_binary_params binary;
    struct pld_reduce_params reduce;
    struct pld_gemm_params gemm;
    struct pld_einsum_params einsum;
    struct pld_cum_sum_params cum_sum;
    struct pld_diagonal_params diagonal;
    struct pld_depth_space_params depth_space;
    struct pld_lrn_params lrn;
};

#endif
