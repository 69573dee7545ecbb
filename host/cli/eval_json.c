/* The JSON document of `pollard eval`. What was not asked for is not in it. */
#include "cli/eval_print.h"
#include "cli/output.h"

typedef yyjson_mut_doc doc_t;
typedef yyjson_mut_val val_t;

static void add_seconds(doc_t *doc, val_t *root, const struct pld_eval_seconds *s)
{
    val_t *seconds = yyjson_mut_obj_add_obj(doc, root, "seconds");
    pld_json_add_real(doc, seconds, "load", s->load);
    pld_json_add_real(doc, seconds, "forward", s->forward);
    pld_json_add_real(doc, seconds, "post", s->post);
    pld_json_add_real(doc, seconds, "metrics", s->metrics);
    pld_json_add_real(doc, seconds, "total", s->total);
}

static void add_reals(doc_t *doc, val_t *object, const char *key, const double *values, size_t n)
{
    val_t *list = yyjson_mut_obj_add_arr(doc, object, key);
    for (size_t i = 0; i < n; i++)
        yyjson_mut_arr_append(list, pld_json_real(doc, values[i]));
}

static void add_classes(doc_t *doc, val_t *root, const struct pld_eval_result *r)
{
    static const char *const sizes[] = {"APs", "APm", "APl"};
    val_t *list = yyjson_mut_obj_add_arr(doc, root, "per_class");
    for (int c = 0; c < r->n_classes; c++) {
        const struct pld_metric_class *class = &r->metrics.result.classes[c];
        val_t *item = yyjson_mut_arr_add_obj(doc, list);
        yyjson_mut_obj_add_sint(doc, item, "id", r->classes[c].id);
        yyjson_mut_obj_add_str(doc, item, "name", r->classes[c].name);
        pld_json_add_real(doc, item, "AP", class->ap);
        pld_json_add_real(doc, item, "AP50", class->ap50);
        for (int i = 0; i < 3 && r->metrics.result.protocol == &pld_protocol_coco; i++)
            pld_json_add_real(doc, item, sizes[i], class->size[i]);
        yyjson_mut_obj_add_int(doc, item, "labels", r->classes[c].labels);
    }
}

static void add_params(doc_t *doc, val_t *root, const struct pld_eval_metrics *m)
{
    const struct pld_coco_params *params = &m->params;
    val_t *object = yyjson_mut_obj_add_obj(doc, root, "params");
    add_reals(doc, object, "iou_thrs", params->iou, (size_t)params->n_iou);
    yyjson_mut_obj_add_bool(doc, object, "class_agnostic", params->class_agnostic);
    val_t *rows = yyjson_mut_obj_add_arr(doc, object, "table");
    for (int a = 0; a < params->n_areas; a++) {
        for (int l = 0; l < params->n_limits; l++) {
            val_t *row = yyjson_mut_arr_add_obj(doc, rows);
            yyjson_mut_obj_add_str(doc, row, "area", params->areas[a].label);
            pld_json_add_real(doc, row, "low", params->areas[a].low);
            pld_json_add_real(doc, row, "high", params->areas[a].high);
            yyjson_mut_obj_add_int(doc, row, "max_dets", params->limits[l]);
            pld_json_add_real(doc, row, "AP", m->table.ap[a * params->n_limits + l]);
            pld_json_add_real(doc, row, "AR", m->table.ar[a * params->n_limits + l]);
        }
    }
}

static void add_curve(doc_t *doc, val_t *object, const struct pld_confidence_class *class)
{
    add_reals(doc, object, "precision_at_confidence", class->precision, PLD_CONFIDENCES);
    add_reals(doc, object, "recall_at_confidence", class->recall, PLD_CONFIDENCES);
    add_reals(doc, object, "f1_at_confidence", class->f1, PLD_CONFIDENCES);
    add_reals(doc, object, "precision_at_recall", class->at_recall, PLD_CURVE_POINTS);
    val_t *best = yyjson_mut_obj_add_obj(doc, object, "best_f1");
    pld_json_add_real(doc, best, "F1", class->best.f1);
    pld_json_add_real(doc, best, "P", class->best.precision);
    pld_json_add_real(doc, best, "R", class->best.recall);
    pld_json_add_real(doc, best, "confidence", class->best.score);
}

static void add_curves(doc_t *doc, val_t *root, const struct pld_eval_result *r)
{
    const struct pld_confidence *curves = &r->metrics.confidence;
    val_t *object = yyjson_mut_obj_add_obj(doc, root, "curves");
    pld_json_add_real(doc, object, "iou", curves->iou);
    add_curve(doc, yyjson_mut_obj_add_obj(doc, object, "all"), &curves->all);
    val_t *list = yyjson_mut_obj_add_arr(doc, object, "per_class");
    for (int k = 0; k < curves->n_classes; k++) {
        val_t *item = yyjson_mut_arr_add_obj(doc, list);
        yyjson_mut_obj_add_sint(doc, item, "id", r->classes[k].id);
        yyjson_mut_obj_add_uint(doc, item, "positives", curves->classes[k].positives);
        if (curves->classes[k].positives) add_curve(doc, item, &curves->classes[k]);
    }
}

static void add_confusion(doc_t *doc, val_t *root, const struct pld_confusion *confusion)
{
    val_t *object = yyjson_mut_obj_add_obj(doc, root, "confusion");
    pld_json_add_real(doc, object, "score", confusion->score);
    pld_json_add_real(doc, object, "iou", confusion->iou);
    /* Rows: class of the box, the last one none; columns: class of the detection, the last one
     * missed. In the order of per_class. */
    val_t *rows = yyjson_mut_obj_add_arr(doc, object, "counts");
    for (int t = 0; t <= confusion->n; t++) {
        val_t *row = yyjson_mut_arr_add_arr(doc, rows);
        for (int f = 0; f <= confusion->n; f++)
            yyjson_mut_arr_add_uint(doc, row, pld_confusion_at(confusion, t, f));
    }
}

static void add_errors(doc_t *doc, val_t *root, const struct pld_tide *tide)
{
    val_t *object = yyjson_mut_obj_add_obj(doc, root, "errors");
    pld_json_add_real(doc, object, "AP50_tide", tide->ap);
    val_t *gain = yyjson_mut_obj_add_obj(doc, object, "dAP");
    for (int e = 0; e < PLD_TIDE_ERRORS; e++)
        pld_json_add_real(doc, gain, pld_tide_names[e], tide->gain[e]);
    pld_json_add_real(doc, gain, "FalsePos", tide->false_positive);
    pld_json_add_real(doc, gain, "FalseNeg", tide->false_negative);
    val_t *count = yyjson_mut_obj_add_obj(doc, object, "count");
    for (int e = 0; e < PLD_TIDE_ERRORS; e++)
        yyjson_mut_obj_add_uint(doc, count, pld_tide_names[e], tide->count[e]);
}

static void add_ties(doc_t *doc, val_t *root, const struct pld_ties *ties)
{
    val_t *object = yyjson_mut_obj_add_obj(doc, root, "ties");
    yyjson_mut_obj_add_uint(doc, object, "detections", ties->detections);
    yyjson_mut_obj_add_uint(doc, object, "in_one_image", ties->in_cell);
    pld_json_add_real(doc, object, "AP", ties->ap);
    pld_json_add_real(doc, object, "best", ties->best);
    pld_json_add_real(doc, object, "worst", ties->worst);
    pld_json_add_real(doc, object, "reversed", ties->reversed);
}

static void add_explain(doc_t *doc, val_t *root, const struct pld_explain *explain)
{
    val_t *object = yyjson_mut_obj_add_obj(doc, root, "explain");
    yyjson_mut_obj_add_str(doc, object, "from", explain->from->name);
    yyjson_mut_obj_add_str(doc, object, "to", explain->to->name);
    pld_json_add_real(doc, object, "start", explain->start);
    pld_json_add_real(doc, object, "end", explain->end);
    val_t *list = yyjson_mut_obj_add_arr(doc, object, "steps");
    for (int i = 0; i < explain->n_steps; i++) {
        const struct pld_explain_step *step = &explain->steps[i];
        val_t *item = yyjson_mut_arr_add_obj(doc, list);
        yyjson_mut_obj_add_str(doc, item, "rule", step->rule);
        yyjson_mut_obj_add_strcpy(doc, item, "from", step->from);
        yyjson_mut_obj_add_strcpy(doc, item, "to", step->to);
        pld_json_add_real(doc, item, "before", step->before);
        pld_json_add_real(doc, item, "after", step->after);
        pld_json_add_real(doc, item, "change", step->after - step->before);
    }
}

static void add_ci(doc_t *doc, val_t *object, const struct pld_interval *interval)
{
    const double ends[2] = {interval->low, interval->high};
    add_reals(doc, object, "ci95", ends, 2);
    pld_json_add_real(doc, object, "standard_error", interval->standard_error);
}

static void add_bootstrap(doc_t *doc, val_t *root, const struct pld_eval_result *r)
{
    const struct pld_bootstrap *bootstrap = &r->metrics.bootstrap;
    val_t *object = yyjson_mut_obj_add_obj(doc, root, "bootstrap");
    yyjson_mut_obj_add_int(doc, object, "samples", bootstrap->samples);
    add_ci(doc, yyjson_mut_obj_add_obj(doc, object, "AP"), &bootstrap->ap);
    add_ci(doc, yyjson_mut_obj_add_obj(doc, object, "AP50"), &bootstrap->ap50);
    val_t *list = yyjson_mut_obj_add_arr(doc, object, "per_class");
    for (int k = 0; k < bootstrap->n_classes; k++) {
        val_t *item = yyjson_mut_arr_add_obj(doc, list);
        yyjson_mut_obj_add_sint(doc, item, "id", r->classes[k].id);
        add_ci(doc, item, &bootstrap->classes[k]);
    }
}

static void add_difference(doc_t *doc, val_t *object, const struct pld_difference *difference)
{
    pld_json_add_real(doc, object, "a", difference->a);
    pld_json_add_real(doc, object, "b", difference->b);
    pld_json_add_real(doc, object, "difference", difference->d.estimate);
    add_ci(doc, object, &difference->d);
    pld_json_add_real(doc, object, "p", difference->p);
}

static void add_comparison(doc_t *doc, val_t *root, const struct pld_eval_result *r)
{
    const struct pld_comparison *comparison = &r->metrics.comparison;
    val_t *object = yyjson_mut_obj_add_obj(doc, root, "comparison");
    yyjson_mut_obj_add_int(doc, object, "samples", comparison->samples);
    add_difference(doc, yyjson_mut_obj_add_obj(doc, object, "AP"), &comparison->ap);
    add_difference(doc, yyjson_mut_obj_add_obj(doc, object, "AP50"), &comparison->ap50);
    val_t *list = yyjson_mut_obj_add_arr(doc, object, "per_class");
    for (int k = 0; k < comparison->n_classes; k++) {
        val_t *item = yyjson_mut_arr_add_obj(doc, list);
        yyjson_mut_obj_add_sint(doc, item, "id", r->classes[k].id);
        add_difference(doc, item, &comparison->classes[k]);
    }
}

static void add_analyses(doc_t *doc, val_t *root, const struct pld_eval_result *r)
{
    const struct pld_eval_metrics *m = &r->metrics;
    if (m->table.ap) add_params(doc, root, m);
    if (m->confidence.classes) add_curves(doc, root, r);
    if (m->confusion.counts) add_confusion(doc, root, &m->confusion);
    if (m->tide.errors) add_errors(doc, root, &m->tide);
    if (m->has_ties) add_ties(doc, root, &m->ties);
    if (m->explain.from) add_explain(doc, root, &m->explain);
    if (m->bootstrap.classes) add_bootstrap(doc, root, r);
    if (m->comparison.classes) add_comparison(doc, root, r);
}

pld_status pld_eval_print_json(const struct pld_eval_result *r)
{
    const struct pld_metric_result *result = &r->metrics.result;
    doc_t *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("JSON");
    val_t *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_str(doc, root, "protocol", result->protocol->name);
    yyjson_mut_obj_add_str(doc, root, "protocol_version", result->protocol->version);
    if (result->protocol->rules.overlap == PLD_OVERLAP_PIXELS)
        yyjson_mut_obj_add_bool(doc, root, "pixel_added", !r->last_pixel_inside);
    yyjson_mut_obj_add_int(doc, root, "images", r->images);
    yyjson_mut_obj_add_uint(doc, root, "detections", r->detections);
    val_t *metrics = yyjson_mut_obj_add_obj(doc, root, "metrics");
    for (int i = 0; i < result->n_metrics; i++)
        pld_json_add_real(doc, metrics, result->metrics[i].name, result->metrics[i].value);
    add_classes(doc, root, r);
    yyjson_mut_obj_add_str(doc, root, "device", r->device);
    yyjson_mut_obj_add_str(doc, root, "head", r->head);
    yyjson_mut_obj_add_str(doc, root, "preprocess", r->preprocess);
    add_seconds(doc, root, &r->seconds);
    add_analyses(doc, root, r);
    return pld_output_json(doc);
}
