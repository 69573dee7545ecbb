/* pollard sweep: mAP of every group at every ratio. */
#include <math.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/output.h"
#include "run/sweep.h"

struct args {
    struct pld_sweep_options sweep;
    const char *shard;
};

#define SWEEP(field) offsetof(struct args, sweep.field)

static const struct pld_option options[] = {
    {.name = "data",
     .type = PLD_OPT_STRING,
     .offset = SWEEP(data),
     .value = "DATA",
     .required = true,
     .help = "COCO annotations or an Ultralytics data.yaml; a folder of images for agreement"},
    {.name = "out",
     .letter = 'o',
     .type = PLD_OPT_STRING,
     .offset = SWEEP(out),
     .value = "DIR",
     .required = true,
     .help = "folder of the results"},
    {.name = "ratios",
     .type = PLD_OPT_REALS,
     .offset = SWEEP(ratios),
     .initial = "0.1:0.9:0.1",
     .max = 1,
     .value = "A:B:S|X,X",
     .help = "shares of a group's channels to remove"},
    {.name = "criterion",
     .type = PLD_OPT_STRING,
     .offset = SWEEP(criterion),
     .initial = "l1",
     .value = "NAME",
     .help = "what makes a channel unimportant"},
    {.name = "metric",
     .type = PLD_OPT_STRING,
     .offset = SWEEP(metric),
     .initial = "map",
     .value = "NAME",
     .help = "map, or agreement with the unpruned model: needs no labels"},
    {.name = "groups",
     .type = PLD_OPT_WORDS,
     .offset = SWEEP(groups),
     .value = "ID,..",
     .help = "only these groups; ids as 'pollard groups' prints them"},
    {.name = "devices",
     .type = PLD_OPT_WORDS,
     .offset = SWEEP(devices),
     .value = "0,1|all",
     .help = "several devices at once"},
    {.name = "shard",
     .type = PLD_OPT_STRING,
     .offset = offsetof(struct args, shard),
     .value = "I/N",
     .help = "do part I of N (from 1); 'pollard merge' joins the parts"},
    {.name = "resume",
     .type = PLD_OPT_FLAG,
     .offset = SWEEP(resume),
     .help = "continue where an interrupted sweep in DIR stopped"},
    {.name = "dry-run",
     .type = PLD_OPT_FLAG,
     .offset = SWEEP(dry_run),
     .help = "say what would be measured and what it costs, write nothing"},
    {.name = NULL},
};

static const struct pld_positional positionals[] = {
    {.name = "MODEL", .offset = SWEEP(model), .help = "ONNX file"},
    {.name = NULL},
};

static pld_status parse_shard(struct pld_sweep_options *o, const char *text)
{
    o->shard = o->shards = 1;
    if (!text) return PLD_OK;
    char *end;
    long part = strtol(text, &end, 10), all = 0;
    if (*end == '/') all = strtol(end + 1, &end, 10);
    if (*end || part < 1 || part > all || all > 1000000)
        return pld_fail(PLD_EUSAGE, "--shard", "'%s' is not I/N with 1 <= I <= N", text);
    o->shard = (int)part;
    o->shards = (int)all;
    return PLD_OK;
}

static pld_status print_json(const struct pld_sweep_summary *s, const struct pld_sweep_options *o)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_strcpy(doc, root, "out", o->out);
    yyjson_mut_obj_add_bool(doc, root, "dry_run", o->dry_run);
    yyjson_mut_obj_add_int(doc, root, "groups", s->groups);
    yyjson_mut_obj_add_int(doc, root, "points", s->points);
    yyjson_mut_obj_add_int(doc, root, "points_done", s->points_done);
    yyjson_mut_obj_add_int(doc, root, "images", s->images);
    pld_json_add_real(doc, root, "baseline", s->baseline);
    yyjson_mut_obj_add_int(doc, root, "macs", s->macs);
    yyjson_mut_obj_add_strcpy(doc, root, "device", s->device);
    pld_json_add_real(doc, root, "seconds", s->seconds);
    return pld_output_json(doc);
}

static pld_status print_text(const struct pld_sweep_summary *s, const struct pld_sweep_options *o)
{
    if (!o->dry_run) return pld_output_sweep(o->out, s->seconds);
    struct pld_str text = {0};
    pld_str_printf(&text, "%d groups, %d points, %d images, %.3f TMACs on %s\n", s->groups,
                   s->points, s->images, (double)s->macs / 1e12, s->device);
    if (isfinite(s->seconds)) pld_str_printf(&text, "estimated: %.1f s\n", s->seconds);
    pld_str_append(&text, "dry run: nothing was measured or written\n");
    return pld_output_text(&text);
}

static pld_status run(const struct pld_call *call)
{
    const struct args *args = call->args;
    struct pld_sweep_options o = args->sweep;
    o.session = &call->common->session;
    PLD_TRY(parse_shard(&o, args->shard));
    struct pld_str line = {0};
    pld_command_line(&line, call);
    o.command_line = line.data;
    struct pld_sweep_summary summary = {0};
    pld_status status = line.failed ? PLD_EDEVICE : pld_sweep_run(&summary, &o);
    pld_str_release(&line);
    PLD_TRY(status);
    return call->common->json ? print_json(&summary, &o) : print_text(&summary, &o);
}

const struct pld_command pld_cmd_sweep = {
    .synopsis = "MODEL --data DATA --out DIR [options]",
    .about = "Every prunable group is measured at every ratio on the same images. The journal\n"
             "DIR/results.jsonl survives a kill; --resume continues it.",
    .options = options,
    .positionals = positionals,
    .args_size = sizeof(struct args),
    .uses_images = true,
    .run = run,
};
