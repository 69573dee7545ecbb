/* pollard inspect: what a model is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/output.h"
#include "graph/passes.h"

struct args {
    const char *model;
};

static const struct pld_positional positionals[] = {
    {.name = "MODEL", .offset = offsetof(struct args, model), .help = "ONNX file"},
    {.name = NULL},
};

/* One kind of operator. */
struct op_count {
    const char *type;
    int count;
    bool supported;
    int64_t macs;
};

struct inspection {
    struct pld_session session;
    struct op_count *ops; /* most frequent first; arena of the graph */
    int n_ops;
    bool inferred;     /* shapes and MACs are known */
    bool bound;        /* head and preprocessing are known */
    char trouble[600]; /* why not, when one of them is not */
};

static struct op_count *find_op(struct inspection *in, const char *type)
{
    for (int i = 0; i < in->n_ops; i++)
        if (strcmp(in->ops[i].type, type) == 0) return &in->ops[i];
    struct op_count *op = &in->ops[in->n_ops++];
    *op = (struct op_count){.type = type};
    return op;
}

static int by_count(const void *a, const void *b)
{
    const struct op_count *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return strcmp(x->type, y->type);
}

static pld_status count_ops(struct inspection *in)
{
    struct pld_graph *graph = in->session.model;
    in->ops = pld_arena_array(&graph->arena, (size_t)graph->n_nodes + 1, sizeof *in->ops);
    if (!in->ops) return PLD_EDEVICE;
    for (int i = 0; i < graph->n_nodes; i++) {
        struct op_count *op = find_op(in, graph->nodes[i].type);
        op->count++;
        op->supported = graph->nodes[i].op != PLD_NONE;
        if (in->inferred && pld_node_live(&graph->nodes[i])) op->macs += pld_node_macs(graph, i);
    }
    qsort(in->ops, (size_t)in->n_ops, sizeof *in->ops, by_count);
    return PLD_OK;
}

/* A model that cannot be run is still worth a look, so only an unreadable one is an error. */
static pld_status look(struct inspection *in, const char *path,
                       const struct pld_session_options *options)
{
    PLD_TRY(pld_session_open(&in->session, options));
    pld_status status = pld_session_load_model(&in->session, path);
    if (!in->session.model || status == PLD_EUSAGE) return status;
    in->inferred = status == PLD_OK;
    if (status == PLD_OK) status = pld_session_bind_head(&in->session);
    if (status == PLD_EUSAGE) return status;
    in->bound = status == PLD_OK;
    if (status != PLD_OK)
        snprintf(in->trouble, sizeof in->trouble, "%s", pld_error_last()->message);
    return count_ops(in);
}

/* The shape as far as it is known: inferred, else declared. */
static const struct pld_declared *shape_of(struct pld_declared *out, const struct pld_value *value)
{
    if (!value->inferred && value->declared) return value->declared;
    *out = (struct pld_declared){.rank = value->inferred ? value->desc.shape.rank : -1};
    for (int i = 0; i < out->rank; i++)
        out->dim[i] = value->desc.shape.dim[i];
    return out;
}

static const char *dtype_of(const struct pld_value *value)
{
    return value->desc.dtype < PLD_DTYPE_COUNT ? pld_dtype_name(value->desc.dtype) : "unknown";
}

/* ---- JSON ---- */

static void add_values(yyjson_mut_doc *doc, yyjson_mut_val *root, const char *key,
                       const struct pld_graph *graph, const int *values, int n)
{
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, root, key);
    for (int i = 0; i < n; i++) {
        const struct pld_value *value = &graph->values[values[i]];
        struct pld_declared known;
        const struct pld_declared *shape = shape_of(&known, value);
        yyjson_mut_val *item = yyjson_mut_arr_add_obj(doc, list);
        yyjson_mut_obj_add_str(doc, item, "name", value->name);
        yyjson_mut_val *dims = yyjson_mut_obj_add_arr(doc, item, "shape");
        for (int d = 0; d < shape->rank; d++) {
            if (shape->dim[d] >= 0)
                yyjson_mut_arr_add_sint(doc, dims, shape->dim[d]);
            else
                yyjson_mut_arr_add_null(doc, dims);
        }
        yyjson_mut_obj_add_str(doc, item, "dtype", dtype_of(value));
    }
}

static void add_text(yyjson_mut_doc *doc, yyjson_mut_val *root, const char *key, const char *text)
{
    if (text)
        yyjson_mut_obj_add_strcpy(doc, root, key, text);
    else
        yyjson_mut_obj_add_null(doc, root, key);
}

static pld_status print_json(const struct inspection *in)
{
    const struct pld_graph *graph = in->session.model;
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    add_values(doc, root, "inputs", graph, graph->inputs, graph->n_inputs);
    add_values(doc, root, "outputs", graph, graph->outputs, graph->n_outputs);
    yyjson_mut_obj_add_sint(doc, root, "params", pld_graph_params(graph));
    if (in->inferred)
        yyjson_mut_obj_add_sint(doc, root, "macs", pld_graph_macs(graph));
    else
        yyjson_mut_obj_add_null(doc, root, "macs");
    yyjson_mut_val *ops = yyjson_mut_obj_add_obj(doc, root, "ops");
    for (int i = 0; i < in->n_ops; i++)
        yyjson_mut_obj_add_int(doc, ops, in->ops[i].type, in->ops[i].count);
    add_text(doc, root, "head", in->bound ? in->session.head.head->name : NULL);
    add_text(doc, root, "preprocess", in->bound ? in->session.preprocess->name : NULL);
    yyjson_mut_val *unsupported = yyjson_mut_obj_add_arr(doc, root, "unsupported");
    for (int i = 0; i < in->n_ops; i++)
        if (!in->ops[i].supported) yyjson_mut_arr_add_str(doc, unsupported, in->ops[i].type);
    add_text(doc, root, "head_evidence", in->bound ? in->session.head_why : NULL);
    add_text(doc, root, "trouble", in->trouble[0] ? in->trouble : NULL);
    if (in->bound) yyjson_mut_obj_add_int(doc, root, "classes", in->session.head.classes);
    yyjson_mut_obj_add_int(doc, root, "nodes", graph->n_nodes);
    yyjson_mut_obj_add_int(doc, root, "opset", graph->opset);
    add_text(doc, root, "producer", graph->producer_name);
    yyjson_mut_obj_add_str(doc, root, "sha256", graph->sha256);
    return pld_output_json(doc);
}

/* ---- text ---- */

static void append_values(struct pld_str *text, const char *title, const struct pld_graph *graph,
                          const int *values, int n)
{
    for (int i = 0; i < n; i++) {
        const struct pld_value *value = &graph->values[values[i]];
        struct pld_declared known;
        const struct pld_declared *shape = shape_of(&known, value);
        pld_str_printf(text, "%-12s %s  %s ", title, value->name, dtype_of(value));
        if (shape->rank < 0)
            pld_str_append(text, "?");
        else if (shape->rank == 0)
            pld_str_append(text, "scalar");
        for (int d = 0; d < shape->rank; d++) {
            pld_str_append(text, d ? "x" : "");
            if (shape->dim[d] >= 0)
                pld_str_printf(text, "%lld", (long long)shape->dim[d]);
            else
                pld_str_append(text, shape->axis_name[d] ? shape->axis_name[d] : "?");
        }
        pld_str_append(text, "\n");
    }
}

static void append_ops(struct pld_str *text, const struct inspection *in)
{
    pld_str_printf(text, "\n%-24s %6s  %12s\n", "operator", "nodes", "MMACs");
    for (int i = 0; i < in->n_ops; i++) {
        const struct op_count *op = &in->ops[i];
        pld_str_printf(text, "%-24s %6d", op->type, op->count);
        if (op->macs) pld_str_printf(text, "  %12.3f", (double)op->macs / 1e6);
        pld_str_printf(text, "%s\n", op->supported ? "" : "  not supported");
    }
}

/* Operators that are not supported are marked in the table; naming every node would drown it. */
static void append_note(struct pld_str *text, const struct inspection *in)
{
    int nodes = 0;
    for (int i = 0; i < in->n_ops; i++)
        if (!in->ops[i].supported) nodes += in->ops[i].count;
    if (nodes)
        pld_str_printf(text, "%-12s %d node%s cannot be run: see the operators below\n", "note",
                       nodes, nodes == 1 ? "" : "s");
    else if (in->trouble[0])
        pld_str_printf(text, "%-12s %s\n", "note", in->trouble);
}

static pld_status print_text(const struct inspection *in)
{
    const struct pld_graph *graph = in->session.model;
    struct pld_str text = {0};
    pld_str_printf(&text, "%-12s %s\n%-12s %s\n", "model", graph->path, "sha256", graph->sha256);
    pld_str_printf(&text, "%-12s opset %d, ir %lld, by %s %s\n", "onnx", graph->opset,
                   (long long)graph->ir_version,
                   graph->producer_name && *graph->producer_name ? graph->producer_name : "unknown",
                   graph->producer_version ? graph->producer_version : "");
    append_values(&text, "input", graph, graph->inputs, graph->n_inputs);
    append_values(&text, "output", graph, graph->outputs, graph->n_outputs);
    pld_str_printf(&text, "%-12s %.3f M\n", "params", (double)pld_graph_params(graph) / 1e6);
    if (in->inferred) {
        double macs = (double)pld_graph_macs(graph);
        pld_str_printf(&text, "%-12s %.3f M (%.3f GFLOPs) for one image\n", "MACs", macs / 1e6,
                       2 * macs / 1e9);
    }
    if (in->bound) {
        const struct pld_session *s = &in->session;
        pld_str_printf(&text, "%-12s %s, %d classes: %s\n", "head", s->head.head->name,
                       s->head.classes, s->head_why);
        pld_str_printf(&text, "%-12s %s: %s\n", "preprocess", s->preprocess->name,
                       s->preprocess->help);
    }
    append_note(&text, in);
    append_ops(&text, in);
    return pld_output_text(&text);
}

static pld_status run(const struct pld_call *call)
{
    const struct args *args = call->args;
    struct inspection in = {0};
    pld_status status = look(&in, args->model, &call->common->session);
    if (status == PLD_OK) status = call->common->json ? print_json(&in) : print_text(&in);
    pld_session_close(&in.session);
    return status;
}

const struct pld_command pld_cmd_inspect = {
    .synopsis = "MODEL",
    .options = NULL,
    .positionals = positionals,
    .args_size = sizeof(struct args),
    .uses_images = true,
    .run = run,
};
