/* pollard run: a plain forward pass. */
#include "cli/command.h"
#include "cli/output.h"
#include "run/forward.h"

struct args {
    const char *model, *out;
    struct pld_words inputs;
    bool reference;
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

static pld_status print_json(const struct pld_forward_result *r)
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
    }
    pld_json_add_real(doc, root, "seconds", r->seconds);
    return pld_output_json(doc);
}

static pld_status print_text(const struct pld_forward_result *r)
{
    struct pld_str text = {0};
    for (int i = 0; i < r->n_outputs; i++) {
        char shape[96];
        const struct pld_forward_output *o = &r->outputs[i];
        pld_str_printf(&text, "%s  %s %s\n", o->path, pld_dtype_name(o->desc.dtype),
                       pld_shape_text(shape, sizeof shape, &o->desc.shape));
    }
    pld_str_printf(&text, "forward: %.1f ms\n", r->seconds * 1e3);
    return pld_output_text(&text);
}

static pld_status run(const struct pld_call *call)
{
    const struct args *args = call->args;
    struct pld_session_options session = call->common->session;
    session.reference = args->reference;
    struct pld_forward_options o = {&session, args->model, args->inputs, args->out};
    struct pld_forward_result result;
    pld_status status = pld_forward_run(&result, &o);
    if (status == PLD_OK) status = call->common->json ? print_json(&result) : print_text(&result);
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
