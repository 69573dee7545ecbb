#include "run/proof.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/progress.h"
#include "core/rng.h"
#include "prune/mask.h"
#include "prune/surgery.h"
#include "run/graph_outputs.h"

struct proof {
    struct pld_proof *out;
    const struct pld_proof_options *options;
    struct pld_session session;
    struct pld_groups *groups;
    struct pld_arena arena;
    int **units; /* the case at hand, as in a plan */
    int *removed;
    const void **inputs;            /* [n_inputs] row-major elements */
    struct pld_graph_outputs whole; /* of the model as it is */
    struct pld_rng rng;
};

/* Floats in 0..1; integers are sizes of images more often than not. */
static pld_status make_inputs(struct proof *p)
{
    const struct pld_graph *model = p->session.model;
    p->inputs = pld_arena_array(&p->arena, (size_t)model->n_inputs, sizeof *p->inputs);
    if (!p->inputs) return PLD_EDEVICE;
    for (int i = 0; i < model->n_inputs; i++) {
        const struct pld_desc *desc = &model->values[model->inputs[i]].desc;
        int64_t n = pld_shape_count(&desc->shape);
        void *data = pld_arena_alloc(&p->arena, pld_desc_bytes(desc));
        if (!data) return PLD_EDEVICE;
        for (int64_t k = 0; k < n; k++) {
            if (desc->dtype == PLD_F32) ((float *)data)[k] = (float)pld_rng_unit(&p->rng);
            if (desc->dtype == PLD_I64) ((int64_t *)data)[k] = 320;
            if (desc->dtype == PLD_I32) ((int32_t *)data)[k] = 320;
        }
        p->inputs[i] = data;
    }
    return PLD_OK;
}

static pld_status run_masked(struct pld_graph_outputs *o, const struct proof *p)
{
    struct pld_graph *masked;
    PLD_TRY(pld_graph_clone(&masked, p->groups->graph));
    pld_status status = PLD_OK;
    for (int g = 0; g < p->groups->n_groups && status == PLD_OK; g++)
        if (p->removed[g])
            status = pld_mask_model(masked, p->groups, g, p->units[g], p->removed[g]);
    if (status == PLD_OK) status = pld_graph_outputs(o, masked, p->session.host, p->inputs);
    pld_graph_free(masked);
    return status;
}

static pld_status run_pruned(struct pld_graph_outputs *o, const struct proof *p)
{
    struct pld_graph *pruned;
    PLD_TRY((p->options->surgery ? p->options->surgery : pld_surgery)(&pruned, p->groups, p->units,
                                                                      p->removed, p->session.host));
    pld_status status = pld_graph_outputs(o, pruned, p->session.host, p->inputs);
    pld_graph_free(pruned);
    return status;
}

/* One case: what p->units and p->removed say. */
static pld_status check(struct proof *p, const char *title)
{
    struct pld_graph_outputs masked = {0}, pruned = {0};
    PLD_TRY(run_masked(&masked, p));
    p->out->idle += pld_graph_outputs_gap(&masked, &p->whole) == 0;
    pld_status status = run_pruned(&pruned, p);
    double gap = INFINITY;
    if (status == PLD_OK) gap = pld_graph_outputs_gap(&pruned, &masked);
    if (gap > p->out->worst || !p->out->worst_case[0]) {
        p->out->worst = gap;
        snprintf(p->out->worst_case, sizeof p->out->worst_case, "%s", title);
    }
    if (!(gap <= p->options->tolerance)) {
        p->out->failed++;
        if (!p->out->problem[0])
            snprintf(p->out->problem, sizeof p->out->problem, "%s: %s %s", title,
                     status == PLD_OK ? "outputs differ" : pld_error_last()->where,
                     status == PLD_OK ? "" : pld_error_last()->message);
        status = status == PLD_EDEVICE || status == PLD_EINTERRUPT ? status : PLD_OK;
    }
    pld_graph_outputs_release(&masked);
    pld_graph_outputs_release(&pruned);
    return status;
}

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* `n` distinct units of group g. */
static void draw_units(struct proof *p, int g, int n)
{
    int units = p->groups->groups[g].units, *list = p->units[g];
    for (int u = 0; u < units; u++)
        list[u] = u;
    for (int i = 0; i < n; i++) {
        int k = i + (int)pld_rng_below(&p->rng, (uint64_t)(units - i)), swap = list[i];
        list[i] = list[k];
        list[k] = swap;
    }
    qsort(list, (size_t)n, sizeof *list, by_number);
    p->removed[g] = n;
}

static pld_status prove_units(struct proof *p, struct pld_progress *progress)
{
    memset(p->removed, 0, (size_t)p->groups->n_groups * sizeof *p->removed);
    for (int g = 0; g < p->groups->n_groups; g++) {
        const struct pld_group *group = &p->groups->groups[g];
        bool all = p->options->units < 0 || p->options->units >= group->units;
        int n = all ? group->units : p->options->units;
        for (int i = 0; i < n && group->prunable; i++) {
            char title[160];
            draw_units(p, g, 1);
            if (all) p->units[g][0] = i;
            snprintf(title, sizeof title, "unit %d of %s (%.100s)", p->units[g][0], group->id,
                     group->name);
            PLD_TRY(check(p, title));
            p->out->single++;
            pld_progress_add(progress, 1, NULL);
        }
        p->removed[g] = 0;
    }
    return PLD_OK;
}

static pld_status prove_plans(struct proof *p, struct pld_progress *progress)
{
    for (int i = 0; i < p->options->plans; i++) {
        char title[64];
        for (int g = 0; g < p->groups->n_groups; g++) {
            const struct pld_group *group = &p->groups->groups[g];
            p->removed[g] = 0;
            if (group->prunable && pld_rng_below(&p->rng, 4))
                draw_units(p, g, (int)pld_rng_below(&p->rng, (uint64_t)group->units));
        }
        snprintf(title, sizeof title, "random plan %d", i);
        PLD_TRY(check(p, title));
        p->out->random++;
        pld_progress_add(progress, 1, NULL);
    }
    return PLD_OK;
}

static pld_status prove_uniform(struct proof *p, struct pld_progress *progress)
{
    for (int tenth = 1; tenth <= 9; tenth++) {
        char title[64];
        for (int g = 0; g < p->groups->n_groups; g++)
            draw_units(p, g,
                       p->groups->groups[g].prunable
                           ? pld_ratio_count(tenth / 10.0, p->groups->groups[g].units)
                           : 0);
        snprintf(title, sizeof title, "%d %% of every group", 10 * tenth);
        PLD_TRY(check(p, title));
        p->out->uniform++;
        pld_progress_add(progress, 1, NULL);
    }
    return PLD_OK;
}

/* Without a finite number among the outputs there is nothing to compare. */
static pld_status run_whole(struct proof *p)
{
    PLD_TRY(pld_graph_outputs(&p->whole, p->groups->graph, p->session.host, p->inputs));
    for (int64_t i = 0; i < p->whole.first[p->whole.n]; i++)
        if (isfinite(p->whole.data[i])) return PLD_OK;
    return pld_fail(PLD_EMODEL, p->options->model, "no output is a finite number on random input");
}

static pld_status prepare(struct proof *p)
{
    PLD_TRY(pld_session_open(&p->session, p->options->session));
    PLD_TRY(pld_session_load_model(&p->session, p->options->model));
    PLD_TRY(pld_groups_new(&p->groups, p->session.model));
    size_t n = (size_t)p->groups->n_groups + 1;
    p->units = pld_arena_array(&p->arena, n, sizeof *p->units);
    p->removed = pld_arena_array(&p->arena, n, sizeof *p->removed);
    if (!p->units || !p->removed) return PLD_EDEVICE;
    p->out->groups = p->groups->n_groups;
    for (int g = 0; g < p->groups->n_groups; g++) {
        const struct pld_group *group = &p->groups->groups[g];
        p->units[g] = pld_arena_array(&p->arena, (size_t)group->units, sizeof(int));
        if (!p->units[g]) return PLD_EDEVICE;
        p->out->prunable += group->prunable;
        if (group->prunable) p->out->units += group->units;
    }
    PLD_TRY(make_inputs(p));
    return run_whole(p);
}

static double case_count(const struct proof *p)
{
    double n = 9 + p->options->plans;
    for (int g = 0; g < p->groups->n_groups; g++) {
        int units = p->groups->groups[g].units;
        if (!p->groups->groups[g].prunable) continue;
        n += p->options->units < 0 || p->options->units > units ? units : p->options->units;
    }
    return n;
}

pld_status pld_proof_run(struct pld_proof *out, const struct pld_proof_options *options)
{
    *out = (struct pld_proof){0};
    struct proof p = {.out = out, .options = options};
    pld_rng_init(&p.rng, options->session->seed);
    pld_status status = prepare(&p);
    struct pld_progress *progress = NULL;
    if (status == PLD_OK) {
        progress = pld_progress_start("prove", case_count(&p), options->session->quiet);
        status = prove_units(&p, progress);
    }
    if (status == PLD_OK) status = prove_plans(&p, progress);
    if (status == PLD_OK) status = prove_uniform(&p, progress);
    pld_progress_stop(progress);
    pld_graph_outputs_release(&p.whole);
    pld_groups_free(p.groups);
    pld_arena_release(&p.arena);
    pld_session_close(&p.session);
    return status;
}
