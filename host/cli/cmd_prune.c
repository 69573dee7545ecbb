/* pollard prune: carry out a plan. */
#include "cli/command.h"
#include "cli/output.h"
#include "run/prune.h"

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
    {.name = NULL},
};

static const struct pld_positional positionals[] = {
    {.name = "MODEL", .offset = PRUNE(model), .help = "ONNX file"},
    {.name = NULL},
};

static void add_recovery(yyjson_mut_doc *doc, yyjson_mut_val *root,
                         const struct pld_recovery_summary *r)
{
    yyjson_mut_val *o = yyjson_mut_obj_add_obj(doc, root, "compensation");
    yyjson_mut_obj_add_int(doc, o, "layers", r->layers);
    yyjson_mut_obj_add_int(doc, o, "images", r->images);
    yyjson_mut_obj_add_int(doc, o, "refused", r->refused);
    yyjson_mut_obj_add_int(doc, o, "scarce", r->scarce);
    pld_json_add_real(doc, o, "error_before", r->error_before);
    pld_json_add_real(doc, o, "error_after", r->error_after);
    pld_json_add_real(doc, o, "seconds", r->seconds);
}

static void write_recovery(struct pld_str *text, const struct pld_recovery_summary *r)
{
    pld_str_printf(text,
                   "%d layers refitted on %d images in %.1f s; error of a layer's output %.4f -> "
                   "%.4f of its variance\n",
                   r->layers, r->images, r->seconds, r->error_before, r->error_after);
    if (r->refused)
        pld_str_printf(text, "%d of them got a simpler fit: it is better on images held out\n",
                       r->refused);
}

static pld_status print_json(const char *out, const struct pld_prune_summary *s)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_strcpy(doc, root, "out", out);
    yyjson_mut_obj_add_int(doc, root, "groups", s->groups);
    yyjson_mut_obj_add_int(doc, root, "units", s->units);
    yyjson_mut_obj_add_int(doc, root, "macs", s->new_macs);
    yyjson_mut_obj_add_int(doc, root, "params", s->new_params);
    yyjson_mut_obj_add_int(doc, root, "macs_before", s->macs);
    yyjson_mut_obj_add_int(doc, root, "params_before", s->params);
    if (s->recovery.layers) add_recovery(doc, root, &s->recovery);
    return pld_output_json(doc);
}

static double share(int64_t now, int64_t before)
{
    return before > 0 ? 100.0 * (double)now / (double)before : 100.0;
}

static pld_status run(const struct pld_call *call)
{
    const struct args *args = call->args;
    struct pld_prune_options o = args->prune;
    o.session = &call->common->session;
    if (o.compensate && !o.calibrate)
        return pld_fail(PLD_EUSAGE, "--compensate", "images are needed: --calibrate DATA");
    struct pld_prune_summary s = {0};
    PLD_TRY(pld_prune_run(&s, &o));
    if (call->common->json) return print_json(o.out, &s);
    struct pld_str text = {0};
    pld_str_printf(&text, "%d units of %d groups %s\n", s.units, s.groups,
                   o.mask ? "masked" : "removed");
    pld_str_printf(&text, "MACs   %12.3f M -> %12.3f M (%.1f %%)\n", (double)s.macs / 1e6,
                   (double)s.new_macs / 1e6, share(s.new_macs, s.macs));
    pld_str_printf(&text, "params %12.3f M -> %12.3f M (%.1f %%)\n", (double)s.params / 1e6,
                   (double)s.new_params / 1e6, share(s.new_params, s.params));
    if (s.recovery.layers) write_recovery(&text, &s.recovery);
    pld_str_printf(&text, "written to %s\n", o.out);
    return pld_output_text(&text);
}

const struct pld_command pld_cmd_prune = {
    .synopsis = "MODEL --plan plan.json --out PRUNED.onnx [options]",
    .options = options,
    .positionals = positionals,
    .args_size = sizeof(struct args),
    .uses_images = true,
    .run = run,
};
