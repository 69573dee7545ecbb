/* pollard report: HTML from sweeps. */
#include "cli/command.h"
#include "cli/output.h"
#include "run/report_cmd.h"

struct args {
    struct pld_words dirs;
    const char *out;
};

static const struct pld_option options[] = {
    {.name = "out",
     .letter = 'o',
     .type = PLD_OPT_STRING,
     .offset = offsetof(struct args, out),
     .value = "F.html",
     .required = true,
     .help = "the report, one file that needs nothing else"},
    {.name = NULL},
};

static const struct pld_positional positionals[] = {
    {.name = "DIR",
     .offset = offsetof(struct args, dirs),
     .many = true,
     .help = "folder of a sweep"},
    {.name = NULL},
};

static pld_status run(const struct pld_call *call)
{
    const struct args *args = call->args;
    PLD_TRY(pld_report_run(&args->dirs, args->out));
    if (call->common->json) {
        yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
        if (!doc) return pld_fail_memory("JSON");
        yyjson_mut_val *root = yyjson_mut_obj(doc);
        yyjson_mut_doc_set_root(doc, root);
        yyjson_mut_obj_add_strcpy(doc, root, "report", args->out);
        return pld_output_json(doc);
    }
    struct pld_str text = {0};
    pld_str_printf(&text, "%s\n", args->out);
    return pld_output_text(&text);
}

const struct pld_command pld_cmd_report = {
    .synopsis = "DIR... --out F.html",
    .options = options,
    .positionals = positionals,
    .args_size = sizeof(struct args),
    .run = run,
};
