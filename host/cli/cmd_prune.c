/* pollard prune: carry out a plan. */
#include "cli/command.h"
#include "cli/prune_print.h"

struct args {
    struct pld_prune_options prune;
};

#define PRUNE(field) offsetof(struct args, prune.field)

static const char *const compensations[] = {"affine", "ls", "sequential", NULL};

static const struct pld_option options[] = {
    {.name = "plan",
     .type = PLD_OPT_STRING,
     .offset = PRUNE(plan),
     .value = "F.json",
     .required = true,
     .help = "which units go"},
    {.name = "out",
     .letter = 'o',
     .type = PLD_OPT_STRING,
     .offset = PRUNE(out),
     .value = "F.onnx",
     .required = true,
     .help = "the pruned model"},
    {.name = "mask",
     .type = PLD_OPT_FLAG,
     .offset = PRUNE(mask),
     .help = "keep all shapes and zero the consumers instead; same outputs"},
    {.name = "keep-index",
     .type = PLD_OPT_STRING,
     .offset = PRUNE(keep_index),
     .value = "F.json",
     .help = "also write which indices of which tensors stay, to prune the network elsewhere"},
    {.name = "calibrate",
     .type = PLD_OPT_STRING,
     .offset = PRUNE(calibrate),
     .value = "DATA",
     .help = "images for --compensate; labels are not used"},
    {.name = "compensate",
     .type = PLD_OPT_CHOICE,
     .offset = PRUNE(compensate),
     .choices = compensations,
     .help = "fit the remaining weights to the unpruned model's activations"},
    {.name = "data",
     .type = PLD_OPT_STRING,
     .offset = PRUNE(data),
     .value = "DATA",
     .help = "labelled images, to measure mAP before and after"},
    {.name = "bench",
     .type = PLD_OPT_FLAG,
     .offset = PRUNE(bench),
     .initial = "true",
     .help = "measure latency before and after (--no-bench: do not)"},
    {.name = NULL},
};

static const struct pld_positional positionals[] = {
    {.name = "MODEL", .offset = PRUNE(model), .help = "ONNX file"},
    {.name = NULL},
};

static pld_status run(const struct pld_call *call)
{
    const struct args *args = call->args;
    struct pld_prune_options o = args->prune;
    o.session = &call->common->session;
    if (o.compensate && !o.calibrate)
        return pld_fail(PLD_EUSAGE, "--compensate", "images are needed: --calibrate DATA");
    if (o.mask && o.data)
        return pld_fail(PLD_EUSAGE, "--data",
                        "does not go with --mask (pollard eval measures one)");
    struct pld_prune_summary s;
    pld_status status = pld_prune_run(&s, &o);
    if (status == PLD_OK)
        status = call->common->json ? pld_prune_print_json(&o, &s) : pld_prune_print_text(&o, &s);
    pld_prune_summary_release(&s);
    return status;
}

const struct pld_command pld_cmd_prune = {
    .synopsis = "MODEL --plan plan.json --out PRUNED.onnx [options]",
    .options = options,
    .positionals = positionals,
    .args_size = sizeof(struct args),
    .uses_images = true,
    .run = run,
};
