/* Operators that only move elements: fast kernels against the reference, bit for bit, for every
 * element size and layout. */
#include "cpu/cpu.h"
#include "test_kernels.h"

static enum pld_dtype any_dtype(void)
{
    return coin() ? PLD_F32 : (enum pld_dtype)pick(0, PLD_DTYPE_COUNT - 1);
}

static struct pld_desc random_tensor_desc(enum pld_dtype dtype, int rank, int64_t largest)
{
    int64_t dims[PLD_MAX_RANK] = {0};
    for (int i = 0; i < rank; i++)
        dims[i] = pick(1, largest);
    struct pld_desc desc = tensor(dtype, rank, dims);
    if (pick(0, 60) == 0 && rank > 0) desc.shape.dim[pick(0, rank - 1)] = 0;
    return desc;
}

static void random_concat(struct kernel_case *c)
{
    int rank = (int)pick(1, 5), axis = (int)pick(0, rank - 1);
    enum pld_dtype dtype = any_dtype();
    struct pld_desc whole = random_tensor_desc(dtype, rank, 12);
    c->params.axis.axis = axis;
    c->n_in = (int)pick(1, 4);
    c->n_out = 1;
    whole.shape.dim[axis] = 0;
    for (int i = 0; i < c->n_in; i++) {
        c->in[i] = whole;
        c->in[i].shape.dim[axis] = pick(1, 20);
        any_layout(&c->in[i]);
    }
    for (int i = 0; i < c->n_in; i++)
        whole.shape.dim[axis] += c->in[i].shape.dim[axis];
    c->out[0] = whole;
    any_layout(&c->out[0]);
}

static void random_split(struct kernel_case *c)
{
    int rank = (int)pick(1, 5), axis = (int)pick(0, rank - 1);
    struct pld_desc whole = random_tensor_desc(any_dtype(), rank, 12);
    c->params.split.axis = axis;
    c->n_in = 1;
    c->n_out = (int)pick(1, 4);
    int64_t begin = 0;
    for (int i = 0; i < c->n_out; i++) {
        c->params.split.begin[i] = begin;
        c->params.split.size[i] = pick(1, 20);
        c->out[i] = whole;
        c->out[i].shape.dim[axis] = c->params.split.size[i];
        any_layout(&c->out[i]);
        begin += c->params.split.size[i];
    }
    if (pick(0, 5) == 0) c->out[c->n_out - 1] = (struct pld_desc){.dtype = PLD_DTYPE_COUNT};
    if (c->n_out == 1) c->out[0].dtype = whole.dtype;
    whole.shape.dim[axis] = begin;
    c->in[0] = whole;
    if (c->n_out == 1) c->out[0] = whole;
    any_layout(&c->in[0]);
}

static void one_to_one(struct kernel_case *c, int rank, int64_t largest)
{
    c->n_in = c->n_out = 1;
    c->in[0] = random_tensor_desc(any_dtype(), rank, largest);
    c->out[0] = c->in[0];
}

static void random_slice(struct kernel_case *c)
{
    one_to_one(c, (int)pick(1, 5), 9);
    for (int i = 0; i < c->in[0].shape.rank; i++) {
        int64_t size = c->in[0].shape.dim[i], step = pick(0, 2) ? 1 : pick(-3, 3);
        if (step == 0) step = -1;
        c->params.slice.step[i] = step;
        if (size == 0) continue;
        c->params.slice.start[i] = pick(0, size - 1);
        int64_t room = step > 0 ? (size - 1 - c->params.slice.start[i]) / step
                                : c->params.slice.start[i] / -step;
        c->out[0].shape.dim[i] = pick(0, 20) ? pick(0, room) + 1 : 0;
    }
    any_layout(&c->in[0]);
    any_layout(&c->out[0]);
}

static void random_transpose(struct kernel_case *c)
{
    int rank = (int)pick(1, 6);
    one_to_one(c, rank, rank > 4 ? 5 : rank < 3 ? 70 : 12);
    for (int i = 0; i < rank; i++)
        c->params.transpose.perm[i] = i;
    for (int i = rank - 1; i > 0; i--) {
        int j = (int)pick(0, i), t = c->params.transpose.perm[i];
        c->params.transpose.perm[i] = c->params.transpose.perm[j];
        c->params.transpose.perm[j] = t;
    }
    for (int i = 0; i < rank; i++)
        c->out[0].shape.dim[i] = c->in[0].shape.dim[c->params.transpose.perm[i]];
    any_layout(&c->in[0]);
    any_layout(&c->out[0]);
}

static void random_copy(struct kernel_case *c)
{
    one_to_one(c, (int)pick(0, 5), 8);
    if (coin() && c->in[0].shape.rank == 4) { /* big enough for the tiles of a transposition */
        c->in[0].shape.dim[1] = pick(1, 70);
        c->in[0].shape.dim[3] = pick(1, 70);
        c->out[0] = c->in[0];
    }
    any_layout(&c->in[0]);
    any_layout(&c->out[0]);
}

static void random_reshape(struct kernel_case *c)
{
    one_to_one(c, 4, 7);
    const int64_t *d = c->in[0].shape.dim;
    c->out[0].shape = pld_shape_of(3, (int64_t[]){d[0] * d[1], d[2], d[3]});
    any_layout(&c->in[0]);
}

static void random_depth_space(struct kernel_case *c)
{
    int64_t b = pick(1, 3);
    one_to_one(c, 4, 6);
    c->params.depth_space.block = b;
    struct pld_shape *wide = &c->in[0].shape, *deep = &c->out[0].shape;
    if (c->op == PLD_OP_DEPTH_TO_SPACE) {
        wide = deep;
        deep = &c->in[0].shape;
        c->params.depth_space.crd = coin();
    }
    deep->dim[1] = wide->dim[1] * b * b;
    wide->dim[2] = deep->dim[2] * b;
    wide->dim[3] = deep->dim[3] * b;
    any_layout(&c->in[0]);
    any_layout(&c->out[0]);
}

static void random_expand(struct kernel_case *c)
{
    int added = (int)pick(0, 2);
    one_to_one(c, (int)pick(0, 4), 6);
    struct pld_shape small = c->in[0].shape, *big = &c->out[0].shape;
    big->rank = small.rank + added;
    for (int i = 0; i < big->rank; i++) {
        int64_t size = i < added ? 1 : small.dim[i - added];
        if (i >= added && coin()) size = c->in[0].shape.dim[i - added] = 1;
        int64_t times = c->op == PLD_OP_TILE || size == 1 ? pick(1, 4) : 1;
        big->dim[i] = size * times;
    }
    any_layout(&c->in[0]);
    any_layout(&c->out[0]);
}

static void random_pad(struct kernel_case *c)
{
    one_to_one(c, (int)pick(1, 5), 7);
    c->params.pad.mode = (int)pick(0, 5) ? 0 : (int)pick(1, 2);
    c->params.pad.value = 3;
    for (int i = 0; i < c->in[0].shape.rank; i++) {
        int64_t size = c->in[0].shape.dim[i];
        c->params.pad.begin[i] = pick(-1, 3);
        c->params.pad.end[i] = pick(-1, 3);
        if (size + c->params.pad.begin[i] + c->params.pad.end[i] < 0 || size == 0)
            c->params.pad.begin[i] = c->params.pad.end[i] = 0;
        c->out[0].shape.dim[i] = size + c->params.pad.begin[i] + c->params.pad.end[i];
    }
    any_layout(&c->in[0]);
    any_layout(&c->out[0]);
}

static void random_gather(struct kernel_case *c)
{
    static const int64_t indices[] = {0, 2, -1, 1, -3};
    int rank = (int)pick(1, 4), axis = (int)pick(0, rank - 1), added = (int)pick(0, 2);
    c->params.axis.axis = axis;
    c->integers = indices;
    c->n_integers = 5;
    c->n_in = 2;
    c->n_out = 1;
    c->in[0] = random_tensor_desc(any_dtype(), rank, 6);
    c->in[0].shape.dim[axis] = pick(3, 6);
    c->in[1] = random_tensor_desc(coin() ? PLD_I64 : PLD_I32, added, 4);
    c->out[0] = c->in[0];
    c->out[0].shape.rank = rank + added - 1;
    for (int i = 0; i < c->out[0].shape.rank; i++)
        c->out[0].shape.dim[i] = i < axis           ? c->in[0].shape.dim[i]
                                 : i < axis + added ? c->in[1].shape.dim[i - axis]
                                                    : c->in[0].shape.dim[i - added + 1];
    if (coin()) return;
    any_layout(&c->in[0]);
    any_layout(&c->out[0]);
}

static void check(enum pld_op op, void (*make)(struct kernel_case *), uint64_t cases,
                  double at_least)
{
    struct kernel_case c;
    uint64_t n = test_cases(cases);
    fast_runs = 0;
    for (uint64_t seed = 1; seed <= n; seed++) {
        start_case(&c, op, seed);
        make(&c);
        check_case(&c);
    }
    printf("%s: %ld fast runs\n", pld_op_name(op), fast_runs);
    assert_true((double)fast_runs >= runs_wanted(op, at_least, n));
}

static void test_concat_split(void **state)
{
    (void)state;
    check(PLD_OP_CONCAT, random_concat, 1500, 1);
    check(PLD_OP_SPLIT, random_split, 1500, 1);
}

static void test_slice(void **state)
{
    (void)state;
    check(PLD_OP_SLICE, random_slice, 1500, 1);
}

static void test_transpose(void **state)
{
    (void)state;
    check(PLD_OP_TRANSPOSE, random_transpose, 1500, 1);
}

static void test_copies(void **state)
{
    (void)state;
    check(PLD_OP_REORDER, random_copy, 1500, 1);
    check(PLD_OP_IDENTITY, random_copy, 200, 1);
    check(PLD_OP_RESHAPE, random_reshape, 200, 0.3);
}

static void test_depth_space(void **state)
{
    (void)state;
    check(PLD_OP_DEPTH_TO_SPACE, random_depth_space, 400, 1);
    check(PLD_OP_SPACE_TO_DEPTH, random_depth_space, 400, 1);
}

static void test_expand(void **state)
{
    (void)state;
    check(PLD_OP_EXPAND, random_expand, 600, 1);
    check(PLD_OP_TILE, random_expand, 600, 0.5);
}

static void test_pad(void **state)
{
    (void)state;
    check(PLD_OP_PAD, random_pad, 800, 0.6);
}

static void test_gather(void **state)
{
    (void)state;
    check(PLD_OP_GATHER, random_gather, 600, 0.3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_concat_split), cmocka_unit_test(test_slice),
        cmocka_unit_test(test_transpose),    cmocka_unit_test(test_copies),
        cmocka_unit_test(test_depth_space),  cmocka_unit_test(test_expand),
        cmocka_unit_test(test_pad),          cmocka_unit_test(test_gather),
    };
    return cmocka_run_group_tests(tests, open_backends, close_backends);
}
