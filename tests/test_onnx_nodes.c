/* The ONNX project's own conformance cases: every case whose operators are all in op.def must pass,
 * but for those that tests/onnx/node_tests_expected_fail.txt lists with a reason. */
#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/file.h"
#include "core/log.h"
#include "cpu/cpu.h"
#include "graph/exec.h"
#include "graph/graph.h"
#include "graph/onnx.h"
#include "graph/passes.h"
#include "graph/tail.h"

enum { MAX_IO = 16, PATH = 4096 };

struct tensor {
    struct pld_desc desc;
    const void *data;
};

struct test_case {
    struct pld_arena arena; /* of the tensors */
    char folder[PATH];
    struct tensor in[MAX_IO], out[MAX_IO];
    int n_in, n_out;
};

/* Which inputs become constants: shapes, axes and bounds must be known when a model is loaded. */
enum bake { BAKE_NONE, BAKE_TAIL, BAKE_ALL };

static char folder[] = "onnx_nodes.XXXXXX";
static struct pld_backend *backends[2]; /* as shipped; reference kernels only */
static char *expected_fail;             /* "\ncase reason\ncase reason\n" */

static const char *reason_to_fail(const char *name)
{
    char line[1100];
    snprintf(line, sizeof line, "\n%s ", name);
    const char *at = strstr(expected_fail, line);
    return at ? at + strlen(line) : NULL;
}

static pld_status read_tensors(struct tensor *list, int *n, struct test_case *c, const char *kind)
{
    for (*n = 0; *n < MAX_IO; (*n)++) {
        char path[PATH + 64];
        struct pld_bytes bytes;
        snprintf(path, sizeof path, "%s/test_data_set_0/%s_%d.pb", c->folder, kind, *n);
        if (!pld_file_exists(path)) return PLD_OK;
        PLD_TRY(pld_file_read(&bytes, path, PLD_EDATA));
        struct tensor *t = &list[*n];
        pld_status status =
            pld_onnx_tensor_parse(&t->desc, &t->data, &c->arena, bytes.data, bytes.size, path);
        pld_bytes_release(&bytes);
        PLD_TRY(status);
        if (!t->data) return pld_fail(PLD_EMODEL, path, "holds a type we do not hold");
    }
    return PLD_OK;
}

/* Gives the inputs of the graph the types of the data, and turns some into constants. */
static pld_status settle_inputs(struct pld_graph *graph, const struct test_case *c, enum bake bake)
{
    int kept = 0;
    if (graph->n_inputs != c->n_in)
        return pld_fail(PLD_EMODEL, c->folder, "%d inputs, %d given", graph->n_inputs, c->n_in);
    for (int i = 0; i < c->n_in; i++) {
        struct pld_value *value = &graph->values[graph->inputs[i]];
        value->declared = NULL;
        value->desc = c->in[i].desc;
        if (bake == BAKE_NONE || (bake == BAKE_TAIL && i == 0)) {
            graph->inputs[kept++] = graph->inputs[i];
            continue;
        }
        value->data = c->in[i].data;
        value->initializer = value->inferred = true;
    }
    graph->n_inputs = kept;
    return PLD_OK;
}

/* NHWC elements of an NCHW tensor of four axes. */
static void to_channels_last(unsigned char *out, const struct tensor *t)
{
    const int64_t *d = t->desc.shape.dim;
    size_t size = pld_dtype_size(t->desc.dtype);
    const unsigned char *in = t->data;
    for (int64_t n = 0; n < d[0]; n++)
        for (int64_t ch = 0; ch < d[1]; ch++)
            for (int64_t i = 0; i < d[2] * d[3]; i++)
                memcpy(out + (size_t)((n * d[2] * d[3] + i) * d[1] + ch) * size,
                       in + (size_t)((n * d[1] + ch) * d[2] * d[3] + i) * size, size);
}

static double element(const struct tensor *t, int64_t i)
{
    union {
        uint32_t bits;
        float f;
    } wide;
    switch (t->desc.dtype) {
    case PLD_F32:
        return ((const float *)t->data)[i];
    case PLD_F64:
        return ((const double *)t->data)[i];
    case PLD_I64:
        return (double)((const int64_t *)t->data)[i];
    case PLD_I32:
        return ((const int32_t *)t->data)[i];
    case PLD_I8:
        return ((const int8_t *)t->data)[i];
    case PLD_U8:
    case PLD_BOOL:
        return ((const uint8_t *)t->data)[i];
    case PLD_F16: {
        uint16_t h = ((const uint16_t *)t->data)[i];
        uint32_t exponent = h >> 10 & 31, mantissa = h & 1023;
        double sign = h >> 15 ? -1 : 1;
        if (exponent == 0) return sign * ldexp((double)mantissa, -24);
        wide.bits = (exponent == 31 ? 255u : exponent + 112) << 23 | mantissa << 13;
        return sign * (double)wide.f;
    }
    default:
        return NAN;
    }
}

/* The tolerance of the ONNX project's own runner. */
static bool close_to(const struct tensor *got, const struct tensor *want)
{
    int64_t n = pld_shape_count(&want->desc.shape);
    bool real =
        want->desc.dtype == PLD_F32 || want->desc.dtype == PLD_F16 || want->desc.dtype == PLD_F64;
    for (int64_t i = 0; i < n; i++) {
        double a = element(got, i), b = element(want, i);
        if (a == b || (isnan(a) && isnan(b))) continue;
        if (!real || !(fabs(a - b) <= 1e-7 + 1e-3 * fabs(b))) return false;
    }
    return true;
}

static pld_status compare(const struct test_case *c, const struct pld_graph *model,
                          const struct pld_graph *graph, const struct pld_lane *lane,
                          const struct pld_tail *tail)
{
    for (int i = 0; i < c->n_out && i < model->n_outputs; i++) {
        int v = model->outputs[i];
        const struct pld_value *value = &graph->values[v];
        if (!value->inferred) value = pld_tail_value(tail, v);
        struct tensor got = {value->desc, value->data};
        const struct tensor *want = &c->out[i];
        char a[128], b[128];
        if (!got.data) got.data = pld_lane_value(lane, v);
        if (got.desc.dtype != want->desc.dtype)
            return pld_fail(PLD_EFAIL, value->name, "is %s, not %s", pld_dtype_name(got.desc.dtype),
                            pld_dtype_name(want->desc.dtype));
        if (!pld_shape_equal(&got.desc.shape, &want->desc.shape))
            return pld_fail(PLD_EFAIL, value->name, "is %s, not %s",
                            pld_shape_text(a, sizeof a, &got.desc.shape),
                            pld_shape_text(b, sizeof b, &want->desc.shape));
        if (!close_to(&got, want)) return pld_fail(PLD_EFAIL, value->name, "has wrong values");
    }
    return PLD_OK;
}

static pld_status execute(const struct test_case *c, const struct pld_graph *model,
                          const struct pld_graph *graph, struct pld_backend *backend)
{
    struct pld_tail *tail = NULL;
    struct pld_engine *engine = NULL;
    struct pld_program *program = NULL;
    struct pld_lane *lane = NULL;
    void *last[MAX_IO] = {NULL};
    pld_status status = pld_engine_new(&engine, graph, backend);
    if (status == PLD_OK) status = pld_program_new(&program, engine, NULL);
    if (status == PLD_OK) status = pld_lane_new(&lane, engine, pld_program_slab(program));
    for (int i = 0; status == PLD_OK && i < graph->n_inputs; i++) {
        const void *data = c->in[i].data;
        if (graph->values[graph->inputs[i]].desc.layout == PLD_CHANNELS_LAST) {
            data = last[i] = malloc(pld_desc_bytes(&c->in[i].desc) + 1);
            to_channels_last(last[i], &c->in[i]);
        }
        pld_lane_bind(lane, graph->inputs[i], data);
    }
    if (status == PLD_OK) status = pld_lane_run(lane, program, NULL, NULL, 0);
    if (status == PLD_OK) status = pld_tail_new(&tail, graph, backend, backend);
    if (tail) status = pld_tail_run(tail, lane);
    if (status == PLD_OK) status = compare(c, model, graph, lane, tail);
    pld_tail_free(tail);
    pld_lane_free(lane);
    pld_program_free(program);
    pld_engine_free(engine);
    for (int i = 0; i < MAX_IO; i++)
        free(last[i]);
    return status;
}

/* PLD_EMODEL: not computable with these inputs constant; PLD_EFAIL: wrong. */
static pld_status attempt(const struct test_case *c, enum bake bake, struct pld_backend *backend)
{
    char path[PATH + 32];
    const struct pld_infer_options options = {0};
    struct pld_graph *graph = NULL, *compiled = NULL;
    snprintf(path, sizeof path, "%s/model.onnx", c->folder);
    pld_status status = pld_graph_load(&graph, path);
    if (status == PLD_OK) status = settle_inputs(graph, c, bake);
    if (status == PLD_OK) status = pld_pass_infer(graph, backend, &options);
    if (status == PLD_OK) status = pld_graph_compile(&compiled, graph, backend, backend, 0);
    if (status == PLD_OK) status = execute(c, graph, compiled, backend);
    pld_graph_free(compiled);
    pld_graph_free(graph);
    return status;
}

static pld_status run_case(const char *name, struct pld_backend *backend)
{
    struct test_case c = {.n_in = 0};
    snprintf(c.folder, sizeof c.folder, "%s/onnx-node-tests/%s", folder, name);
    pld_status status = read_tensors(c.in, &c.n_in, &c, "input");
    if (status == PLD_OK) status = read_tensors(c.out, &c.n_out, &c, "output");
    if (status == PLD_OK) {
        status = PLD_EMODEL;
        for (int bake = BAKE_NONE; bake <= BAKE_ALL && status == PLD_EMODEL; bake++)
            status = attempt(&c, (enum bake)bake, backend);
    }
    pld_arena_release(&c.arena);
    return status;
}

static bool in_scope(char *ops)
{
    for (char *op = strtok(ops, ","); op; op = strtok(NULL, ","))
        if (pld_op_find(op) < 0) return false;
    return true;
}

static void test_cases(void **state)
{
    (void)state;
    char path[PATH], line[1024];
    int passed = 0, listed = 0, outside = 0, wrong = 0;
    snprintf(path, sizeof path, "%s/onnx-node-tests/INDEX.tsv", folder);
    FILE *index = fopen(path, "r");
    if (!index) {
        print_message("skipped: no onnx-node-tests.tar.xz\n");
        skip();
        return;
    }
    while (fgets(line, sizeof line, index)) {
        char *name = line, *ops = strchr(line, '\t');
        if (!ops) continue;
        *ops++ = '\0';
        ops[strcspn(ops, "\t\n")] = '\0';
        if (!in_scope(ops)) {
            outside++;
            continue;
        }
        pld_status status = run_case(name, backends[0]);
        if (status == PLD_OK) status = run_case(name, backends[1]);
        const char *reason = reason_to_fail(name);
        if (status == PLD_OK)
            passed++;
        else if (reason)
            listed++;
        else
            print_error("%s fails: %s: %s\n", name, pld_error_last()->where,
                        pld_error_last()->message);
        if (status == PLD_OK && reason)
            print_error("%s passes, but is listed: %.60s\n", name, reason);
        wrong += (status == PLD_OK) == (reason != NULL);
    }
    fclose(index);
    print_message("node tests: %d passed, %d fail as listed, %d use other operators\n", passed,
                  listed, outside);
    assert_int_equal(wrong, 0);
    assert_true(passed > 300);
}

/* Whole networks whose weights are all alike: what comes out hardly depends on the image, so any
 * will do. */
static pld_status run_light(const char *name)
{
    struct test_case c = {.n_in = 1, .n_out = 1};
    char path[PATH];
    struct pld_bytes bytes = {0};
    struct pld_graph *graph = NULL, *compiled = NULL;
    const struct pld_infer_options options = {0};
    snprintf(path, sizeof path, "%s/onnx-node-tests/light/%s_output_0.pb", folder, name);
    pld_status status = pld_file_read(&bytes, path, PLD_EDATA);
    if (status == PLD_OK)
        status = pld_onnx_tensor_parse(&c.out[0].desc, &c.out[0].data, &c.arena, bytes.data,
                                       bytes.size, path);
    snprintf(path, sizeof path, "%s/onnx-node-tests/light/%s.onnx", folder, name);
    if (status == PLD_OK) status = pld_graph_load(&graph, path);
    if (status == PLD_OK) status = pld_pass_infer(graph, backends[0], &options);
    if (status == PLD_OK) status = pld_graph_compile(&compiled, graph, backends[0], backends[0], 0);
    if (status == PLD_OK) {
        c.in[0].desc = graph->values[graph->inputs[0]].desc;
        c.in[0].data = pld_arena_alloc(&c.arena, pld_desc_bytes(&c.in[0].desc));
        status = execute(&c, graph, compiled, backends[0]);
    }
    pld_graph_free(compiled);
    pld_graph_free(graph);
    pld_bytes_release(&bytes);
    pld_arena_release(&c.arena);
    return status;
}

static void test_light(void **state)
{
    (void)state;
    static const char *const names[] = {
        "light_bvlc_alexnet", "light_densenet121", "light_inception_v1",
        "light_inception_v2", "light_resnet50",    "light_shufflenet",
        "light_squeezenet",   "light_vgg19",       "light_zfnet512"};
    char path[PATH];
    int passed = 0;
    snprintf(path, sizeof path, "%s/onnx-node-tests/light", folder);
    if (!pld_dir_exists(path)) {
        print_message("skipped: no onnx-node-tests.tar.xz\n");
        skip();
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        pld_status status = run_light(names[i]);
        if (status != PLD_OK)
            fail_msg("%s: %s: %s", names[i], pld_error_last()->where, pld_error_last()->message);
        passed++;
    }
    print_message("light networks: %d passed\n", passed);
    assert_true(passed == 9);
}

static int read_expected(const char *source)
{
    char path[PATH];
    struct pld_bytes bytes;
    snprintf(path, sizeof path, "%s/tests/onnx/node_tests_expected_fail.txt", source);
    if (pld_file_read(&bytes, path, PLD_EFAIL) != PLD_OK) return -1;
    expected_fail = malloc(bytes.size + 2);
    expected_fail[0] = '\n';
    memcpy(expected_fail + 1, bytes.data, bytes.size + 1);
    pld_bytes_release(&bytes);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    char data[1500], command[PATH];
    const char *env = getenv("POLLARD_DATA"), *source = getenv("POLLARD_SOURCE_DIR");
    if (!source) source = ".";
    pld_log_set_level(PLD_LOG_ERROR); /* many cases are of old opsets */
    if (env)
        snprintf(data, sizeof data, "%s", env);
    else
        snprintf(data, sizeof data, "%s/../shared/data", source);
    for (int i = 0; i < 2; i++) {
        const struct pld_backend_options options = {.threads = 1, .reference = i == 1};
        if (pld_cpu_backend_api.open(&backends[i], &options) != PLD_OK) return -1;
    }
    if (read_expected(source) != 0 || !mkdtemp(folder)) return -1;
    snprintf(command, sizeof command,
             "test ! -f '%s/onnx-node-tests.tar.xz' || tar -xJf '%s/onnx-node-tests.tar.xz' -C %s",
             data, data, folder);
    return system(command);
}

static int tear_down(void **state)
{
    (void)state;
    char command[64];
    for (int i = 0; i < 2; i++)
        pld_backend_close(backends[i]);
    free(expected_fail);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases), cmocka_unit_test(test_light)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
