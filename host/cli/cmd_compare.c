/* pollard compare: two detectors on the same images. */
#include "cli/command.h"
#include "cli/compare_print.h"
#include "run/compare.h"

struct args {
    const char *a, *b, *data, *report;
    int bootstrap;
};

static const struct pld_option options[] = {
    {.name = "data",
     .type = PLD_OPT_STRING,
     .offset = offsetof(struct args, data),
     .value = "DATA",
     .required = true,
     .help = "COCO annotations, an Ultralytics data.yaml or a Pascal VOC folder"},
    {.name = "bootstrap",
     .type = PLD_OPT_INT,
     .offset = offsetof(struct args, bootstrap),
     .initial = "1000",
     .min = 1,
     .max = 1000000,
     .help = "resamples of the images, for intervals and p-values"},
    {.name = "report",
     .type = PLD_OPT_STRING,
     .offset = offsetof(struct args, report),
     .value = "F.html",
     .help = "write a page with the differences and the images that got worse"},
    {.name = NULL},
};

static const struct pld_positional positionals[] = {
    {.name = "A",
     .offset = offsetof(struct args, a),
     .help = "a model, or its detections (a name in .json or .pldt)"},
    {.name = "B", .offset = offsetof(struct args, b), .help = "the other one"},
    {.name = NULL},
};

static pld_status run(const struct pld_call *call)
{
    const struct args *args = call->args;
    struct pld_str line = {0};
    struct pld_compare_result result;
    pld_command_line(&line, call);
    const struct pld_compare_options o = {
        .session = &call->common->session,
        .sides = {args->a, args->b},
        .data = args->data,
        .bootstrap = args->bootstrap,
        .report = args->report,
        .command_line = line.data,
    };
    pld_status status = pld_compare_run(&result, &o);
    if (status == PLD_OK)
        status = call->common->json ? pld_compare_print_json(&result, &o)
                                    : pld_compare_print_text(&result, &o, call->common->verbose);
    pld_compare_result_release(&result);
    pld_str_release(&line);
    return status;
}

const struct pld_command pld_cmd_compare = {
    .synopsis = "A B --data DATA [options]",
    .about =
        "Differences are B less A, with intervals and p-values from the same resamples of the\n"
        "images for both.",
    .options = options,
    .positionals = positionals,
    .args_size = sizeof(struct args),
    .uses_images = true,
    .run = run,
};
