/* Pooling and resizing: fast kernels against the reference. */
#include "cpu/cpu.h"
#include "test_kernels.h"

static void image(struct pld_desc *desc, int64_t n, int64_t c, int64_t h, int64_t w)
{
    *desc = tensor(PLD_F32, 4, (int64_t[]){n, c, h, w});
}

static void last(struct pld_desc *desc)
{
    desc->layout = PLD_CHANNELS_LAST;
    if (coin()) desc->pixel = desc->shape.dim[1] + pick(0, 9);
}

/* ---- pooling ---- */

static bool random_pool(struct kernel_case *c)
{
    struct pld_pool_params *p = &c->params.pool;
    int64_t in_size[2], out_size[2];
    p->count_include_pad = coin();
    for (int i = 0; i < 2; i++) {
        struct pld_window *w = &p->window;
        w->kernel[i] = pick(1, 5);
        w->stride[i] = pick(1, 3);
        w->dilation[i] = c->op == PLD_OP_MAX_POOL ? pick(1, 2) : 1;
        w->pad_begin[i] = pick(0, w->kernel[i] - 1);
        w->pad_end[i] = pick(0, w->kernel[i] - 1);
        in_size[i] = pick(1, 14);
        int64_t room = in_size[i] + w->pad_begin[i] + w->pad_end[i] -
                       ((w->kernel[i] - 1) * w->dilation[i] + 1);
        if (room < 0) return false;
        out_size[i] = room / w->stride[i] + 1;
        int64_t spare = room % w->stride[i];
        if (spare && coin()) { /* ceil_mode */
            p->ceil_extra[i] = w->stride[i] - spare;
            w->pad_end[i] += p->ceil_extra[i];
            out_size[i]++;
        }
    }
    int64_t n = pick(1, 2), channels = pick(1, 70);
    c->n_in = c->n_out = 1;
    image(&c->in[0], n, channels, in_size[0], in_size[1]);
    image(&c->out[0], n, channels, out_size[0], out_size[1]);
    if (pick(0, 5)) {
        last(&c->in[0]);
        last(&c->out[0]);
    }
    c->rtol = c->op == PLD_OP_MAX_POOL ? 0 : 1e-6;
    c->atol = c->op == PLD_OP_MAX_POOL ? 0 : 1e-6;
    return true;
}

static void random_global(struct kernel_case *c)
{
    c->n_in = c->n_out = 1;
    image(&c->in[0], pick(1, 2), pick(1, 70), pick(1, 30), pick(1, 30));
    c->out[0] = c->in[0];
    c->out[0].shape.dim[2] = c->out[0].shape.dim[3] = 1;
    if (coin()) last(&c->in[0]);
    if (coin()) last(&c->out[0]);
    c->rtol = c->op == PLD_OP_GLOBAL_MAX_POOL ? 0 : 1e-6;
    c->atol = c->op == PLD_OP_GLOBAL_MAX_POOL ? 0 : 1e-6;
}

static void test_pool(void **state)
{
    (void)state;
    for (int op = PLD_OP_MAX_POOL; op <= PLD_OP_GLOBAL_MAX_POOL; op++) {
        struct kernel_case c;
        bool global = op == PLD_OP_GLOBAL_AVERAGE_POOL || op == PLD_OP_GLOBAL_MAX_POOL;
        long tried = 0;
        fast_runs = 0;
        for (uint64_t seed = 1; seed <= test_cases(300); seed++) {
            start_case(&c, (enum pld_op)op, seed);
            if (global)
                random_global(&c);
            else if (!random_pool(&c))
                continue;
            tried++;
            check_case(&c);
        }
        assert_true((double)fast_runs >= runs_wanted(c.op, 0.8, (uint64_t)tried));
    }
}

/* ---- resizing ---- */

static void random_resize(struct kernel_case *c)
{
    struct pld_resize_params *p = &c->params.resize;
    p->mode = (enum pld_resize_mode)pick(0, 2);
    p->coord = (enum pld_resize_coord)pick(0, 4);
    p->nearest = (enum pld_resize_nearest)pick(0, 3);
    p->cubic_a = -0.75f;
    p->exclude_outside = p->mode == PLD_RESIZE_CUBIC && coin();
    c->n_in = c->n_out = 1;
    image(&c->in[0], pick(1, 2), pick(1, 40), pick(1, 9), pick(1, 9));
    c->out[0] = c->in[0];
    p->scale[0] = p->scale[1] = 1;
    for (int i = 2; i < 4; i++) {
        int64_t *z = &c->out[0].shape.dim[i], x = c->in[0].shape.dim[i];
        *z = coin() ? 2 * x : pick(1, 14);
        p->scale[i] = (float)*z / (float)x;
    }
    if (pick(0, 3)) {
        last(&c->in[0]);
        last(&c->out[0]);
    }
    /* Weights are rounded to float: 16 products of order one. */
    c->rtol = p->mode == PLD_RESIZE_NEAREST ? 0 : 1e-6;
    c->atol = p->mode == PLD_RESIZE_NEAREST ? 0 : 2e-6;
}

static void test_resize(void **state)
{
    (void)state;
    struct kernel_case c;
    fast_runs = 0;
    for (uint64_t seed = 1; seed <= test_cases(1000); seed++) {
        start_case(&c, PLD_OP_RESIZE, seed);
        random_resize(&c);
        check_case(&c);
    }
    assert_true((double)fast_runs >= runs_wanted(c.op, 1, test_cases(1000)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool),
        cmocka_unit_test(test_resize),
    };
    return cmocka_run_group_tests(tests, open_backends, close_backends);
}
