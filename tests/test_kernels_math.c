/* Arithmetic operators: fast kernels against the reference on random shapes and layouts. */
#include "cpu/cpu.h"
#include "test_kernels.h"

static struct pld_desc random_floats(int rank, int64_t largest)
{
    int64_t dims[PLD_MAX_RANK] = {0};
    for (int i = 0; i < rank; i++)
        dims[i] = pick(1, largest);
    return tensor(PLD_F32, rank, dims);
}

typedef void (*make_fn)(struct kernel_case *c);

static void check(enum pld_op op, make_fn make, uint64_t cases, double at_least)
{
    struct kernel_case c;
    uint64_t n = test_cases(cases);
    fast_runs = 0;
    for (uint64_t seed = 1; seed <= n; seed++) {
        start_case(&c, op, seed);
        make(&c);
        check_case(&c);
    }
    if ((double)fast_runs < runs_wanted(op, at_least, n))
        fail_msg("%s: only %ld fast runs", pld_op_name(op), fast_runs);
}

/* ---- unary ---- */

static void random_unary(struct kernel_case *c)
{
    int64_t scale = pick(0, 2);
    c->n_in = c->n_out = 1;
    c->in[0] = random_floats((int)pick(0, 4), scale ? 7 : 24);
    c->out[0] = c->in[0];
    any_layout(&c->in[0]);
    any_layout(&c->out[0]);
    c->params.act = (struct pld_act){(int)c->op, 0.3f, 0.5f};
    if (c->op == PLD_OP_CLIP) c->params.act = (struct pld_act){(int)c->op, -0.5f, 1.2f};
    c->low = scale == 0 ? -2 : scale == 1 ? -20 : -100;
    c->high = -c->low;
    if (c->op == PLD_OP_SQRT) c->low = 0;
    c->rtol = 4e-7;
    c->atol = 1e-30;
    /* Sums of parts of order one and of order alpha x: errors are relative to those. */
    if (c->op == PLD_OP_HARD_SIGMOID || c->op == PLD_OP_HARD_SWISH) c->atol = 2e-7;
}

static void test_unary(void **state)
{
    (void)state;
    for (int op = PLD_OP_RELU; op <= PLD_OP_MISH; op++) {
        bool slow = op == PLD_OP_LOG; /* only the reference has it */
        check((enum pld_op)op, random_unary, 150, slow ? 0 : 1);
    }
}

/* Special values come out as the reference has them. */
static void test_unary_special(void **state)
{
    (void)state;
    static const float special[] = {0.0f,    -0.0f,   INFINITY, -INFINITY, NAN,  1e-40f,
                                    -1e-40f, 1e-20f,  88.7f,    -88.7f,    300,  -300,
                                    1e30f,   -1e30f,  0.625f,   -0.625f,   0.5f, 20.0f,
                                    20.1f,   -103.0f, 4.0f,     -4.0f,     1.0f, -1.0f};
    enum { COUNT = sizeof special / sizeof special[0] };
    for (int op = PLD_OP_RELU; op <= PLD_OP_MISH; op++) {
        struct kernel_case c;
        start_case(&c, (enum pld_op)op, 0);
        random_unary(&c);
        c.atol = 1e-35;
        c.in[0] = c.out[0] = tensor(PLD_F32, 1, (int64_t[]){COUNT});
        struct pld_signature sig = signature_of(&c);
        struct buffer in = buffer_new(sizeof special), want = buffer_new(sizeof special);
        struct buffer got = buffer_new(sizeof special);
        memcpy(in.data, special, sizeof special);
        run_kernel(*test_reference->kernels(test_reference, c.op), &sig, &in, &want, 1);
        run_kernel(*test_backend->kernels(test_backend, c.op), &sig, &in, &got, 1);
        const char *wrong = compare(&c, &c.out[0], &got, &want);
        if (wrong) fail_msg("%s: %s", pld_op_name(c.op), wrong);
        buffer_free(&in);
        buffer_free(&want);
        buffer_free(&got);
    }
}

/* ---- binary ---- */

/* An operand that broadcasts to `shape`: some axes are 1, leading ones may be missing. */
static struct pld_desc broadcast_operand(const struct pld_shape *shape, bool smaller)
{
    struct pld_desc desc = tensor(PLD_F32, shape->rank, shape->dim);
    if (smaller) {
        int drop = (int)pick(0, shape->rank);
        desc.shape.rank -= drop;
        memmove(desc.shape.dim, desc.shape.dim + drop,
                (size_t)desc.shape.rank * sizeof desc.shape.dim[0]);
        for (int i = 0; i < desc.shape.rank; i++)
            if (coin()) desc.shape.dim[i] = 1;
    }
    any_layout(&desc);
    return desc;
}

static void random_binary(struct kernel_case *c)
{
    c->n_in = 2;
    c->n_out = 1;
    c->out[0] = random_floats((int)pick(0, 5), 8);
    bool first = pick(0, 3) == 0;
    c->in[0] = broadcast_operand(&c->out[0].shape, first && c->op != PLD_OP_PRELU);
    c->in[1] = broadcast_operand(&c->out[0].shape, !first && coin());
    any_layout(&c->out[0]);
    c->rtol = 1e-7;
}

static void random_power(struct kernel_case *c)
{
    random_binary(c);
    c->low = 0.2f, c->high = 3;
    c->rtol = 2e-7;
    if (coin()) { /* a square */
        c->in[0] = c->out[0];
        c->in[1] = tensor(PLD_F32, 0, NULL);
        c->low = 2, c->high = 2;
    }
}

static void test_binary(void **state)
{
    (void)state;
    static const enum pld_op ops[] = {PLD_OP_ADD, PLD_OP_SUB, PLD_OP_MUL,  PLD_OP_DIV,
                                      PLD_OP_MIN, PLD_OP_MAX, PLD_OP_PRELU};
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
        check(ops[i], random_binary, 400, 1);
    check(PLD_OP_POW, random_power, 400, 1);
}

/* ---- softmax, reductions, normalisation ---- */

static void random_softmax(struct kernel_case *c)
{
    int rank = (int)pick(1, 4);
    c->n_in = c->n_out = 1;
    c->in[0] = random_floats(rank, pick(0, 3) ? 9 : 40);
    c->out[0] = c->in[0];
    any_layout(&c->in[0]);
    c->out[0].layout = c->in[0].layout;
    if (coin()) any_layout(&c->out[0]);
    c->params.softmax.axis = pick(0, rank - 1);
    c->params.softmax.flatten = pick(0, 3) == 0;
    c->params.softmax.log = coin();
    c->low = -10, c->high = 10;
    c->rtol = 2e-6;
    c->atol = c->params.softmax.log ? 1e-6 : 1e-7;
}

static void test_softmax(void **state)
{
    (void)state;
    check(PLD_OP_SOFTMAX, random_softmax, 1000, 0.7);
}

static void random_reduce(struct kernel_case *c)
{
    int rank = (int)pick(1, 5);
    c->n_in = c->n_out = 1;
    c->in[0] = random_floats(rank, 9);
    if (coin()) c->in[0].shape.dim[pick(0, rank - 1)] = pick(10, 60);
    c->params.reduce.axes = (uint32_t)pick(0, (1 << rank) - 1);
    c->params.reduce.keep_dims = coin();
    c->out[0] = c->in[0];
    struct pld_shape *z = &c->out[0].shape;
    z->rank = 0;
    for (int i = 0; i < rank; i++) {
        bool gone = c->params.reduce.axes >> i & 1;
        if (!gone || c->params.reduce.keep_dims)
            z->dim[z->rank++] = gone ? 1 : c->in[0].shape.dim[i];
    }
    any_layout(&c->in[0]);
    any_layout(&c->out[0]);
    c->low = c->op == PLD_OP_REDUCE_PROD ? 0.8f : -2;
    c->high = c->op == PLD_OP_REDUCE_PROD ? 1.2f : 2;
    int64_t terms = pld_shape_count(&c->in[0].shape) / pld_shape_count(z);
    c->rtol = 2e-7 * (double)(terms + 1);
    c->atol = c->op == PLD_OP_REDUCE_MEAN ? 1e-6 : 1e-6 * sqrt((double)terms);
}

static void test_reduce(void **state)
{
    (void)state;
    for (int op = PLD_OP_REDUCE_MEAN; op <= PLD_OP_REDUCE_PROD; op++)
        check((enum pld_op)op, random_reduce, 500, 0.7);
}

static void random_norm(struct kernel_case *c)
{
    c->n_in = 5;
    c->n_out = 1;
    c->in[0] = random_floats((int)pick(2, 5), 8);
    c->in[0].shape.dim[1] = pick(1, 40);
    for (int i = 1; i < 5; i++)
        c->in[i] = tensor(PLD_F32, 1, &c->in[0].shape.dim[1]);
    c->out[0] = c->in[0];
    any_layout(&c->in[0]);
    any_layout(&c->out[0]);
    c->params.norm.epsilon = 1e-3f;
    c->low = 0.1f, c->high = 2;
    c->atol = 5e-6, c->rtol = 5e-6;
}

static void test_batch_norm(void **state)
{
    (void)state;
    check(PLD_OP_BATCH_NORM, random_norm, 400, 1);
}

/* ---- products ---- */

static void random_matmul(struct kernel_case *c)
{
    int64_t m = pick(1, 40), k = pick(1, 70), n = pick(1, 40);
    int batch = (int)pick(0, 3);
    int64_t a[PLD_MAX_RANK], b[PLD_MAX_RANK], z[PLD_MAX_RANK];
    for (int i = 0; i < batch; i++) {
        z[i] = pick(1, 3);
        int64_t side = pick(0, 2);
        a[i] = side == 1 ? 1 : z[i];
        b[i] = side == 2 ? 1 : z[i];
    }
    a[batch] = z[batch] = m;
    a[batch + 1] = b[batch] = k;
    b[batch + 1] = z[batch + 1] = n;
    c->n_in = 2;
    c->n_out = 1;
    c->in[0] = tensor(PLD_F32, batch + 2, a);
    c->in[1] = tensor(PLD_F32, batch + 2, b);
    c->out[0] = tensor(PLD_F32, batch + 2, z);
    if (coin()) { /* one matrix on the right */
        c->in[1] = tensor(PLD_F32, 2, b + batch);
        for (int i = 0; i < batch; i++)
            c->in[0].shape.dim[i] = z[i];
    }
    int64_t vector = pick(0, 8);
    if (vector == 0) {
        c->in[1] = tensor(PLD_F32, 1, &k);
        c->in[0].shape = c->out[0].shape;
        c->in[0].shape.dim[batch + 1] = k;
        c->out[0].shape.rank--;
    }
    if (vector == 1) {
        c->in[0] = tensor(PLD_F32, 1, &k);
        c->out[0].shape = c->in[1].shape;
        c->out[0].shape.rank--;
        c->out[0].shape.dim[c->out[0].shape.rank - 1] = n;
    }
    c->atol = 2e-6 * (1 + sqrt((double)k));
    c->rtol = 1e-6;
}

static void test_matmul(void **state)
{
    (void)state;
    check(PLD_OP_MATMUL, random_matmul, 500, 0.9);
}

static void random_gemm(struct kernel_case *c)
{
    int64_t m = pick(1, 50), k = pick(1, 90), n = pick(1, 50);
    struct pld_gemm_params *p = &c->params.gemm;
    *p = (struct pld_gemm_params){1, 1, coin(), coin()};
    if (pick(0, 3) == 0) p->alpha = 0.5f;
    if (pick(0, 3) == 0) p->beta = 2;
    c->n_in = coin() ? 3 : 2;
    c->n_out = 1;
    c->in[0] = tensor(PLD_F32, 2, p->trans_a ? (int64_t[]){k, m} : (int64_t[]){m, k});
    c->in[1] = tensor(PLD_F32, 2, p->trans_b ? (int64_t[]){n, k} : (int64_t[]){k, n});
    c->out[0] = tensor(PLD_F32, 2, (int64_t[]){m, n});
    struct pld_desc extra[] = {tensor(PLD_F32, 1, &n), tensor(PLD_F32, 2, (int64_t[]){1, n}),
                               tensor(PLD_F32, 2, (int64_t[]){m, 1}), tensor(PLD_F32, 0, NULL),
                               c->out[0]};
    c->in[2] = extra[pick(0, 4)];
    c->atol = 2e-6 * (1 + sqrt((double)k));
    c->rtol = 1e-6;
}

static void test_gemm(void **state)
{
    (void)state;
    check(PLD_OP_GEMM, random_gemm, 500, 0.9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unary),  cmocka_unit_test(test_unary_special),
        cmocka_unit_test(test_binary), cmocka_unit_test(test_softmax),
        cmocka_unit_test(test_reduce), cmocka_unit_test(test_batch_norm),
        cmocka_unit_test(test_matmul), cmocka_unit_test(test_gemm),
    };
    return cmocka_run_group_tests(tests, open_backends, close_backends);
}
