/* What the tests of the passes share: graphs built by a few calls, and the comparison of two graphs
 * on reference kernels. Header only: every test is one program. */
#ifndef PLD_TESTS_PASS_FIXTURE_H
#define PLD_TESTS_PASS_FIXTURE_H

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/log.h"
#include "core/rng.h"
#include "cpu/cpu.h"
#include "graph/passes.h"

#include "graph_eval.h"

static struct pld_backend *cpu; /* reference kernels */
static struct pld_rng rng;

static inline struct pld_graph *load(const char *name)
{
    char path[2048];
    const char *source = getenv("POLLARD_SOURCE_DIR");
    struct pld_graph *graph;
    snprintf(path, sizeof path, "%s/tests/onnx/%s", source ? source : ".", name);
    if (pld_graph_load(&graph, path) != PLD_OK) fail_msg("%s", pld_error_last()->message);
    return graph;
}

static inline float *random_floats(int64_t n)
{
    float *out = malloc((size_t)(n + 1) * sizeof *out);
    for (int64_t i = 0; i < n; i++)
        out[i] = (float)(pld_rng_unit(&rng) * 2 - 1);
    return out;
}

/* ---- small builders: every one returns the value it makes ---- */

static inline struct pld_graph *start(int *x, int64_t c, int64_t h, int64_t w)
{
    struct pld_graph *graph;
    assert_int_equal(pld_graph_new(&graph, "built"), PLD_OK);
    *x = pld_graph_add_value(graph, "x");
    graph->values[*x].desc = (struct pld_desc){.dtype = PLD_F32, .shape = {4, {1, c, h, w}}};
    assert_int_equal(pld_graph_add_input(graph, *x), PLD_OK);
    return graph;
}

static inline int weight(struct pld_graph *graph, const char *name, struct pld_shape shape)
{
    const struct pld_desc desc = {.dtype = PLD_F32, .shape = shape};
    float *data = random_floats(pld_shape_count(&shape));
    int v = pld_graph_add_constant(graph, name, &desc, data);
    free(data);
    return v;
}

static inline int apply(struct pld_graph *graph, enum pld_op op, const char *name, const int *in,
                        int n)
{
    int out = pld_graph_add_value(graph, name);
    pld_graph_add_node(graph, op, name, in, n, &out, 1);
    return out;
}

static inline int unary(struct pld_graph *graph, enum pld_op op, const char *name, int x)
{
    return apply(graph, op, name, &x, 1);
}

static inline int conv(struct pld_graph *graph, const char *name, int x, int64_t in, int64_t out)
{
    int w = weight(graph, "w", (struct pld_shape){4, {out, in, 1, 1}});
    return apply(graph, PLD_OP_CONV, name, (int[]){x, w}, 2);
}

static inline int norm(struct pld_graph *graph, const char *name, int x, int64_t c)
{
    int p[5] = {x};
    for (int i = 1; i < 5; i++) {
        char part[64];
        snprintf(part, sizeof part, "%s.%d", name, i);
        p[i] = weight(graph, part, (struct pld_shape){1, {c}});
    }
    float *var = (float *)(uintptr_t)graph->values[p[4]].data;
    for (int64_t i = 0; i < c; i++)
        var[i] = fabsf(var[i]) + 0.5f;
    return apply(graph, PLD_OP_BATCH_NORM, name, p, 5);
}

static inline void infer(struct pld_graph *graph, int64_t batch)
{
    const struct pld_infer_options options = {.batch = batch};
    if (pld_pass_infer(graph, cpu, &options) != PLD_OK)
        fail_msg("%s: %s", pld_error_last()->where, pld_error_last()->message);
}

static inline struct pld_graph *compile(const struct pld_graph *model, int64_t batch)
{
    struct pld_graph *out;
    if (pld_graph_compile(&out, model, cpu, cpu, batch) != PLD_OK)
        fail_msg("%s: %s", pld_error_last()->where, pld_error_last()->message);
    return out;
}

static inline int count_op(const struct pld_graph *graph, int op)
{
    int n = 0;
    for (int i = 0; i < graph->n_nodes; i++)
        n += pld_node_live(&graph->nodes[i]) && graph->nodes[i].op == op;
    return n;
}

static inline const struct pld_node *node_of(const struct pld_graph *graph, const char *name)
{
    int i = pld_graph_find_node(graph, name);
    assert_int_not_equal(i, PLD_NONE);
    return &graph->nodes[i];
}

static inline const struct pld_desc *desc_of(const struct pld_graph *graph, const char *name)
{
    int v = pld_graph_find_value(graph, name);
    assert_int_not_equal(v, PLD_NONE);
    return &graph->values[v].desc;
}

static inline void assert_shape(const struct pld_graph *graph, const char *name,
                                const char *expected)
{
    char text[128];
    pld_shape_text(text, sizeof text, &desc_of(graph, name)->shape);
    assert_string_equal(text, expected);
}

/* Both graphs, fed with the same numbers, give the same outputs. */
static inline void assert_same_results(const struct pld_graph *a, const struct pld_graph *b)
{
    struct graph_eval ea, eb;
    eval_new(&ea, a, cpu);
    eval_new(&eb, b, cpu);
    for (int i = 0; i < a->n_inputs; i++) {
        float *data = random_floats(pld_shape_count(&a->values[a->inputs[i]].desc.shape));
        eval_input(&ea, i, data);
        eval_input(&eb, i, data);
        free(data);
    }
    assert_int_equal(eval_run(&ea), PLD_OK);
    assert_int_equal(eval_run(&eb), PLD_OK);
    assert_int_equal(a->n_outputs, b->n_outputs);
    for (int i = 0; i < a->n_outputs; i++) {
        const struct pld_desc *desc = &a->values[a->outputs[i]].desc;
        const float *p = ea.value[a->outputs[i]], *q = eb.value[b->outputs[i]];
        assert_true(pld_desc_equal(desc, &b->values[b->outputs[i]].desc));
        for (int64_t k = 0; k < pld_shape_count(&desc->shape); k++)
            if (!(fabsf(p[k] - q[k]) <= 1e-5f * (1 + fabsf(p[k]))))
                fail_msg("output %d, element %d: %g and %g", i, (int)k, (double)p[k], (double)q[k]);
    }
    eval_release(&ea);
    eval_release(&eb);
}

static inline int set_up(void **state)
{
    (void)state;
    const struct pld_backend_options options = {.threads = 1, .reference = true};
    pld_log_set_level(PLD_LOG_ERROR);
    pld_rng_init(&rng, 1);
    return pld_cpu_backend_api.open(&cpu, &options) == PLD_OK ? 0 : -1;
}

static inline int tear_down(void **state)
{
    (void)state;
    pld_backend_close(cpu);
    return 0;
}

#endif
