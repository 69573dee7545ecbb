/* pollard eval: mean average precision. */
#include "cli/command.h"
#include "cli/output.h"
#include "run/eval.h"

struct args {
    const char *model, *data, *detections, *save_detections;
};

static const struct pld_option options[] = {
    {.name = "data",
     .type = PLD_OPT_STRING,
     .offset = offsetof(struct args, data),
     .value = "DATA",
     .required = true,
     .help = "COCO annotations, an Ultralytics data.yaml or a Pascal VOC folder"},
    {.name = "detections",
     .type = PLD_OPT_STRING,
     .offset = offsetof(struct args, detections),
     .value = "DT.json",
     .help = "evaluate this file of detections; no model and no images are needed"},
    {.name = "save-detections",
     .type = PLD_OPT_STRING,
     .offset = offsetof(struct args, save_detections),
     .value = "F.json|F.pldt",
     .help = "write the detections as COCO results or, to a name in .pldt, in binary"},
    {.name = NULL},
};

static const struct pld_positional positionals[] = {
    {.name = "MODEL",
     .offset = offsetof(struct args, model),
     .optional = true,
     .help = "ONNX file; not with --detections"},
    {.name = NULL},
};

/* ---- JSON ---- */

static void add_seconds(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct pld_eval_seconds *s)
{
    yyjson_mut_val *seconds = yyjson_mut_obj_add_obj(doc, root, "seconds");
    pld_json_add_real(doc, seconds, "load", s->load);
    pld_json_add_real(doc, seconds, "forward", s->forward);
    pld_json_add_real(doc, seconds, "post", s->post);
    pld_json_add_real(doc, seconds, "metrics", s->metrics);
    pld_json_add_real(doc, seconds, "total", s->total);
}

static pld_status print_json(const struct pld_eval_result *r)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_str(doc, root, "protocol", "coco");
    yyjson_mut_obj_add_int(doc, root, "images", r->images);
    yyjson_mut_obj_add_uint(doc, root, "detections", r->detections);
    yyjson_mut_val *metrics = yyjson_mut_obj_add_obj(doc, root, "metrics");
    for (int i = 0; i < PLD_COCO_STATS; i++)
        pld_json_add_real(doc, metrics, pld_coco_stat_names[i], r->stats[i]);
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, root, "per_class");
    for (int c = 0; c < r->n_classes; c++) {
        yyjson_mut_val *item = yyjson_mut_arr_add_obj(doc, list);
        yyjson_mut_obj_add_sint(doc, item, "id", r->classes[c].id);
        yyjson_mut_obj_add_str(doc, item, "name", r->classes[c].name);
        pld_json_add_real(doc, item, "AP", r->classes[c].ap);
        pld_json_add_real(doc, item, "AP50", r->classes[c].ap50);
        yyjson_mut_obj_add_int(doc, item, "labels", r->classes[c].labels);
    }
    yyjson_mut_obj_add_str(doc, root, "device", r->device);
    yyjson_mut_obj_add_str(doc, root, "head", r->head);
    yyjson_mut_obj_add_str(doc, root, "preprocess", r->preprocess);
    add_seconds(doc, root, &r->seconds);
    return pld_output_json(doc);
}

/* ---- text ---- */

struct stat_row {
    bool recall;
    const char *iou, *area;
    int max_det;
};

/* The rows of pycocotools' summary, in the order of pld_coco_stat_names. */
static const struct stat_row stat_rows[PLD_COCO_STATS] = {
    {false, "0.50:0.95", "all", 100},    {false, "0.50", "all", 100},
    {false, "0.75", "all", 100},         {false, "0.50:0.95", "small", 100},
    {false, "0.50:0.95", "medium", 100}, {false, "0.50:0.95", "large", 100},
    {true, "0.50:0.95", "all", 1},       {true, "0.50:0.95", "all", 10},
    {true, "0.50:0.95", "all", 100},     {true, "0.50:0.95", "small", 100},
    {true, "0.50:0.95", "medium", 100},  {true, "0.50:0.95", "large", 100},
};

static void append_classes(struct pld_str *text, const struct pld_eval_result *r)
{
    pld_str_append(text, "\n     id  class                     labels     AP   AP50\n");
    for (int c = 0; c < r->n_classes; c++) {
        const struct pld_eval_class *row = &r->classes[c];
        pld_str_printf(text, "%7lld  %-24s %7d", (long long)row->id, row->name, row->labels);
        if (row->labels && row->ap >= 0)
            pld_str_printf(text, "  %.3f  %.3f\n", row->ap, row->ap50);
        else
            pld_str_append(text, "      -      -\n");
    }
}

static pld_status print_text(const struct pld_eval_result *r, bool verbose)
{
    struct pld_str text = {0};
    for (int i = 0; i < PLD_COCO_STATS; i++) {
        const struct stat_row *row = &stat_rows[i];
        pld_str_printf(&text, " %-18s (%s) @[ IoU=%-9s | area=%6s | maxDets=%3d ] = %0.3f\n",
                       row->recall ? "Average Recall" : "Average Precision",
                       row->recall ? "AR" : "AP", row->iou, row->area, row->max_det, r->stats[i]);
    }
    if (verbose) append_classes(&text, r);
    pld_str_printf(&text, "\nprotocol coco, %d images, %zu detections", r->images, r->detections);
    if (r->head[0]) pld_str_printf(&text, ", head %s, preprocessing %s", r->head, r->preprocess);
    pld_str_append(&text, "\n");
    const struct pld_eval_seconds *s = &r->seconds;
    if (r->device[0])
        pld_str_printf(&text, "%s\nseconds: load %.2f, forward %.2f, post %.2f (over all lanes), ",
                       r->device, s->load, s->forward, s->post);
    else
        pld_str_printf(&text, "seconds: load %.2f, ", s->load);
    pld_str_printf(&text, "metrics %.2f, total %.2f\n", s->metrics, s->total);
    return pld_output_text(&text);
}

static pld_status run(const struct pld_call *call)
{
    const struct args *args = call->args;
    if (!args->model && !args->detections)
        return pld_fail(PLD_EUSAGE, "pollard eval", "MODEL or --detections DT.json is needed");
    if (args->model && args->detections)
        return pld_fail(PLD_EUSAGE, "--detections", "does not go with a MODEL (%s)", args->model);
    struct pld_eval_options o = {
        .session = &call->common->session,
        .model = args->model,
        .data = args->data,
        .detections = args->detections,
        .save_detections = args->save_detections,
    };
    struct pld_eval_result result;
    pld_status status = pld_eval_run(&result, &o);
    if (status == PLD_OK)
        status =
            call->common->json ? print_json(&result) : print_text(&result, call->common->verbose);
    pld_eval_result_release(&result);
    return status;
}

const struct pld_command pld_cmd_eval = {
    .synopsis =
        "MODEL --data DATA [options]\n       pollard eval --detections DT.json --data GT.json",
    .about = "Numbers follow the COCO protocol, equal to pycocotools in every bit. Head and\n"
             "preprocessing are taken from what the model looks like, unless they are given.",
    .options = options,
    .positionals = positionals,
    .args_size = sizeof(struct args),
    .uses_images = true,
    .run = run,
};
