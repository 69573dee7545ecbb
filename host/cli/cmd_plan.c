/* pollard plan: decide what goes. */
#include <math.h>

#include "cli/command.h"
#include "cli/output.h"
#include "run/plan.h"

struct args {
    struct pld_plan_options plan;
};

#define PLAN(field) offsetof(struct args, plan.field)

static const struct pld_option options[] = {
    {.name = "target",
     .type = PLD_OPT_EACH,
     .offset = PLAN(targets),
     .value = "NAME=X",
     .help = "macs=0.6 or params=0.6 of the whole model, map_drop=0.02 (absolute), latency_ms=8"},
    {.name = "out",
     .letter = 'o',
     .type = PLD_OPT_STRING,
     .offset = PLAN(out),
     .value = "F.json",
     .help = "the plan"},
    {.name = "method",
     .type = PLD_OPT_STRING,
     .offset = PLAN(method),
     .value = "NAME",
     .help =
         "sweep, loss, uniform, depth, global or isomorphic; default: sweep for a sweep, global "
         "for a model"},
    {.name = "criterion",
     .type = PLD_OPT_STRING,
     .offset = PLAN(scores.criterion),
     .value = "NAME",
     .help = "what makes a channel unimportant; default: the sweep's, or l1. obs: what costs least "
             "after compensation, over all groups at once"},
    {.name = "group-reduction",
     .type = PLD_OPT_STRING,
     .offset = PLAN(scores.reduction),
     .value = "NAME",
     .help = "how layers of a group agree: sum, mean, max or first"},
    {.name = "normalizer",
     .type = PLD_OPT_STRING,
     .offset = PLAN(scores.normalizer),
     .value = "NAME",
     .help = "scale of scores between groups: none, sum, mean, max, gaussian or lamp"},
    {.name = "votes",
     .type = PLD_OPT_STRING,
     .offset = PLAN(scores.votes),
     .value = "A+B",
     .help = "whose weights count: out (filters), in (columns), norm (BatchNormalization)"},
    {.name = "scores",
     .type = PLD_OPT_STRING,
     .offset = PLAN(scores.file),
     .value = "F.json",
     .help = "scores of your own instead of a criterion: {\"scores\":{\"g0\":[..]}}"},
    {.name = "save-scores",
     .type = PLD_OPT_STRING,
     .offset = PLAN(save_scores),
     .value = "F.json",
     .help = "write the scores in that form"},
    {.name = "calibrate",
     .type = PLD_OPT_STRING,
     .offset = PLAN(calibrate),
     .value = "DATA",
     .help = "images for criteria that need them; labels are not used"},
    {.name = "data",
     .type = PLD_OPT_STRING,
     .offset = PLAN(data),
     .value = "DATA",
     .help = "images to measure plans on"},
    {.name = "metric",
     .type = PLD_OPT_STRING,
     .offset = PLAN(metric),
     .value = "NAME",
     .help = "measure map, or agreement with the unpruned model (no labels needed)"},
    {.name = "trials",
     .type = PLD_OPT_INT,
     .offset = PLAN(trials),
     .initial = "8",
     .min = 1,
     .max = 100,
     .value = "N",
     .help = "with --data: plans to measure; the best one is written"},
    {.name = "steps",
     .type = PLD_OPT_INT,
     .offset = PLAN(steps),
     .initial = "1",
     .min = 1,
     .max = 1000,
     .value = "N",
     .help = "go to the target in N steps and rank (with --data: measure) again in between"},
    {.name = "align",
     .type = PLD_OPT_INT,
     .offset = PLAN(rules.align),
     .initial = "1",
     .min = 1,
     .max = 1024,
     .value = "N",
     .help = "keep multiples of N channels"},
    {.name = "min-units",
     .type = PLD_OPT_INT,
     .offset = PLAN(rules.min_units),
     .initial = "1",
     .min = 1,
     .max = 1000000,
     .value = "N",
     .help = "keep at least N channels of every group"},
    {.name = "max-ratio",
     .type = PLD_OPT_REAL,
     .offset = PLAN(rules.max_ratio),
     .max = 1,
     .value = "R",
     .help = "remove at most this share of every group"},
    {.name = "protect",
     .type = PLD_OPT_WORDS,
     .offset = PLAN(rules.protect),
     .value = "GLOB,..",
     .help = "groups that stay whole, by id or layer name ('head.*')"},
    {.name = "ratio",
     .type = PLD_OPT_WORDS,
     .offset = PLAN(rules.ratios),
     .value = "GLOB=R,..",
     .help = "ratios that you decide; the rest is planned around them"},
    {.name = "weight",
     .type = PLD_OPT_WORDS,
     .offset = PLAN(rules.weights),
     .value = "GLOB=W,..",
     .help = "uniform, depth and loss: W times the ratio for these groups"},
    {.name = "level-ratio",
     .type = PLD_OPT_WORDS,
     .offset = PLAN(level_ratios),
     .value = "STRIDE=R,..",
     .help = "criterion obs: at most this share of groups at that stride (8: small objects)"},
    {.name = "latency",
     .type = PLD_OPT_STRING,
     .offset = PLAN(latency_table),
     .value = "F.json",
     .help = "layer times measured on the device, for latency_ms"},
    {.name = "measure-latency",
     .type = PLD_OPT_STRING,
     .offset = PLAN(measure_latency),
     .value = "F.json",
     .help = "measure these times here and write them; with a --target, plan with them"},
    {.name = "model",
     .type = PLD_OPT_STRING,
     .offset = PLAN(model),
     .value = "F.onnx",
     .help = "model of the sweep, when it has moved"},
    {.name = "what-if",
     .type = PLD_OPT_WORDS,
     .offset = PLAN(what_if),
     .value = "GROUP=R,..",
     .help = "say what the sweep predicts for these ratios, and write nothing"},
    {.name = NULL},
};

static const struct pld_positional positionals[] = {
    {.name = "SWEEP_DIR|MODEL", .offset = PLAN(source), .help = "folder of a sweep, or ONNX file"},
    {.name = NULL},
};

static pld_status print_measured(const struct pld_plan_options *o,
                                 const struct pld_latency_table_summary *m, bool json)
{
    if (!json) {
        struct pld_str s = {0};
        pld_str_printf(&s,
                       "%d layers at %d widths in %.1f s; the model takes %.3f ms, %.3f ms of it "
                       "outside of these layers\nwritten to %s\n",
                       m->layers, m->points, m->seconds, m->whole_ms, m->rest_ms,
                       o->measure_latency);
        return pld_output_text(&s);
    }
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_strcpy(doc, root, "latency", o->measure_latency);
    yyjson_mut_obj_add_int(doc, root, "layers", m->layers);
    yyjson_mut_obj_add_int(doc, root, "points", m->points);
    pld_json_add_real(doc, root, "whole_ms", m->whole_ms);
    pld_json_add_real(doc, root, "rest_ms", m->rest_ms);
    pld_json_add_real(doc, root, "seconds", m->seconds);
    return pld_output_json(doc);
}

static void add_reals(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key,
                      const double ci[2])
{
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, object, key);
    for (int k = 0; k < 2; k++)
        yyjson_mut_arr_add_val(list, pld_json_real(doc, ci[k]));
}

static pld_status print_json(const struct pld_plan_options *o, const struct pld_plan_result *r)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    if (o->out) yyjson_mut_obj_add_strcpy(doc, root, "out", o->out);
    yyjson_mut_obj_add_strcpy(doc, root, "method", r->notes.method);
    yyjson_mut_obj_add_strcpy(doc, root, "criterion", r->notes.criterion);
    yyjson_mut_obj_add_bool(doc, root, "reached", r->notes.reached);
    if (o->targets.count) pld_json_add_real(doc, root, r->notes.target, r->target_reached);
    yyjson_mut_obj_add_int(doc, root, "groups", r->groups);
    yyjson_mut_obj_add_int(doc, root, "units", r->units);
    yyjson_mut_val *predicted = yyjson_mut_obj_add_obj(doc, root, "predicted");
    yyjson_mut_obj_add_int(doc, predicted, "macs", r->notes.macs);
    yyjson_mut_obj_add_int(doc, predicted, "params", r->notes.params);
    pld_json_add_real(doc, predicted, "drop", r->notes.drop);
    add_reals(doc, predicted, "ci95", r->notes.ci);
    pld_json_add_real(doc, root, "baseline", r->baseline);
    yyjson_mut_val *trials = yyjson_mut_obj_add_arr(doc, root, "trials");
    for (int i = 0; i < r->n_trials && r->notes.metric; i++) {
        yyjson_mut_val *trial = yyjson_mut_arr_add_obj(doc, trials);
        yyjson_mut_obj_add_strcpy(doc, trial, "name", r->trials[i].name);
        yyjson_mut_obj_add_bool(doc, trial, "reached", r->trials[i].reached);
        pld_json_add_real(doc, trial, r->notes.metric, r->trials[i].value);
        pld_json_add_real(doc, trial, "drop", r->trials[i].drop);
        add_reals(doc, trial, "ci95", r->trials[i].ci);
        pld_json_add_real(doc, trial, "behind", r->trials[i].behind);
        add_reals(doc, trial, "behind_ci95", r->trials[i].behind_ci);
    }
    return pld_output_json(doc);
}

static void print_change(struct pld_str *s, const char *name, int64_t before, int64_t after)
{
    pld_str_printf(s, "%-7s %10.3f M -> %10.3f M (%.2f %%)\n", name, (double)before / 1e6,
                   (double)after / 1e6, before ? 100.0 * (double)after / (double)before : 100.0);
}

static void print_interval(struct pld_str *s, const char *what, double drop, const double ci[2])
{
    pld_str_printf(s, "%s %.4f", what, drop);
    if (isfinite(ci[0]) && isfinite(ci[1])) pld_str_printf(s, " (%.4f to %.4f)", ci[0], ci[1]);
    pld_str_append(s, "\n");
}

static pld_status print_text(const struct pld_plan_options *o, const struct pld_plan_result *r)
{
    struct pld_str s = {0};
    pld_str_printf(&s, "%d units of %d groups; %s, order by %s\n", r->units, r->groups,
                   r->notes.method, r->notes.criterion);
    print_change(&s, "MACs", r->before.macs, r->notes.macs);
    print_change(&s, "params", r->before.params, r->notes.params);
    if (isfinite(r->notes.latency_ms))
        pld_str_printf(&s, "latency %10.3f ms -> %9.3f ms (from the table)\n", r->latency_before,
                       r->notes.latency_ms);
    if (isfinite(r->notes.drop)) print_interval(&s, "predicted drop", r->notes.drop, r->notes.ci);
    for (int i = 0; i < r->n_trials && r->notes.metric; i++) {
        pld_str_printf(&s, "%-36s %s %.4f%s, ", r->trials[i].name, r->notes.metric,
                       r->trials[i].value, r->trials[i].reached ? "" : " (misses the target)");
        print_interval(&s, i ? "behind" : "drop", i ? r->trials[i].behind : r->trials[i].drop,
                       i ? r->trials[i].behind_ci : r->trials[i].ci);
    }
    if (o->out) pld_str_printf(&s, "written to %s\n", o->out);
    return pld_output_text(&s);
}

static pld_status run(const struct pld_call *call)
{
    const struct args *args = call->args;
    struct pld_plan_options o = args->plan;
    o.session = &call->common->session;
    o.scores.seed = o.session->seed;
    if (o.what_if.count) o.out = NULL;
    bool only_measures = o.measure_latency && !o.targets.count && !o.what_if.count;
    if (!o.what_if.count && !only_measures && !o.out)
        return pld_fail(PLD_EUSAGE, "--out", "where should the plan go?");
    struct pld_plan_result result;
    pld_status status = pld_plan_run(&result, &o);
    if (status == PLD_OK && only_measures)
        status = print_measured(&o, &result.measured, call->common->json);
    else if (status == PLD_OK)
        status = call->common->json ? print_json(&o, &result) : print_text(&o, &result);
    pld_plan_result_release(&result);
    return status;
}

const struct pld_command pld_cmd_plan = {
    .synopsis = "SWEEP_DIR|MODEL --target macs=0.6 --out plan.json [options]",
    .about =
        "Decides how many channels of which group go. From a sweep: by what was measured, with\n"
        "exact costs. From a model: by the criterion's scores. With --data, several plans are\n"
        "measured and the best is kept. Exit code 3 when the target is out of reach.",
    .options = options,
    .positionals = positionals,
    .args_size = sizeof(struct args),
    .uses_images = true,
    .run = run,
};
