/* pollard dataset: convert, check and describe datasets. */
#include <string.h>

#include "cli/command.h"
#include "cli/output.h"
#include "run/dataset.h"

struct args {
    const char *action, *data, *out;
    const char *to, *files, *images, *model;
    int max_images;
    bool skip_images, headers;
};

static const char *const placings[] = {"link", "copy", "none", NULL}; /* enum pld_image_placing */

static const struct pld_option options[] = {
    {.name = "to",
     .type = PLD_OPT_CHOICE,
     .offset = offsetof(struct args, to),
     .choices = pld_dataset_writers,
     .help = "convert: format of OUT; by default coco where OUT ends in .json"},
    {.name = "files",
     .type = PLD_OPT_CHOICE,
     .offset = offsetof(struct args, files),
     .choices = placings,
     .initial = "link",
     .help = "convert: what becomes of the image files"},
    {.name = "model",
     .type = PLD_OPT_STRING,
     .offset = offsetof(struct args, model),
     .value = "MODEL",
     .help = "check: compare the classes with those of this ONNX file"},
    {.name = "skip-images",
     .type = PLD_OPT_FLAG,
     .offset = offsetof(struct args, skip_images),
     .help = "check: do not look at the image files"},
    {.name = "headers",
     .type = PLD_OPT_FLAG,
     .offset = offsetof(struct args, headers),
     .help = "check: only the headers of the image files, not every pixel"},
    {.name = "images",
     .type = PLD_OPT_STRING,
     .offset = offsetof(struct args, images),
     .value = "DIR",
     .help = "folder of the images, where it is not beside the annotations"},
    {.name = "max-images",
     .type = PLD_OPT_INT,
     .offset = offsetof(struct args, max_images),
     .initial = "0",
     .max = 1e9,
     .help = "only the first N images by id; 0 is all"},
    {.name = NULL},
};

static const struct pld_positional positionals[] = {
    {.name = "ACTION", .offset = offsetof(struct args, action), .help = "convert, check or stats"},
    {.name = "DATA",
     .offset = offsetof(struct args, data),
     .help = "COCO annotations, an Ultralytics data.yaml, a Pascal VOC folder"},
    {.name = "OUT",
     .offset = offsetof(struct args, out),
     .optional = true,
     .help = "convert: folder to make, or a .json file"},
    {.name = NULL},
};

static yyjson_mut_doc *new_document(const struct pld_dataset *dataset)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return NULL;
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_str(doc, root, "data", dataset->source);
    yyjson_mut_obj_add_str(doc, root, "format", dataset->format);
    yyjson_mut_obj_add_int(doc, root, "images", dataset->n_images);
    yyjson_mut_obj_add_int(doc, root, "categories", dataset->n_categories);
    yyjson_mut_obj_add_int(doc, root, "boxes", dataset->n_annotations);
    return doc;
}

static void describe(struct pld_str *text, const struct pld_dataset *dataset)
{
    pld_str_printf(text, "%s: %s, %d images, %d categories, %d boxes\n", dataset->source,
                   dataset->format, dataset->n_images, dataset->n_categories,
                   dataset->n_annotations);
}

/* ---- convert ------------------------------------------------------------------------------- */

static pld_status print_converted(const struct pld_dataset *dataset, const struct args *args,
                                  const char *format, bool json)
{
    struct pld_str text = {0};
    if (!json) {
        describe(&text, dataset);
        pld_str_printf(&text, "written to %s as %s\n", args->out, format);
        return pld_output_text(&text);
    }
    yyjson_mut_doc *doc = new_document(dataset);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
    yyjson_mut_obj_add_strcpy(doc, root, "out", args->out);
    yyjson_mut_obj_add_strcpy(doc, root, "to", format);
    return pld_output_json(doc);
}

static pld_status convert(const struct pld_call *call, const struct pld_dataset_run *run)
{
    const struct args *args = call->args;
    if (!args->out) return pld_fail(PLD_EUSAGE, "pollard dataset convert", "OUT is needed");
    size_t n = strlen(args->out);
    bool file = n > 5 && strcmp(args->out + n - 5, ".json") == 0;
    const char *format = args->to ? args->to : file ? "coco" : NULL;
    if (!format)
        return pld_fail(PLD_EUSAGE, "pollard dataset convert", "--to coco, yolo or voc is needed");
    enum pld_image_placing placing = PLD_IMAGES_LINK;
    for (int i = 0; placings[i]; i++)
        if (strcmp(placings[i], args->files) == 0) placing = (enum pld_image_placing)i;
    struct pld_dataset dataset = {0};
    pld_status status =
        pld_dataset_run_convert(&dataset, run, args->out, format, file ? PLD_IMAGES_NONE : placing);
    if (status == PLD_OK) status = print_converted(&dataset, args, format, call->common->json);
    pld_dataset_release(&dataset);
    return status;
}

/* ---- check --------------------------------------------------------------------------------- */

static const char *const levels[] = {"note", "warning", "error"}; /* enum pld_finding_level */

static void add_findings(yyjson_mut_doc *doc, yyjson_mut_val *list,
                         const struct pld_findings *findings, int kind)
{
    const struct pld_finding_row *row = &pld_finding_rows[kind];
    size_t n = findings->counts[kind];
    yyjson_mut_val *group = yyjson_mut_arr_add_obj(doc, list);
    yyjson_mut_obj_add_str(doc, group, "kind", row->name);
    yyjson_mut_obj_add_str(doc, group, "level", levels[row->level]);
    yyjson_mut_obj_add_str(doc, group, "help", row->help);
    yyjson_mut_obj_add_uint(doc, group, "count", n);
    yyjson_mut_val *examples = yyjson_mut_obj_add_arr(doc, group, "examples");
    for (size_t i = 0; i < n && i < PLD_FINDINGS_KEPT; i++) {
        yyjson_mut_val *item = yyjson_mut_arr_add_obj(doc, examples);
        yyjson_mut_obj_add_str(doc, item, "where", findings->items[kind][i].where);
        yyjson_mut_obj_add_str(doc, item, "message", findings->items[kind][i].message);
    }
}

static pld_status print_findings_json(const struct pld_findings *findings,
                                      const struct pld_dataset *dataset)
{
    yyjson_mut_doc *doc = new_document(dataset);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
    yyjson_mut_obj_add_uint(doc, root, "errors", pld_findings_count(findings, PLD_FINDING_ERROR));
    yyjson_mut_obj_add_uint(doc, root, "warnings",
                            pld_findings_count(findings, PLD_FINDING_WARNING));
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, root, "findings");
    for (int kind = 0; kind < PLD_FINDING_KINDS; kind++)
        if (findings->counts[kind]) add_findings(doc, list, findings, kind);
    return pld_output_json(doc);
}

static pld_status print_findings_text(const struct pld_findings *findings,
                                      const struct pld_dataset *dataset, bool verbose)
{
    struct pld_str text = {0};
    size_t shown = verbose ? PLD_FINDINGS_KEPT : 3;
    describe(&text, dataset);
    for (int kind = 0; kind < PLD_FINDING_KINDS; kind++) {
        const struct pld_finding_row *row = &pld_finding_rows[kind];
        size_t n = findings->counts[kind];
        if (!n) continue;
        pld_str_printf(&text, "\n%s %s: %zu x %s\n", levels[row->level], row->name, n, row->help);
        for (size_t i = 0; i < n && i < shown; i++)
            pld_str_printf(&text, "  %s: %s\n", findings->items[kind][i].where,
                           findings->items[kind][i].message);
        if (n > shown) pld_str_printf(&text, "  and %zu more\n", n - shown);
    }
    pld_str_printf(&text, "\n%zu errors, %zu warnings, %zu notes\n",
                   pld_findings_count(findings, PLD_FINDING_ERROR),
                   pld_findings_count(findings, PLD_FINDING_WARNING),
                   pld_findings_count(findings, PLD_FINDING_NOTE));
    return pld_output_text(&text);
}

static pld_status print_findings(const struct pld_findings *findings,
                                 const struct pld_dataset *dataset, const struct pld_call *call)
{
    PLD_TRY(call->common->json ? print_findings_json(findings, dataset)
                               : print_findings_text(findings, dataset, call->common->verbose));
    size_t errors = pld_findings_count(findings, PLD_FINDING_ERROR);
    if (errors == 0) return PLD_OK;
    return pld_fail(PLD_EGATE, dataset->source, "the check found %zu errors", errors);
}

static pld_status check(const struct pld_call *call, const struct pld_dataset_run *run)
{
    const struct args *args = call->args;
    struct pld_dataset_run_check what = {
        .images = !args->skip_images, .decode = !args->headers, .model = args->model};
    struct pld_dataset dataset = {0};
    struct pld_findings findings = {0};
    pld_status status = pld_dataset_run_check(&findings, &dataset, run, &what);
    if (status == PLD_OK) status = print_findings(&findings, &dataset, call);
    pld_findings_release(&findings);
    pld_dataset_release(&dataset);
    return status;
}

/* ---- stats --------------------------------------------------------------------------------- */

struct spread_row {
    const char *key, *title;
    size_t offset; /* in struct pld_dataset_stats */
};

#define SPREAD(field) offsetof(struct pld_dataset_stats, field)
static const struct spread_row spreads[] = {
    {"boxes_per_image", "boxes an image", SPREAD(boxes_per_image)},
    {"side", "box sqrt(w*h), px", SPREAD(side)},
    {"aspect", "box w/h", SPREAD(aspect)},
    {"part", "box part of image", SPREAD(part)},
    {"width", "image width, px", SPREAD(width)},
    {"height", "image height, px", SPREAD(height)},
};
enum { SPREADS = sizeof spreads / sizeof *spreads };

static const struct pld_spread *spread_of(const struct pld_dataset_stats *stats, int i)
{
    return (const struct pld_spread *)((const char *)stats + spreads[i].offset);
}

static void add_spread(yyjson_mut_doc *doc, yyjson_mut_val *root, const char *key,
                       const struct pld_spread *s)
{
    yyjson_mut_val *item = yyjson_mut_obj_add_obj(doc, root, key);
    yyjson_mut_obj_add_uint(doc, item, "count", s->count);
    if (!s->count) return;
    pld_json_add_real(doc, item, "min", s->min);
    pld_json_add_real(doc, item, "p5", s->p5);
    pld_json_add_real(doc, item, "p25", s->p25);
    pld_json_add_real(doc, item, "median", s->median);
    pld_json_add_real(doc, item, "p75", s->p75);
    pld_json_add_real(doc, item, "p95", s->p95);
    pld_json_add_real(doc, item, "max", s->max);
    pld_json_add_real(doc, item, "mean", s->mean);
}

static void add_counts(yyjson_mut_doc *doc, yyjson_mut_val *item, const struct pld_class_stats *c)
{
    yyjson_mut_obj_add_int(doc, item, "boxes", c->boxes);
    yyjson_mut_obj_add_int(doc, item, "images", c->images);
    yyjson_mut_obj_add_int(doc, item, "crowd", c->crowd);
    yyjson_mut_obj_add_int(doc, item, "difficult", c->difficult);
    yyjson_mut_obj_add_int(doc, item, "small", c->small);
    yyjson_mut_obj_add_int(doc, item, "medium", c->medium);
    yyjson_mut_obj_add_int(doc, item, "large", c->large);
}

static pld_status print_stats_json(const struct pld_dataset_stats *stats,
                                   const struct pld_dataset *dataset)
{
    yyjson_mut_doc *doc = new_document(dataset);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
    add_counts(doc, yyjson_mut_obj_add_obj(doc, root, "all"), &stats->all);
    for (int i = 0; i < SPREADS; i++)
        add_spread(doc, root, spreads[i].key, spread_of(stats, i));
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, root, "per_class");
    for (int k = 0; k < dataset->n_categories; k++) {
        yyjson_mut_val *item = yyjson_mut_arr_add_obj(doc, list);
        yyjson_mut_obj_add_int(doc, item, "id", dataset->categories[k].id);
        yyjson_mut_obj_add_str(doc, item, "name", dataset->categories[k].name);
        add_counts(doc, item, &stats->classes[k]);
    }
    return pld_output_json(doc);
}

static void add_class_line(struct pld_str *text, const char *name, const struct pld_class_stats *c)
{
    pld_str_printf(text, "%-24s %8d %8d %8d %8d %8d %8d %9d\n", name, c->boxes, c->images, c->small,
                   c->medium, c->large, c->crowd, c->difficult);
}

static pld_status print_stats_text(const struct pld_dataset_stats *stats,
                                   const struct pld_dataset *dataset)
{
    struct pld_str text = {0};
    describe(&text, dataset);
    pld_str_append(&text, "\n                          min      5%     25%  median     75%     95%"
                          "     max    mean\n");
    for (int i = 0; i < SPREADS; i++) {
        const struct pld_spread *s = spread_of(stats, i);
        if (!s->count) continue;
        pld_str_printf(&text, "%-20s %8.4g%8.4g%8.4g%8.4g%8.4g%8.4g%8.4g%8.4g\n", spreads[i].title,
                       s->min, s->p5, s->p25, s->median, s->p75, s->p95, s->max, s->mean);
    }
    pld_str_append(&text, "\nclass                       boxes   images    small   medium    large"
                          "    crowd difficult\n");
    for (int k = 0; k < dataset->n_categories; k++)
        add_class_line(&text, dataset->categories[k].name, &stats->classes[k]);
    add_class_line(&text, "all", &stats->all);
    return pld_output_text(&text);
}

static pld_status stats(const struct pld_call *call, const struct pld_dataset_run *run)
{
    struct pld_dataset dataset = {0};
    struct pld_dataset_stats result;
    pld_status status = pld_dataset_run_stats(&result, &dataset, run);
    if (status == PLD_OK)
        status = call->common->json ? print_stats_json(&result, &dataset)
                                    : print_stats_text(&result, &dataset);
    pld_dataset_stats_release(&result);
    pld_dataset_release(&dataset);
    return status;
}

/* ---- command ------------------------------------------------------------------------------- */

static const struct action {
    const char *name;
    pld_status (*run)(const struct pld_call *, const struct pld_dataset_run *);
} actions[] = {{"convert", convert}, {"check", check}, {"stats", stats}};
enum { ACTIONS = sizeof actions / sizeof *actions };

static pld_status run(const struct pld_call *call)
{
    const struct args *args = call->args;
    struct pld_dataset_run what = {.session = &call->common->session,
                                   .data = args->data,
                                   .images_dir = args->images,
                                   .max_images = args->max_images};
    const char *names[ACTIONS];
    for (int i = 0; i < ACTIONS; i++) {
        names[i] = actions[i].name;
        if (strcmp(args->action, names[i]) != 0) continue;
        if (args->out && i != 0)
            return pld_fail(PLD_EUSAGE, args->action, "takes no OUT (%s)", args->out);
        return actions[i].run(call, &what);
    }
    const char *near = pld_str_nearest(args->action, names, ACTIONS);
    return pld_fail(PLD_EUSAGE, "pollard dataset", "no action '%s'%s%s%s", args->action,
                    near ? "; did you mean '" : "; there are convert, check and stats",
                    near ? near : "", near ? "'?" : "");
}

const struct pld_command pld_cmd_dataset = {
    .synopsis = "convert DATA OUT --to coco|yolo|voc\n"
                "       pollard dataset check DATA [--model MODEL]\n"
                "       pollard dataset stats DATA",
    .about =
        "check finds what bites later: boxes outside of images, ids that come twice, missing or\n"
        "broken images, classes in another order than the model's; it exits with 3 where there\n"
        "are errors, with 5 where the dataset cannot be read at all.",
    .options = options,
    .positionals = positionals,
    .args_size = sizeof(struct args),
    .run = run,
};
