/* pollard eval: mean average precision. */
#include "cli/command.h"
#include "cli/output.h"
#include "cli/eval_print.h"
#include "run/eval.h"

struct args {
    const char *model, *data, *detections, *against, *save_detections, *draw, *report;
    double draw_score;
    bool strict, lenient;
    struct pld_eval_request request;
};

#define REQUEST(field) offsetof(struct args, request.field)

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
    {.name = "against",
     .type = PLD_OPT_STRING,
     .offset = offsetof(struct args, against),
     .value = "DT2.json",
     .help =
         "compare with this results file: difference, interval and p-value, on the same images"},
    {.name = "save-detections",
     .type = PLD_OPT_STRING,
     .offset = offsetof(struct args, save_detections),
     .value = "F.json|F.pldt",
     .help = "write the detections as COCO results or, to a name in .pldt, in binary"},
    {.name = "draw",
     .type = PLD_OPT_STRING,
     .offset = offsetof(struct args, draw),
     .value = "DIR",
     .help = "write the images with boxes, names and scores; DATA may be without labels then"},
    {.name = "draw-score",
     .type = PLD_OPT_REAL,
     .offset = offsetof(struct args, draw_score),
     .initial = "0.35",
     .max = 1,
     .help = "draw detections with a higher score"},
    {.name = "report",
     .type = PLD_OPT_STRING,
     .offset = offsetof(struct args, report),
     .value = "F.html",
     .help = "write a page with everything: classes, curves, confusion, errors, worst images"},
    {.name = "strict",
     .type = PLD_OPT_FLAG,
     .offset = offsetof(struct args, strict),
     .help = "refuse files that pycocotools raises on: no detections, no area or iscrowd"},
    {.name = "lenient",
     .type = PLD_OPT_FLAG,
     .offset = offsetof(struct args, lenient),
     .help = "leave out, with a warning, what is of images or categories that are not listed"},
    {.name = "analyze",
     .type = PLD_OPT_WORDS,
     .offset = REQUEST(analyze),
     .value = "LIST",
     .help = "curves (P, R, F1 over confidence; PR), confusion (matrix), errors (TIDE), ties (how "
             "far equal scores move AP), or all"},
    {.name = "confusion-at",
     .type = PLD_OPT_REALS,
     .offset = REQUEST(confusion_at),
     .max = 1,
     .value = "SCORE,IOU",
     .help = "where to take the confusion matrix; 0.25,0.5 by default"},
    {.name = "explain",
     .type = PLD_OPT_STRING,
     .offset = REQUEST(explain),
     .value = "PROTOCOL",
     .help = "why this protocol gives another number, decision by decision"},
    {.name = "bootstrap",
     .type = PLD_OPT_INT,
     .offset = REQUEST(bootstrap),
     .initial = "0",
     .max = 1000000,
     .help = "intervals from N resamples of the images; --against takes 1000 where it is 0"},
    {.name = "iou-thrs",
     .type = PLD_OPT_WORDS,
     .offset = REQUEST(params.iou_thrs),
     .value = "LIST",
     .help = "IoU thresholds of the coco protocol: 0.5,0.75 or 0.5:0.95:0.05"},
    {.name = "area-ranges",
     .type = PLD_OPT_WORDS,
     .offset = REQUEST(params.area_ranges),
     .value = "NAME=LOW:HIGH,..",
     .help = "its area ranges in pixels, such as all=0:1e10,tiny=0:256"},
    {.name = "max-dets",
     .type = PLD_OPT_INTS,
     .offset = REQUEST(params.max_dets),
     .min = 1,
     .max = 1e9,
     .value = "N,..",
     .help = "its limits of detections an image and class; 1,10,100 by default"},
    {.name = "class-agnostic",
     .type = PLD_OPT_FLAG,
     .offset = REQUEST(params.class_agnostic),
     .help = "one class for everything, in the coco protocol"},
    {.name = NULL},
};

static const struct pld_positional positionals[] = {
    {.name = "MODEL",
     .offset = offsetof(struct args, model),
     .optional = true,
     .help = "ONNX file; not with --detections"},
    {.name = NULL},
};

static pld_status print_unmeasured(const struct pld_call *call, const struct pld_eval_result *r)
{
    if (call->common->json) {
        yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
        if (!doc) return pld_fail_memory("JSON");
        yyjson_mut_val *root = yyjson_mut_obj(doc);
        yyjson_mut_doc_set_root(doc, root);
        yyjson_mut_obj_add_int(doc, root, "images", r->images);
        yyjson_mut_obj_add_uint(doc, root, "detections", r->detections);
        return pld_output_json(doc);
    }
    struct pld_str text = {0};
    pld_str_printf(&text, "%d images, %zu detections; no labels, so nothing was measured\n",
                   r->images, r->detections);
    return pld_output_text(&text);
}

static pld_status run(const struct pld_call *call)
{
    const struct args *args = call->args;
    if (!args->model && !args->detections)
        return pld_fail(PLD_EUSAGE, "pollard eval", "MODEL or --detections DT.json is needed");
    if (args->model && args->detections)
        return pld_fail(PLD_EUSAGE, "--detections", "does not go with a MODEL (%s)", args->model);
    if (args->detections && args->draw)
        return pld_fail(PLD_EUSAGE, "--draw", "does not go with --detections");
    struct pld_eval_options o = {
        .session = &call->common->session,
        .model = args->model,
        .data = args->data,
        .detections = args->detections,
        .against = args->against,
        .save_detections = args->save_detections,
        .report = args->report,
        .draw = args->draw,
        .draw_score = args->draw_score,
        .strict = args->strict,
        .lenient = args->lenient,
        .request = args->request,
    };
    struct pld_eval_result result;
    struct pld_str line = {0};
    pld_command_line(&line, call);
    o.command_line = line.data;
    pld_status status = pld_eval_run(&result, &o);
    if (status == PLD_OK && !result.measured)
        status = print_unmeasured(call, &result);
    else if (status == PLD_OK)
        status = call->common->json ? pld_eval_print_json(&result)
                                    : pld_eval_print_text(&result, call->common->verbose);
    pld_str_release(&line);
    pld_eval_result_release(&result);
    return status;
}

const struct pld_command pld_cmd_eval = {
    .synopsis =
        "MODEL --data DATA [options]\n       pollard eval --detections DT.json --data GT.json",
    .about =
        "Numbers follow a protocol; those of coco are equal to pycocotools in every bit. Head\n"
        "and preprocessing are taken from what the model looks like, unless they are given.",
    .options = options,
    .positionals = positionals,
    .args_size = sizeof(struct args),
    .uses_images = true,
    .run = run,
};
