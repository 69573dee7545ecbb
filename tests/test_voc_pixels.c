/* VOC's boxes are counted in pixels: the same boxes as XML, as COCO JSON with w = xmax - xmin, and
 * as COCO JSON converted from the XML have one AP. */
#include "dataset_fixture.h"

#include "core/rng.h"
#include "eval/dataset_write.h"
#include "eval/metrics/explain.h"

enum { IMAGES = 12, BOXES = 60, CLASSES = 3, SIDE = 60 };

struct corners {
    int image, category;
    int x0, y0, x1, y1; /* pixels from 1, both ends inside */
};

static const char *const class_names[CLASSES] = {"cat", "dog", "owl"};
static struct corners boxes[BOXES], guesses[BOXES];

/* Small boxes, and guesses a few pixels beside them: one pixel decides about many. */
static void make_boxes(void)
{
    struct pld_rng rng;
    pld_rng_init(&rng, 11);
#define DRAW(n) ((int)(pld_rng_unit(&rng) * (n)))
    for (int i = 0; i < BOXES; i++) {
        struct corners *b = &boxes[i];
        *b = (struct corners){i % IMAGES, DRAW(CLASSES), 1 + DRAW(30), 1 + DRAW(30), 0, 0};
        b->x1 = b->x0 + 2 + DRAW(12);
        b->y1 = b->y0 + 2 + DRAW(12);
        guesses[i] = *b;
        guesses[i].x0 += DRAW(4);
        guesses[i].y1 += DRAW(4);
        if (i % 9 == 0) guesses[i].category = DRAW(CLASSES);
    }
#undef DRAW
}

static void put_xml(void)
{
    char name[64], text[8192], list[256] = "";
    for (int image = 0; image < IMAGES; image++) {
        size_t n = (size_t)snprintf(text, sizeof text, "<annotation>");
        for (int i = 0; i < BOXES; i++)
            if (boxes[i].image == image)
                n += (size_t)snprintf(
                    text + n, sizeof text - n,
                    "<object><name>%s</name><difficult>%d</difficult><bndbox><xmin>%d</xmin>"
                    "<ymin>%d</ymin><xmax>%d</xmax><ymax>%d</ymax></bndbox></object>",
                    class_names[boxes[i].category], i % 7 == 0, boxes[i].x0, boxes[i].y0,
                    boxes[i].x1, boxes[i].y1);
        snprintf(text + n, sizeof text - n, "</annotation>");
        snprintf(name, sizeof name, "voc/Annotations/%06d.xml", image + 1);
        put(name, text);
        snprintf(name, sizeof name, "voc/JPEGImages/%06d.jpg", image + 1);
        put_image(name, SIDE, SIDE);
        snprintf(list + strlen(list), sizeof list - strlen(list), "%06d\n", image + 1);
    }
    put("voc/ImageSets/Main/val.txt", list);
}

static void put_json(void)
{
    static char text[32768];
    size_t n = 0;
#define ADD(...) n += (size_t)snprintf(text + n, sizeof text - n, __VA_ARGS__)
    ADD("{\"images\":[");
    for (int i = 0; i < IMAGES; i++)
        ADD("%s{\"id\":%d}", i ? "," : "", i + 1);
    ADD("],\"categories\":[");
    for (int k = 0; k < CLASSES; k++)
        ADD("%s{\"id\":%d,\"name\":\"%s\"}", k ? "," : "", k + 1, class_names[k]);
    ADD("],\"annotations\":[");
    for (int i = 0; i < BOXES; i++) {
        const struct corners *b = &boxes[i];
        ADD("%s{\"id\":%d,\"image_id\":%d,\"category_id\":%d,\"bbox\":[%d,%d,%d,%d],\"area\":1,"
            "\"iscrowd\":0,\"difficult\":%d}",
            i ? "," : "", i + 1, b->image + 1, b->category + 1, b->x0, b->y0, b->x1 - b->x0,
            b->y1 - b->y0, i % 7 == 0);
    }
    ADD("]}");
#undef ADD
    put("corners.json", text);
}

static int category_named(const struct pld_dataset *d, const char *name)
{
    for (int k = 0; k < d->n_categories; k++)
        if (strcmp(d->categories[k].name, name) == 0) return k;
    fail_msg("no category %s", name);
    return -1;
}

/* The guesses as corners (w = xmax - xmin), or from edge to edge as a model tells them. */
static struct pld_detections make_list(const struct pld_dataset *d, bool edges)
{
    struct pld_detections list = {0};
    for (int i = 0; i < BOXES; i++) {
        const struct corners *g = &guesses[i];
        struct pld_detection det = {.x = g->x0 - edges,
                                    .y = g->y0 - edges,
                                    .w = g->x1 - g->x0 + edges,
                                    .h = g->y1 - g->y0 + edges,
                                    .score = 1.0 / (i * 7 % BOXES + 2),
                                    .image = g->image,
                                    .category = category_named(d, class_names[g->category])};
        assert_int_equal(pld_detections_add(&list, &det), PLD_OK);
    }
    return list;
}

/* AP of all and of each class. */
static void measure(double ap[CLASSES + 1], const struct pld_dataset *d, bool edges,
                    const struct pld_protocol *protocol)
{
    struct pld_truths truths;
    struct pld_metric_result result;
    struct pld_detections list = make_list(d, edges);
    assert_int_equal(pld_truths_init(&truths, d, false), PLD_OK);
    assert_int_equal(pld_protocol_evaluate(&result, protocol, &truths, &list, NULL), PLD_OK);
    ap[CLASSES] = result.metrics[0].value;
    for (int k = 0; k < CLASSES; k++)
        ap[k] = result.classes[category_named(d, class_names[k])].ap;
    pld_metric_result_release(&result);
    pld_truths_release(&truths);
    pld_detections_release(&list);
}

static void one_ap_through_all_formats(void **state)
{
    (void)state;
    static const struct pld_protocol *const protocols[] = {&pld_protocol_voc07,
                                                           &pld_protocol_voc12};
    struct pld_dataset xml = open_good("voc", &(struct pld_dataset_options){.need_images = true});
    struct pld_dataset json = open_good("corners.json", NULL);
    char out[4096];
    snprintf(out, sizeof out, "%s", in("converted.json"));
    assert_int_equal(pld_dataset_write(out, "coco", &xml, PLD_IMAGES_NONE), PLD_OK);
    struct pld_dataset converted = open_good("converted.json", NULL);
    assert_true(xml.last_pixel_inside && converted.last_pixel_inside);
    assert_false(json.last_pixel_inside);
    for (int p = 0; p < 2; p++) {
        double expected[CLASSES + 1], ap[CLASSES + 1];
        measure(expected, &json, false, protocols[p]);
        assert_true(expected[CLASSES] > 0.1 && expected[CLASSES] < 0.95);
        measure(ap, &xml, true, protocols[p]);
        assert_memory_equal(ap, expected, sizeof ap);
        measure(ap, &converted, true, protocols[p]);
        assert_memory_equal(ap, expected, sizeof ap);
        /* The pixel twice: another number, or the test would see nothing. */
        xml.last_pixel_inside = false;
        measure(ap, &xml, true, protocols[p]);
        xml.last_pixel_inside = true;
        assert_true(ap[CLASSES] != expected[CLASSES]);
    }
    pld_dataset_release(&xml);
    pld_dataset_release(&json);
    pld_dataset_release(&converted);
}

/* --explain does not blame a pixel that neither side adds. */
static void no_step_for_the_pixel(void **state)
{
    (void)state;
    struct pld_dataset xml = open_good("voc", NULL), json = open_good("corners.json", NULL);
    const struct pld_dataset *const sets[] = {&xml, &json};
    for (int i = 0; i < 2; i++) {
        struct pld_truths truths;
        struct pld_explain explain;
        struct pld_detections list = make_list(sets[i], i == 0);
        bool named = false;
        assert_int_equal(pld_truths_init(&truths, sets[i], false), PLD_OK);
        assert_int_equal(
            pld_explain(&explain, &pld_protocol_coco, &pld_protocol_voc07, &truths, &list, NULL),
            PLD_OK);
        for (int s = 0; s < explain.n_steps; s++)
            named = named || strcmp(explain.steps[s].rule, "box geometry") == 0;
        assert_int_equal(named, i == 1);
        pld_truths_release(&truths);
        pld_detections_release(&list);
    }
    pld_dataset_release(&xml);
    pld_dataset_release(&json);
}

int main(void)
{
    pld_log_set_level(PLD_LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_ap_through_all_formats),
        cmocka_unit_test(no_step_for_the_pixel),
    };
    if (make_folder(NULL) != 0) return 1;
    make_boxes();
    put_xml();
    put_json();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return remove_folder(NULL) != 0 || failed;
}
