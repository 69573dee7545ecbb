/* pollard sparsify: zeroes inside layers. */
#include <string.h>

#include "cli/command.h"
#include "cli/output.h"
#include "run/sparsify.h"

struct args {
    struct pld_sparsify_options sparsify;
    double sparsity, threshold;
    const char *scope;
    bool two_four;
};

#define ARG(field) offsetof(struct args, field)

static const char *const scopes[] = {"global", "layer", NULL};

static const struct pld_option options[] = {
    {.name = "sparsity",
     .type = PLD_OPT_REAL,
     .offset = ARG(sparsity),
     .max = 1,
     .value = "S",
     .help = "share of the weights to zero, smallest magnitudes first"},
    {.name = "scope",
     .type = PLD_OPT_CHOICE,
     .offset = ARG(scope),
     .initial = "global",
     .choices = scopes,
     .help = "that share of all weights together, or of every layer"},
    {.name = "threshold",
     .type = PLD_OPT_REAL,
     .offset = ARG(threshold),
     .max = 1e30,
     .value = "T",
     .help = "zero what is smaller than T instead"},
    {.name = "2-4",
     .type = PLD_OPT_FLAG,
     .offset = ARG(two_four),
     .help = "two of every four along the input channels instead"},
    {.name = "permute",
     .type = PLD_OPT_FLAG,
     .offset = ARG(sparsify.sparse.permute),
     .initial = "true",
     .help = "2:4: reorder channels first, so that more magnitude is kept; outputs stay equal"},
    {.name = "protect",
     .type = PLD_OPT_WORDS,
     .offset = ARG(sparsify.sparse.protect),
     .value = "GLOB,..",
     .help = "layers that stay dense, by name"},
    {.name = "out",
     .letter = 'o',
     .type = PLD_OPT_STRING,
     .offset = ARG(sparsify.out),
     .value = "F.onnx",
     .required = true,
     .help = "the sparse model"},
    {.name = NULL},
};

static const struct pld_positional positionals[] = {
    {.name = "MODEL", .offset = ARG(sparsify.model), .help = "ONNX file"},
    {.name = NULL},
};

static const char about_speed[] =
    "The file keeps its size and shapes. Zeroes by themselves make nothing faster here, nor in "
    "ONNX\n"
    "Runtime: dense kernels multiply them like other numbers. 2:4 runs faster on GPUs with sparse\n"
    "tensor cores (NVIDIA Ampere and later) when an engine is built with that option, as TensorRT\n"
    "does; unstructured zeroes help compressed storage and the few runtimes with sparse CPU "
    "kernels.\n"
    "To make a model faster everywhere, remove channels: pollard prune.\n";

static pld_status read_mode(struct pld_sparse_options *o, const struct args *args,
                            const struct pld_options *given)
{
    bool sparsity = pld_options_given(given, "sparsity");
    bool threshold = pld_options_given(given, "threshold");
    if (sparsity + threshold + args->two_four != 1)
        return pld_fail(PLD_EUSAGE, "sparsify",
                        "one of --sparsity, --threshold and --2-4 is needed");
    o->amount = threshold ? args->threshold : args->sparsity;
    o->mode = args->two_four                      ? PLD_SPARSE_2_4
              : threshold                         ? PLD_SPARSE_THRESHOLD
              : strcmp(args->scope, "layer") == 0 ? PLD_SPARSE_LAYER
                                                  : PLD_SPARSE_GLOBAL;
    return PLD_OK;
}

static pld_status print_json(const char *out, const struct pld_sparsify_result *r)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_strcpy(doc, root, "out", out);
    yyjson_mut_obj_add_int(doc, root, "weights", r->weights);
    yyjson_mut_obj_add_int(doc, root, "zeros", r->zeros);
    yyjson_mut_val *layers = yyjson_mut_obj_add_arr(doc, root, "layers");
    for (int i = 0; i < r->n_rows; i++) {
        yyjson_mut_val *layer = yyjson_mut_arr_add_obj(doc, layers);
        yyjson_mut_obj_add_strcpy(doc, layer, "name", r->rows[i].name);
        yyjson_mut_obj_add_int(doc, layer, "weights", r->rows[i].weights);
        yyjson_mut_obj_add_int(doc, layer, "zeros", r->rows[i].zeros);
        pld_json_add_real(doc, layer, "kept_magnitude", r->rows[i].kept);
        if (r->rows[i].dense) yyjson_mut_obj_add_strcpy(doc, layer, "dense", r->rows[i].dense);
    }
    return pld_output_json(doc);
}

static double percent(int64_t part, int64_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

static pld_status print_text(const char *out, const struct pld_sparsify_result *r)
{
    struct pld_str s = {0};
    pld_str_printf(&s, "%-48s %10s %8s %10s\n", "layer", "weights", "zero", "|w| kept");
    for (int i = 0; i < r->n_rows; i++) {
        const struct pld_sparsify_row *row = &r->rows[i];
        pld_str_printf(&s, "%-48s %10lld %6.1f %% %8.1f %%%s%s\n", row->name,
                       (long long)row->weights, percent(row->zeros, row->weights), 100 * row->kept,
                       row->dense ? "  dense: " : "", row->dense ? row->dense : "");
    }
    pld_str_printf(&s, "%-48s %10lld %6.1f %%\n\n", "all", (long long)r->weights,
                   percent(r->zeros, r->weights));
    pld_str_append(&s, about_speed);
    pld_str_printf(&s, "written to %s\n", out);
    return pld_output_text(&s);
}

static pld_status run(const struct pld_call *call)
{
    const struct args *args = call->args;
    struct pld_sparsify_options o = args->sparsify;
    o.session = &call->common->session;
    o.sparse.seed = o.session->seed;
    PLD_TRY(read_mode(&o.sparse, args, call->options));
    struct pld_sparsify_result result;
    pld_status status = pld_sparsify_run(&result, &o);
    if (status == PLD_OK)
        status = call->common->json ? print_json(o.out, &result) : print_text(o.out, &result);
    pld_sparsify_result_release(&result);
    return status;
}

const struct pld_command pld_cmd_sparsify = {
    .synopsis = "MODEL --sparsity 0.3 | --threshold T | --2-4  --out SPARSE.onnx",
    .about = about_speed,
    .options = options,
    .positionals = positionals,
    .args_size = sizeof(struct args),
    .run = run,
};
