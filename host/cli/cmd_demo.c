/* pollard demo: a small detection problem whose pictures are drawn, not downloaded. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/output.h"
#include "core/file.h"
#include "eval/synth/synth.h"
#include "run/demo.h"

struct args {
    const char *out;
    bool images_only;
    int first, count;
};

static const struct pld_option options[] = {
    {.name = "out",
     .letter = 'o',
     .type = PLD_OPT_STRING,
     .offset = offsetof(struct args, out),
     .initial = "demo-out",
     .value = "DIR",
     .help = "folder of everything the demo makes"},
    {.name = "images-only",
     .type = PLD_OPT_FLAG,
     .offset = offsetof(struct args, images_only),
     .help = "draw pictures and annotations, and stop"},
    {.name = "count",
     .type = PLD_OPT_INT,
     .offset = offsetof(struct args, count),
     .initial = "96",
     .min = 1,
     .max = 1000000,
     .help = "how many pictures"},
    {.name = "first",
     .type = PLD_OPT_INT,
     .offset = offsetof(struct args, first),
     .initial = "0",
     .max = 1000000000,
     .help = "number of the first picture of the series"},
    {.name = NULL},
};

static pld_status draw(const struct args *args, const struct pld_common *common)
{
    PLD_TRY(pld_dir_make(args->out));
    PLD_TRY(pld_synth_write_dataset(args->out, common->session.seed, args->first, args->count));
    if (!common->json) {
        struct pld_str text = {0};
        pld_str_printf(&text, "%d pictures and %s/annotations.json\n", args->count, args->out);
        return pld_output_text(&text);
    }
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_str(doc, root, "out", args->out);
    yyjson_mut_obj_add_int(doc, root, "images", args->count);
    return pld_output_json(doc);
}

static pld_status print_json(const struct pld_sweep_summary *s, const char *out)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_strcpy(doc, root, "out", out);
    yyjson_mut_obj_add_int(doc, root, "images", s->images);
    yyjson_mut_obj_add_int(doc, root, "groups", s->groups);
    yyjson_mut_obj_add_int(doc, root, "points", s->points);
    pld_json_add_real(doc, root, "baseline", s->baseline);
    pld_json_add_real(doc, root, "seconds", s->seconds);
    return pld_output_json(doc);
}

static pld_status sweep(const struct pld_call *call)
{
    const struct args *args = call->args;
    struct pld_demo_options o = {
        .session = &call->common->session,
        .out = args->out,
        .seed =
            pld_options_given(call->options, "seed") ? call->common->session.seed : PLD_DEMO_SEED,
        .first = args->first,
        .count = pld_options_given(call->options, "count") ? args->count : PLD_DEMO_IMAGES,
    };
    struct pld_str line = {0};
    pld_command_line(&line, call);
    o.command_line = line.data;
    struct pld_sweep_summary summary = {0};
    pld_status status = line.failed ? PLD_EDEVICE : pld_demo_run(&summary, &o);
    pld_str_release(&line);
    PLD_TRY(status);
    if (call->common->json) return print_json(&summary, args->out);
    char dir[4096];
    PLD_TRY(pld_path_join(dir, sizeof dir, args->out, "sweep"));
    return pld_output_sweep(dir, summary.seconds);
}

static pld_status run(const struct pld_call *call)
{
    const struct args *args = call->args;
    return args->images_only ? draw(args, call->common) : sweep(call);
}

const struct pld_command pld_cmd_demo = {
    .synopsis = "[--out DIR] [--images-only] [--count N] [--seed N]",
    .about =
        "Draws pictures of panels with defects (a pure function of the seed), sweeps the small\n"
        "detector that comes with the program on them, and leaves DIR/sweep/report.html.",
    .options = options,
    .args_size = sizeof(struct args),
    .uses_images = true,
    .run = run,
};
