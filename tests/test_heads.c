/* eval/head and the heads: choice by evidence, decoding against literal loops, names. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/log.h"
#include "core/rng.h"
#include "eval/head.h"
#include "eval/names.h"

enum { WIDTH = 96, HEIGHT = 64, LOCATIONS = 96 + 24 + 6, CLASSES = 7 };

static int add_value(struct pld_graph *g, const char *name, int rank, const int64_t *dims)
{
    int v = pld_graph_add_value(g, name);
    assert_true(v >= 0);
    g->values[v].desc.dtype = PLD_F32;
    g->values[v].desc.shape = pld_shape_of(rank, dims);
    g->values[v].inferred = true;
    return v;
}

/* A network without inside: input, one or two operators, output [1, a, b]. */
static struct pld_graph *make_graph(int64_t a, int64_t b, enum pld_op last, enum pld_op before)
{
    struct pld_graph *g;
    assert_int_equal(pld_graph_new(&g, "net"), PLD_OK);
    g->path = "net.onnx";
    int in = add_value(g, "images", 4, (const int64_t[]){1, 3, HEIGHT, WIDTH});
    int mid = add_value(g, "mid", 3, (const int64_t[]){1, a, b});
    int out = add_value(g, "output0", 3, (const int64_t[]){1, a, b});
    assert_true(pld_graph_add_node(g, before, "before", &in, 1, &mid, 1) >= 0);
    assert_true(pld_graph_add_node(g, last, "last", &mid, 1, &out, 1) >= 0);
    assert_int_equal(pld_graph_add_input(g, in), PLD_OK);
    assert_int_equal(pld_graph_add_output(g, out), PLD_OK);
    return g;
}

static void expect_head(struct pld_graph *g, const char *name)
{
    struct pld_head_model model;
    char why[256] = "";
    pld_status status = pld_head_bind(&model, g, NULL, why, sizeof why);
    if (name) {
        assert_int_equal(status, PLD_OK);
        assert_string_equal(model.head->name, name);
        assert_true(why[0]);
    } else {
        assert_int_equal(status, PLD_EMODEL);
    }
    pld_graph_free(g);
}

static const char seven[] = "{0: 'a', 1: 'b', 2: 'c', 3: 'd', 4: 'e', 5: 'f', 6: 'g'}";

static void test_choice(void **state)
{
    (void)state;
    const int64_t n = LOCATIONS, c = CLASSES;
    expect_head(make_graph(4 + c, n, PLD_OP_CONCAT, PLD_OP_SIGMOID), "yolov8");
    expect_head(make_graph(n, 5 + c, PLD_OP_TRANSPOSE, PLD_OP_SIGMOID), "yolox");
    expect_head(make_graph(n, 5 + c, PLD_OP_TRANSPOSE, PLD_OP_CONV), "yolox");
    /* a transposed YOLOv8: the softmax over bins or the number of names tells */
    expect_head(make_graph(n, 4 + c, PLD_OP_TRANSPOSE, PLD_OP_SOFTMAX), "yolov8");
    struct pld_graph *g = make_graph(n, 4 + c, PLD_OP_TRANSPOSE, PLD_OP_SIGMOID);
    assert_int_equal(pld_graph_set_metadata(g, "names", seven), PLD_OK);
    expect_head(g, "yolov8");
    g = make_graph(n, 5 + c, PLD_OP_TRANSPOSE, PLD_OP_SIGMOID);
    assert_int_equal(pld_graph_set_metadata(g, "names", seven), PLD_OK);
    expect_head(g, "yolox");
    expect_head(make_graph(3 * n, 5 + c, PLD_OP_CONCAT, PLD_OP_SIGMOID), "yolov5");
    expect_head(make_graph(n, 5 + c, PLD_OP_CONCAT, PLD_OP_SUB), "yolov6");
    expect_head(make_graph(50, 6, PLD_OP_CONCAT, PLD_OP_CONCAT), "end2end");
    expect_head(make_graph(300, 4 + c, PLD_OP_CONCAT, PLD_OP_CONCAT), "rtdetr-rows");
    /* masks and poses have other columns */
    g = make_graph(4 + c + 32, n, PLD_OP_CONCAT, PLD_OP_SIGMOID);
    assert_int_equal(pld_graph_set_metadata(g, "task", "segment"), PLD_OK);
    expect_head(g, NULL);
    expect_head(make_graph(1, 1000, PLD_OP_GEMM, PLD_OP_RELU), NULL);
}

static void test_errors_name_what_was_seen(void **state)
{
    (void)state;
    struct pld_head_model model;
    struct pld_graph *g = make_graph(25200, 85, PLD_OP_CONCAT, PLD_OP_SIGMOID);
    assert_int_equal(pld_head_bind(&model, g, NULL, NULL, 0), PLD_EMODEL);
    assert_non_null(strstr(pld_error_last()->message, "output0 1x25200x85"));
    assert_non_null(strstr(pld_error_last()->message, "yolov8, "));
    assert_int_equal(pld_head_bind(&model, g, "yolox", NULL, 0), PLD_EMODEL);
    assert_non_null(strstr(pld_error_last()->message, "1x25200x85"));
    assert_int_equal(pld_head_bind(&model, g, "yolov8", NULL, 0), PLD_EMODEL);
    assert_int_equal(pld_head_bind(&model, g, "yolov8s", NULL, 0), PLD_EUSAGE);
    assert_non_null(strstr(pld_error_last()->message, "did you mean 'yolov8'"));
    pld_graph_free(g);
}

static void test_names_of_the_model(void **state)
{
    (void)state;
    struct pld_head_model model;
    pld_log_set_level(PLD_LOG_ERROR);
    struct pld_graph *g = make_graph(4 + CLASSES, LOCATIONS, PLD_OP_CONCAT, PLD_OP_SIGMOID);
    assert_int_equal(pld_head_bind(&model, g, NULL, NULL, 0), PLD_OK);
    assert_null(model.class_names);
    assert_int_equal(pld_graph_set_metadata(g, "names", seven), PLD_OK);
    assert_int_equal(pld_head_bind(&model, g, NULL, NULL, 0), PLD_OK);
    assert_int_equal(model.classes, CLASSES);
    assert_string_equal(model.class_names[6], "g");
    assert_int_equal(pld_graph_set_metadata(g, "names", "{0: 'a'"), PLD_OK);
    assert_int_equal(pld_head_bind(&model, g, NULL, NULL, 0), PLD_OK);
    assert_null(model.class_names);
    pld_graph_free(g);
}

/* One location's box and class scores, independent of how a head lays them out. */
struct truth {
    float cx, cy, w, h, objectness, score[CLASSES];
};

static void fill_truth(struct truth t[LOCATIONS], struct pld_rng *rng)
{
    for (int i = 0; i < LOCATIONS; i++) {
        t[i].cx = (float)pld_rng_unit(rng) * WIDTH;
        t[i].cy = (float)pld_rng_unit(rng) * HEIGHT;
        t[i].w = 4 + (float)pld_rng_unit(rng) * 40;
        t[i].h = 4 + (float)pld_rng_unit(rng) * 40;
        t[i].objectness = (float)pld_rng_unit(rng);
        for (int c = 0; c < CLASSES; c++) {
            float u = (float)pld_rng_unit(rng);
            t[i].score[c] = u * u * u;
        }
    }
}

static struct pld_candidate candidate_of(const struct truth *t, float score, int cls)
{
    float w = t->w / 2, h = t->h / 2;
    return (struct pld_candidate){t->cx - w, t->cy - h, t->cx + w, t->cy + h, score, cls};
}

static int best_of(const struct truth *t)
{
    int best = 0;
    for (int c = 1; c < CLASSES; c++)
        if (t->score[c] > t->score[best]) best = c;
    return best;
}

static void expect_candidates(const struct pld_candidates *got, const struct pld_candidate *want,
                              size_t n)
{
    assert_int_equal(got->count, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(got->items[i].cls, want[i].cls);
        assert_true(got->items[i].score == want[i].score);
        assert_true(fabsf(got->items[i].x1 - want[i].x1) < 1e-3f);
        assert_true(fabsf(got->items[i].y1 - want[i].y1) < 1e-3f);
        assert_true(fabsf(got->items[i].x2 - want[i].x2) < 1e-3f);
        assert_true(fabsf(got->items[i].y2 - want[i].y2) < 1e-3f);
    }
}

/* What decode() must append: all pairs by class then location, or by location, or one a location.
 */
static size_t expected_list(struct pld_candidate *want, const struct truth *t, bool by_class,
                            bool best, bool objectness, float conf)
{
    size_t n = 0;
    for (int k = 0; k < LOCATIONS * CLASSES; k++) {
        int i = by_class ? k % LOCATIONS : k / CLASSES, c = by_class ? k / LOCATIONS : k % CLASSES;
        float score = objectness ? t[i].objectness * t[i].score[c] : t[i].score[c];
        if (best && c != best_of(&t[i])) continue;
        if (score > conf) want[n++] = candidate_of(&t[i], score, c);
    }
    return n;
}

static void bind_and_decode(struct pld_candidates *out, struct pld_head_model *model,
                            struct pld_graph *g, const float *data, int best, float conf)
{
    assert_int_equal(pld_head_bind(model, g, NULL, NULL, 0), PLD_OK);
    assert_int_equal(model->classes, CLASSES);
    model->defaults.best_class = best;
    struct pld_head_output output = {data, model->outputs[0]};
    out->count = 0;
    assert_int_equal(model->head->decode(out, model, &output, conf), PLD_OK);
}

static void test_yolov8_decode(void **state)
{
    (void)state;
    static struct truth t[LOCATIONS];
    static struct pld_candidate want[LOCATIONS * CLASSES];
    static float first[(4 + CLASSES) * LOCATIONS], rows[(4 + CLASSES) * LOCATIONS];
    struct pld_rng rng;
    pld_rng_init(&rng, 1);
    fill_truth(t, &rng);
    for (int i = 0; i < LOCATIONS; i++) {
        const float box[4] = {t[i].cx, t[i].cy, t[i].w, t[i].h};
        for (int k = 0; k < 4 + CLASSES; k++) {
            float value = k < 4 ? box[k] : t[i].score[k - 4];
            first[k * LOCATIONS + i] = rows[i * (4 + CLASSES) + k] = value;
        }
    }
    struct pld_graph *a = make_graph(4 + CLASSES, LOCATIONS, PLD_OP_CONCAT, PLD_OP_SOFTMAX);
    struct pld_graph *b = make_graph(LOCATIONS, 4 + CLASSES, PLD_OP_TRANSPOSE, PLD_OP_SOFTMAX);
    struct pld_candidates out = {0};
    struct pld_head_model model;
    static const float confs[] = {0.0f, 0.001f, 0.5f, 0.97f, 1.0f};
    for (size_t k = 0; k < 10; k++) {
        float conf = confs[k / 2];
        bool best = k % 2;
        bind_and_decode(&out, &model, a, first, best, conf);
        expect_candidates(&out, want, expected_list(want, t, !best, best, false, conf));
        bind_and_decode(&out, &model, b, rows, best, conf);
        expect_candidates(&out, want, expected_list(want, t, false, best, false, conf));
    }
    pld_candidates_release(&out);
    pld_graph_free(a);
    pld_graph_free(b);
}

/* The inverse of YOLOX's grid decoding, written from the levels down. */
static void yolox_rows(float *rows, const struct truth *t, bool raw)
{
    int i = 0;
    for (int s = 8; s <= 32; s *= 2)
        for (int gy = 0; gy < HEIGHT / s; gy++)
            for (int gx = 0; gx < WIDTH / s; gx++, i++) {
                float *row = rows + i * (5 + CLASSES), stride = (float)s;
                row[0] = raw ? t[i].cx / stride - (float)gx : t[i].cx;
                row[1] = raw ? t[i].cy / stride - (float)gy : t[i].cy;
                row[2] = raw ? logf(t[i].w / stride) : t[i].w;
                row[3] = raw ? logf(t[i].h / stride) : t[i].h;
                row[4] = t[i].objectness;
                memcpy(row + 5, t[i].score, sizeof t[i].score);
            }
    assert_int_equal(i, LOCATIONS);
}

static void test_yolox_decode(void **state)
{
    (void)state;
    static struct truth t[LOCATIONS];
    static struct pld_candidate want[LOCATIONS * CLASSES];
    static float rows[(5 + CLASSES) * LOCATIONS];
    struct pld_rng rng;
    pld_rng_init(&rng, 2);
    fill_truth(t, &rng);
    struct pld_candidates out = {0};
    struct pld_head_model model;
    for (int k = 0; k < 8; k++) {
        bool raw = k & 1, best = k & 2;
        float conf = k & 4 ? 0.3f : 0.001f;
        struct pld_graph *g =
            make_graph(LOCATIONS, 5 + CLASSES, PLD_OP_TRANSPOSE, raw ? PLD_OP_SIGMOID : PLD_OP_EXP);
        yolox_rows(rows, t, raw);
        bind_and_decode(&out, &model, g, rows, best, conf);
        assert_int_equal(model.decoded, !raw);
        expect_candidates(&out, want, expected_list(want, t, false, best, true, conf));
        pld_graph_free(g);
    }
    pld_candidates_release(&out);
}

/* Two far boxes and a copy of the first: mapping, clipping, the class map and the limit. */
static void test_detect(void **state)
{
    (void)state;
    static float data[(4 + CLASSES) * LOCATIONS];
    static const float boxes[3][5] = {
        {20, 20, 16, 8, 0.9f}, {20, 20, 16, 8, 0.8f}, {90, 60, 40, 20, 0.5f}};
    memset(data, 0, sizeof data);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 4; k++)
            data[k * LOCATIONS + 5 * i] = boxes[i][k];
    for (int i = 0; i < 3; i++)
        data[(4 + (i == 2 ? 6 : 2)) * LOCATIONS + 5 * i] = boxes[i][4];
    struct pld_graph *g = make_graph(4 + CLASSES, LOCATIONS, PLD_OP_CONCAT, PLD_OP_SOFTMAX);
    struct pld_head_model model;
    assert_int_equal(pld_head_bind(&model, g, "yolov8", NULL, 0), PLD_OK);
    const struct pld_placement place = {0.5, 0.25, 4.0, 8.0, 150, 200};
    const int32_t map[CLASSES] = {-1, -1, 11, -1, -1, -1, 12};
    struct pld_head_output output = {data, model.outputs[0]};
    struct pld_decode_options options = model.defaults;
    struct pld_candidates scratch = {0};
    struct pld_detections found = {0};
    assert_int_equal(pld_head_detect(&found, &scratch, &model, &output, &place, 9, map, &options),
                     PLD_OK);
    assert_int_equal(found.count, 2);
    const struct pld_detection *d = found.items;
    assert_true(d[0].x == 16 && d[0].y == 32 && d[0].w == 32 && d[0].h == 32);
    assert_true(d[0].image == 9 && d[0].category == 11 && d[0].score == (double)0.9f);
    assert_true(d[1].x == 132 && d[1].y == 168 && d[1].w == 18 && d[1].h == 32);
    assert_int_equal(d[1].category, 12);
    options.clip = false;
    options.max_det = 1;
    assert_int_equal(pld_head_detect(&found, &scratch, &model, &output, &place, 9, NULL, &options),
                     PLD_OK);
    assert_int_equal(found.count, 3);
    assert_int_equal(found.items[2].category, 2);
    pld_detections_release(&found);
    pld_candidates_release(&scratch);
    pld_graph_free(g);
}

static int parse_names(const char *text, struct pld_arena *arena, const char *const **names)
{
    int count;
    pld_status status = pld_names_parse(names, &count, arena, text, "m.onnx");
    if (status == PLD_OK) return count;
    assert_int_equal(status, PLD_EMODEL);
    return -1;
}

static void test_names(void **state)
{
    (void)state;
    struct pld_arena arena = {0};
    const char *const *n;
    assert_int_equal(parse_names("{0: 'person', 1: \"it's\"}", &arena, &n), 2);
    assert_string_equal(n[1], "it's");
    assert_int_equal(parse_names(" [ 'a' , 'b', ] ", &arena, &n), 2);
    assert_string_equal(n[1], "b");
    assert_int_equal(parse_names("('a',)", &arena, &n), 1);
    assert_int_equal(parse_names("{\"1\": \"b\", \"0\": \"a\"}", &arena, &n), 2);
    assert_string_equal(n[0], "a");
    assert_int_equal(parse_names("{0: 0, 1: True, 2: -1.5}", &arena, &n), 3);
    assert_string_equal(n[1], "True");
    assert_int_equal(parse_names("['\\'\\\\\\n\\x41\\u00e9\\U0001F600\\101']", &arena, &n), 1);
    assert_string_equal(n[0], "'\\\nA\xC3\xA9\xF0\x9F\x98\x80"
                              "A");
    assert_int_equal(parse_names("[\"\\ud83d\\ude00 \\ud83d \\x00\"]", &arena, &n), 1);
    assert_string_equal(n[0], "\xF0\x9F\x98\x80 \xEF\xBF\xBD \xEF\xBF\xBD");
    assert_int_equal(parse_names("['\xC3\xA9\xFF\xC0\xAF\xED\xA0\x80']", &arena, &n), 1);
    assert_int_equal(strlen(n[0]), 2 + 6 * 3);
    assert_int_equal(parse_names("{}", &arena, &n), 0);
    static const char *const wrong[] = {"",
                                        "{",
                                        "person",
                                        "{0}",
                                        "{0:",
                                        "{0: 'a'",
                                        "{0: 'a',",
                                        "['a' 'b']",
                                        "{0: 'a'} x",
                                        "{1: 'a'}",
                                        "{0: 'a', 0: 'b'}",
                                        "{-1: 'a'}",
                                        "{x: 'a'}",
                                        "['a",
                                        "['\\",
                                        "['\\q']",
                                        "['\\x4']",
                                        "['\\uD8']",
                                        "{99999999999999999999: 'a'}",
                                        "[['a']]",
                                        "{0: {}}",
                                        "{0: 'a'],"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(parse_names(wrong[i], &arena, &n), -1);
    pld_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_errors_name_what_was_seen),
        cmocka_unit_test(test_names_of_the_model),
        cmocka_unit_test(test_yolov8_decode),
        cmocka_unit_test(test_yolox_decode),
        cmocka_unit_test(test_detect),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
