/* One-node graphs for tests of operator descriptors. */
#ifndef PLD_TESTS_OPS_FIXTURE_H
#define PLD_TESTS_OPS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "graph/graph.h"
#include "graph/op_desc.h"

#define SHAPE(...)                                                          \
    pld_shape_of((int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), \
                 (int64_t[]){__VA_ARGS__})
#define SCALAR ((struct pld_shape){0})
#define INTS(graph, ...)                                                      \
    fx_ints(graph, (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), \
            (int64_t[]){__VA_ARGS__})
#define FLOATS(graph, ...) \
    fx_floats(graph, (int)(sizeof((float[]){__VA_ARGS__}) / sizeof(float)), (float[]){__VA_ARGS__})
/* A node of the operator with `outputs` new outputs and the given inputs. */
#define NODE(graph, op, outputs, ...)                                              \
    fx_node(graph, op, outputs, (int)(sizeof((int[]){__VA_ARGS__}) / sizeof(int)), \
            (int[]){__VA_ARGS__})
#define SET_INTS(graph, node, name, ...)                                                           \
    assert_int_equal(pld_node_set_ints(graph, node, name, (int64_t[]){__VA_ARGS__},                \
                                       (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t))), \
                     PLD_OK)
#define SET_INT(graph, node, name, value) \
    assert_int_equal(pld_node_set_int(graph, node, name, value), PLD_OK)
#define SET_FLOAT(graph, node, name, value) \
    assert_int_equal(pld_node_set_float(graph, node, name, value), PLD_OK)
#define SET_STRING(graph, node, name, value) \
    assert_int_equal(pld_node_set_string(graph, node, name, value), PLD_OK)

static inline struct pld_graph *fx_graph(int opset)
{
    struct pld_graph *graph;
    assert_int_equal(pld_graph_new(&graph, "test"), PLD_OK);
    graph->opset = opset;
    return graph;
}

static inline const char *fx_name(const struct pld_graph *graph, char *room, size_t size)
{
    snprintf(room, size, "v%d", graph->n_values);
    return room;
}

/* An activation: known in type and shape alone. */
static inline int fx_tensor(struct pld_graph *graph, enum pld_dtype dtype, struct pld_shape shape)
{
    char name[32];
    int v = pld_graph_add_value(graph, fx_name(graph, name, sizeof name));
    assert_int_not_equal(v, PLD_NONE);
    graph->values[v].desc = (struct pld_desc){.dtype = dtype, .shape = shape};
    graph->values[v].inferred = true;
    return v;
}

static inline int fx_x(struct pld_graph *graph, struct pld_shape shape)
{
    return fx_tensor(graph, PLD_F32, shape);
}

static inline int fx_constant(struct pld_graph *graph, enum pld_dtype dtype, struct pld_shape shape,
                              const void *data)
{
    char name[32];
    struct pld_desc desc = {.dtype = dtype, .shape = shape};
    int v = pld_graph_add_constant(graph, fx_name(graph, name, sizeof name), &desc, data);
    assert_int_not_equal(v, PLD_NONE);
    return v;
}

/* A float weight; its elements do not matter. */
static inline int fx_weight(struct pld_graph *graph, struct pld_shape shape)
{
    return fx_constant(graph, PLD_F32, shape, NULL);
}

static inline int fx_ints(struct pld_graph *graph, int n, const int64_t *data)
{
    return fx_constant(graph, PLD_I64, pld_shape_of(1, (int64_t[]){n}), data);
}

static inline int fx_floats(struct pld_graph *graph, int n, const float *data)
{
    return fx_constant(graph, PLD_F32, pld_shape_of(1, (int64_t[]){n}), data);
}

static inline int fx_node(struct pld_graph *graph, enum pld_op op, int outputs, int n_in,
                          const int *in)
{
    int out[64];
    char name[32];
    for (int i = 0; i < outputs; i++) {
        out[i] = pld_graph_add_value(graph, fx_name(graph, name, sizeof name));
        assert_int_not_equal(out[i], PLD_NONE);
    }
    snprintf(name, sizeof name, "n%d", graph->n_nodes);
    int node = pld_graph_add_node(graph, op, name, in, n_in, out, outputs);
    assert_int_not_equal(node, PLD_NONE);
    return node;
}

static inline int fx_out(const struct pld_graph *graph, int node, int i)
{
    return graph->nodes[node].out[i];
}

static inline pld_status fx_try(struct pld_graph *graph, int node)
{
    struct pld_node *n = &graph->nodes[node];
    /* What infer() leaves behind must not depend on what was there. */
    memset(&n->params, 0xa5, sizeof n->params);
    return pld_op_describe((enum pld_op)n->op)->infer(graph, n);
}

static inline void fx_infer(struct pld_graph *graph, int node)
{
    pld_status status = fx_try(graph, node);
    if (status != PLD_OK) print_error("%s\n", pld_error_last()->message);
    assert_int_equal(status, PLD_OK);
}

static inline void fx_assert_shape(const struct pld_graph *graph, int value, struct pld_shape want)
{
    char a[128], b[128];
    assert_true(graph->values[value].inferred);
    assert_int_equal(graph->values[value].desc.layout, PLD_ROW_MAJOR);
    assert_string_equal(pld_shape_text(a, sizeof a, &graph->values[value].desc.shape),
                        pld_shape_text(b, sizeof b, &want));
}

/* Infers the node and compares the shape of output 0. */
static inline void fx_expect(struct pld_graph *graph, int node, struct pld_shape want)
{
    fx_infer(graph, node);
    fx_assert_shape(graph, fx_out(graph, node, 0), want);
}

/* The node is refused, by name, with a message that has `part` in it; one whose input "must be a
 * constant" waits for it. */
static inline void fx_refused(struct pld_graph *graph, int node, const char *part)
{
    pld_status status = fx_try(graph, node);
    bool waits = status != PLD_OK && strstr(pld_error_last()->message, "must be a constant");
    assert_int_equal(status, waits ? PLD_EINCOMPLETE : PLD_EMODEL);
    const struct pld_error *error = pld_error_last();
    assert_string_equal(error->where, graph->nodes[node].name);
    if (!strstr(error->message, part)) print_error("'%s' lacks '%s'\n", error->message, part);
    assert_non_null(strstr(error->message, part));
}

/* Two nodes came to the same parameters, byte for byte. */
static inline void fx_same_params(const struct pld_graph *graph, int a, int b)
{
    assert_memory_equal(&graph->nodes[a].params, &graph->nodes[b].params,
                        sizeof graph->nodes[a].params);
}

#endif
