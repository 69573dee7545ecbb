/* pollard groups: coupled channel groups. */
#include "cli/command.h"
#include "cli/output.h"
#include "run/groups.h"

struct args {
    const char *model, *why, *svg, *dot;
};

static const struct pld_option options[] = {
    {.name = "why",
     .type = PLD_OPT_STRING,
     .offset = offsetof(struct args, why),
     .value = "GROUP|NODE",
     .help = "explain one group: the chain of operators that couples or locks it"},
    {.name = "svg",
     .type = PLD_OPT_STRING,
     .offset = offsetof(struct args, svg),
     .value = "F.svg",
     .help = "also draw the graph, nodes in the colour of their group"},
    {.name = "dot",
     .type = PLD_OPT_STRING,
     .offset = offsetof(struct args, dot),
     .value = "F.dot",
     .help = "the same for Graphviz"},
    {.name = NULL},
};

static const struct pld_positional positionals[] = {
    {.name = "MODEL", .offset = offsetof(struct args, model), .help = "ONNX file"},
    {.name = NULL},
};

static pld_status run(const struct pld_call *call)
{
    const struct args *args = call->args;
    struct pld_groups_options o = {
        .session = &call->common->session,
        .model = args->model,
        .why = args->why,
        .svg = args->svg,
        .dot = args->dot,
        .json = call->common->json,
        .verbose = call->common->verbose,
    };
    struct pld_str text = {0};
    pld_status status = pld_groups_describe(&text, &o);
    if (status == PLD_OK) return pld_output_text(&text);
    pld_str_release(&text);
    return status;
}

const struct pld_command pld_cmd_groups = {
    .synopsis = "MODEL [--why GROUP|NODE] [--svg F.svg]",
    .about =
        "A group is a set of channels in several tensors that can only go together. Locked groups\n"
        "are listed with the operator and the axis that hold them.",
    .options = options,
    .positionals = positionals,
    .args_size = sizeof(struct args),
    .run = run,
};
