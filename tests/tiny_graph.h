/* Small graphs for tests, built with a few calls, and their evaluation on reference kernels.
 * Header only: every test is one program. */
#ifndef PLD_TESTS_TINY_GRAPH_H
#define PLD_TESTS_TINY_GRAPH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "cpu/cpu.h"
#include "graph/exec.h"
#include "graph/passes.h"

struct tiny {
    struct pld_backend *cpu;
    struct pld_graph *graph;
    struct pld_rng rng;
    int names;
};

static inline void tiny_open(struct tiny *t, uint64_t seed)
{
    struct pld_backend_options options = {.threads = 1};
    memset(t, 0, sizeof *t);
    assert_int_equal(pld_cpu_backend_api.open(&t->cpu, &options), PLD_OK);
    if (t->cpu->thread_start) t->cpu->thread_start();
    assert_int_equal(pld_graph_new(&t->graph, "tiny"), PLD_OK);
    pld_rng_init(&t->rng, seed);
}

static inline void tiny_close(struct tiny *t)
{
    pld_graph_free(t->graph);
    pld_backend_close(t->cpu);
}

static inline const char *tiny_name(struct tiny *t, const char *stem)
{
    static char name[64];
    snprintf(name, sizeof name, "%s%d", stem, t->names++);
    return name;
}

static inline int tiny_weights(struct tiny *t, int rank, int64_t a, int64_t b, int64_t c, int64_t d)
{
    int64_t dims[4] = {a, b, c, d};
    struct pld_desc desc = {.dtype = PLD_F32, .shape = pld_shape_of(rank, dims)};
    int64_t n = pld_shape_count(&desc.shape);
    float *data = malloc((size_t)n * sizeof *data);
    for (int64_t i = 0; i < n; i++)
        data[i] = (float)(pld_rng_unit(&t->rng) - 0.5);
    int value = pld_graph_add_constant(t->graph, tiny_name(t, "w"), &desc, data);
    free(data);
    return value;
}

static inline int tiny_input(struct tiny *t, int64_t n, int64_t c, int64_t h, int64_t w)
{
    int64_t dims[4] = {n, c, h, w};
    int value = pld_graph_add_value(t->graph, tiny_name(t, "x"));
    t->graph->values[value].desc =
        (struct pld_desc){.dtype = PLD_F32, .shape = pld_shape_of(4, dims)};
    assert_int_equal(pld_graph_add_input(t->graph, value), PLD_OK);
    return value;
}

/* Any operator with one output. Returns the output value; the node is the last of the graph. */
static inline int tiny_op(struct tiny *t, enum pld_op op, const int *in, int n)
{
    char name[64];
    snprintf(name, sizeof name, "%s", tiny_name(t, pld_op_name(op)));
    int out = pld_graph_add_value(t->graph, tiny_name(t, "v"));
    assert_true(pld_graph_add_node(t->graph, op, name, in, n, &out, 1) >= 0);
    return out;
}

static inline int tiny_last(const struct tiny *t)
{
    return t->graph->n_nodes - 1;
}

static inline int tiny_unary(struct tiny *t, enum pld_op op, int x)
{
    return tiny_op(t, op, &x, 1);
}

static inline int tiny_binary(struct tiny *t, enum pld_op op, int a, int b)
{
    int in[2] = {a, b};
    return tiny_op(t, op, in, 2);
}

/* Convolution with bias, "same" padding; `in` and `out` channels, k x k, groups. */
static inline int tiny_conv(struct tiny *t, int x, int64_t in, int64_t out, int64_t k,
                            int64_t group)
{
    int args[3] = {x, tiny_weights(t, 4, out, in / group, k, k), tiny_weights(t, 1, out, 0, 0, 0)};
    int y = tiny_op(t, PLD_OP_CONV, args, 3);
    int64_t pads[4] = {k / 2, k / 2, k / 2, k / 2};
    assert_int_equal(pld_node_set_ints(t->graph, tiny_last(t), "pads", pads, 4), PLD_OK);
    assert_int_equal(pld_node_set_int(t->graph, tiny_last(t), "group", group), PLD_OK);
    return y;
}

static inline int tiny_concat(struct tiny *t, int a, int b)
{
    int y = tiny_binary(t, PLD_OP_CONCAT, a, b);
    assert_int_equal(pld_node_set_int(t->graph, tiny_last(t), "axis", 1), PLD_OK);
    return y;
}

/* Split into two along axis 1. */
static inline void tiny_split(struct tiny *t, int x, int64_t a, int64_t b, int out[2])
{
    int64_t sizes[2] = {a, b};
    struct pld_desc desc = {.dtype = PLD_I64, .shape = {.rank = 1, .dim = {2}}};
    int in[2] = {x, pld_graph_add_constant(t->graph, tiny_name(t, "s"), &desc, sizes)};
    out[0] = pld_graph_add_value(t->graph, tiny_name(t, "v"));
    out[1] = pld_graph_add_value(t->graph, tiny_name(t, "v"));
    char name[64];
    snprintf(name, sizeof name, "%s", tiny_name(t, "Split"));
    assert_true(pld_graph_add_node(t->graph, PLD_OP_SPLIT, name, in, 2, out, 2) >= 0);
    assert_int_equal(pld_node_set_int(t->graph, tiny_last(t), "axis", 1), PLD_OK);
}

static inline void tiny_finish(struct tiny *t, int output)
{
    struct pld_infer_options options = {.batch = 1};
    assert_int_equal(pld_graph_add_output(t->graph, output), PLD_OK);
    pld_status status = pld_pass_infer(t->graph, t->cpu, &options);
    if (status != PLD_OK)
        print_error("%s: %s\n", pld_error_last()->where, pld_error_last()->message);
    assert_int_equal(status, PLD_OK);
}

/* Fills a value's buffer with repeatable numbers in -1..1. */
static inline float *tiny_picture(const struct pld_value *value, uint64_t seed)
{
    struct pld_rng rng;
    pld_rng_init(&rng, seed);
    int64_t n = pld_shape_count(&value->desc.shape);
    float *data = malloc((size_t)n * sizeof *data);
    for (int64_t i = 0; i < n; i++)
        data[i] = (float)(2 * pld_rng_unit(&rng) - 1);
    return data;
}

/* Compiles a graph and runs it on one picture; returns a copy of its first output (caller frees).
 */
static inline float *tiny_run(struct tiny *t, const struct pld_graph *model, uint64_t seed,
                              int64_t *count)
{
    struct pld_graph *compiled;
    struct pld_engine *engine;
    struct pld_program *program;
    struct pld_lane *lane;
    assert_int_equal(pld_graph_compile(&compiled, model, t->cpu, t->cpu, 1), PLD_OK);
    assert_int_equal(pld_engine_new(&engine, compiled, t->cpu), PLD_OK);
    assert_int_equal(pld_program_new(&program, engine, NULL), PLD_OK);
    assert_int_equal(pld_lane_new(&lane, engine, pld_program_slab(program)), PLD_OK);
    float *picture = tiny_picture(&compiled->values[compiled->inputs[0]], seed);
    pld_lane_bind(lane, compiled->inputs[0], picture);
    assert_int_equal(pld_lane_run(lane, program, NULL, NULL, 0), PLD_OK);
    const struct pld_value *output = &compiled->values[compiled->outputs[0]];
    *count = pld_shape_count(&output->desc.shape);
    float *copy = malloc((size_t)*count * sizeof *copy);
    memcpy(copy, pld_lane_value(lane, compiled->outputs[0]), (size_t)*count * sizeof *copy);
    free(picture);
    pld_lane_free(lane);
    pld_program_free(program);
    pld_engine_free(engine);
    pld_graph_free(compiled);
    return copy;
}

#endif
