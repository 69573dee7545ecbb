/* pollard merge: join the shards of a sweep. */
#include "cli/command.h"
#include "cli/output.h"
#include "run/merge.h"

struct args {
    const char *out;
    struct pld_words in;
};

static const struct pld_positional positionals[] = {
    {.name = "OUT", .offset = offsetof(struct args, out), .help = "folder of the joined sweep"},
    {.name = "IN",
     .offset = offsetof(struct args, in),
     .many = true,
     .help = "folders of the shards"},
    {.name = NULL},
};

static pld_status print_json(const char *out, const struct pld_merge_summary *s)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_strcpy(doc, root, "out", out);
    yyjson_mut_obj_add_int(doc, root, "shards", s->shards);
    yyjson_mut_obj_add_int(doc, root, "points", s->points);
    yyjson_mut_obj_add_int(doc, root, "missing", s->missing);
    return pld_output_json(doc);
}

static pld_status run(const struct pld_call *call)
{
    const struct args *args = call->args;
    struct pld_merge_summary summary = {0};
    PLD_TRY(pld_merge_run(&summary, args->out, &args->in));
    if (call->common->json) return print_json(args->out, &summary);
    struct pld_str text = {0};
    pld_str_printf(&text, "%d shards, %d points in %s\n", summary.shards, summary.points,
                   args->out);
    return pld_output_text(&text);
}

const struct pld_command pld_cmd_merge = {
    .synopsis = "OUT IN...",
    .positionals = positionals,
    .args_size = sizeof(struct args),
    .run = run,
};
