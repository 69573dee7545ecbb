/* Lanes: threads that share a plan do not change a bit of each other's results. */
#include <pthread.h>

#include "cpu/cpu.h"
#include "test_kernels.h"

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
    buffer_free(&workspace);
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
    c.in[0] = tensor(PLD_F32, 4, (int64_t[]){1, 13, 40, 40});
    c.in[1] = tensor(PLD_F32, 4, (int64_t[]){23, 13, 3, 3});
    c.in[2] = tensor(PLD_F32, 1, (int64_t[]){23});
    c.out[0] = tensor(PLD_F32, 4, (int64_t[]){1, 23, 40, 40});
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
        buffer_free(&crew.in[i]);
        buffer_free(&crew.out[i]);
        buffer_free(&alone[i]);
    }
    buffer_free(&weights);
    buffer_free(&bias);
    buffer_free(&packed);
    crew.kernel->plan_free(crew.plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lanes),
    };
    return cmocka_run_group_tests(tests, open_backends, close_backends);
}
