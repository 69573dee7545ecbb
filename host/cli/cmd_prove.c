/* pollard prove: removing equals masking, checked on a model. */
#include "cli/command.h"
#include "cli/output.h"
#include "run/proof.h"

struct args {
    const char *model;
    int units, plans;
    bool all;
    double tolerance;
};

static const struct pld_option options[] = {
    {.name = "units",
     .type = PLD_OPT_INT,
     .offset = offsetof(struct args, units),
     .initial = "2",
     .max = 1 << 20,
     .value = "N",
     .help = "units of every group that are removed alone, drawn at random"},
    {.name = "all",
     .type = PLD_OPT_FLAG,
     .offset = offsetof(struct args, all),
     .help = "remove every unit of every group alone"},
    {.name = "plans",
     .type = PLD_OPT_INT,
     .offset = offsetof(struct args, plans),
     .initial = "10",
     .max = 1 << 20,
     .value = "N",
     .help = "random plans over all groups"},
    {.name = "tolerance",
     .type = PLD_OPT_REAL,
     .offset = offsetof(struct args, tolerance),
     .initial = "1e-4",
     .max = 1,
     .value = "X",
     .help = "largest relative difference that passes"},
    {.name = NULL},
};

static const struct pld_positional positionals[] = {
    {.name = "MODEL", .offset = offsetof(struct args, model), .help = "ONNX file"},
    {.name = NULL},
};

static pld_status print_json(const struct pld_proof *p)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_int(doc, root, "groups", p->groups);
    yyjson_mut_obj_add_int(doc, root, "prunable", p->prunable);
    yyjson_mut_obj_add_int(doc, root, "units", p->units);
    yyjson_mut_obj_add_int(doc, root, "single", p->single);
    yyjson_mut_obj_add_int(doc, root, "random", p->random);
    yyjson_mut_obj_add_int(doc, root, "uniform", p->uniform);
    yyjson_mut_obj_add_int(doc, root, "failed", p->failed);
    yyjson_mut_obj_add_int(doc, root, "idle", p->idle);
    pld_json_add_real(doc, root, "worst", p->worst);
    yyjson_mut_obj_add_strcpy(doc, root, "worst_case", p->worst_case);
    return pld_output_json(doc);
}

static pld_status print_text(const struct pld_proof *p)
{
    struct pld_str text = {0};
    pld_str_printf(&text, "%d groups, %d prunable with %d units\n", p->groups, p->prunable,
                   p->units);
    pld_str_printf(&text, "%d cases: %d units alone, %d random plans, %d uniform plans\n",
                   p->single + p->random + p->uniform, p->single, p->random, p->uniform);
    pld_str_printf(&text, "%d failed; largest relative difference %.3g (%s)\n", p->failed, p->worst,
                   p->worst_case);
    if (p->idle)
        pld_str_printf(&text, "%d of them change no output of the whole model, and prove nothing\n",
                       p->idle);
    return pld_output_text(&text);
}

static pld_status run(const struct pld_call *call)
{
    const struct args *args = call->args;
    struct pld_proof_options o = {.session = &call->common->session,
                                  .model = args->model,
                                  .units = args->all ? -1 : args->units,
                                  .plans = args->plans,
                                  .tolerance = args->tolerance};
    struct pld_proof proof;
    PLD_TRY(pld_proof_run(&proof, &o));
    PLD_TRY(call->common->json ? print_json(&proof) : print_text(&proof));
    if (!proof.failed) return PLD_OK;
    return pld_fail(PLD_EGATE, args->model, "%d cases differ; the first: %s", proof.failed,
                    proof.problem);
}

const struct pld_command pld_cmd_prove = {
    .synopsis = "MODEL [--units N|--all] [--plans N]",
    .about =
        "Removes units alone, by random plans and by 10..90 % of every group, and compares the\n"
        "outputs of each smaller model with those of the model with the same units zeroed.\n"
        "Exit code 3 when any differs.",
    .options = options,
    .positionals = positionals,
    .args_size = sizeof(struct args),
    .run = run,
};
