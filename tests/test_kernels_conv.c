/* Conv and ConvTranspose: fast kernels against the reference on random shapes. */
#include "cpu/cpu.h"
#include "test_kernels.h"

static struct pld_act random_act(void)
{
    static const struct pld_act acts[] = {
        {-1, 0, 0},
        {-1, 0, 0},
        {PLD_OP_SILU, 0, 0},
        {PLD_OP_RELU, 0, 0},
        {PLD_OP_LEAKY_RELU, 0.1f, 0},
        {PLD_OP_HARD_SWISH, 0, 0},
        {PLD_OP_SIGMOID, 0, 0},
        {PLD_OP_CLIP, 0, 6},
        {PLD_OP_HARD_SIGMOID, 0.2f, 0.5f},
        {PLD_OP_MISH, 0, 0},
        {PLD_OP_ELU, 1, 0},
        {PLD_OP_TANH, 0, 0},
        {PLD_OP_SOFTPLUS, 0, 0},
        {PLD_OP_ERF, 0, 0},
    };
    return acts[pick(0, (int64_t)(sizeof acts / sizeof acts[0]) - 1)];
}

static void random_window(struct pld_window *w, bool flat)
{
    for (int i = 0; i < PLD_MAX_SPATIAL; i++) {
        bool unused = i == 2 || (flat && i == 0);
        w->kernel[i] = unused ? 1 : pick(1, 5);
        w->stride[i] = unused ? 1 : pick(1, 3);
        w->dilation[i] = unused ? 1 : pick(1, 2);
        w->pad_begin[i] = unused ? 0 : pick(0, w->kernel[i] - 1);
        w->pad_end[i] = unused ? 0 : pick(0, w->kernel[i] - 1);
    }
}

/* Groups and channels: dense, grouped or depthwise. */
static void random_channels(int64_t *group, int64_t *c, int64_t *m)
{
    int64_t kind = pick(0, 2);
    *group = kind == 0 ? 1 : kind == 1 ? pick(2, 4) : pick(1, 40);
    *c = *group * (kind == 2 ? 1 : pick(1, 20));
    *m = *group * (kind == 2 ? 1 : pick(1, 20));
}

/* A tensor that is added before or after the activation, as a pass would make it input 3. */
static void random_addend(struct kernel_case *c)
{
    if (coin()) return;
    if (c->n_in == 2) c->in[2].dtype = PLD_DTYPE_COUNT; /* no bias */
    c->params.conv.add = coin() ? PLD_CONV_ADD_EARLY : PLD_CONV_ADD_LATE;
    c->n_in = 4;
    c->in[3] = tensor(PLD_F32, c->out[0].shape.rank, c->out[0].shape.dim);
    any_layout(&c->in[3]);
}

static bool random_conv(struct kernel_case *c, bool transposed)
{
    struct pld_conv_params *p = &c->params.conv;
    bool flat = pick(0, 5) == 0;
    int64_t channels, out_channels, in_size[2], out_size[2];
    random_channels(&p->group, &channels, &out_channels);
    random_window(&p->window, flat);
    for (int i = 0; i < 2; i++) {
        const struct pld_window *w = &p->window;
        int64_t reach = (w->kernel[i] - 1) * w->dilation[i] + 1;
        int64_t pads = w->pad_begin[i] + w->pad_end[i];
        in_size[i] = flat && i == 0 ? 1 : pick(1, 14);
        if (transposed) {
            if (w->stride[i] > 1 && !(flat && i == 0)) p->output_padding[i] = pick(0, 1);
            out_size[i] = (in_size[i] - 1) * w->stride[i] + reach - pads + p->output_padding[i];
        } else {
            if (in_size[i] + pads < reach) return false;
            out_size[i] = (in_size[i] + pads - reach) / w->stride[i] + 1;
        }
        if (out_size[i] < 1) return false;
    }
    p->act = random_act();
    int64_t n = pick(1, 2), group = p->group;
    int64_t x[] = {n, channels, in_size[0], in_size[1]};
    int64_t z[] = {n, out_channels, out_size[0], out_size[1]};
    int64_t w[] = {transposed ? channels : out_channels,
                   (transposed ? out_channels : channels) / group, p->window.kernel[0],
                   p->window.kernel[1]};
    if (flat) x[2] = x[3], z[2] = z[3], w[2] = w[3];
    c->n_in = coin() ? 3 : 2;
    c->n_out = 1;
    c->in[0] = tensor(PLD_F32, flat ? 3 : 4, x);
    c->in[1] = tensor(PLD_F32, flat ? 3 : 4, w);
    c->in[2] = tensor(PLD_F32, 1, &out_channels);
    c->out[0] = tensor(PLD_F32, flat ? 3 : 4, z);
    any_layout(&c->in[0]);
    any_layout(&c->out[0]);
    if (!transposed) random_addend(c);
    /* Single-precision sums of `terms` products of magnitude up to 4. */
    double terms = (double)(channels / group * p->window.kernel[0] * p->window.kernel[1]);
    c->atol = 2e-6 * (2 + sqrt(terms));
    c->rtol = 2e-6;
    return true;
}

static void check_conv(enum pld_op op, uint64_t cases)
{
    struct kernel_case c;
    fast_runs = 0;
    long tried = 0;
    for (uint64_t seed = 1; seed <= test_cases(cases); seed++) {
        start_case(&c, op, seed);
        if (!random_conv(&c, op == PLD_OP_CONV_TRANSPOSE)) continue;
        tried++;
        check_case(&c);
    }
    printf("%s: %ld cases, %ld fast runs\n", pld_op_name(op), tried, fast_runs);
    assert_true((double)fast_runs >= runs_wanted(op, 0.5, (uint64_t)tried));
}

static void test_conv(void **state)
{
    (void)state;
    check_conv(PLD_OP_CONV, 400);
}

static void test_conv_transpose(void **state)
{
    (void)state;
    check_conv(PLD_OP_CONV_TRANSPOSE, 200);
}

/* Windows of 3 x 3, where transforms are used: their error is that of sums of larger numbers. */
static void test_conv_winograd(void **state)
{
    (void)state;
    struct kernel_case c;
    fast_runs = 0;
    for (uint64_t seed = 1; seed <= test_cases(60); seed++) {
        start_case(&c, PLD_OP_CONV, seed);
        struct pld_conv_params *p = &c.params.conv;
        p->window = (struct pld_window){.kernel = {3, 3, 1}, .stride = {1, 1, 1}};
        for (int i = 0; i < PLD_MAX_SPATIAL; i++) {
            p->window.dilation[i] = 1;
            p->window.pad_begin[i] = i < 2 ? pick(0, 2) : 0;
            p->window.pad_end[i] = i < 2 ? pick(0, 2) : 0;
        }
        p->group = 1;
        p->act = random_act();
        int64_t n = pick(1, 2), in = 8 * pick(2, 9), out = 8 * pick(2, 9), h = pick(3, 21);
        int64_t w = pick(3, 21);
        c.in[0] = tensor(PLD_F32, 4, (int64_t[]){n, in, h, w});
        c.in[1] = tensor(PLD_F32, 4, (int64_t[]){out, in, 3, 3});
        c.in[2] = tensor(PLD_F32, 1, &out);
        c.out[0] = tensor(PLD_F32, 4,
                          (int64_t[]){n, out, h - 2 + p->window.pad_begin[0] + p->window.pad_end[0],
                                      w - 2 + p->window.pad_begin[1] + p->window.pad_end[1]});
        c.in[0].layout = c.out[0].layout = PLD_CHANNELS_LAST;
        if (coin()) c.in[0].pixel = in + pick(0, 9);
        if (coin()) c.out[0].pixel = out + pick(0, 9);
        c.n_in = coin() ? 3 : 2;
        c.n_out = 1;
        random_addend(&c);
        c.atol = 1.2e-5 * (2 + sqrt((double)in * 9));
        c.rtol = 2e-6;
        check_case(&c);
    }
#ifndef PLD_TEST_CUDA
    assert_true(fast_runs > 60); /* oneDNN's kernel and ours */
#endif
}

/* Weights that vary from run to run cannot be packed: such a kernel must decline. */
static void test_conv_varying_weights(void **state)
{
    (void)state;
    struct kernel_case c;
    start_case(&c, PLD_OP_CONV, 1);
    c.params.conv = (struct pld_conv_params){
        .window = {{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}, .group = 1, .act = {-1, 0, 0}};
    c.n_in = 2;
    c.n_out = 1;
    c.in[0] = tensor(PLD_F32, 4, (int64_t[]){1, 16, 8, 8});
    c.in[1] = tensor(PLD_F32, 4, (int64_t[]){16, 16, 3, 3});
    c.out[0] = c.in[0];
    struct pld_signature sig = signature_of(&c);
    sig.varies = 2;
    const struct pld_kernel *kernel = pld_kernel_choose(test_backend, &sig);
    assert_non_null(kernel);
    assert_true(!kernel->pack_size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conv),
        cmocka_unit_test(test_conv_winograd),
        cmocka_unit_test(test_conv_transpose),
        cmocka_unit_test(test_conv_varying_weights),
    };
    return cmocka_run_group_tests(tests, open_backends, close_backends);
}
