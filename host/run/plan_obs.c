#include "run/plan_obs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "run/obs_descent.h"

enum { MOST_TARGETS = 32, MIN_UNITS = 4 };
static const double MAX_RATIO = 0.75;

struct planner {
    struct pld_plan_result *out;
    const struct pld_plan_options *options;
    struct pld_session_options session_options;
    struct pld_session session;
    struct pld_groups *groups;
    struct pld_arena arena;
    double budgets[MOST_TARGETS];
    int n_budgets;
    double *caps; /* [n_groups] */
};

/* ---- options ---- */

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

static pld_status read_targets(struct planner *p)
{
    const struct pld_words *targets = &p->options->targets;
    if (targets->count < 1 || targets->count > MOST_TARGETS)
        return pld_fail(PLD_EUSAGE, "--target", "1 to %d are expected, such as macs=0.7",
                        MOST_TARGETS);
    for (size_t i = 0; i < targets->count; i++) {
        const char *text = targets->items[i];
        double *value = &p->budgets[p->n_budgets++];
        if (strncmp(text, "macs=", 5) != 0 || !pld_parse_f64(text + 5, value) ||
            !(*value > 0 && *value < 1))
            return pld_fail(PLD_EUSAGE, "--target",
                            "'%s': criterion obs plans for macs=SHARE, between 0 and 1", text);
    }
    qsort(p->budgets, (size_t)p->n_budgets, sizeof *p->budgets, descending);
    return PLD_OK;
}

static pld_status check_options(const struct pld_plan_options *o)
{
    if (pld_dir_exists(o->source))
        return pld_fail(PLD_EUSAGE, "--criterion", "obs plans from a model; %s is a folder",
                        o->source);
    if (!o->calibrate)
        return pld_fail(PLD_EUSAGE, "--criterion", "obs needs images: --calibrate DATA");
    if (o->rules.ratios.count || o->rules.weights.count)
        return pld_fail(PLD_EUSAGE, o->rules.ratios.count ? "--ratio" : "--weight",
                        "criterion obs decides all ratios; --protect keeps groups whole");
    if (o->method || o->data || o->what_if.count)
        return pld_fail(PLD_EUSAGE,
                        o->method ? "--method"
                        : o->data ? "--data"
                                  : "--what-if",
                        "does not go with criterion obs");
    return PLD_OK;
}

/* Input rows for one row of what the group's first producer writes: 8, 16, 32 of a pyramid. 0 where
 * that is no picture. */
static int64_t stride_of(const struct planner *p, int g)
{
    const struct pld_graph *model = p->groups->graph;
    const struct pld_node *node = &model->nodes[p->groups->groups[g].producers[0]];
    const struct pld_shape *y = &model->values[node->out[0]].desc.shape;
    return y->rank == 4 && y->dim[2] > 0 ? p->session.head.input_height / y->dim[2] : 0;
}

static pld_status cap_levels(struct planner *p)
{
    const struct pld_words *words = &p->options->level_ratios;
    for (size_t i = 0; i < words->count; i++) {
        char *end;
        long stride = strtol(words->items[i], &end, 10);
        double cap;
        if (*end != '=' || stride < 1 || !pld_parse_f64(end + 1, &cap) || !(cap >= 0 && cap <= 1))
            return pld_fail(PLD_EUSAGE, "--level-ratio", "'%s' is not STRIDE=RATIO",
                            words->items[i]);
        for (int g = 0; g < p->groups->n_groups; g++)
            if (stride_of(p, g) == stride && cap < p->caps[g]) p->caps[g] = cap;
    }
    return PLD_OK;
}

/* Caps from the rules: protected groups may lose nothing. */
static pld_status read_caps(struct planner *p)
{
    struct pld_plan_problem problem;
    const struct pld_plan_rules *rules = &p->options->rules;
    double most = rules->max_ratio > 0 ? rules->max_ratio : MAX_RATIO;
    p->caps = pld_arena_array(&p->arena, (size_t)p->groups->n_groups + 1, sizeof *p->caps);
    if (!p->caps) return PLD_EDEVICE;
    pld_status status = pld_plan_problem_init(&problem, p->groups, rules);
    for (int g = 0; g < p->groups->n_groups && status == PLD_OK; g++)
        p->caps[g] = pld_plan_free_to_choose(&problem, g) ? most : 0;
    pld_plan_problem_release(&problem);
    return status == PLD_OK ? cap_levels(p) : status;
}

/* ---- results ---- */

static const char *path_of(struct planner *p, double budget)
{
    const char *out = p->options->out, *dot = strrchr(out, '.');
    char text[32];
    if (p->n_budgets == 1) return out;
    int stem = dot && !strchr(dot, '/') ? (int)(dot - out) : (int)strlen(out);
    return pld_arena_printf(&p->arena, "%.*s-%s%s", stem, out, pld_real_text(text, budget),
                            out + stem);
}

/* order[g]: what is gone, and removed[g]: how much that is. */
static pld_status list_units(int **order, int *removed, struct planner *p, const bool *gone)
{
    for (int g = 0, first = 0; g < p->groups->n_groups; first += p->groups->groups[g++].units) {
        int units = p->groups->groups[g].units;
        order[g] = pld_arena_array(&p->arena, (size_t)units + 1, sizeof(int));
        if (!order[g]) return PLD_EDEVICE;
        removed[g] = 0;
        for (int u = 0; u < units; u++)
            if (gone[first + u]) order[g][removed[g]++] = u;
    }
    return PLD_OK;
}

static pld_status at_budget(void *context, int budget, const bool *gone)
{
    struct planner *p = context;
    struct pld_plan_result *out = p->out;
    size_t n = (size_t)p->groups->n_groups + 1;
    int **order = pld_arena_array(&p->arena, n, sizeof(int *));
    int *removed = pld_arena_array(&p->arena, n, sizeof *removed);
    int *nothing = pld_arena_array(&p->arena, n, sizeof *nothing);
    const char *path = path_of(p, p->budgets[budget]);
    struct pld_plan plan;
    if (!order || !removed || !nothing || !path) return PLD_EDEVICE;
    PLD_TRY(list_units(order, removed, p, gone));
    out->notes = (struct pld_plan_notes){.method = "obs",
                                         .criterion = "obs",
                                         .target = "macs",
                                         .target_value = p->budgets[budget],
                                         .reached = true,
                                         .latency_ms = NAN,
                                         .drop = NAN,
                                         .ci = {NAN, NAN}};
    PLD_TRY(pld_groups_cost(&out->before.macs, &out->before.params, p->groups, nothing));
    PLD_TRY(pld_groups_cost(&out->notes.macs, &out->notes.params, p->groups, removed));
    out->target_reached = (double)out->notes.macs / (double)out->before.macs;
    out->groups = out->units = 0;
    for (int g = 0; g < p->groups->n_groups; g++) {
        out->groups += removed[g] > 0;
        out->units += removed[g];
    }
    pld_status status = pld_plan_from_order(&plan, p->groups, order, removed);
    if (status == PLD_OK) status = pld_plan_write(path, p->groups, &plan, &out->notes);
    pld_plan_release(&plan);
    return status;
}

static pld_status run(struct planner *p)
{
    const struct pld_plan_options *o = p->options;
    PLD_TRY(check_options(o));
    PLD_TRY(read_targets(p));
    p->session_options = *o->session;
    p->session_options.device = "cpu";
    p->session_options.batch = 1;
    PLD_TRY(pld_session_open(&p->session, &p->session_options));
    PLD_TRY(pld_session_load_model(&p->session, o->source));
    PLD_TRY(pld_session_bind_head(&p->session));
    PLD_TRY(pld_session_open_data(&p->session, o->calibrate, false));
    PLD_TRY(pld_session_load_images(&p->session));
    PLD_TRY(pld_groups_new(&p->groups, p->session.model));
    PLD_TRY(read_caps(p));
    const struct pld_obs_descent_options options = {
        .obs = {.max_ratio = MAX_RATIO,
                .min_keep = o->rules.min_units > 1 ? o->rules.min_units : MIN_UNITS,
                .align = o->rules.align,
                .caps = p->caps},
        .budgets = p->budgets,
        .n_budgets = p->n_budgets,
        .step = o->steps > 1 ? (1 - p->budgets[p->n_budgets - 1]) / o->steps : 0,
        .at_budget = at_budget,
        .context = p,
    };
    return pld_obs_descend(&p->session, p->groups, &options);
}

pld_status pld_plan_by_obs(struct pld_plan_result *out, const struct pld_plan_options *options)
{
    struct planner p = {.out = out, .options = options};
    out->baseline = out->latency_before = NAN;
    pld_status status = run(&p);
    pld_groups_free(p.groups);
    pld_session_close(&p.session);
    pld_arena_release(&p.arena);
    return status;
}
