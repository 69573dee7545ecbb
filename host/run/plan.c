#include "run/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "run/plan_internal.h"
#include "run/plan_obs.h"

static const char *const target_names[] = {"macs", "params", "map_drop", "latency_ms", NULL};

static pld_status read_target(struct planning *p)
{
    const struct pld_words *targets = &p->options->targets;
    if (targets->count != 1)
        return pld_fail(PLD_EUSAGE, "--target", "one NAME=VALUE is expected, such as macs=0.6");
    const char *text = targets->items[0], *equals = strchr(text, '=');
    double value;
    if (!equals || !pld_parse_f64(equals + 1, &value) || !(value > 0))
        return pld_fail(PLD_EUSAGE, "--target", "'%s' is not NAME=VALUE", text);
    for (int k = 0; target_names[k]; k++) {
        if (strlen(target_names[k]) != (size_t)(equals - text) ||
            strncmp(text, target_names[k], (size_t)(equals - text)) != 0)
            continue;
        p->target.kind = (enum pld_target_kind)k;
        p->target.value = value;
        if (k == PLD_TARGET_LATENCY && !p->options->latency_table && !p->options->measure_latency)
            return pld_fail(PLD_EUSAGE, "--target", "latency_ms needs --latency");
        if (k < PLD_TARGET_LATENCY && value > 1)
            return pld_fail(PLD_EUSAGE, "--target", "%s is a share, at most 1", target_names[k]);
        return PLD_OK;
    }
    return pld_fail(PLD_EUSAGE, "--target", "'%s' is not macs, params, map_drop or latency_ms",
                    text);
}

static pld_status choose_method(struct planning *p)
{
    const struct pld_plan_options *o = p->options;
    bool measured = p->from_sweep || (o->data && o->steps > 1);
    const char *name = o->method ? o->method : measured ? "sweep" : "global";
    PLD_TRY(pld_plan_method_find(&p->method, name));
    if (p->method->needs_curves && !p->from_sweep && !o->data)
        return pld_fail(PLD_EUSAGE, "--method",
                        "'%s' needs a sweep, or --data to measure on; %s is a model", name,
                        o->source);
    if (p->method->needs_curves && p->from_sweep && o->steps > 1 && !o->data)
        return pld_fail(PLD_EUSAGE, "--steps", "measuring again needs --data");
    if (p->target.kind == PLD_TARGET_DROP && !p->method->needs_curves && !p->from_sweep)
        return pld_fail(PLD_EUSAGE, "--target", "map_drop needs a sweep, or --data with --steps");
    return PLD_OK;
}

/* ---- results ---- */

static void add_notes(struct pld_plan_result *out, struct planning *p)
{
    const struct pld_plan_trial *best = &out->trials[0];
    struct pld_cost cost = pld_cost_of(p->problem.cost, best->removed);
    struct pld_plan_notes *n = &out->notes;
    *n = (struct pld_plan_notes){
        .method = pld_arena_strdup(&out->arena, best->name),
        .criterion = p->scorer.criterion ? p->scorer.criterion->name : "file",
        .target = target_names[p->target.kind],
        .target_value = p->target.value,
        .reached = best->reached,
        .macs = cost.macs,
        .params = cost.params,
        .latency_ms = p->latency ? pld_latency_of(p->latency, best->removed) : NAN,
    };
    pld_planning_predict(&n->drop, n->ci, p, best->removed);
    if (p->options->steps > 1) n->drop = NAN; /* curves of the last step only */
    if (p->measures && !p->options->what_if.count) {
        n->metric = pld_quality_metric_name(p->quality.metric);
        n->measured = best->value;
        n->measured_drop = best->drop;
        memcpy(n->measured_ci, best->ci, sizeof n->measured_ci);
    }
    out->before = pld_cost_whole(p->problem.cost);
    out->latency_before = p->latency ? pld_latency_whole(p->latency) : NAN;
    for (int g = 0; g < p->groups->n_groups; g++) {
        out->groups += best->removed[g] > 0;
        out->units += best->removed[g];
    }
}

static pld_status save_scores(const struct planning *p)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("scores");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_strcpy(doc, root, "model_sha256", p->session.model->sha256);
    yyjson_mut_val *scores = yyjson_mut_obj_add_obj(doc, root, "scores");
    for (int g = 0; g < p->groups->n_groups; g++) {
        if (!p->problem.scores[g]) continue;
        yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, scores, p->groups->groups[g].id);
        for (int u = 0; u < p->groups->groups[g].units; u++)
            yyjson_mut_arr_add_val(list, pld_json_real(doc, p->problem.scores[g][u]));
    }
    pld_status status = pld_json_write(p->options->save_scores, doc, false);
    yyjson_mut_doc_free(doc);
    return status;
}

static pld_status write_plan(struct pld_plan_result *out, struct planning *p)
{
    struct pld_plan plan;
    pld_status status =
        pld_plan_from_order(&plan, p->groups, p->problem.order, out->trials[0].removed);
    if (status == PLD_OK) status = pld_plan_write(p->options->out, p->groups, &plan, &out->notes);
    pld_plan_release(&plan);
    PLD_TRY(status);
    if (out->notes.reached) return PLD_OK;
    return pld_fail(PLD_EGATE, "--target",
                    "%s=%g is out of reach under these rules; nearest is %.4f, written to %s",
                    out->notes.target, out->notes.target_value, out->target_reached,
                    p->options->out);
}

/* ---- what if ---- */

/* "GROUP=RATIO" words, each one group by id, name or glob. */
static pld_status read_what_if(struct pld_plan_result *out, struct planning *p)
{
    struct pld_plan_problem exact;
    struct pld_plan_rules rules = {.ratios = p->options->what_if};
    out->trials = pld_arena_array(&out->arena, 1, sizeof *out->trials);
    size_t n = (size_t)p->groups->n_groups + 1;
    int *removed = pld_arena_array(&out->arena, n, sizeof *removed);
    if (!out->trials || !removed) return PLD_EDEVICE;
    pld_status status = pld_plan_problem_init(&exact, p->groups, &rules);
    for (int g = 0; g < p->groups->n_groups && status == PLD_OK; g++)
        removed[g] = pld_plan_free_to_choose(&exact, g) ? 0 : exact.levels[g].removed[0];
    pld_plan_problem_release(&exact);
    out->n_trials = 1;
    out->trials[0] = (struct pld_plan_trial){
        .name = "what if", .removed = removed, .reached = true, .value = NAN, .drop = NAN};
    return status;
}

static pld_status what_if(struct pld_plan_result *out, struct planning *p)
{
    if (!p->from_sweep)
        return pld_fail(PLD_EUSAGE, "--what-if", "asks a sweep; %s is a model", p->options->source);
    PLD_TRY(read_what_if(out, p));
    PLD_TRY(pld_planning_fit(p, 0));
    out->baseline = p->points.items[0].value;
    add_notes(out, p);
    return PLD_OK;
}

/* A table that is measured now is the one that is planned with. */
static pld_status open_latency(struct pld_plan_result *out, struct planning *p)
{
    const struct pld_plan_options *o = p->options;
    if (o->measure_latency && o->latency_table)
        return pld_fail(PLD_EUSAGE, "--measure-latency", "does not go with --latency");
    const struct pld_latency_table_options table = {.session = o->session,
                                                    .model = p->session.model->path,
                                                    .out = o->measure_latency,
                                                    .align = o->rules.align};
    if (table.out) PLD_TRY(pld_latency_table_write(&out->measured, &table, p->groups));
    const char *path = table.out ? table.out : o->latency_table;
    if (path) PLD_TRY(pld_latency_read(&p->latency, path, p->groups));
    p->target.latency = p->latency;
    return PLD_OK;
}

static pld_status plan(struct pld_plan_result *out, struct planning *p)
{
    const struct pld_plan_options *o = p->options;
    bool only_measures = o->measure_latency && !o->targets.count && !o->what_if.count;
    out->baseline = NAN;
    if (!o->what_if.count && !only_measures) PLD_TRY(read_target(p));
    PLD_TRY(pld_planning_open(p));
    PLD_TRY(open_latency(out, p));
    if (only_measures) return PLD_OK;
    if (o->save_scores) PLD_TRY(save_scores(p));
    if (o->what_if.count) return what_if(out, p);
    PLD_TRY(choose_method(p));
    if (p->from_sweep) out->baseline = p->points.items[0].value;
    PLD_TRY(pld_planning_trials(out, p));
    add_notes(out, p);
    out->target_reached = pld_plan_measure(&p->problem, &p->target, out->trials[0].removed);
    return write_plan(out, p);
}

pld_status pld_plan_run(struct pld_plan_result *out, const struct pld_plan_options *options)
{
    struct planning p = {.options = options};
    *out = (struct pld_plan_result){0};
    if (options->scores.criterion && strcmp(options->scores.criterion, "obs") == 0) {
        if (options->measure_latency || options->latency_table)
            return pld_fail(PLD_EUSAGE, "--criterion", "obs plans for macs, not for a latency");
        return pld_plan_by_obs(out, options);
    }
    if (options->level_ratios.count)
        return pld_fail(PLD_EUSAGE, "--level-ratio", "goes with --criterion obs");
    pld_status status = plan(out, &p);
    pld_planning_close(&p);
    return status;
}

void pld_plan_result_release(struct pld_plan_result *result)
{
    pld_arena_release(&result->arena);
    *result = (struct pld_plan_result){0};
}
