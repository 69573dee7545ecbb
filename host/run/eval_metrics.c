#include "run/eval_metrics.h"

#include <string.h>

enum { RESAMPLES = 1000 }; /* of a comparison that names no number */

static const char *const analyses[] = {"curves", "confusion", "errors", "ties", "all"};
enum { N_ANALYSES = sizeof analyses / sizeof *analyses };

static bool asks_for(const struct pld_eval_request *request, const char *analysis)
{
    for (size_t i = 0; i < request->analyze.count; i++)
        if (strcmp(request->analyze.items[i], analysis) == 0 ||
            strcmp(request->analyze.items[i], "all") == 0)
            return true;
    return false;
}

/* ---- requests ------------------------------------------------------------------------------ */

static pld_status find_protocol(const struct pld_protocol **out, const char *option,
                                const char *name)
{
    const char *names[16];
    int count;
    const struct pld_protocol *const *rows = pld_protocol_list(&count);
    *out = pld_protocol_find(name);
    if (*out) return PLD_OK;
    for (int i = 0; i < count; i++)
        names[i] = rows[i]->name;
    const char *near = pld_str_nearest(name, names, (size_t)count);
    return pld_fail(PLD_EUSAGE, option, "there is no protocol '%s'%s%s", name,
                    near ? "; did you mean " : "", near ? near : "");
}

static const struct pld_protocol *protocol_of(const struct pld_eval_request *request)
{
    return request->protocol ? pld_protocol_find(request->protocol) : &pld_protocol_coco;
}

static pld_status check_analyses(const struct pld_words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        bool known = false;
        for (int j = 0; j < N_ANALYSES; j++)
            known = known || strcmp(words->items[i], analyses[j]) == 0;
        const char *near = pld_str_nearest(words->items[i], analyses, N_ANALYSES);
        if (!known)
            return pld_fail(PLD_EUSAGE, "--analyze",
                            "'%s' is not one of curves, confusion, errors, "
                            "ties, all%s%s",
                            words->items[i], near ? "; did you mean " : "", near ? near : "");
    }
    return PLD_OK;
}

pld_status pld_eval_request_check(const struct pld_eval_request *request)
{
    const struct pld_protocol *protocol = &pld_protocol_coco, *other;
    struct pld_coco_params params;
    struct pld_arena arena = {0};
    if (request->protocol) PLD_TRY(find_protocol(&protocol, "--protocol", request->protocol));
    if (request->explain) PLD_TRY(find_protocol(&other, "--explain", request->explain));
    PLD_TRY(check_analyses(&request->analyze));
    if (request->confusion_at.count && request->confusion_at.count != 2)
        return pld_fail(PLD_EUSAGE, "--confusion-at", "SCORE,IOU are needed");
    if (!pld_eval_params_given(&request->params)) return PLD_OK;
    if (protocol != &pld_protocol_coco)
        return pld_fail(PLD_EUSAGE, "--protocol",
                        "thresholds, areas and limits of one's own are for coco, not %s",
                        protocol->name);
    if (request->explain)
        return pld_fail(PLD_EUSAGE, "--explain",
                        "goes with the protocol's own thresholds, areas "
                        "and limits only");
    pld_status status = pld_eval_params_read(&params, &request->params, &arena);
    pld_arena_release(&arena);
    return status;
}

/* ---- measuring ----------------------------------------------------------------------------- */

struct measuring {
    struct pld_eval_metrics *out;
    const struct pld_eval_request *request;
    const struct pld_protocol *protocol;
    struct pld_rules rules; /* the protocol's, with params of one's own */
    struct pld_truths truths;
    const struct pld_detections *found, *against;
    struct pld_pool *pool;
};

static pld_status measure_custom(struct measuring *m, struct pld_arena *arena)
{
    struct pld_coco_params *params = &m->out->params;
    struct pld_coco_table *table = &m->out->table;
    struct pld_metric_result *result = &m->out->result;
    PLD_TRY(pld_eval_params_read(params, &m->request->params, arena));
    PLD_TRY(pld_coco_evaluate_custom(table, m->truths.dataset, m->found, params, m->pool));
    result->protocol = m->protocol;
    PLD_TRY(pld_metric_classes(result, table->n_classes));
    for (int i = 0; i < PLD_COCO_STATS; i++)
        pld_metric_add(result, pld_coco_stat_names[i], table->stats[i]);
    for (int k = 0; k < table->n_classes; k++) {
        const struct pld_coco_class *class = &table->classes[k];
        result->classes[k] = (struct pld_metric_class){
            class->ap, class->ap50, {class->size[0], class->size[1], class->size[2]}};
    }
    memcpy(m->rules.iou, params->iou, sizeof m->rules.iou);
    m->rules.n_iou = params->n_iou;
    m->rules.limit_cell = params->limits[params->n_limits - 1];
    return PLD_OK;
}

static pld_status measure_curves(struct measuring *m)
{
    struct pld_matches matches;
    struct pld_rules rules = m->rules;
    rules.n_iou = 1;
    pld_status status = pld_match(&matches, &m->truths, m->found, &rules, m->pool);
    if (status == PLD_OK) status = pld_confidence_init(&m->out->confidence, &matches);
    pld_matches_release(&matches);
    return status;
}

static pld_status measure_confusion(struct measuring *m)
{
    const double *at = m->request->confusion_at.items;
    bool given = m->request->confusion_at.count == 2;
    return pld_confusion_measure(&m->out->confusion, m->truths.dataset, m->found,
                                 given ? at[0] : 0.25, given ? at[1] : 0.5);
}

static pld_status measure_ties(struct measuring *m)
{
    m->out->has_ties = true;
    return pld_ties_measure(&m->out->ties, &m->truths, m->found, &m->rules, m->pool);
}

static pld_status measure_explain(struct measuring *m)
{
    return pld_explain(&m->out->explain, m->protocol, pld_protocol_find(m->request->explain),
                       &m->truths, m->found, m->pool);
}

static pld_status measure_resamples(struct measuring *m)
{
    struct pld_matches a, b = {0};
    struct pld_bootstrap_options options = {m->request->bootstrap, m->request->seed};
    pld_status status = pld_match(&a, &m->truths, m->found, &m->rules, m->pool);
    if (status == PLD_OK && options.samples)
        status = pld_bootstrap(&m->out->bootstrap, &a, &options, m->pool);
    if (status == PLD_OK && m->against) {
        if (!options.samples) options.samples = RESAMPLES;
        status = pld_match(&b, &m->truths, m->against, &m->rules, m->pool);
        if (status == PLD_OK) status = pld_compare(&m->out->comparison, &a, &b, &options, m->pool);
    }
    pld_matches_release(&a);
    pld_matches_release(&b);
    return status;
}

static pld_status measure_all(struct measuring *m, struct pld_arena *arena)
{
    const struct pld_eval_request *request = m->request;
    if (pld_eval_params_given(&request->params))
        PLD_TRY(measure_custom(m, arena));
    else
        PLD_TRY(pld_protocol_evaluate(&m->out->result, m->protocol, &m->truths, m->found, m->pool));
    if (asks_for(request, "curves")) PLD_TRY(measure_curves(m));
    if (asks_for(request, "confusion")) PLD_TRY(measure_confusion(m));
    if (asks_for(request, "errors"))
        PLD_TRY(pld_tide_measure(&m->out->tide, m->truths.dataset, m->found, NULL));
    if (asks_for(request, "ties")) PLD_TRY(measure_ties(m));
    if (request->explain) PLD_TRY(measure_explain(m));
    if (request->bootstrap || m->against) PLD_TRY(measure_resamples(m));
    return PLD_OK;
}

pld_status pld_eval_measure(struct pld_eval_metrics *out, const struct pld_eval_request *request,
                            const struct pld_dataset *dataset, const struct pld_detections *found,
                            const struct pld_detections *against, struct pld_arena *arena,
                            struct pld_pool *pool)
{
    struct measuring m = {.out = out, .request = request, .found = found, .against = against};
    *out = (struct pld_eval_metrics){0};
    m.pool = pool;
    m.protocol = protocol_of(request);
    m.rules = m.protocol->rules;
    m.rules.class_agnostic = request->params.class_agnostic;
    pld_status status = pld_truths_init(&m.truths, dataset, m.rules.class_agnostic);
    if (status == PLD_OK) status = measure_all(&m, arena);
    pld_truths_release(&m.truths);
    return status;
}

void pld_eval_metrics_release(struct pld_eval_metrics *metrics)
{
    pld_metric_result_release(&metrics->result);
    pld_coco_table_release(&metrics->table);
    pld_confidence_release(&metrics->confidence);
    pld_confusion_release(&metrics->confusion);
    pld_tide_release(&metrics->tide);
    pld_bootstrap_release(&metrics->bootstrap);
    pld_comparison_release(&metrics->comparison);
    *metrics = (struct pld_eval_metrics){0};
}
