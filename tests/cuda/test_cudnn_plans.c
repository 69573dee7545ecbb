/* cuDNN's graph of every convolution of the shipped model, planned for a GPU that is not there: the
 * descriptors are sound, and cuDNN offers engines for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/cpu.h"
#include "cuda/conv_graph.h"
#include "graph/passes.h"

/* A data-centre GPU of compute capability 9.0, in the form of CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR;
 * the figures are those that cudaGetDeviceProperties() gives there. */
static const char hopper[] =
    "{\"version\":1,\"deviceName\":\"NVIDIA H200\",\"deviceVer\":900,\"cudaDeviceId\":0,"
    "\"driverVer\":13000,\"pciDeviceId\":9013,\"isTccDriver\":0,\"supportCoopLaunch\":1,"
    "\"warpSize\":32,\"multiProcessorCount\":132,\"smClockRateKHz\":1980000,"
    "\"memClockRateKHz\":3201000,\"l2CacheSize\":62914560,\"totalGlobalMem\":150000000000,"
    "\"maxGridSize\":[2147483647,65535,65535],\"maxBlockSize\":[1024,1024,64],"
    "\"maxThreadsPerBlock\":1024,\"maxThreadsPerSM\":2048,\"maxCtasPerSM\":32,"
    "\"regsPerBlock\":65536,\"maxRegistersPerSM\":65536,\"maxSharedMemoryPerBlock\":49152,"
    "\"maxSharedMemoryPerBlockOptin\":232448,\"reservedSharedMemoryPerBlock\":1024}";

static bool
    compiles; /* is there a driver library, or its stub, for engines compiled at run time? */
static cudnnBackendDescriptor_t device;
static struct pld_backend *cpu;

static int open_all(void **state)
{
    (void)state;
    struct pld_backend_options options = {.threads = 1};
    compiles = dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL) ||
               dlopen(PLD_CUDA_STUB, RTLD_NOW | RTLD_GLOBAL);
    if (!compiles) printf("no driver library: fused activations are not looked at\n");
    if (cudnnBackendCreateDescriptor(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, &device) !=
            CUDNN_STATUS_SUCCESS ||
        cudnnBackendSetAttribute(device, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR,
                                 sizeof hopper, hopper) != CUDNN_STATUS_SUCCESS ||
        cudnnBackendFinalize(device) != CUDNN_STATUS_SUCCESS)
        return -1;
    return pld_cpu_backend_api.open(&cpu, &options) == PLD_OK ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    cudnnBackendDestroyDescriptor(device);
    pld_backend_close(cpu);
    return 0;
}

/* Channels-last, dense, 64 images. */
static struct pld_conv_shape shape_of(const struct pld_graph *graph, const struct pld_node *node,
                                      cudnnDataType_t dtype)
{
    const struct pld_conv_params *params = &node->params.conv;
    const int64_t *x = graph->values[node->in[0]].desc.shape.dim;
    const int64_t *w = graph->values[node->in[1]].desc.shape.dim;
    const int64_t *y = graph->values[node->out[0]].desc.shape.dim;
    struct pld_conv_shape s = {.dtype = dtype, .exact = false, .n = 64};
    s.c = x[1], s.h = x[2], s.w = x[3];
    s.k = w[0], s.r = w[2], s.s = w[3];
    s.out_h = y[2], s.out_w = y[3];
    s.group = params->group;
    const int64_t xs[] = {s.c * s.h * s.w, 1, s.c * s.w, s.c};
    const int64_t ys[] = {s.k * s.out_h * s.out_w, 1, s.k * s.out_w, s.k};
    memcpy(s.x_stride, xs, sizeof xs);
    memcpy(s.y_stride, ys, sizeof ys);
    for (int i = 0; i < 2; i++) {
        s.pad_begin[i] = params->window.pad_begin[i];
        s.pad_end[i] = params->window.pad_end[i];
        s.stride[i] = params->window.stride[i];
        s.dilation[i] = params->window.dilation[i];
    }
    s.bias = node->n_data > 2;
    s.act = params->act;
    return s;
}

static int offers(const struct pld_conv_shape *shape, enum pld_conv_fusion fusion)
{
    struct pld_descriptors d = {0};
    cudnnBackendDescriptor_t configs[PLD_MOST_CONFIGS];
    cudnnBackendDescriptor_t graph = pld_conv_graph_new(&d, shape, fusion);
    if (!graph) (void)pld_descriptors_check(&d, "graph");
    if (!graph) fail_msg("%s", pld_error_last()->message);
    int n = pld_conv_graph_configs(configs, &d, graph, device, shape->exact);
    pld_descriptors_release(&d);
    return n;
}

static void test_every_convolution(void **state)
{
    (void)state;
    char path[4096];
    struct pld_graph *model, *graph;
    const struct pld_infer_options options = {.batch = 1};
    snprintf(path, sizeof path, "%s/configs/demo/panels.onnx", getenv("POLLARD_SOURCE_DIR"));
    assert_int_equal(pld_graph_load(&model, path), PLD_OK);
    assert_int_equal(pld_pass_infer(model, cpu, &options), PLD_OK);
    assert_int_equal(pld_graph_compile(&graph, model, cpu, cpu, 1), PLD_OK);
    int convs = 0, fused = 0;
    for (int i = 0; i < graph->n_nodes; i++) {
        const struct pld_node *node = &graph->nodes[i];
        if (!pld_node_live(node) || node->op != PLD_OP_CONV) continue;
        struct pld_conv_shape s = shape_of(graph, node, CUDNN_DATA_HALF);
        bool act = s.act.op >= 0 && pld_conv_graph_act(&s.act);
        convs++;
        if (offers(&s, PLD_FUSE_BIAS) == 0) fail_msg("%s: no engine", node->name);
        if (act && offers(&s, PLD_FUSE_ALL) > 0) fused++;
    }
    printf("%d convolutions, %d with a fused activation\n", convs, fused);
    assert_true(convs > 20);
    if (compiles) assert_true(fused > convs / 2);
    pld_graph_free(graph);
    pld_graph_free(model);
}

static struct pld_conv_shape typical(cudnnDataType_t dtype)
{
    struct pld_conv_shape s = {.dtype = dtype,
                               .n = 16,
                               .c = 64,
                               .h = 40,
                               .w = 40,
                               .k = 64,
                               .r = 3,
                               .s = 3,
                               .out_h = 40,
                               .out_w = 40,
                               .group = 1,
                               .x_stride = {64 * 1600, 1, 64 * 40, 64},
                               .y_stride = {64 * 1600, 1, 64 * 40, 64},
                               .pad_begin = {1, 1},
                               .pad_end = {1, 1},
                               .stride = {1, 1},
                               .dilation = {1, 1},
                               .bias = true,
                               .act = {PLD_OP_SILU, 0, 0}};
    return s;
}

/* A plan is made, compiled where its engine is, and tells its workspace; into a range of channels.
 */
static void test_plan(void **state)
{
    (void)state;
    struct pld_conv_shape s = typical(CUDNN_DATA_HALF);
    struct pld_descriptors d = {0};
    cudnnBackendDescriptor_t configs[PLD_MOST_CONFIGS], plan = NULL;
    cudnnBackendDescriptor_t graph = pld_conv_graph_new(&d, &s, PLD_FUSE_BIAS);
    assert_non_null(graph);
    int n = pld_conv_graph_configs(configs, &d, graph, device, false);
    int64_t workspace = -1;
    for (int i = 0; i < n && !plan; i++)
        plan = pld_conv_plan_new(configs[i], device, &workspace);
    assert_non_null(plan);
    assert_true(workspace >= 0);
    cudnnBackendDestroyDescriptor(plan);
    pld_descriptors_release(&d);
}

/* Exact single precision asks for fewer engines than rounded one, but for some. */
static void test_exact(void **state)
{
    (void)state;
    struct pld_conv_shape s = typical(CUDNN_DATA_FLOAT);
    int rounded = offers(&s, PLD_FUSE_BIAS);
    s.exact = true;
    int exact = offers(&s, PLD_FUSE_BIAS);
    printf("float: %d engines, %d of them exact\n", rounded, exact);
    assert_true(exact > 0);
    assert_true(exact < rounded);
}

/* What cuDNN refuses is an error with its words, not a crash. */
static void test_refused(void **state)
{
    (void)state;
    struct pld_conv_shape s = typical(CUDNN_DATA_HALF);
    struct pld_descriptors d = {0};
    s.out_h = 7; /* not what the window gives */
    assert_null(pld_conv_graph_new(&d, &s, PLD_FUSE_ALL));
    assert_int_equal(pld_descriptors_check(&d, "convolution"), PLD_EDEVICE);
    assert_non_null(strstr(pld_error_last()->message, "convolution"));
    pld_descriptors_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_convolution),
        cmocka_unit_test(test_plan),
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
