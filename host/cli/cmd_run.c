/* pollard run: a plain forward pass. */
#include "cli/command.h"
#include "cli/output.h"
#include "run/forward.h"

struct args {
    const char *model, *out;
    struct pld_words inputs;
    bool reference, dump_all, stats;
};

static const struct pld_option options[] = {
    {.name = "input",
     .letter = 'i',
     .type = PLD_OPT_EACH,
     .offset = offsetof(struct args, inputs),
     .value = "[NAME=]X.npy",
     .help = "one input; repeat for more. Without NAME: the first input not given yet"},
    {.name = "output",
     .letter = 'o',
     .type = PLD_OPT_STRING,
     .offset = offsetof(struct args, out),
     .value = "DIR",
     .required = true,
     .help = "folder that receives DIR/<output>.npy"},
    {.name = "dump-all",
     .type = PLD_OPT_FLAG,
     .offset = offsetof(struct args, dump_all),
     .help = "write every value that a node computes, not only the outputs; nothing is fused"},
    {.name = "stats",
     .type = PLD_OPT_FLAG,
     .offset = offsetof(struct args, stats),
     .help = "range, mean and deviation of every value written, and where NaN and infinity begin"},
    {.name = "reference",
     .type = PLD_OPT_FLAG,
     .offset = offsetof(struct args, reference),
     .help = "plain kernels only: slow, to compare with"},
    {.name = NULL},
};

static const struct pld_positional positionals[] = {
    {.name = "MODEL", .offset = offsetof(struct args, model), .help = "ONNX file"},
    {.name = NULL},
};

static void add_stats(yyjson_mut_doc *doc, yyjson_mut_val *item, const struct pld_value_stats *s)
{
    pld_json_add_real(doc, item, "min", s->min);
    pld_json_add_real(doc, item, "max", s->max);
    pld_json_add_real(doc, item, "mean", s->mean);
    pld_json_add_real(doc, item, "std", s->deviation);
    yyjson_mut_obj_add_sint(doc, item, "nan", s->nan);
    yyjson_mut_obj_add_sint(doc, item, "inf", s->inf);
}

static pld_status print_json(const struct pld_forward_result *r, bool stats)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, root, "outputs");
    for (int i = 0; i < r->n_outputs; i++) {
        const struct pld_forward_output *o = &r->outputs[i];
        yyjson_mut_val *item = yyjson_mut_arr_add_obj(doc, list);
        yyjson_mut_obj_add_str(doc, item, "name", o->name);
        yyjson_mut_obj_add_str(doc, item, "path", o->path);
        yyjson_mut_val *shape = yyjson_mut_obj_add_arr(doc, item, "shape");
        for (int d = 0; d < o->desc.shape.rank; d++)
            yyjson_mut_arr_add_sint(doc, shape, o->desc.shape.dim[d]);
        yyjson_mut_obj_add_str(doc, item, "dtype", pld_dtype_name(o->desc.dtype));
        if (stats) add_stats(doc, item, &o->stats);
    }
    if (stats && r->first_bad)
        yyjson_mut_obj_add_str(doc, root, "first_nonfinite", r->first_bad);
    else if (stats)
        yyjson_mut_obj_add_null(doc, root, "first_nonfinite");
    pld_json_add_real(doc, root, "seconds", r->seconds);
    return pld_output_json(doc);
}

static void append_stats(struct pld_str *text, const struct pld_value_stats *s)
{
    pld_str_printf(text, "    min %.6g  max %.6g  mean %.6g  std %.6g", s->min, s->max, s->mean,
                   s->deviation);
    if (s->nan) pld_str_printf(text, "  NaN %lld", (long long)s->nan);
    if (s->inf) pld_str_printf(text, "  infinite %lld", (long long)s->inf);
    pld_str_append(text, "\n");
}

static pld_status print_text(const struct pld_forward_result *r, bool stats)
{
    struct pld_str text = {0};
    for (int i = 0; i < r->n_outputs; i++) {
        char shape[96];
        const struct pld_forward_output *o = &r->outputs[i];
        pld_str_printf(&text, "%s  %s %s\n", o->path, pld_dtype_name(o->desc.dtype),
                       pld_shape_text(shape, sizeof shape, &o->desc.shape));
        if (stats) append_stats(&text, &o->stats);
    }
    if (r->first_bad) pld_str_printf(&text, "first NaN or infinity: %s\n", r->first_bad);
    pld_str_printf(&text, "forward: %.1f ms\n", r->seconds * 1e3);
    return pld_output_text(&text);
}

static pld_status run(const struct pld_call *call)
{
    const struct args *args = call->args;
    struct pld_session_options session = call->common->session;
    session.reference = args->reference;
    struct pld_forward_options o = {&session,  args->model,    args->inputs,
                                    args->out, args->dump_all, args->stats};
    struct pld_forward_result result;
    pld_status status = pld_forward_run(&result, &o);
    if (status == PLD_OK)
        status = call->common->json ? print_json(&result, args->stats)
                                    : print_text(&result, args->stats);
    pld_forward_result_release(&result);
    return status;
}

const struct pld_command pld_cmd_run = {
    .synopsis = "MODEL --input [NAME=]X.npy ... --output DIR",
    .about = "The shapes of the files are the shapes of the run, where the model leaves them open.",
    .options = options,
    .positionals = positionals,
    .args_size = sizeof(struct args),
    .run = run,
};
