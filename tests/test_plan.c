/* Plans: costs against the groups' own count, budgets, rules, curves, and the planner against
 * exhaustive search. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <unistd.h>

#include "core/file.h"
#include "prune/plan.h"
#include "prune/plan_latency.h"
#include "tiny_graph.h"

/* x -> a -> b -> c -> y, with the channels of a and c added: three groups that meet in convs. */
struct fixture {
    struct tiny t;
    struct pld_groups *groups;
    struct pld_scorer scorer;
    struct pld_plan_problem problem;
};

static void open_fixture(struct fixture *f, int units, const struct pld_plan_rules *rules)
{
    struct pld_score_options l1 = {.criterion = "l1"};
    tiny_open(&f->t, 4);
    int x = tiny_input(&f->t, 1, 3, 8, 8);
    int a = tiny_unary(&f->t, PLD_OP_RELU, tiny_conv(&f->t, x, 3, units, 3, 1));
    int b = tiny_unary(&f->t, PLD_OP_RELU, tiny_conv(&f->t, a, units, 2 * units, 3, 1));
    int c = tiny_conv(&f->t, b, 2 * units, units, 1, 1);
    int d = tiny_conv(&f->t, tiny_binary(&f->t, PLD_OP_ADD, a, c), units, units + 4, 3, 1);
    tiny_finish(&f->t, tiny_conv(&f->t, d, units + 4, 5, 1, 1));
    assert_int_equal(pld_groups_new(&f->groups, f->t.graph), PLD_OK);
    assert_int_equal(pld_scorer_init(&f->scorer, f->groups, &l1), PLD_OK);
    assert_int_equal(pld_plan_problem_init(&f->problem, f->groups, rules), PLD_OK);
    assert_int_equal(pld_plan_problem_score(&f->problem, &f->scorer), PLD_OK);
}

static void close_fixture(struct fixture *f)
{
    pld_plan_problem_release(&f->problem);
    pld_scorer_release(&f->scorer);
    pld_groups_free(f->groups);
    tiny_close(&f->t);
}

/* Curves drop = baseline * (1 - exp(-k_g * (removed / units)^p)), exactly measured. */
static void give_curves(struct fixture *f, const double *k, double p)
{
    struct pld_plan_problem *problem = &f->problem;
    int n = f->groups->n_groups;
    problem->curves = pld_arena_array(&problem->arena, (size_t)n, sizeof *problem->curves);
    for (int g = 0; g < n; g++) {
        struct pld_curve_point points[64];
        int units = f->groups->groups[g].units;
        if (!f->groups->groups[g].prunable) continue;
        for (int r = 1; r < units; r++) {
            double drop = 0.5 * (1 - exp(-k[g] * pow((double)r / units, p)));
            points[r - 1] =
                (struct pld_curve_point){(double)r / units, r, drop, {drop - .01, drop + .01}};
        }
        assert_int_equal(
            pld_curve_fit(&problem->curves[g], &problem->arena, points, units - 1, 0, 0.5), PLD_OK);
    }
}

static void costs_are_exact(void **state)
{
    (void)state;
    struct fixture f;
    struct pld_plan_rules rules = {0};
    open_fixture(&f, 12, &rules);
    int *removed = calloc((size_t)f.groups->n_groups, sizeof *removed);
    for (int i = 0; i < 300; i++) {
        int64_t macs, params;
        for (int g = 0; g < f.groups->n_groups; g++)
            removed[g] = f.groups->groups[g].prunable
                             ? (int)pld_rng_below(&f.t.rng, (uint64_t)f.groups->groups[g].units)
                             : 0;
        struct pld_cost cost = pld_cost_of(f.problem.cost, removed);
        assert_int_equal(pld_groups_cost(&macs, &params, f.groups, removed), PLD_OK);
        assert_true(cost.macs == macs && cost.params == params);
        int g = 0; /* a change of one group is the change of its own terms */
        struct pld_cost part = pld_cost_of_group(f.problem.cost, removed, g);
        removed[g] = (removed[g] + 5) % f.groups->groups[g].units;
        struct pld_cost after = pld_cost_of(f.problem.cost, removed);
        struct pld_cost part_after = pld_cost_of_group(f.problem.cost, removed, g);
        assert_true(after.macs - cost.macs == part_after.macs - part.macs);
        assert_true(after.params - cost.params == part_after.params - part.params);
    }
    free(removed);
    close_fixture(&f);
}

static void every_method_keeps_the_budget(void **state)
{
    (void)state;
    const struct pld_plan_rules all_rules[] = {{0}, {.align = 4}, {.max_ratio = 0.75, .align = 2}};
    const double k[8] = {3, 1, 2, .5, .5, 1, 1, 1};
    int methods;
    const struct pld_plan_method *const *rows = pld_plan_method_list(&methods);
    for (size_t r = 0; r < sizeof all_rules / sizeof *all_rules; r++) {
        struct fixture f;
        open_fixture(&f, 32, &all_rules[r]);
        give_curves(&f, k, 2);
        int *removed = calloc((size_t)f.groups->n_groups, sizeof *removed);
        for (int m = 0; m < methods; m++)
            for (int t = 4; t < 10; t++) {
                struct pld_target target = {.kind = t % 2 ? PLD_TARGET_MACS : PLD_TARGET_PARAMS,
                                            .value = t / 10.0};
                bool reached;
                assert_int_equal(pld_plan_solve(removed, &reached, &f.problem, rows[m], &target),
                                 PLD_OK);
                double got = pld_plan_measure(&f.problem, &target, removed);
                assert_true(reached && got <= target.value);
                /* One unit of this small network is up to 3 % of it; an aligned step is coarser. */
                if (!all_rules[r].align && got < target.value - 0.03)
                    fail_msg("%s: %g for %g", rows[m]->name, got, target.value);
                for (int g = 0; g < f.groups->n_groups; g++)
                    assert_true(!all_rules[r].align || !removed[g] ||
                                (f.groups->groups[g].units - removed[g]) % all_rules[r].align == 0);
            }
        free(removed);
        close_fixture(&f);
    }
}

static void out_of_reach_is_said(void **state)
{
    (void)state;
    struct fixture f;
    struct pld_plan_rules rules = {.max_ratio = 0.25};
    open_fixture(&f, 16, &rules);
    const struct pld_plan_method *uniform;
    assert_int_equal(pld_plan_method_find(&uniform, "uniform"), PLD_OK);
    struct pld_target target = {.kind = PLD_TARGET_MACS, .value = 0.1};
    int *removed = calloc((size_t)f.groups->n_groups, sizeof *removed);
    bool reached = true;
    assert_int_equal(pld_plan_solve(removed, &reached, &f.problem, uniform, &target), PLD_OK);
    assert_false(reached);
    for (int g = 0; g < f.groups->n_groups; g++)
        assert_int_equal(removed[g],
                         f.groups->groups[g].prunable ? f.groups->groups[g].units / 4 : 0);
    free(removed);
    close_fixture(&f);
}

static void rules_by_name(void **state)
{
    (void)state;
    struct fixture f;
    char text[64];
    struct pld_plan_rules rules = {0};
    open_fixture(&f, 16, &rules);
    const char *first = f.t.graph->nodes[0].name;
    struct pld_plan_problem p;
    snprintf(text, sizeof text, "%s=0.3", first);
    const char *protect[] = {"g1"}, *ratio[] = {text}, *none[] = {"backbone*"};
    rules = (struct pld_plan_rules){.protect = {protect, 1}, .ratios = {ratio, 1}};
    assert_int_equal(pld_plan_problem_init(&p, f.groups, &rules), PLD_OK);
    assert_true(p.levels[1].n == 1 && p.levels[1].removed[0] == 0);
    assert_true(p.levels[0].n == 1 && p.levels[0].removed[0] == 5); /* 4.8 rounds half up */
    assert_true(pld_plan_free_to_choose(&p, 2));
    pld_plan_problem_release(&p);
    rules = (struct pld_plan_rules){.protect = {none, 1}};
    assert_int_equal(pld_plan_problem_init(&p, f.groups, &rules), PLD_EUSAGE);
    assert_non_null(strstr(pld_error_last()->message, "backbone*"));
    pld_plan_problem_release(&p);
    close_fixture(&f);
}

/* The planner's damage against all plans of a small problem. It changes two groups at a time, and
 * with groups of eight units a better plan may need three: 12 % are allowed. */
static void planner_is_near_the_optimum(void **state)
{
    (void)state;
    const double k[8] = {3, 1, 2, 1, 1, 1, 1, 1};
    for (double power = 0.5; power < 3; power += 1) {
        struct fixture f;
        struct pld_plan_rules rules = {0};
        open_fixture(&f, 8, &rules);
        give_curves(&f, k, power);
        const struct pld_plan_method *sweep;
        assert_int_equal(pld_plan_method_find(&sweep, "sweep"), PLD_OK);
        int *removed = calloc((size_t)f.groups->n_groups, sizeof *removed);
        for (double t = 0.3; t < 1; t += 0.2) {
            struct pld_target target = {.kind = PLD_TARGET_MACS, .value = t};
            bool reached;
            assert_int_equal(pld_plan_solve(removed, &reached, &f.problem, sweep, &target), PLD_OK);
            double found = pld_plan_damage(&f.problem, removed), best = INFINITY;
            assert_true(reached);
            for (removed[0] = 0; removed[0] < 8; removed[0]++)
                for (removed[1] = 0; removed[1] < 16; removed[1]++)
                    for (removed[2] = 0; removed[2] < 12; removed[2]++)
                        if (pld_plan_meets(&f.problem, &target, removed))
                            best = fmin(best, pld_plan_damage(&f.problem, removed));
            if (!(found <= best * 1.12 + 1e-9)) fail_msg("damage %g, best %g", found, best);
        }
        free(removed);
        close_fixture(&f);
    }
}

static void drop_target(void **state)
{
    (void)state;
    const double k[8] = {3, 1, 2, 1, 1, 1, 1, 1};
    struct fixture f;
    struct pld_plan_rules rules = {0};
    open_fixture(&f, 32, &rules);
    give_curves(&f, k, 2);
    const struct pld_plan_method *sweep;
    assert_int_equal(pld_plan_method_find(&sweep, "sweep"), PLD_OK);
    int *removed = calloc((size_t)f.groups->n_groups, sizeof *removed);
    struct pld_target target = {.kind = PLD_TARGET_DROP, .value = 0.1};
    bool reached;
    assert_int_equal(pld_plan_solve(removed, &reached, &f.problem, sweep, &target), PLD_OK);
    double drop = pld_plan_measure(&f.problem, &target, removed);
    assert_true(reached && drop <= 0.1 && drop > 0.09);
    free(removed);
    close_fixture(&f);
}

/* paddleslim.prune.get_ratios_by_loss, from its description: from the largest ratio down, the first
 * loss that is small enough; linear towards the next ratio. */
static void ratios_by_loss(void **state)
{
    (void)state;
    struct pld_arena arena = {0};
    struct pld_curve curve;
    const double losses[9] = {.00, .01, .005, .02, .04, .08, .06, .20, .90};
    struct pld_curve_point points[9];
    for (int i = 0; i < 9; i++) /* given backwards: the order in a journal is no promise */
        points[8 - i] =
            (struct pld_curve_point){(i + 1) / 10.0, 10 * (i + 1), losses[i] * 0.4, {NAN, NAN}};
    assert_int_equal(pld_curve_fit(&curve, &arena, points, 9, 0, 0.4), PLD_OK);
    const double wanted[][2] = {{1, .9},
                                {.9, .9},
                                {.2, .8},
                                {.1, .7 + .1 * .04 / .14},
                                {.07, .7 + .1 * .01 / .14},
                                {.05, .5 + .1 * .01 / .04},
                                {.015, .3 + .1 * .01 / .015},
                                {.004, .1 + .1 * .004 / .01}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (fabs(pld_curve_ratio_by_loss(&curve, wanted[i][0]) - wanted[i][1]) > 1e-12)
            fail_msg("loss %g gives %.15g, not %.15g", wanted[i][0],
                     pld_curve_ratio_by_loss(&curve, wanted[i][0]), wanted[i][1]);
    pld_arena_release(&arena);
}

static void curves_are_monotone_and_weighted(void **state)
{
    (void)state;
    struct pld_arena arena = {0};
    struct pld_curve c;
    /* Two equally sure points out of order meet in the middle; negative drops count as none. */
    const struct pld_curve_point points[] = {{.1, 1, -.02, {-.03, -.01}},
                                             {.2, 2, .20, {.19, .21}},
                                             {.3, 3, .10, {.09, .11}},
                                             {.4, 4, .30, {.29, .31}}};
    assert_int_equal(pld_curve_fit(&c, &arena, points, 4, 0, 1), PLD_OK);
    double both = (-log(.8) - log(.9)) / 2;
    assert_true(c.n == 5 && c.damage[0] == 0 && c.damage[1] == 0);
    assert_true(fabs(c.damage[2] - both) < 1e-12 && fabs(c.damage[3] - both) < 1e-12);
    assert_true(fabs(c.damage[4] + log(.7)) < 1e-12);
    assert_true(fabs(pld_curve_damage(&c, 3.5, 10) - (both - log(.7)) / 2) < 1e-12);
    double drop, ci[2];
    pld_curve_drop(&drop, ci, &c, 2.5, 10); /* as measured, not smoothed */
    assert_true(fabs(drop - .15) < 1e-12 && fabs(ci[0] - .14) < 1e-12);
    assert_true(fabs(pld_damage_drop(-log(.7), .5) - .15) < 1e-12);
    pld_arena_release(&arena);
}

static void latency_between_measured_widths(void **state)
{
    (void)state;
    struct fixture f;
    struct pld_plan_rules rules = {0};
    open_fixture(&f, 8, &rules);
    char path[] = "/tmp/test_plan_XXXXXX", text[512];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    /* The second conv: 8 inputs (g0), 16 outputs (g1). */
    int size = snprintf(text, sizeof text,
                        "{\"rest_ms\":1.5,\"layers\":[{\"node\":\"%s\",\"in\":[4,8],"
                        "\"out\":[8,12,16],\"ms\":[1,2,3,2,4,6]}]}",
                        f.t.graph->nodes[2].name);
    assert_int_equal(pld_file_write(path, text, (size_t)size), PLD_OK);
    struct pld_latency_model *model;
    assert_int_equal(pld_latency_read(&model, path, f.groups), PLD_OK);
    int *removed = calloc((size_t)f.groups->n_groups, sizeof *removed);
    assert_true(pld_latency_whole(model) == 7.5);
    removed[0] = 2; /* 6 of 8: halfway between 3 and 6 */
    assert_true(fabs(pld_latency_of(model, removed) - 6) < 1e-12);
    removed[1] = 2; /* 14 of 16 */
    assert_true(fabs(pld_latency_of(model, removed) - (1.5 + (2.5 + 5) / 2)) < 1e-12);
    removed[0] = 7; /* narrower than measured costs what the narrowest did */
    assert_true(fabs(pld_latency_of(model, removed) - (1.5 + 2.5)) < 1e-12);
    assert_true(pld_latency_of_group(model, removed, 1) == 2.5);
    assert_true(pld_latency_of_group(model, removed, 2) == 0);
    pld_latency_free(model);
    size = snprintf(text, sizeof text, "{\"layers\":[{\"node\":\"nowhere\"}]}");
    assert_int_equal(pld_file_write(path, text, (size_t)size), PLD_OK);
    assert_int_equal(pld_latency_read(&model, path, f.groups), PLD_EUSAGE);
    remove(path);
    free(removed);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(costs_are_exact),
        cmocka_unit_test(every_method_keeps_the_budget),
        cmocka_unit_test(out_of_reach_is_said),
        cmocka_unit_test(rules_by_name),
        cmocka_unit_test(planner_is_near_the_optimum),
        cmocka_unit_test(drop_target),
        cmocka_unit_test(ratios_by_loss),
        cmocka_unit_test(curves_are_monotone_and_weighted),
        cmocka_unit_test(latency_between_measured_widths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
