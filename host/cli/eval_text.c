/* The tables of `pollard eval` on a terminal. */
#include <math.h>

#include "cli/eval_print.h"
#include "cli/output.h"

/* ---- the protocol's numbers ---- */

struct stat_row {
    bool recall;
    const char *area;
    int limit;  /* which limit of detections: 0, 1, 2; -1: 100, whatever the limits are */
    double iou; /* 0: all */
};

/* The rows of pycocotools' summary, in the order of pld_coco_stat_names. */
static const struct stat_row stat_rows[PLD_COCO_STATS] = {
    {false, "all", -1, 0},  {false, "all", 2, 0.5},  {false, "all", 2, 0.75},
    {false, "small", 2, 0}, {false, "medium", 2, 0}, {false, "large", 2, 0},
    {true, "all", 0, 0},    {true, "all", 1, 0},     {true, "all", 2, 0},
    {true, "small", 2, 0},  {true, "medium", 2, 0},  {true, "large", 2, 0},
};

static void append_coco(struct pld_str *text, const struct pld_eval_metrics *m)
{
    struct pld_coco_params params = m->params;
    if (!m->table.ap) pld_coco_params_init(&params);
    for (int i = 0; i < PLD_COCO_STATS; i++) {
        const struct stat_row *row = &stat_rows[i];
        char iou[32];
        if (row->limit >= params.n_limits) continue; /* there is no such limit */
        if (row->iou > 0)
            snprintf(iou, sizeof iou, "%0.2f", row->iou);
        else
            snprintf(iou, sizeof iou, "%0.2f:%0.2f", params.iou[0], params.iou[params.n_iou - 1]);
        pld_str_printf(text, " %-18s (%s) @[ IoU=%-9s | area=%6s | maxDets=%3d ] = %0.3f\n",
                       row->recall ? "Average Recall" : "Average Precision",
                       row->recall ? "AR" : "AP", iou, row->area,
                       row->limit < 0 ? 100 : params.limits[row->limit],
                       m->result.metrics[i].value);
    }
}

static void append_params(struct pld_str *text, const struct pld_eval_metrics *m)
{
    const struct pld_coco_params *params = &m->params;
    pld_str_append(text, "\narea                       low        high  max dets     AP     AR\n");
    for (int a = 0; a < params->n_areas; a++)
        for (int l = 0; l < params->n_limits; l++)
            pld_str_printf(text, "%-18s %11g %11g %9d %6.3f %6.3f\n", params->areas[a].label,
                           params->areas[a].low, params->areas[a].high, params->limits[l],
                           m->table.ap[a * params->n_limits + l],
                           m->table.ar[a * params->n_limits + l]);
}

static void append_metrics(struct pld_str *text, const struct pld_metric_result *result)
{
    for (int i = 0; i < result->n_metrics; i++)
        pld_str_printf(text, " %-8s %.4f\n", result->metrics[i].name, result->metrics[i].value);
}

static void append_value(struct pld_str *text, double value)
{
    if (value < 0)
        pld_str_append(text, "      -");
    else
        pld_str_printf(text, "  %.3f", value);
}

static void append_classes(struct pld_str *text, const struct pld_eval_result *r)
{
    const struct pld_confidence *curves = &r->metrics.confidence;
    bool sizes = r->metrics.result.protocol == &pld_protocol_coco;
    pld_str_printf(text, "\n     id  class                     labels     AP   AP50%s%s\n",
                   sizes ? "    APs    APm    APl" : "",
                   curves->classes ? "      P      R     F1   conf" : "");
    for (int c = 0; c < r->n_classes; c++) {
        const struct pld_eval_class *row = &r->classes[c];
        const struct pld_metric_class *class = &r->metrics.result.classes[c];
        pld_str_printf(text, "%7lld  %-24s %7d", (long long)row->id, row->name, row->labels);
        append_value(text, class->ap);
        append_value(text, class->ap50);
        for (int i = 0; i < 3 && sizes; i++)
            append_value(text, class->size[i]);
        if (curves->classes) {
            const struct pld_best_f1 *best = &curves->classes[c].best;
            bool any = curves->classes[c].positives > 0;
            append_value(text, any ? best->precision : -1);
            append_value(text, any ? best->recall : -1);
            append_value(text, any ? best->f1 : -1);
            append_value(text, any ? best->score : -1);
        }
        pld_str_append(text, "\n");
    }
}

/* ---- what explains them ---- */

static void append_best(struct pld_str *text, const struct pld_confidence *curves)
{
    const struct pld_best_f1 *best = &curves->all.best;
    pld_str_printf(
        text, "\nbest mean F1 %.3f at confidence %.2f: precision %.3f, recall %.3f (IoU %.2f)\n",
        best->f1, best->score, best->precision, best->recall, curves->iou);
}

/* The pairs of classes that are taken for each other most often; the whole matrix is in the JSON.
 */
static void append_confusion(struct pld_str *text, const struct pld_eval_result *r)
{
    enum { ROWS = 10 };
    const struct pld_confusion *confusion = &r->metrics.confusion;
    uint32_t right = 0, missed = 0, nothing = 0, last = UINT32_MAX;
    for (int k = 0; k < confusion->n; k++) {
        right += pld_confusion_at(confusion, k, k);
        missed += pld_confusion_at(confusion, k, confusion->n);
        nothing += pld_confusion_at(confusion, confusion->n, k);
    }
    pld_str_printf(text, "\nat score %.2f and IoU %.2f: %u found, %u missed, %u where nothing is\n",
                   confusion->score, confusion->iou, right, missed, nothing);
    if (confusion->n != r->n_classes) return; /* class-agnostic: there are no names */
    /* Goes down the counts; those of one value come in order of classes. */
    for (int shown = 0; shown < ROWS && last > 1;) {
        uint32_t most = 0;
        for (int t = 0; t < confusion->n; t++)
            for (int f = 0; f < confusion->n; f++) {
                uint32_t count = pld_confusion_at(confusion, t, f);
                if (t != f && count < last && count > most) most = count;
            }
        for (int t = 0; t < confusion->n && most; t++)
            for (int f = 0; f < confusion->n && shown < ROWS; f++)
                if (t != f && pld_confusion_at(confusion, t, f) == most && ++shown)
                    pld_str_printf(text, "%7u  %s taken for %s\n", most, r->classes[t].name,
                                   r->classes[f].name);
        if (!most) break;
        last = most;
    }
}

static void append_errors(struct pld_str *text, const struct pld_tide *tide)
{
    pld_str_printf(text, "\nerrors (TIDE, AP50 %.2f):", 100 * tide->ap);
    for (int e = 0; e < PLD_TIDE_ERRORS; e++)
        pld_str_printf(text, " %7s", pld_tide_names[e]);
    pld_str_append(text, "  FalsePos FalseNeg\n  points of AP lost to them ");
    for (int e = 0; e < PLD_TIDE_ERRORS; e++)
        pld_str_printf(text, " %7.2f", 100 * tide->gain[e]);
    pld_str_printf(text, "   %7.2f  %7.2f\n  how many                  ",
                   100 * tide->false_positive, 100 * tide->false_negative);
    for (int e = 0; e < PLD_TIDE_ERRORS; e++)
        pld_str_printf(text, " %7zu", tide->count[e]);
    pld_str_append(text, "\n");
}

static void append_ties(struct pld_str *text, const struct pld_ties *ties)
{
    pld_str_printf(text,
                   "\n%zu detections share their score with another of their class, %zu of them in "
                   "one image\nAP %.5f; in another order of equal scores %.5f to %.5f; list "
                   "reversed %.5f\n",
                   ties->detections, ties->in_cell, ties->ap, ties->worst, ties->best,
                   ties->reversed);
}

static void append_explain(struct pld_str *text, const struct pld_explain *explain)
{
    pld_str_printf(text, "\nfrom %s (%s) to %s (%s), in points of mAP\n\n%-16s %39s  %6.2f\n",
                   explain->from->name, explain->from->version, explain->to->name,
                   explain->to->version, explain->from->name, "", 100 * explain->start);
    for (int i = 0; i < explain->n_steps; i++) {
        const struct pld_explain_step *step = &explain->steps[i];
        pld_str_printf(text, "%-16s %-34s -> %-34s %+7.2f  %6.2f\n", step->rule, step->from,
                       step->to, 100 * (step->after - step->before), 100 * step->after);
    }
    pld_str_printf(text, "%-16s %-34s    %-34s %+7.2f  %6.2f\n", explain->to->name, "", "",
                   100 * (explain->end - explain->start), 100 * explain->end);
}

static void append_interval(struct pld_str *text, const char *name,
                            const struct pld_interval *interval)
{
    pld_str_printf(text, "%-6s %.4f  95 %% interval %.4f to %.4f, standard error %.4f\n", name,
                   interval->estimate, interval->low, interval->high, interval->standard_error);
}

static void append_difference(struct pld_str *text, const char *name,
                              const struct pld_difference *d)
{
    pld_str_printf(text, "%-24s %7.4f %7.4f  %+8.4f  %+8.4f to %+8.4f  %6.4f\n", name, d->a, d->b,
                   d->d.estimate, d->d.low, d->d.high, d->p);
}

static void append_comparison(struct pld_str *text, const struct pld_eval_result *r, bool verbose)
{
    const struct pld_comparison *c = &r->metrics.comparison;
    pld_str_printf(text, "\npaired, %d resamples of the images\n%-24s %7s %7s  %8s  %-20s  %6s\n",
                   c->samples, "", "this", "other", "differ", "95 % interval", "p");
    append_difference(text, "AP", &c->ap);
    append_difference(text, "AP50", &c->ap50);
    for (int k = 0; k < c->n_classes && verbose; k++)
        if (c->classes[k].a >= 0) append_difference(text, r->classes[k].name, &c->classes[k]);
}

static void append_analyses(struct pld_str *text, const struct pld_eval_result *r, bool verbose)
{
    const struct pld_eval_metrics *m = &r->metrics;
    if (m->table.ap) append_params(text, m);
    if (verbose || m->confidence.classes) append_classes(text, r);
    if (m->confidence.classes) append_best(text, &m->confidence);
    if (m->confusion.counts) append_confusion(text, r);
    if (m->tide.errors) append_errors(text, &m->tide);
    if (m->has_ties) append_ties(text, &m->ties);
    if (m->explain.from) append_explain(text, &m->explain);
    if (m->bootstrap.classes) {
        pld_str_printf(text, "\nbootstrap, %d resamples of the images\n", m->bootstrap.samples);
        append_interval(text, "AP", &m->bootstrap.ap);
        append_interval(text, "AP50", &m->bootstrap.ap50);
    }
    if (m->comparison.classes) append_comparison(text, r, verbose);
}

static void append_pixel(struct pld_str *text, const struct pld_eval_result *r)
{
    const struct pld_protocol *protocol = r->metrics.result.protocol;
    if (protocol->rules.overlap != PLD_OVERLAP_PIXELS) return;
    pld_str_append(text, r->last_pixel_inside
                             ? "no pixel added: the boxes reach to the far edge of their last one\n"
                             : "one pixel added to every length: w = xmax - xmin\n");
}

static void append_seconds(struct pld_str *text, const struct pld_eval_result *r)
{
    const struct pld_eval_seconds *s = &r->seconds;
    if (r->device[0])
        pld_str_printf(text, "%s\nseconds: load %.2f, forward %.2f, post %.2f (over all lanes), ",
                       r->device, s->load, s->forward, s->post);
    else
        pld_str_printf(text, "seconds: load %.2f, ", s->load);
    pld_str_printf(text, "metrics %.2f, total %.2f\n", s->metrics, s->total);
}

pld_status pld_eval_print_text(const struct pld_eval_result *r, bool verbose)
{
    struct pld_str text = {0};
    const struct pld_protocol *protocol = r->metrics.result.protocol;
    if (protocol == &pld_protocol_coco)
        append_coco(&text, &r->metrics);
    else
        append_metrics(&text, &r->metrics.result);
    append_analyses(&text, r, verbose);
    pld_str_printf(&text, "\nprotocol %s, %d images, %zu detections", protocol->name, r->images,
                   r->detections);
    if (r->head[0]) pld_str_printf(&text, ", head %s, preprocessing %s", r->head, r->preprocess);
    pld_str_append(&text, "\n");
    append_pixel(&text, r);
    append_seconds(&text, r);
    return pld_output_text(&text);
}
