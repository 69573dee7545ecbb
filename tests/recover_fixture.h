/* A tiny network with its groups, engine, sites and moments, for tests of recovery. */
#ifndef PLD_TESTS_RECOVER_FIXTURE_H
#define PLD_TESTS_RECOVER_FIXTURE_H

#include "prune/group.h"
#include "prune/recover/compensate.h"
#include "tiny_graph.h"

struct net {
    struct tiny t;
    struct pld_groups *groups;
    struct pld_graph *compiled;
    struct pld_engine *engine;
    struct pld_program *program;
    struct pld_lane *lane;
    struct pld_sites *sites;
    bool *gone;
};

static inline void open_net(struct net *n, int output)
{
    tiny_finish(&n->t, output);
    assert_int_equal(pld_groups_new(&n->groups, n->t.graph), PLD_OK);
    assert_int_equal(pld_graph_compile(&n->compiled, n->t.graph, n->t.cpu, n->t.cpu, 1), PLD_OK);
    assert_int_equal(pld_engine_new(&n->engine, n->compiled, n->t.cpu), PLD_OK);
    struct pld_program_options all = {.keep_all = true};
    assert_int_equal(pld_program_new(&n->program, n->engine, &all), PLD_OK);
    assert_int_equal(pld_lane_new(&n->lane, n->engine, pld_program_slab(n->program)), PLD_OK);
    assert_int_equal(pld_sites_new(&n->sites, n->groups, n->compiled), PLD_OK);
    n->gone = calloc((size_t)n->sites->first_unit[n->groups->n_groups] + 1, sizeof *n->gone);
}

static inline void close_net(struct net *n)
{
    free(n->gone);
    pld_sites_free(n->sites);
    pld_lane_free(n->lane);
    pld_program_free(n->program);
    pld_engine_free(n->engine);
    pld_graph_free(n->compiled);
    pld_groups_free(n->groups);
    tiny_close(&n->t);
}

static inline void run_picture(struct net *n, uint64_t seed)
{
    float *picture = tiny_picture(&n->compiled->values[n->compiled->inputs[0]], seed);
    pld_lane_bind(n->lane, n->compiled->inputs[0], picture);
    assert_int_equal(pld_lane_run(n->lane, n->program, NULL, NULL, 0), PLD_OK);
    free(picture);
}

/* Moments over all positions of `pictures` pictures; the last of every five is held out. */
static inline void measure(struct pld_moments *m, struct net *n, int pictures, bool hold)
{
    assert_int_equal(pld_moments_init(m, n->sites, 0, n->sites->n_patches, hold), PLD_OK);
    for (int i = 0; i < pictures; i++) {
        run_picture(n, 100 + (uint64_t)i);
        for (int p = 0; p < n->sites->n_patches; p++) {
            const struct pld_tap *tap = &n->sites->patches[p].taps[0];
            int64_t count = pld_tap_positions(tap, n->compiled), cols = pld_tap_columns(tap);
            int64_t *positions = malloc((size_t)count * sizeof *positions);
            float *rows = malloc((size_t)(count * cols) * sizeof *rows);
            void *scratch = malloc(pld_gram_scratch(cols));
            struct pld_rng rng;
            pld_rng_init(&rng, 1);
            assert_int_equal(pld_tap_draw(positions, count, count, &rng), count);
            pld_tap_gather(rows, tap, n->compiled, pld_lane_value(n->lane, tap->value), positions,
                           count);
            pld_gram_add(hold && i % 5 == 4 ? &m->hold[p] : &m->fit[p], rows, count, scratch);
            free(positions);
            free(rows);
            free(scratch);
        }
    }
    for (int p = 0; p < n->sites->n_patches; p++) {
        assert_int_equal(pld_gram_finish(&m->fit[p], "fit"), PLD_OK);
        if (hold) assert_int_equal(pld_gram_finish(&m->hold[p], "hold"), PLD_OK);
    }
}

#endif
