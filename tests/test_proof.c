/* The proof itself: it passes a right surgery, and finds what is wrong with others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "prune/surgery.h"
#include "run/proof.h"
#include "tiny_graph.h"

static char path[] = "/tmp/pld-proof-XXXXXX";

/* A residual block behind a concatenation. */
static int write_model(void **state)
{
    (void)state;
    struct tiny t;
    tiny_open(&t, 31);
    int x = tiny_input(&t, 1, 3, 7, 6);
    int a = tiny_unary(&t, PLD_OP_SIGMOID, tiny_conv(&t, x, 3, 6, 3, 1));
    int b = tiny_unary(&t, PLD_OP_SIGMOID, tiny_conv(&t, a, 6, 6, 3, 1));
    int c = tiny_unary(&t, PLD_OP_SIGMOID, tiny_conv(&t, x, 3, 5, 1, 1));
    int cat = tiny_concat(&t, tiny_binary(&t, PLD_OP_ADD, a, b), c);
    tiny_finish(&t, tiny_conv(&t, cat, 11, 4, 1, 1));
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    assert_int_equal(pld_graph_save(t.graph, path), PLD_OK);
    tiny_close(&t);
    return 0;
}

static int remove_model(void **state)
{
    (void)state;
    return remove(path);
}

static bool is_conv_weight(const struct pld_graph *graph, int value)
{
    for (int i = 0; i < graph->n_nodes; i++)
        if (!graph->nodes[i].dead && graph->nodes[i].op == PLD_OP_CONV &&
            graph->nodes[i].in[1] == value)
            return true;
    return false;
}

static int64_t fault_at; /* which of the constants that got smaller; counts down */

/* The first row of the weights becomes the second: the wrong filter stayed. */
static void break_one(struct pld_graph *after, const struct pld_graph *before)
{
    for (int v = 0; v < before->n_values; v++) {
        const struct pld_value *old = &before->values[v], *now = &after->values[v];
        if (!now->data || !is_conv_weight(after, v)) continue;
        if (pld_shape_equal(&old->desc.shape, &now->desc.shape)) continue;
        if (now->desc.shape.dim[0] < 2 || fault_at-- != 0) continue;
        size_t row = pld_desc_bytes(&now->desc) / (size_t)now->desc.shape.dim[0];
        char *data = (char *)(uintptr_t)now->data;
        memcpy(data, data + row, row);
    }
}

static pld_status broken(struct pld_graph **out, const struct pld_groups *groups, int *const *units,
                         const int *removed, struct pld_backend *host)
{
    PLD_TRY(pld_surgery(out, groups, units, removed, host));
    break_one(*out, groups->graph);
    return PLD_OK;
}

/* The neighbour of the unit that was asked for is cut. */
static pld_status off_by_one(struct pld_graph **out, const struct pld_groups *groups,
                             int *const *units, const int *removed, struct pld_backend *host)
{
    for (int g = 0; g < groups->n_groups; g++)
        if (removed[g] == 1) units[g][0] = (units[g][0] + 1) % groups->groups[g].units;
    return pld_surgery(out, groups, units, removed, host);
}

static pld_status refused(struct pld_graph **out, const struct pld_groups *groups,
                          int *const *units, const int *removed, struct pld_backend *host)
{
    (void)groups, (void)units, (void)removed, (void)host;
    *out = NULL;
    return pld_fail(PLD_EMODEL, "node", "cannot be rewritten");
}

static struct pld_proof prove(struct pld_proof_options *options)
{
    struct pld_session_options session = {
        .device = "cpu", .threads = 1, .conf = -1, .iou = -1, .quiet = true, .seed = 7};
    struct pld_proof proof;
    options->session = &session;
    options->model = path;
    options->tolerance = 1e-4;
    pld_status status = pld_proof_run(&proof, options);
    if (status != PLD_OK) fail_msg("%s: %s", pld_error_last()->where, pld_error_last()->message);
    return proof;
}

static void right_surgery_passes(void **state)
{
    (void)state;
    struct pld_proof_options o = {.units = -1, .plans = 5};
    struct pld_proof p = prove(&o);
    assert_int_equal(p.prunable, 2);
    assert_int_equal(p.single, 11);
    assert_int_equal(p.random + p.uniform, 14);
    assert_int_equal(p.failed, 0);
    assert_true(p.idle < 5); /* small ratios and plans may take nothing */
    assert_true(p.worst <= 1e-5);
}

/* One of the weights that were cut is wrong, in one case: that case fails. */
static void wrong_weights_fail(void **state)
{
    (void)state;
    struct pld_proof_options o = {.units = 0, .plans = 0, .surgery = broken};
    for (int k = 0; k < 4; k++) {
        fault_at = k;
        struct pld_proof p = prove(&o);
        assert_int_equal(p.failed, 1);
        assert_true(p.worst > 1e-4);
        assert_non_null(strstr(p.problem, "outputs differ"));
    }
}

static void wrong_unit_fails(void **state)
{
    (void)state;
    struct pld_proof_options o = {.units = -1, .plans = 0, .surgery = off_by_one};
    assert_true(prove(&o).failed >= 11);
}

static void refusal_fails(void **state)
{
    (void)state;
    struct pld_proof_options o = {.units = 1, .plans = 0, .surgery = refused};
    struct pld_proof p = prove(&o);
    assert_int_equal(p.failed, p.single + p.uniform);
    assert_non_null(strstr(p.problem, "cannot be rewritten"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_surgery_passes),
        cmocka_unit_test(wrong_weights_fail),
        cmocka_unit_test(wrong_unit_fails),
        cmocka_unit_test(refusal_fails),
    };
    return cmocka_run_group_tests(tests, write_model, remove_model);
}
