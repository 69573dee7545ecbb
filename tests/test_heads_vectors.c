/* Every head against vectors of tests/head_vectors: is it found, and does it decode as numpy does.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "eval/head.h"
#include "head_vectors/head_vectors.h"

enum { N_VECTORS = sizeof head_vectors / sizeof *head_vectors };

/* noise() of make_head_vectors.py; the caller frees. */
static float *noise(size_t count, uint64_t seed, float low, float high)
{
    float *out = malloc(count * sizeof *out);
    assert_non_null(out);
    for (size_t i = 0; i < count; i++) {
        uint32_t v = (uint32_t)((i + seed * 1000003u) * 2654435761u);
        v ^= v >> 15;
        v *= 2246822519u;
        v ^= v >> 13;
        out[i] = low + (high - low) * (float)((double)(v >> 8) / (1 << 24));
    }
    return out;
}

static int add_value(struct pld_graph *g, const char *name, int rank, const int64_t *dims)
{
    int v = pld_graph_add_value(g, name);
    assert_true(v >= 0);
    g->values[v].desc.dtype = PLD_F32;
    g->values[v].desc.shape = pld_shape_of(rank, dims);
    g->values[v].inferred = true;
    return v;
}

/* A network without inside: the input and one operator for each output. */
static struct pld_graph *make_graph(const struct head_vector *t)
{
    struct pld_graph *g;
    assert_int_equal(pld_graph_new(&g, "net"), PLD_OK);
    g->path = "net.onnx";
    int in = add_value(g, "images", 4, (const int64_t[]){1, 3, t->height, t->width});
    assert_int_equal(pld_graph_add_input(g, in), PLD_OK);
    for (int i = 0; i < t->n_outputs; i++) {
        int out = add_value(g, t->outputs[i].name, t->outputs[i].rank, t->outputs[i].dims);
        enum pld_op op = (enum pld_op)pld_op_find(t->tail);
        assert_true(pld_graph_add_node(g, op, t->outputs[i].name, &in, 1, &out, 1) >= 0);
        assert_int_equal(pld_graph_add_output(g, out), PLD_OK);
    }
    for (int i = 0; i < 6 && t->metadata[i]; i += 2)
        assert_int_equal(pld_graph_set_metadata(g, t->metadata[i], t->metadata[i + 1]), PLD_OK);
    return g;
}

static int by_score(const void *a, const void *b)
{
    const struct pld_candidate *x = a, *y = b;
    return x->score < y->score ? 1 : x->score > y->score ? -1 : 0;
}

static void expect_rows(struct pld_candidates *got, const struct head_vector *t, int index)
{
    if (got->count != (size_t)t->n)
        fail_msg("case %d, %s: %zu candidates, not %d", index, t->head, got->count, t->n);
    qsort(got->items, got->count, sizeof *got->items, by_score);
    for (int i = 0; i < t->n; i++) {
        const struct pld_candidate *c = &got->items[i];
        const float found[6] = {c->x1, c->y1, c->x2, c->y2, c->score, (float)c->cls};
        for (int k = 0; k < 6; k++)
            if (!(fabsf(found[k] - t->rows[i][k]) <= 2e-5f * (1.0f + fabsf(t->rows[i][k]))))
                fail_msg("case %d, %s: row %d, number %d is %g, not %g", index, t->head, i, k,
                         (double)found[k], (double)t->rows[i][k]);
    }
}

static void decode_vector(const struct head_vector *t, int index)
{
    struct pld_graph *g = make_graph(t);
    struct pld_head_model model;
    struct pld_head_output outputs[PLD_HEAD_OUTPUTS];
    struct pld_candidates found = {0};
    assert_int_equal(pld_head_bind(&model, g, t->head, NULL, 0), PLD_OK);
    for (int i = 0; i < t->n_outputs; i++) {
        struct pld_shape shape = model.outputs[i];
        size_t n = (size_t)pld_shape_count(&shape);
        float *data = noise(n, (uint64_t)i + 1, t->outputs[i].low, t->outputs[i].high);
        outputs[i] = (struct pld_head_output){data, shape};
    }
    assert_int_equal(model.head->decode(&found, &model, outputs, t->conf), PLD_OK);
    expect_rows(&found, t, index);
    for (int i = 0; i < t->n_outputs; i++)
        free((void *)(uintptr_t)outputs[i].data);
    pld_candidates_release(&found);
    pld_graph_free(g);
}

static void test_decode(void **state)
{
    (void)state;
    for (int i = 0; i < N_VECTORS; i++)
        decode_vector(&head_vectors[i], i);
}

/* Found without being named; or, where shapes cannot tell, all that fit are listed. */
static void test_choice(void **state)
{
    (void)state;
    for (int i = 0; i < N_VECTORS; i++) {
        const struct head_vector *t = &head_vectors[i];
        struct pld_graph *g = make_graph(t);
        struct pld_head_model model;
        pld_status status = pld_head_bind(&model, g, NULL, NULL, 0);
        if (t->automatic) {
            if (status != PLD_OK) fail_msg("%s: %s", t->head, pld_error_last()->message);
            assert_string_equal(model.head->name, t->head);
        } else {
            assert_int_equal(status, PLD_EMODEL);
            assert_non_null(strstr(pld_error_last()->message, t->head));
            assert_non_null(strstr(pld_error_last()->message, "--head"));
        }
        pld_graph_free(g);
    }
}

static void test_every_head_has_a_vector(void **state)
{
    (void)state;
    int count;
    const struct pld_head *const *heads = pld_head_list(&count);
    for (int h = 0; h < count; h++) {
        bool found = false;
        for (int i = 0; i < N_VECTORS; i++)
            found |= strcmp(head_vectors[i].head, heads[h]->name) == 0;
        if (!found) fail_msg("%s has no vector", heads[h]->name);
        if (!pld_preprocess_find(heads[h]->preprocess))
            fail_msg("%s: no preprocessing '%s'", heads[h]->name, heads[h]->preprocess);
    }
}

/* A head that is forced upon a network it does not fit says what it needs. */
static void test_misfits(void **state)
{
    (void)state;
    static const struct head_vector odd = {.tail = "Relu",
                                           .width = 96,
                                           .height = 64,
                                           .n_outputs = 1,
                                           .outputs = {{"prob", 2, {1, 1000}, 0, 1}}};
    int count;
    const struct pld_head *const *heads = pld_head_list(&count);
    struct pld_graph *g = make_graph(&odd);
    struct pld_head_model model;
    for (int h = 0; h < count; h++) {
        assert_int_equal(pld_head_bind(&model, g, heads[h]->name, NULL, 0), PLD_EMODEL);
        assert_non_null(strstr(pld_error_last()->message, heads[h]->name));
        assert_non_null(strstr(pld_error_last()->message, "prob 1x1000"));
    }
    pld_graph_free(g);
}

static void test_nms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof nms_vectors / sizeof *nms_vectors; i++) {
        float *u = noise(300 * 6, (uint64_t)nms_vectors[i].seed, 0, 1);
        struct pld_candidates list = {0};
        for (int k = 0; k < 300; k++) {
            const float *r = u + 6 * k;
            float x = r[0] * 50, y = r[1] * 50;
            struct pld_candidate c = {
                x, y, x + 5 + r[2] * 30, y + 5 + r[3] * 30, r[4], (int32_t)(r[5] * 3)};
            assert_int_equal(pld_candidates_add(&list, &c), PLD_OK);
        }
        assert_int_equal(
            pld_nms(&list, nms_vectors[i].iou, nms_vectors[i].most, nms_vectors[i].agnostic),
            PLD_OK);
        assert_int_equal(list.count, nms_vectors[i].n);
        for (int k = 0; k < nms_vectors[i].n; k++)
            assert_true(list.items[k].score == u[6 * nms_vectors[i].kept[k] + 4]);
        pld_candidates_release(&list);
        free(u);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_every_head_has_a_vector),
        cmocka_unit_test(test_misfits),
        cmocka_unit_test(test_nms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
