/* Whole models on the emulated device against the CPU: the engine, transfers to the fallback, and
 * the half-precision pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "cpu/cpu.h"
#include "cuda/emulation.h"
#include "graph/engine.h"
#include "graph/passes.h"

static struct pld_backend *cpu;

static void fill(float *data, int64_t n, uint64_t seed)
{
    struct pld_rng rng;
    pld_rng_init(&rng, seed);
    for (int64_t i = 0; i < n; i++)
        data[i] = (float)pld_rng_unit(&rng);
}

struct outcome {
    float *values; /* every float output, one after the other */
    int64_t count;
    int transfers, casts;
};

/* Runs the model on `device` with inputs from a seed. */
static struct outcome run_on(struct pld_backend *device, const struct pld_graph *model)
{
    struct outcome o = {0};
    struct pld_graph *graph;
    struct pld_engine *engine;
    struct pld_program *program;
    struct pld_lane *lane;
    void *inputs[8] = {0};
    assert_int_equal(pld_graph_compile(&graph, model, cpu, device, 1), PLD_OK);
    assert_int_equal(pld_engine_new(&engine, graph, device), PLD_OK);
    assert_int_equal(pld_program_new(&program, engine, NULL), PLD_OK);
    assert_int_equal(pld_lane_new(&lane, engine, pld_program_slab(program)), PLD_OK);
    assert_in_range(graph->n_inputs, 1, 8);
    for (int i = 0; i < graph->n_inputs; i++) {
        const struct pld_desc *desc = &graph->values[graph->inputs[i]].desc;
        int64_t n = pld_shape_count(&desc->shape);
        float *plain = malloc((size_t)n * sizeof *plain);
        fill(plain, n, (uint64_t)i + 1);
        inputs[i] = malloc(pld_desc_bytes(desc));
        /* The same picture whatever the layout. */
        int64_t stride[PLD_MAX_RANK], at[PLD_MAX_RANK] = {0};
        pld_desc_strides(stride, desc);
        for (int64_t k = 0; k < n; k++) {
            int64_t offset = 0;
            for (int a = 0; a < desc->shape.rank; a++)
                offset += at[a] * stride[a];
            ((float *)inputs[i])[offset] = plain[k];
            for (int a = desc->shape.rank - 1; a >= 0 && ++at[a] == desc->shape.dim[a]; a--)
                at[a] = 0;
        }
        free(plain);
        pld_lane_bind(lane, graph->inputs[i], inputs[i]);
    }
    if (pld_lane_run(lane, program, NULL, NULL, 0) != PLD_OK)
        fail_msg("%s", pld_error_last()->message);
    for (int i = 0; i < graph->n_outputs; i++) {
        const struct pld_desc *desc = &graph->values[graph->outputs[i]].desc;
        assert_int_equal(desc->dtype, PLD_F32);
        int64_t n = pld_shape_count(&desc->shape);
        o.values = realloc(o.values, (size_t)(o.count + n) * sizeof *o.values);
        memcpy(o.values + o.count, pld_lane_value(lane, graph->outputs[i]),
               (size_t)n * sizeof(float));
        o.count += n;
    }
    o.transfers = engine->n_transfers;
    for (int i = 0; i < graph->n_nodes; i++)
        o.casts += pld_node_live(&graph->nodes[i]) && graph->nodes[i].op == PLD_OP_CAST;
    pld_lane_free(lane);
    pld_program_free(program);
    pld_engine_free(engine);
    pld_graph_free(graph);
    for (int i = 0; i < 8; i++)
        free(inputs[i]);
    return o;
}

/* Largest difference, relative to the largest output. */
static double distance(const struct outcome *a, const struct outcome *b)
{
    double difference = 0, scale = 0;
    assert_int_equal(a->count, b->count);
    for (int64_t i = 0; i < a->count; i++) {
        assert_false(isnan(a->values[i]));
        difference = fmax(difference, fabs((double)a->values[i] - (double)b->values[i]));
        scale = fmax(scale, fabs((double)b->values[i]));
    }
    return difference / scale;
}

static struct pld_graph *load(const char *name)
{
    char path[4096];
    struct pld_graph *model;
    const struct pld_infer_options options = {.batch = 1};
    snprintf(path, sizeof path, "%s/%s", getenv("POLLARD_SOURCE_DIR"), name);
    if (pld_graph_load(&model, path) != PLD_OK) return NULL;
    assert_int_equal(pld_pass_infer(model, cpu, &options), PLD_OK);
    return model;
}

static void test_shipped_model(void **state)
{
    (void)state;
    struct pld_backend *device = pld_emulation_new();
    struct pld_graph *model = load("configs/demo/panels.onnx");
    assert_non_null(model);
    device->fallback = cpu;
    struct outcome want = run_on(cpu, model), single = run_on(device, model);
    device->half = true;
    struct outcome half = run_on(device, model);
    assert_true(distance(&single, &want) < 1e-5);
    assert_int_equal(single.casts, 0);
    assert_true(half.casts >= 2); /* the picture, and where the tail begins */
    double far = distance(&half, &want);
    printf("half precision: %.2g of the largest output, %d transfers\n", far, half.transfers);
    assert_true(far < 5e-3);
    assert_true(far > 1e-7); /* something was rounded */
    free(want.values);
    free(single.values);
    free(half.values);
    pld_graph_free(model);
    pld_backend_close(device);
}

static struct pld_backend *crippled_of;

/* A device that cannot multiply matrices or convolve: nothing may change but where it runs. */
static const struct pld_kernel *const *few_kernels(const struct pld_backend *backend,
                                                   enum pld_op op)
{
    (void)backend;
    if (op == PLD_OP_CONCAT || op == PLD_OP_SILU || op == PLD_OP_MAX_POOL) return NULL;
    return crippled_of->kernels(crippled_of, op);
}

static void test_transfers(void **state)
{
    (void)state;
    struct pld_backend *device = pld_emulation_new(), *crippled = pld_emulation_new();
    struct pld_graph *model = load("configs/demo/panels.onnx");
    assert_non_null(model);
    crippled_of = device;
    crippled->kernels = few_kernels;
    crippled->fallback = device->fallback = cpu;
    struct outcome want = run_on(device, model), got = run_on(crippled, model);
    assert_true(got.transfers > want.transfers);
    assert_true(distance(&got, &want) < 1e-6);
    crippled->half = device->half = true;
    struct outcome half = run_on(crippled, model), half_want = run_on(device, model);
    assert_true(distance(&half, &half_want) < 3e-3);
    /* Without a fallback the node is named. */
    crippled->fallback = NULL;
    struct pld_graph *graph;
    struct pld_engine *engine;
    assert_int_equal(pld_graph_compile(&graph, model, cpu, crippled, 1), PLD_OK);
    assert_int_equal(pld_engine_new(&engine, graph, crippled), PLD_EMODEL);
    assert_true(pld_error_last()->where[0] != 0);
    pld_graph_free(graph);
    free(want.values);
    free(got.values);
    free(half.values);
    free(half_want.values);
    pld_graph_free(model);
    pld_backend_close(device);
    pld_backend_close(crippled);
}

static int open_cpu(void **state)
{
    (void)state;
    struct pld_backend_options options = {.threads = 1};
    return pld_cpu_backend_api.open(&cpu, &options) == PLD_OK ? 0 : -1;
}

static int close_cpu(void **state)
{
    (void)state;
    pld_backend_close(cpu);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped_model),
        cmocka_unit_test(test_transfers),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
