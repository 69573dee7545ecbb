/* Random networks: a compiled graph computes what the graph it came from computes, two images at
 * once are two images one by one, a saved model is the same model, and the executor agrees with an
 * evaluation node by node. The shared models get the same treatment. */
#include <string.h>

#include "core/file.h"
#include "cpu/cpu.h"
#include "graph/exec.h"
#include "graph/passes.h"

#include "pass_fixture.h"

enum { GRAPHS = 250, MAX_POOL = 64 };

/* A network under construction: values of four axes that further nodes may read. */
struct net {
    struct pld_graph *graph;
    struct pld_rng rng;
    int pool[MAX_POOL], n_pool;
    int64_t c[MAX_POOL], h[MAX_POOL], w[MAX_POOL];
    int names;
};

static int below(struct net *net, int n)
{
    return (int)pld_rng_below(&net->rng, (uint64_t)n);
}

static char *fresh(struct net *net, const char *stem)
{
    static char name[4][32];
    char *out = name[net->names % 4];
    snprintf(out, sizeof name[0], "%s%d", stem, net->names++);
    return out;
}

static int op(struct net *net, enum pld_op kind, const int *in, int n)
{
    return apply(net->graph, kind, fresh(net, "v"), in, n);
}

static int op1(struct net *net, enum pld_op kind, int x)
{
    return op(net, kind, &x, 1);
}

static int last_node(const struct net *net)
{
    return net->graph->n_nodes - 1;
}

static int tensor(struct net *net, struct pld_shape shape)
{
    return weight(net->graph, fresh(net, "c"), shape);
}

static int integers(struct net *net, const int64_t *values, int n)
{
    const struct pld_desc desc = {.dtype = PLD_I64, .shape = {1, {n}}};
    return pld_graph_add_constant(net->graph, fresh(net, "i"), &desc, values);
}

static void offer(struct net *net, int value, int64_t c, int64_t h, int64_t w)
{
    if (net->n_pool == MAX_POOL) return;
    net->pool[net->n_pool] = value;
    net->c[net->n_pool] = c;
    net->h[net->n_pool] = h;
    net->w[net->n_pool++] = w;
}

/* A convolution, perhaps grouped, strided and normalised. */
static void add_conv(struct net *net, int i)
{
    int64_t c = net->c[i], k = below(net, 2) ? 3 : 1, m = 2 * (1 + below(net, 4));
    int64_t group = c % 2 == 0 && below(net, 3) == 0 ? 2 : 1;
    if (below(net, 5) == 0) m = group = c; /* depthwise */
    int in[3] = {net->pool[i], tensor(net, (struct pld_shape){4, {m, c / group, k, k}}),
                 tensor(net, (struct pld_shape){1, {m}})};
    int y = op(net, PLD_OP_CONV, in, 2 + below(net, 2));
    int node = last_node(net);
    int64_t stride = net->h[i] > 3 && net->w[i] > 3 ? 1 + below(net, 2) : 1;
    pld_node_set_ints(net->graph, node, "pads", (int64_t[]){k / 2, k / 2, k / 2, k / 2}, 4);
    pld_node_set_ints(net->graph, node, "strides", (int64_t[]){stride, stride}, 2);
    pld_node_set_int(net->graph, node, "group", group);
    if (below(net, 2)) y = norm(net->graph, fresh(net, "n"), y, m);
    offer(net, y, m, (net->h[i] - 1) / stride + 1, (net->w[i] - 1) / stride + 1);
}

static void add_up(struct net *net, int i)
{
    if (net->h[i] > 6) return;
    int64_t c = net->c[i];
    int in[2] = {net->pool[i], tensor(net, (struct pld_shape){4, {c, 3, 2, 2}})};
    int y = op(net, PLD_OP_CONV_TRANSPOSE, in, 2);
    pld_node_set_ints(net->graph, last_node(net), "strides", (int64_t[]){2, 2}, 2);
    if (below(net, 2)) y = norm(net->graph, fresh(net, "n"), y, 3);
    offer(net, y, 3, 2 * net->h[i], 2 * net->w[i]);
}

static void add_activation(struct net *net, int i)
{
    static const enum pld_op kinds[] = {PLD_OP_RELU,     PLD_OP_LEAKY_RELU, PLD_OP_SIGMOID,
                                        PLD_OP_TANH,     PLD_OP_HARD_SWISH, PLD_OP_ABS,
                                        PLD_OP_IDENTITY, PLD_OP_DROPOUT,    PLD_OP_ELU};
    offer(net, op1(net, kinds[below(net, 9)], net->pool[i]), net->c[i], net->h[i], net->w[i]);
}

static void add_gate(struct net *net, int i)
{
    int x = net->pool[i];
    bool hard = below(net, 2);
    int g = op1(net, hard ? PLD_OP_HARD_SIGMOID : PLD_OP_SIGMOID, x);
    if (hard)
        pld_node_set_float(net->graph, last_node(net), "alpha", below(net, 2) ? 1.f / 6 : .2f);
    int in[2] = {x, g};
    if (below(net, 2)) in[0] = g, in[1] = x;
    offer(net, op(net, PLD_OP_MUL, in, 2), net->c[i], net->h[i], net->w[i]);
    if (below(net, 6) == 0) offer(net, g, net->c[i], net->h[i], net->w[i]);
}

/* Squeeze and excitation: a broadcast operand of one pixel. */
static void add_attention(struct net *net, int i)
{
    int g = op1(net, PLD_OP_GLOBAL_AVERAGE_POOL, net->pool[i]);
    int64_t c = net->c[i];
    if (below(net, 2))
        g = op(net, PLD_OP_CONV, (int[]){g, tensor(net, (struct pld_shape){4, {c, c, 1, 1}})}, 2);
    g = op1(net, PLD_OP_SIGMOID, g);
    offer(net, op(net, PLD_OP_MUL, (int[]){net->pool[i], g}, 2), c, net->h[i], net->w[i]);
}

static void add_constant(struct net *net, int i)
{
    static const enum pld_op kinds[] = {PLD_OP_MUL, PLD_OP_ADD, PLD_OP_SUB, PLD_OP_MAX};
    struct pld_shape shape = {3, {net->c[i], 1, 1}};
    int k = below(net, 4);
    if (k == 0) shape = (struct pld_shape){0};
    if (k == 1) shape = (struct pld_shape){4, {1, net->c[i], net->h[i], net->w[i]}};
    if (k == 2) shape = (struct pld_shape){4, {1, net->c[i], 1, 1}};
    int in[2] = {net->pool[i], tensor(net, shape)};
    if (below(net, 3) == 0) in[0] = in[1], in[1] = net->pool[i];
    offer(net, op(net, kinds[below(net, 4)], in, 2), net->c[i], net->h[i], net->w[i]);
}

static bool same_pixels(const struct net *net, int i, int j)
{
    return net->h[i] == net->h[j] && net->w[i] == net->w[j];
}

/* Add where the channels agree too, else Concat. */
static void add_join(struct net *net, int i)
{
    int j = below(net, net->n_pool);
    if (!same_pixels(net, i, j)) return;
    int in[2] = {net->pool[i], net->pool[j]};
    if (net->c[i] == net->c[j] && below(net, 2)) {
        offer(net, op(net, PLD_OP_ADD, in, 2), net->c[i], net->h[i], net->w[i]);
        return;
    }
    if (net->c[i] + net->c[j] > 24) return;
    int y = op(net, PLD_OP_CONCAT, in, 2);
    pld_node_set_int(net->graph, last_node(net), "axis", 1);
    offer(net, y, net->c[i] + net->c[j], net->h[i], net->w[i]);
}

static void add_split(struct net *net, int i)
{
    int64_t c = net->c[i];
    if (c % 2) return;
    int out[2] = {pld_graph_add_value(net->graph, fresh(net, "s")),
                  pld_graph_add_value(net->graph, fresh(net, "s"))};
    int in[2] = {net->pool[i], integers(net, (int64_t[]){c / 2, c / 2}, 2)};
    int node = pld_graph_add_node(net->graph, PLD_OP_SPLIT, fresh(net, "split"), in, 2, out, 2);
    pld_node_set_int(net->graph, node, "axis", 1);
    offer(net, out[0], c / 2, net->h[i], net->w[i]);
    offer(net, out[1], c / 2, net->h[i], net->w[i]);
}

static void add_pool(struct net *net, int i)
{
    if (net->h[i] < 2 || net->w[i] < 2) return;
    int y = op1(net, below(net, 2) ? PLD_OP_MAX_POOL : PLD_OP_AVERAGE_POOL, net->pool[i]);
    pld_node_set_ints(net->graph, last_node(net), "kernel_shape", (int64_t[]){2, 2}, 2);
    offer(net, y, net->c[i], net->h[i] - 1, net->w[i] - 1);
}

/* A channel shuffle with the batch of 1 baked in, or left to a 0. */
static void add_shuffle(struct net *net, int i)
{
    int64_t c = net->c[i], h = net->h[i], w = net->w[i], n = below(net, 2);
    if (c % 2) return;
    int in[2] = {net->pool[i], integers(net, (int64_t[]){n, 2, c / 2, h, w}, 5)};
    int y = op1(net, PLD_OP_TRANSPOSE, op(net, PLD_OP_RESHAPE, in, 2));
    pld_node_set_ints(net->graph, last_node(net), "perm", (int64_t[]){0, 2, 1, 3, 4}, 5);
    in[0] = y;
    in[1] = integers(net, (int64_t[]){n, below(net, 2) ? -1 : c, h, w}, 4);
    offer(net, op(net, PLD_OP_RESHAPE, in, 2), c, h, w);
}

/* An output: as it is, flattened with the batch baked in, or a softmax over the channels. */
static void finish(struct net *net, int i)
{
    int y = net->pool[i];
    switch (below(net, 4)) {
    case 0:
        y = op(net, PLD_OP_RESHAPE, (int[]){y, integers(net, (int64_t[]){1, net->c[i], -1}, 3)}, 2);
        break;
    case 1:
        y = op1(net, PLD_OP_SOFTMAX, y);
        pld_node_set_int(net->graph, last_node(net), "axis", 1);
        break;
    case 2:
        y = op1(net, PLD_OP_FLATTEN, y);
        break;
    default:
        break;
    }
    if (y != net->pool[0] && !pld_graph_is_output(net->graph, y))
        pld_graph_add_output(net->graph, y);
}

static struct pld_graph *random_graph(uint64_t seed)
{
    static void (*const steps[])(struct net *, int) = {
        add_conv, add_conv, add_conv,  add_activation, add_gate,    add_attention, add_constant,
        add_join, add_join, add_split, add_pool,       add_shuffle, add_up};
    struct net net = {.n_pool = 0};
    int x;
    pld_rng_init(&net.rng, seed);
    int64_t c = 1 + below(&net, 4), h = 3 + below(&net, 6), w = 3 + below(&net, 6);
    net.graph = start(&x, c, h, w);
    offer(&net, x, c, h, w);
    for (int n = 4 + below(&net, 14); n > 0; n--) /* mostly what came last */
        steps[below(&net, 13)](&net, below(&net, 3) ? net.n_pool - 1 : below(&net, net.n_pool));
    for (int n = below(&net, 3); n > 0; n--)
        finish(&net, below(&net, net.n_pool));
    finish(&net, net.n_pool - 1);
    if (net.graph->n_outputs == 0) pld_graph_add_output(net.graph, op1(&net, PLD_OP_NEG, x));
    return net.graph;
}

/* ---- running ---- */

static size_t input_bytes(const struct pld_graph *graph)
{
    return pld_desc_bytes(&graph->values[graph->inputs[0]].desc);
}

/* Elements of all outputs, one behind the other. Only the first input is fed. */
static float *evaluate(size_t *count, const struct pld_graph *graph, struct pld_backend *backend,
                       const void *image)
{
    struct graph_eval e;
    float *all = NULL;
    *count = 0;
    eval_new(&e, graph, backend);
    eval_input(&e, 0, image);
    if (eval_run(&e) != PLD_OK) fail_msg("%s", pld_error_last()->message);
    for (int i = 0; i < graph->n_outputs; i++) {
        size_t n = pld_desc_bytes(&graph->values[graph->outputs[i]].desc) / sizeof(float);
        all = realloc(all, (*count + n + 1) * sizeof *all);
        memcpy(all + *count, e.value[graph->outputs[i]], n * sizeof *all);
        *count += n;
    }
    eval_release(&e);
    return all;
}

static float *execute(size_t *count, const struct pld_graph *graph, struct pld_backend *backend,
                      const void *image)
{
    struct pld_engine *engine;
    struct pld_program *program;
    struct pld_lane *lane;
    const struct pld_desc *desc = &graph->values[graph->inputs[0]].desc;
    struct pld_desc rows = *desc;
    float *all = NULL;
    void *in = aligned_alloc(64, (input_bytes(graph) + 64) / 64 * 64);
    rows.layout = PLD_ROW_MAJOR;
    eval_copy(in, desc, image, &rows);
    assert_int_equal(pld_engine_new(&engine, graph, backend), PLD_OK);
    assert_int_equal(pld_program_new(&program, engine, NULL), PLD_OK);
    assert_int_equal(pld_lane_new(&lane, engine, pld_program_slab(program)), PLD_OK);
    pld_lane_bind(lane, graph->inputs[0], in);
    assert_int_equal(pld_lane_run(lane, program, NULL, NULL, 0), PLD_OK);
    *count = 0;
    for (int i = 0; i < graph->n_outputs; i++) {
        const struct pld_value *value = &graph->values[graph->outputs[i]];
        size_t n = pld_desc_bytes(&value->desc) / sizeof(float);
        all = realloc(all, (*count + n + 1) * sizeof *all);
        memcpy(all + *count, value->data ? value->data : pld_lane_value(lane, graph->outputs[i]),
               n * sizeof *all);
        *count += n;
    }
    pld_lane_free(lane);
    pld_program_free(program);
    pld_engine_free(engine);
    free(in);
    return all;
}

/* Element k of image `image` of output-wise concatenated batches, against a run of that image. */
static void assert_slices(const char *what, const struct pld_graph *batched, const float *all,
                          const float *single, int image, int64_t batch, double tolerance)
{
    for (int i = 0; i < batched->n_outputs; i++) {
        int64_t n = pld_shape_count(&batched->values[batched->outputs[i]].desc.shape);
        int64_t each = n / batch;
        double scale = 0;
        for (int64_t k = 0; k < each; k++)
            scale = fmax(scale, fabs((double)single[k]));
        for (int64_t k = 0; k < each; k++) {
            double a = all[image * each + k], b = single[k];
            if (!(a == b || fabs(a - b) <= tolerance * (1e-3 + scale)))
                fail_msg("%s, output %d, element %d: %.9g and %.9g", what, i, (int)k, a, b);
        }
        all += n;
        single += each;
    }
}

/* All the properties of one model. `exact`: kernels do not depend on the batch. */
static void check_model(const char *name, const struct pld_graph *model,
                        struct pld_backend *backend, bool exact, bool by_node)
{
    struct pld_graph *one, *two;
    size_t count, bytes = input_bytes(model);
    float *images = random_floats((int64_t)(2 * bytes / sizeof(float)));
    if (pld_graph_compile(&one, model, cpu, backend, 1) != PLD_OK)
        fail_msg("%s: %s: %s", name, pld_error_last()->where, pld_error_last()->message);
    float *first = execute(&count, one, backend, images);
    float *second = execute(&count, one, backend, (char *)images + bytes);
    if (by_node) {
        float *plain = evaluate(&count, model, cpu, images);
        float *walked = evaluate(&count, one, backend, images);
        assert_slices(name, model, plain, first, 0, 1, 2e-5);
        assert_slices(name, model, walked, first, 0, 1, 0);
        free(plain);
        free(walked);
    }
    if (pld_graph_compile(&two, model, cpu, backend, 2) != PLD_OK)
        fail_msg("%s: %s: %s", name, pld_error_last()->where, pld_error_last()->message);
    float *both = execute(&count, two, backend, images);
    assert_slices(name, two, both, first, 0, 2, exact ? 0 : 1e-5);
    assert_slices(name, two, both, second, 1, 2, exact ? 0 : 1e-5);
    free(images);
    free(first);
    free(second);
    free(both);
    pld_graph_free(one);
    pld_graph_free(two);
}

static void check_saved(const struct pld_graph *model)
{
    void *data;
    size_t size, n;
    struct pld_graph *again;
    float *image = random_floats((int64_t)(input_bytes(model) / sizeof(float)));
    assert_int_equal(pld_graph_serialise(&data, &size, model), PLD_OK);
    assert_int_equal(pld_graph_parse(&again, data, size, "again"), PLD_OK);
    infer(again, 0);
    float *a = evaluate(&n, model, cpu, image), *b = evaluate(&n, again, cpu, image);
    assert_memory_equal(a, b, n * sizeof *a);
    free(a);
    free(b);
    free(image);
    free(data);
    pld_graph_free(again);
}

static void test_random(void **state)
{
    (void)state;
    const struct pld_backend_options options = {.threads = 1};
    struct pld_backend *fast;
    assert_int_equal(pld_cpu_backend_api.open(&fast, &options), PLD_OK);
    for (uint64_t seed = 0; seed < GRAPHS; seed++) {
        char name[32];
        struct pld_graph *model = random_graph(seed);
        snprintf(name, sizeof name, "graph %d", (int)seed);
        infer(model, 0);
        check_model(name, model, cpu, true, true);
        check_model(name, model, fast, false, true);
        check_saved(model);
        pld_graph_free(model);
    }
    pld_backend_close(fast);
}

/* Real networks, with the kernels that users get. */
static void test_shared_models(void **state)
{
    (void)state;
    static const char *const names[] = {"resnet20_cifar10",   "fastestdet_352",    "nanodet_m_320",
                                        "picodet_s_320",      "ultraface_rfb_320", "yolox_nano",
                                        "ppocr_mobile_v2_det"};
    const struct pld_backend_options options = {.threads = 1};
    const struct pld_infer_options size = {.batch = 1, .height = 96, .width = 128};
    const char *env = getenv("POLLARD_DATA"), *source = getenv("POLLARD_SOURCE_DIR");
    char path[4096], data[2048];
    struct pld_backend *fast;
    if (env)
        snprintf(data, sizeof data, "%s/models", env);
    else
        snprintf(data, sizeof data, "%s/../shared/data/models", source ? source : ".");
    if (!pld_dir_exists(data)) {
        print_message("skipped: no shared models in %s\n", data);
        skip();
    }
    assert_int_equal(pld_cpu_backend_api.open(&fast, &options), PLD_OK);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct pld_graph *model;
        snprintf(path, sizeof path, "%s/%s.onnx", data, names[i]);
        assert_int_equal(pld_graph_load(&model, path), PLD_OK);
        assert_int_equal(pld_pass_infer(model, cpu, &size), PLD_OK);
        check_model(names[i], model, fast, false, false);
        pld_graph_free(model);
    }
    pld_backend_close(fast);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_shared_models),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
