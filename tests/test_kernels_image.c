/* Pooling and resizing, and lanes at work at the same time. */
#include <pthread.h>

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
        assert_true(fast_runs * 10 >= tried * 8);
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
    assert_true((uint64_t)fast_runs == test_cases(1000));
}

/* ---- lanes ---- */

enum { LANES = 4, IMAGES = 24 };

/* One plan, shared; every lane runs its part of the images. */
struct crew {
    const struct pld_kernel *kernel;
    const struct pld_signature *sig;
    void *plan;
    size_t workspace;
    const void *weights, *bias;
    struct buffer in[IMAGES], out[IMAGES];
    int lanes;
};

struct worker {
    struct crew *crew;
    int index;
    bool good;
};

static void *work(void *argument)
{
    struct worker *self = argument;
    struct crew *crew = self->crew;
    void *lane = NULL;
    test_backend->thread_start();
    struct buffer workspace = buffer_new(crew->workspace);
    self->good = !crew->kernel->lane_new || crew->kernel->lane_new(&lane, crew->plan) == PLD_OK;
    for (int i = self->index; i < IMAGES && self->good; i += crew->lanes) {
        const void *in[] = {crew->in[i].data, crew->weights, crew->bias};
        void *out[] = {crew->out[i].data};
        self->good = crew->kernel->run(crew->plan, lane, in, out, workspace.data) == PLD_OK;
    }
    self->good = self->good && guards_intact(&workspace);
    if (crew->kernel->lane_free) crew->kernel->lane_free(lane);
    free(workspace.base);
    return NULL;
}

static void run_crew(struct crew *crew, int lanes)
{
    pthread_t threads[LANES];
    struct worker workers[LANES];
    crew->lanes = lanes;
    for (int i = 0; i < lanes; i++) {
        workers[i] = (struct worker){crew, i, false};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < lanes; i++) {
        pthread_join(threads[i], NULL);
        assert_true(workers[i].good);
    }
}

/* Several lanes on one plan give the bits that one lane gives. The channel counts are such that
 * packed weights have padding, and the input is strided, so that it is staged. */
static void test_lanes(void **state)
{
    (void)state;
    struct kernel_case c;
    start_case(&c, PLD_OP_CONV, 7);
    c.params.conv = (struct pld_conv_params){
        .window = {{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}, .group = 1, .act = {PLD_OP_SILU, 0, 0}};
    c.n_in = 3;
    c.n_out = 1;
    image(&c.in[0], 1, 13, 40, 40);
    image(&c.in[1], 23, 13, 3, 3);
    c.in[2] = tensor(PLD_F32, 1, (int64_t[]){23});
    image(&c.out[0], 1, 23, 40, 40);
    c.in[0].layout = c.out[0].layout = PLD_CHANNELS_LAST;
    c.in[0].pixel = 20;
    struct pld_signature sig = signature_of(&c);
    struct crew crew = {.kernel = pld_kernel_choose(test_backend, &sig), .sig = &sig};
    assert_int_equal(crew.kernel->plan_new(&crew.plan, &crew.workspace, &sig), PLD_OK);
    struct buffer weights = random_tensor(&c, &c.in[1]), bias = random_tensor(&c, &c.in[2]);
    struct buffer packed = buffer_new(crew.kernel->pack_size(crew.plan, 1));
    assert_int_equal(crew.kernel->pack(crew.plan, 1, packed.data, weights.data), PLD_OK);
    crew.weights = packed.data;
    crew.bias = bias.data;
    struct buffer alone[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
        crew.in[i] = random_tensor(&c, &c.in[0]);
        crew.out[i] = buffer_new(pld_desc_bytes(&c.out[0]));
    }
    run_crew(&crew, 1);
    for (int i = 0; i < IMAGES; i++) {
        alone[i] = crew.out[i];
        crew.out[i] = buffer_new(alone[i].size);
    }
    run_crew(&crew, LANES);
    for (int i = 0; i < IMAGES; i++) {
        assert_memory_equal(crew.out[i].data, alone[i].data, alone[i].size);
        assert_true(guards_intact(&crew.out[i]));
        free(crew.in[i].base);
        free(crew.out[i].base);
        free(alone[i].base);
    }
    free(weights.base);
    free(bias.base);
    free(packed.base);
    crew.kernel->plan_free(crew.plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool),
        cmocka_unit_test(test_resize),
        cmocka_unit_test(test_lanes),
    };
    return cmocka_run_group_tests(tests, open_backends, close_backends);
}
