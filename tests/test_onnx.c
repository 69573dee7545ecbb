/* Reading and writing ONNX: every storage form, what a save keeps, and one line for every kind of
 * bad file. The models come from tests/onnx/make_models.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/file.h"
#include "core/log.h"
#include "graph/graph.h"
#include "graph/onnx.h"

static char folder[] = "onnx.XXXXXX";

static const char *model_path(const char *name)
{
    static char path[2048];
    const char *source = getenv("POLLARD_SOURCE_DIR");
    snprintf(path, sizeof path, "%s/tests/onnx/%s", source ? source : ".", name);
    return path;
}

static struct pld_graph *load(const char *name)
{
    struct pld_graph *graph;
    if (pld_graph_load(&graph, model_path(name)) != PLD_OK)
        fail_msg("%s: %s", name, pld_error_last()->message);
    return graph;
}

/* Through the serialised form and back. */
static struct pld_graph *again(const struct pld_graph *graph)
{
    struct pld_graph *copy;
    void *data;
    size_t size;
    assert_int_equal(pld_graph_serialise(&data, &size, graph), PLD_OK);
    assert_int_equal(pld_graph_parse(&copy, data, size, "again"), PLD_OK);
    free(data);
    return copy;
}

static const struct pld_value *value_of(const struct pld_graph *graph, const char *name)
{
    int v = pld_graph_find_value(graph, name);
    assert_int_not_equal(v, PLD_NONE);
    return &graph->values[v];
}

/* ---- storage forms ---- */

struct form {
    const char *name;
    enum pld_dtype dtype;
    size_t bytes;
    const void *data;
};

static void check_forms(const struct pld_graph *graph)
{
    static const float floats[] = {1.5f, -2.0f, 3.25f, 0.0f}, scalar[] = {4.0f};
    static const double doubles[] = {1e300, -0.5};
    static const int64_t longs[] = {-1, 0, INT64_C(1) << 40};
    static const int32_t ints[] = {-7, INT32_MAX};
    static const int8_t bytes[] = {-128, 0, 127};
    static const uint8_t ubytes[] = {0, 128, 255}, bools[] = {1, 0, 1};
    static const int16_t shorts[] = {INT16_MIN, 7};
    static const uint16_t ushorts[] = {UINT16_MAX, 7}, bfloats[] = {0x3fc0, 0xc000};
    static const uint32_t uints[] = {UINT32_MAX, 7};
    static const uint64_t ulongs[] = {UINT64_MAX, 7};
    static const uint16_t halves[] = {0x3e00, 0xc000, 0x7bff, 0};
    const struct form forms[] = {
        {"float_typed", PLD_F32, sizeof floats, floats},
        {"float_raw", PLD_F32, sizeof floats, floats},
        {"double_typed", PLD_F64, sizeof doubles, doubles},
        {"double_raw", PLD_F64, sizeof doubles, doubles},
        {"int64_typed", PLD_I64, sizeof longs, longs},
        {"int64_raw", PLD_I64, sizeof longs, longs},
        {"int32_typed", PLD_I32, sizeof ints, ints},
        {"int32_raw", PLD_I32, sizeof ints, ints},
        {"int8_typed", PLD_I8, sizeof bytes, bytes},
        {"int8_raw", PLD_I8, sizeof bytes, bytes},
        {"uint8_typed", PLD_U8, sizeof ubytes, ubytes},
        {"uint8_raw", PLD_U8, sizeof ubytes, ubytes},
        {"int16_typed", PLD_I16, sizeof shorts, shorts},
        {"int16_raw", PLD_I16, sizeof shorts, shorts},
        {"uint16_typed", PLD_U16, sizeof ushorts, ushorts},
        {"uint16_raw", PLD_U16, sizeof ushorts, ushorts},
        {"uint32_typed", PLD_U32, sizeof uints, uints},
        {"uint32_raw", PLD_U32, sizeof uints, uints},
        {"uint64_typed", PLD_U64, sizeof ulongs, ulongs},
        {"uint64_raw", PLD_U64, sizeof ulongs, ulongs},
        {"bfloat_typed", PLD_BF16, sizeof bfloats, bfloats},
        {"bfloat_raw", PLD_BF16, sizeof bfloats, bfloats},
        {"bool_typed", PLD_BOOL, sizeof bools, bools},
        {"bool_raw", PLD_BOOL, sizeof bools, bools}, /* 7 in the file */
        {"half_typed", PLD_F16, sizeof halves, halves},
        {"half_raw", PLD_F16, sizeof halves, halves},
        {"scalar", PLD_F32, sizeof scalar, scalar},
        {"empty", PLD_F32, 0, floats},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const struct pld_value *value = value_of(graph, forms[i].name);
        assert_true(value->initializer);
        assert_int_equal(value->desc.dtype, forms[i].dtype);
        assert_int_equal(pld_desc_bytes(&value->desc), forms[i].bytes);
        assert_non_null(value->data);
        assert_memory_equal(value->data, forms[i].data, forms[i].bytes);
    }
    assert_int_equal(value_of(graph, "float_raw")->desc.shape.rank, 2);
    assert_int_equal(value_of(graph, "scalar")->desc.shape.rank, 0);
    assert_int_equal(value_of(graph, "empty")->desc.shape.dim[1], 3);
}

static void test_forms(void **state)
{
    (void)state;
    struct pld_graph *graph = load("forms.onnx"), *copy = again(graph);
    check_forms(graph);
    check_forms(copy);
    pld_graph_free(copy);
    pld_graph_free(graph);
}

static void test_external(void **state)
{
    (void)state;
    static const float expected[] = {1, 2, 3, 4, 5, 6};
    struct pld_graph *graph = load("external.onnx"), *copy = again(graph);
    assert_memory_equal(value_of(graph, "w")->data, expected, sizeof expected);
    assert_memory_equal(value_of(copy, "w")->data, expected, sizeof expected);
    pld_graph_free(copy);
    /* What was outside of the file is so again, under the name of the new one. */
    char path[256], data[256 + 8];
    snprintf(path, sizeof path, "%s/saved.onnx", folder);
    snprintf(data, sizeof data, "%s.data", path);
    assert_int_equal(pld_graph_save(graph, path), PLD_OK);
    assert_true(pld_file_exists(data));
    assert_int_equal(pld_graph_load(&copy, path), PLD_OK);
    assert_memory_equal(value_of(copy, "w")->data, expected, sizeof expected);
    pld_graph_free(copy);
    unlink(data);
    unlink(path);
    pld_graph_free(graph);
}

/* A cache of models holds links: the data may lie beside the file that the link names. */
static void test_external_through_link(void **state)
{
    (void)state;
    char link[256], real[4096];
    struct pld_graph *graph;
    assert_non_null(realpath(model_path("external.onnx"), real));
    snprintf(link, sizeof link, "%s/link.onnx", folder);
    assert_int_equal(symlink(real, link), 0);
    assert_int_equal(pld_graph_load(&graph, link), PLD_EMODEL); /* no such file beside the link */
    assert_non_null(realpath(model_path("external.bin"), real));
    snprintf(link, sizeof link, "%s/external.bin", folder);
    assert_int_equal(symlink(real, link), 0);
    snprintf(link, sizeof link, "%s/link.onnx", folder);
    assert_int_equal(pld_graph_load(&graph, link), PLD_OK);
    pld_graph_free(graph);
}

/* ---- bad files ---- */

static void test_bad(void **state)
{
    (void)state;
    static const struct {
        const char *file, *message;
    } cases[] = {
        {"empty", "not an ONNX model: the file is empty"},
        {"text", "not an ONNX model"},
        {"truncated", "not an ONNX model: truncated"},
        {"no_graph", "not an ONNX model: it has no graph"},
        {"no_ir_version", "not an ONNX model: it has no ir_version"},
        {"no_nodes", "the graph has no nodes"},
        {"no_outputs", "the graph has no outputs"},
        {"missing_input", "node 'sum' reads 'nowhere', which nothing produces"},
        {"missing_output", "nothing produces the output 'z'"},
        {"duplicate_value", "two values are named 'y'"},
        {"duplicate_initializer", "two values are named 'w'"},
        {"duplicate_input", "two values are named 'x'"},
        {"unnamed_initializer", "initializer 0 has no name"},
        {"duplicate_attribute", "node 'leaky' has attribute 'alpha' twice"},
        {"cycle", "node 'one' depends on its own result"},
        {"self_loop", "node 'one' depends on its own result"},
        {"short_raw", "tensor 'w' has 23 bytes where its shape and type say 24"},
        {"short_float", "tensor 'w' has 5 elements where its shape says 6"},
        {"negative_dim", "tensor 'w': dimension 0 is negative"},
        {"huge_dims", "tensor 'w': tensor is too large"},
        {"rank9", "tensor 'w' has rank 9, above 8"},
        {"input_rank", "'x' has rank 11, above 8"},
        {"segment", "tensor 'w' is stored in segments"},
        {"range_uint8", "tensor 'w': 300 is not a uint8"},
        {"complex64", "reads tensor 'w', whose type complex64 is not supported"},
        {"string", "reads tensor 'w', whose type string is not supported"},
        {"sparse", "reads tensor 'w', whose type (sparse) is not supported"},
        {"nested", "not an ONNX model: nested too deeply"},
        {"external_escape", "tensor 'w': external data '../external.bin' is outside"},
        {"external_absolute", "tensor 'w': external data has an absolute path"},
        {"external_missing", "tensor 'w': external data 'nothing.bin': No such file"},
        {"external_folder", "tensor 'w': external data '.' is outside"},
        {"external_short", "tensor 'w' ends behind its external data 'short.bin' (24 bytes)"},
        {"external_length", "tensor 'w' has 20 bytes of external data where its shape says 24"},
        {"external_offset", "tensor 'w': external data has offset '-1'"},
        {"external_nowhere", "tensor 'w': external data without a location"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[128];
        struct pld_graph *graph = NULL;
        snprintf(name, sizeof name, "bad/%s.onnx", cases[i].file);
        assert_int_equal(pld_graph_load(&graph, model_path(name)), PLD_EMODEL);
        assert_null(graph);
        assert_string_equal(pld_error_last()->where, model_path(name));
        if (!strstr(pld_error_last()->message, cases[i].message))
            fail_msg("%s: %s", cases[i].file, pld_error_last()->message);
        assert_null(strchr(pld_error_last()->message, '\n'));
    }
    struct pld_graph *graph;
    assert_int_equal(pld_graph_load(&graph, "no such file"), PLD_EMODEL);
    assert_int_equal(pld_graph_load(&graph, folder), PLD_EMODEL);
}

/* Every prefix of a model is refused or read, and never more than that. */
static void test_prefixes(void **state)
{
    (void)state;
    struct pld_bytes bytes;
    int read = 0;
    assert_int_equal(pld_file_read(&bytes, model_path("symbolic.onnx"), PLD_EMODEL), PLD_OK);
    for (size_t n = 0; n < bytes.size; n++) {
        struct pld_graph *graph = NULL;
        unsigned char *exact = malloc(n ? n : 1);
        memcpy(exact, bytes.data, n);
        pld_status status = pld_graph_parse(&graph, exact, n, "prefix");
        assert_true(status == PLD_OK || status == PLD_EMODEL);
        read += status == PLD_OK;
        pld_graph_free(graph);
        free(exact);
    }
    assert_true(read < 8); /* cuts between fields behind the graph */
    pld_bytes_release(&bytes);
}

/* Two bytes can ask for a hundred: what a file may cost is bounded by its size. */
static void test_message_bomb(void **state)
{
    (void)state;
    size_t size = 8u << 20;
    unsigned char *bomb = malloc(size);
    struct pld_graph *graph;
    for (size_t i = 0; i < size; i += 2) {
        bomb[i] = 14 << 3 | 2; /* metadata_props of no bytes */
        bomb[i + 1] = 0;
    }
    assert_int_equal(pld_graph_parse(&graph, bomb, size, "bomb"), PLD_EMODEL);
    assert_non_null(strstr(pld_error_last()->message, "too many empty parts"));
    free(bomb);
}

/* ---- structure ---- */

static void test_order(void **state)
{
    (void)state;
    static const char *const names[] = {"first", "middle", "join", "last"};
    struct pld_graph *graph = load("unordered.onnx");
    assert_int_equal(graph->n_nodes, 4);
    for (int i = 0; i < 4; i++) {
        assert_string_equal(graph->nodes[i].name, names[i]);
        assert_int_equal(graph->values[graph->nodes[i].out[0]].producer, i);
    }
    pld_graph_free(graph);
}

static void test_symbolic(void **state)
{
    (void)state;
    struct pld_graph *graph = load("symbolic.onnx");
    assert_int_equal(graph->opset, 13);
    assert_int_equal(graph->ir_version, 8);
    assert_string_equal(graph->producer_name, "maker");
    assert_string_equal(graph->doc, "about the model");
    assert_string_equal(pld_graph_metadata(graph, "stride"), "32");
    assert_null(pld_graph_metadata(graph, "absent"));
    assert_int_equal(strlen(graph->sha256), 64);
    assert_int_equal(graph->n_inputs, 1); /* b is an initializer that is listed too */
    assert_true(value_of(graph, "b")->listed);
    const struct pld_declared *declared = graph->values[graph->inputs[0]].declared;
    assert_int_equal(declared->rank, 4);
    assert_int_equal(declared->dim[0], -1);
    assert_int_equal(declared->dim[1], 3);
    assert_string_equal(declared->axis_name[0], "batch");
    assert_string_equal(declared->axis_name[3], "width");
    assert_null(declared->axis_name[1]);
    const struct pld_node *clip = &graph->nodes[pld_graph_find_node(graph, "clip")];
    assert_int_equal(clip->op, PLD_OP_CLIP);
    assert_int_equal(clip->n_in, 3);
    assert_int_equal(clip->in[1], PLD_NONE);
    const struct pld_attr *pads = pld_node_attr(&graph->nodes[0], "pads");
    assert_int_equal(pads->type, PLD_ATTR_INTS);
    assert_int_equal(pads->n, 4);
    assert_int_equal(pads->ints[3], 1);
    pld_graph_free(graph);
}

/* Names of the nodes of messages, as one string. */
static void describe(char *out, size_t size, const Onnx__ModelProto *m)
{
    const Onnx__ValueInfoProto *in = m->graph->input[0];
    const Onnx__TensorShapeProto *shape = in->type->tensor_type->shape;
    snprintf(out, size, "%s %s %s %s %s %s %zu %s %s", m->producer_name, m->doc_string,
             m->graph->name, m->graph->doc_string, m->graph->node[0]->doc_string, in->name,
             m->n_opset_import, shape->dim[0]->dim_param, shape->dim[2]->dim_param);
}

/* What the graph does not model is still there after a save. */
static void test_save_keeps(void **state)
{
    (void)state;
    struct pld_graph *graph = load("symbolic.onnx");
    void *data;
    size_t size;
    char before[256], after[256];
    assert_int_equal(pld_graph_set_metadata(graph, "plan", "{}"), PLD_OK);
    assert_int_equal(pld_graph_set_metadata(graph, "stride", "16"), PLD_OK);
    assert_int_equal(pld_graph_serialise(&data, &size, graph), PLD_OK);
    Onnx__ModelProto *m = onnx__model_proto__unpack(NULL, size, data);
    assert_non_null(m);
    describe(before, sizeof before, graph->source);
    describe(after, sizeof after, m);
    assert_string_equal(after, before);
    assert_int_equal(m->n_metadata_props, 3);
    assert_string_equal(m->metadata_props[1]->value, "16");
    assert_string_equal(m->metadata_props[2]->key, "plan");
    assert_int_equal(m->graph->n_initializer, 3);
    assert_int_equal(m->graph->n_input, 2);
    assert_int_equal(m->graph->n_value_info, 0);
    onnx__model_proto__free_unpacked(m, NULL);
    free(data);
    pld_graph_free(graph);
}

/* Before IR version 4 every initializer is listed as an input, new ones included. */
static void test_save_old(void **state)
{
    (void)state;
    const float one = 1;
    const struct pld_desc desc = {.dtype = PLD_F32};
    struct pld_graph *graph = load("old.onnx");
    assert_int_equal(graph->n_inputs, 1);
    pld_graph_add_constant(graph, "new", &desc, &one);
    struct pld_graph *copy = again(graph);
    assert_int_equal(copy->n_inputs, 1);
    assert_true(value_of(copy, "w")->listed);
    assert_true(value_of(copy, "new")->listed);
    pld_graph_free(copy);
    pld_graph_free(graph);
}

static void check_unknown(const struct pld_graph *graph)
{
    const struct pld_node *custom = &graph->nodes[pld_graph_find_node(graph, "custom")];
    assert_int_equal(graph->nodes[0].op, PLD_NONE);
    assert_int_equal(pld_node_attr(&graph->nodes[0], "then_branch")->type, PLD_ATTR_OTHER);
    assert_string_equal(custom->domain, "my.ops");
    const struct pld_attr *names = pld_node_attr(custom, "names");
    assert_int_equal(names->type, PLD_ATTR_STRINGS);
    assert_int_equal(names->n, 2);
    assert_string_equal(names->strings[1], "q");
    assert_float_equal(pld_node_attr(custom, "ratios")->floats[1], 0.25f, 0);
    assert_string_equal(pld_node_string(custom, "mode", ""), "fast");
    assert_null(value_of(graph, "odd")->data);
    assert_int_equal(pld_graph_check_supported(graph), PLD_EMODEL);
    assert_string_equal(pld_error_last()->message,
                        "2 nodes use operators pollard does not run: If (node choice), "
                        "my.ops.Foo (node custom)");
}

static void test_unknown(void **state)
{
    (void)state;
    struct pld_graph *graph = load("unknown.onnx"), *copy = again(graph), *third = again(copy);
    check_unknown(graph);
    check_unknown(third);
    pld_graph_free(third);
    pld_graph_free(copy);
    pld_graph_free(graph);
}

/* One save brings a model into our form; a second one must not change a byte. */
static void test_save_is_stable(void **state)
{
    (void)state;
    static const char *const names[] = {"forms.onnx",    "external.onnx", "unordered.onnx",
                                        "symbolic.onnx", "old.onnx",      "unknown.onnx",
                                        "detector.onnx", "squashed.onnx"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct pld_graph *graph = load(names[i]), *copy = again(graph);
        void *one, *two;
        size_t n_one, n_two;
        assert_int_equal(pld_graph_serialise(&one, &n_one, graph), PLD_OK);
        assert_int_equal(pld_graph_serialise(&two, &n_two, copy), PLD_OK);
        assert_int_equal(n_one, n_two);
        assert_memory_equal(one, two, n_one);
        assert_int_equal(copy->n_nodes, graph->n_nodes);
        assert_int_equal(copy->n_values, graph->n_values);
        free(one);
        free(two);
        pld_graph_free(copy);
        pld_graph_free(graph);
    }
}

static void test_save_file(void **state)
{
    (void)state;
    char path[256];
    struct pld_graph *graph = load("detector.onnx"), *copy;
    snprintf(path, sizeof path, "%s/saved.onnx", folder);
    assert_int_equal(pld_graph_save(graph, path), PLD_OK);
    assert_int_equal(pld_graph_load(&copy, path), PLD_OK);
    assert_int_equal(copy->n_nodes, graph->n_nodes);
    pld_graph_free(copy);
    snprintf(path, sizeof path, "%s/no/such/folder.onnx", folder);
    assert_int_equal(pld_graph_save(graph, path), PLD_EFAIL);
    pld_graph_free(graph);
}

/* ---- building ---- */

static struct pld_graph *build(void)
{
    const float data[6] = {1, 2, 3, 4, 5, 6};
    const int64_t pads[2] = {1, -1};
    const struct pld_desc desc = {.dtype = PLD_F32, .shape = {2, {2, 3}}};
    struct pld_graph *graph;
    assert_int_equal(pld_graph_new(&graph, "built"), PLD_OK);
    int x = pld_graph_add_value(graph, "x"), y = pld_graph_add_value(graph, "y");
    int z = pld_graph_add_value(graph, "z");
    int w = pld_graph_add_constant(graph, "w", &desc, data);
    graph->values[x].desc = desc;
    graph->values[x].inferred = true;
    graph->values[z].desc = desc;
    graph->values[z].inferred = true;
    int add = pld_graph_add_node(graph, PLD_OP_ADD, "add", (int[]){x, w}, 2, &y, 1);
    int mul = pld_graph_add_node(graph, PLD_OP_MUL, "mul", (int[]){y, y}, 2, &z, 1);
    assert_int_equal(pld_graph_add_input(graph, x), PLD_OK);
    assert_int_equal(pld_graph_add_output(graph, z), PLD_OK);
    assert_int_equal(pld_node_set_int(graph, add, "axis", 1), PLD_OK);
    assert_int_equal(pld_node_set_int(graph, add, "axis", -1), PLD_OK); /* replaces */
    assert_int_equal(pld_node_set_ints(graph, add, "pads", pads, 2), PLD_OK);
    assert_int_equal(pld_node_set_float(graph, add, "alpha", 0.5f), PLD_OK);
    assert_int_equal(pld_node_set_string(graph, mul, "mode", "linear"), PLD_OK);
    return graph;
}

static void check_built(const struct pld_graph *graph)
{
    const struct pld_node *add = &graph->nodes[0];
    assert_int_equal(add->n_attrs, 3);
    assert_int_equal(pld_node_int(add, "axis", 0), -1);
    assert_int_equal(pld_node_int(add, "alpha", 7), 7); /* another type */
    assert_float_equal(pld_node_float(add, "alpha", 0), 0.5f, 0);
    assert_int_equal(pld_node_attr(add, "pads")->ints[1], -1);
    assert_string_equal(pld_node_string(&graph->nodes[1], "mode", "nearest"), "linear");
    assert_string_equal(pld_node_string(&graph->nodes[1], "absent", "nearest"), "nearest");
    assert_true(pld_graph_is_output(graph, pld_graph_find_value(graph, "z")));
    assert_false(pld_graph_is_output(graph, pld_graph_find_value(graph, "y")));
    assert_int_equal(pld_graph_find_value(graph, "none"), PLD_NONE);
    assert_int_equal(pld_graph_find_node(graph, "none"), PLD_NONE);
    assert_int_equal(pld_graph_params(graph), 6);
}

static void test_build(void **state)
{
    (void)state;
    struct pld_graph *graph = build(), *copy = again(graph);
    check_built(graph);
    check_built(copy);
    assert_int_equal(copy->values[copy->inputs[0]].desc.shape.dim[1], 3);
    pld_graph_free(copy);
    pld_graph_free(graph);
}

static void test_clone(void **state)
{
    (void)state;
    struct pld_graph *graph = build(), *copy;
    assert_int_equal(pld_graph_clone(&copy, graph), PLD_OK);
    check_built(copy);
    assert_ptr_equal(value_of(copy, "w")->data, value_of(graph, "w")->data);
    /* Edits of the clone stay there. */
    assert_int_equal(pld_node_set_int(copy, 0, "axis", 3), PLD_OK);
    copy->nodes[1].in[0] = 0;
    copy->nodes[0].dead = true;
    for (int i = 0; i < 100; i++)
        assert_int_equal(pld_graph_add_value(copy, "more"), graph->n_values + i);
    check_built(graph);
    assert_int_equal(graph->nodes[1].in[0], 1);
    pld_graph_free(copy);
    pld_graph_free(graph);
}

static void test_uses(void **state)
{
    (void)state;
    struct pld_arena arena = {0};
    struct pld_graph *graph = build();
    struct pld_uses uses;
    int neg = pld_graph_add_value(graph, "neg");
    pld_graph_add_node(graph, PLD_OP_NEG, "neg", (int[]){1}, 1, &neg, 1);
    assert_int_equal(pld_graph_uses(&uses, &arena, graph), PLD_OK);
    /* y is read twice by mul, which counts once, then by neg; z and neg by nobody. */
    assert_int_equal(uses.first[2] - uses.first[1], 2);
    assert_int_equal(uses.users[uses.first[1]], 1);
    assert_int_equal(uses.users[uses.first[1] + 1], 2);
    assert_int_equal(uses.first[3] - uses.first[2], 0);
    assert_int_equal(uses.first[graph->n_values], 4);
    graph->nodes[1].dead = true;
    assert_int_equal(pld_graph_uses(&uses, &arena, graph), PLD_OK);
    assert_int_equal(uses.first[2] - uses.first[1], 1);
    pld_arena_release(&arena);
    pld_graph_free(graph);
}

/* Kinds that only passes make cannot be saved, nor be asked for by a file. */
static void test_own_kinds(void **state)
{
    (void)state;
    struct pld_graph *graph = build(), *copy;
    void *data;
    size_t size;
    graph->nodes[1].op = PLD_OP_SILU;
    graph->nodes[1].type = pld_op_name(PLD_OP_SILU);
    assert_int_equal(pld_graph_serialise(&data, &size, graph), PLD_EFAIL);
    graph->nodes[1].op = PLD_NONE;
    copy = again(graph);
    assert_int_equal(copy->nodes[1].op, PLD_NONE);
    assert_int_equal(pld_graph_check_supported(copy), PLD_EMODEL);
    pld_graph_free(copy);
    pld_graph_free(graph);
}

static int make_folder(void **state)
{
    (void)state;
    pld_log_set_level(PLD_LOG_ERROR);
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_external),
        cmocka_unit_test(test_external_through_link),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_message_bomb),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_symbolic),
        cmocka_unit_test(test_save_keeps),
        cmocka_unit_test(test_save_old),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_save_is_stable),
        cmocka_unit_test(test_save_file),
        cmocka_unit_test(test_build),
        cmocka_unit_test(test_clone),
        cmocka_unit_test(test_uses),
        cmocka_unit_test(test_own_kinds),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
