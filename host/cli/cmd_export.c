/* pollard export: a model of any format that is read, written as ONNX. */
#include "cli/command.h"
#include "cli/output.h"

struct args {
    const char *model, *out;
};

static const struct pld_option options[] = {
    {.name = "out",
     .letter = 'o',
     .type = PLD_OPT_STRING,
     .offset = offsetof(struct args, out),
     .value = "F.onnx",
     .required = true,
     .help = "the ONNX file to write"},
    {.name = NULL},
};

static const struct pld_positional positionals[] = {
    {.name = "MODEL",
     .offset = offsetof(struct args, model),
     .help = "ONNX file, or a Darknet .cfg with its .weights beside it"},
    {.name = NULL},
};

static pld_status print(const struct pld_call *call, const struct pld_graph *model)
{
    const struct args *args = call->args;
    int64_t params = pld_graph_params(model), macs = pld_graph_macs(model);
    if (call->common->json) {
        yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
        if (!doc) return pld_fail_memory("JSON");
        yyjson_mut_val *root = yyjson_mut_obj(doc);
        yyjson_mut_doc_set_root(doc, root);
        yyjson_mut_obj_add_strcpy(doc, root, "out", args->out);
        yyjson_mut_obj_add_int(doc, root, "params", params);
        yyjson_mut_obj_add_int(doc, root, "macs", macs);
        return pld_output_json(doc);
    }
    struct pld_str text = {0};
    pld_str_printf(&text, "%.3f M parameters, %.3f M MACs\nwritten to %s\n", (double)params / 1e6,
                   (double)macs / 1e6, args->out);
    return pld_output_text(&text);
}

static pld_status run(const struct pld_call *call)
{
    const struct args *args = call->args;
    struct pld_session session;
    pld_status status = pld_session_open(&session, &call->common->session);
    if (status == PLD_OK) status = pld_session_load_model(&session, args->model);
    if (status == PLD_OK) status = pld_graph_save(session.model, args->out);
    if (status == PLD_OK) status = print(call, session.model);
    pld_session_close(&session);
    return status;
}

const struct pld_command pld_cmd_export = {
    .synopsis = "MODEL --out F.onnx",
    .about = "Head, anchors and preprocessing of a Darknet model go to the metadata of the file.",
    .options = options,
    .positionals = positionals,
    .args_size = sizeof(struct args),
    .run = run,
};
