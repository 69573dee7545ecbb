/* eval/dataset_write: what is written reads back as the same dataset, through every format. */
#include <math.h>

#include "core/rng.h"
#include "dataset_fixture.h"
#include "eval/dataset_write.h"

enum { IMAGES = 6, BOXES = 40, CLASSES = 5 };

/* A COCO file with images of known sizes, in folders; whole pixels on request. */
static struct pld_dataset make_coco(const char *name, bool whole)
{
    char text[16384], path[64];
    struct pld_rng rng;
    size_t n = 0;
    pld_rng_init(&rng, 3);
#define ADD(...) n += (size_t)snprintf(text + n, sizeof text - n, __VA_ARGS__)
    ADD("{\"images\":[");
    for (int i = 0; i < IMAGES; i++) {
        snprintf(path, sizeof path, "%s/images/set/%s%d.pgm", name, i % 2 ? "odd/" : "", i);
        put_image(path, 100 + i, 80);
        ADD("%s{\"id\":%d,\"file_name\":\"set/%s%d.pgm\",\"width\":%d,\"height\":80}", i ? "," : "",
            7 * i + 1, i % 2 ? "odd/" : "", i, 100 + i);
    }
    ADD("],\"categories\":[");
    static const char *const names[CLASSES] = {"a \\\"b\\\"", "no", "<x> & y", "caf\xc3\xa9",
                                               "tail: #1"};
    for (int k = 0; k < CLASSES; k++)
        ADD("%s{\"id\":%d,\"name\":\"%s\"}", k ? "," : "", 3 * k + 2, names[k]);
    ADD("],\"annotations\":[");
    for (int b = 0; b < BOXES; b++) {
        double x = pld_rng_unit(&rng) * 60, y = pld_rng_unit(&rng) * 50;
        double w = 1 + pld_rng_unit(&rng) * 30, h = 1 + pld_rng_unit(&rng) * 25;
        if (whole) x = floor(x), y = floor(y), w = floor(w), h = floor(h);
        ADD("%s{\"id\":%d,\"image_id\":%d,\"category_id\":%d,\"bbox\":[%.17g,%.17g,%.17g,%.17g],"
            "\"area\":%.17g,\"iscrowd\":0,\"difficult\":%d,\"truncated\":%d}",
            b ? "," : "", b + 100, 7 * (b % (IMAGES - 1)) + 1, 3 * (b % CLASSES) + 2, x, y, w, h,
            w * h, whole && b % 7 == 0, whole && b % 3 == 0);
    }
    ADD("]}");
#undef ADD
    snprintf(path, sizeof path, "%s/annotations.json", name);
    put(path, text);
    return open_good(path, &(struct pld_dataset_options){.need_images = true});
}

/* Last part of a name: folders are laid out differently, and in VOC part of the name. */
static const char *tail(const struct pld_dataset *d, const struct pld_annotation *a)
{
    const char *name = pld_path_basename(d->images[a->image].name);
    return strncmp(name, "odd_", 4) == 0 ? name + 4 : name;
}

/* The box of `d` that is `a` of another dataset. */
static const struct pld_annotation *find(const struct pld_dataset *d,
                                         const struct pld_dataset *from,
                                         const struct pld_annotation *a, double tolerance)
{
    const char *number = tail(from, a);
    for (int i = 0; i < d->n_annotations; i++) {
        const struct pld_annotation *b = &d->annotations[i];
        if (strcmp(tail(d, b), number) == 0 && fabs(a->x - b->x) <= tolerance &&
            fabs(a->y - b->y) <= tolerance && fabs(a->w - b->w) <= tolerance &&
            fabs(a->h - b->h) <= tolerance)
            return b;
    }
    return NULL;
}

/* Every box of `from` is in `d`, with its class and marks. */
static void check_same(const struct pld_dataset *d, const struct pld_dataset *from,
                       double tolerance)
{
    assert_int_equal(d->n_images, from->n_images);
    assert_int_equal(d->n_annotations, from->n_annotations);
    for (int i = 0; i < from->n_annotations; i++) {
        const struct pld_annotation *a = &from->annotations[i];
        const struct pld_annotation *b = find(d, from, a, tolerance);
        if (!b) fail_msg("box %d is not there", i);
        assert_string_equal(d->categories[b->category].name, from->categories[a->category].name);
        assert_true(b->difficult == a->difficult && b->truncated == a->truncated);
    }
}

static struct pld_dataset convert(const struct pld_dataset *from, const char *out,
                                  const char *format, const char *main_file,
                                  enum pld_image_placing placing)
{
    if (pld_dataset_write(in(out), format, from, placing) != PLD_OK)
        fail_msg("%s: %s", pld_error_last()->where, pld_error_last()->message);
    return open_good(main_file,
                     &(struct pld_dataset_options){.need_images = placing != PLD_IMAGES_NONE});
}

static void there_and_back(void **state)
{
    (void)state;
    struct pld_dataset coco = make_coco("in", false), yolo, voc, back;
    yolo = convert(&coco, "yolo", "yolo", "yolo/data.yaml", PLD_IMAGES_LINK);
    check_same(&yolo, &coco, 1e-12 * 100);
    voc = convert(&yolo, "voc", "voc", "voc", PLD_IMAGES_COPY);
    check_same(&voc, &yolo, 1e-9);
    back = convert(&voc, "back", "coco", "back/annotations.json", PLD_IMAGES_LINK);
    check_same(&back, &voc, 0);
    check_same(&back, &coco, 1e-8);
    pld_dataset_release(&coco);
    pld_dataset_release(&yolo);
    pld_dataset_release(&voc);
    pld_dataset_release(&back);
}

static void whole_pixels_and_marks_are_exact(void **state)
{
    (void)state;
    struct pld_dataset coco = make_coco("whole", true), voc, back;
    voc = convert(&coco, "voc2", "voc", "voc2", PLD_IMAGES_NONE);
    check_same(&voc, &coco, 0);
    struct pld_bytes xml;
    assert_int_equal(pld_file_read(&xml, in("voc2/Annotations/0.xml"), PLD_EDATA), PLD_OK);
    assert_null(strstr((char *)xml.data, ".0<")); /* 12, not 12.0 */
    pld_bytes_release(&xml);
    back = convert(&voc, "back2.json", "coco", "back2.json", PLD_IMAGES_NONE);
    check_same(&back, &coco, 0);
    pld_dataset_release(&voc);
    pld_dataset_release(&back);
    pld_dataset_release(&coco);
}

static void coco_to_coco_is_the_same_dataset(void **state)
{
    (void)state;
    struct pld_dataset coco = make_coco("same", false), back;
    back = convert(&coco, "same2", "coco", "same2/annotations.json", PLD_IMAGES_LINK);
    assert_int_equal(back.n_images, coco.n_images);
    for (int i = 0; i < coco.n_images; i++)
        assert_int_equal(back.images[i].id, coco.images[i].id);
    assert_int_equal(back.n_annotations, coco.n_annotations);
    assert_memory_equal(back.annotations, coco.annotations,
                        (size_t)coco.n_annotations * sizeof *coco.annotations);
    for (int k = 0; k < coco.n_categories; k++) {
        assert_int_equal(back.categories[k].id, coco.categories[k].id);
        assert_string_equal(back.categories[k].name, coco.categories[k].name);
    }
    pld_dataset_release(&back);
    pld_dataset_release(&coco);
}

/* Crowds and what lies outside, where the format has no place for them. */
static void what_does_not_fit(void **state)
{
    (void)state;
    put_image("odd/images/a.pgm", 100, 50);
    put("odd/a.json",
        "{\"images\":[{\"id\":1,\"file_name\":\"a.pgm\",\"width\":100,\"height\":50}],"
        "\"categories\":[{\"id\":1,\"name\":\"x\"}],\"annotations\":["
        "{\"id\":1,\"image_id\":1,\"category_id\":1,\"bbox\":[-10,5,30,10],\"area\":9,"
        "\"iscrowd\":0},"
        "{\"id\":2,\"image_id\":1,\"category_id\":1,\"bbox\":[0,0,9,9],\"area\":9,\"iscrowd\":1}]"
        "}");
    struct pld_dataset d = open_good("odd/a.json", &(struct pld_dataset_options){0});
    pld_dataset_release(&d);
    d = open_good("odd/a.json", &(struct pld_dataset_options){.need_images = true});
    struct pld_dataset yolo =
        convert(&d, "odd_yolo", "yolo", "odd_yolo/data.yaml", PLD_IMAGES_LINK);
    assert_int_equal(yolo.n_annotations, 1);
    assert_float_equal(yolo.annotations[0].x, 0, 1e-12);
    assert_float_equal(yolo.annotations[0].w, 20, 1e-12);
    struct pld_dataset voc = convert(&d, "odd_voc", "voc", "odd_voc", PLD_IMAGES_LINK);
    assert_int_equal(voc.n_annotations, 2);
    assert_true(voc.annotations[0].x == -10 && voc.annotations[1].difficult);
    pld_dataset_release(&yolo);
    pld_dataset_release(&voc);
    pld_dataset_release(&d);
}

static void refuses(const struct pld_dataset *d, const char *out, const char *format,
                    pld_status code, const char *message)
{
    assert_int_equal(pld_dataset_write(in(out), format, d, PLD_IMAGES_NONE), code);
    if (!strstr(pld_error_last()->message, message)) fail_msg("%s", pld_error_last()->message);
}

static void nothing_is_overwritten_or_half_written(void **state)
{
    (void)state;
    struct pld_dataset d = make_coco("over", false);
    put("full/file", "x");
    refuses(&d, "full", "yolo", PLD_EUSAGE, "not empty");
    refuses(&d, "full/file", "voc", PLD_EUSAGE, "exists already");
    refuses(&d, "f.json", "voc", PLD_EUSAGE, "are folders");
    refuses(&d, "g", "cocoa", PLD_EUSAGE, "no such dataset format");
    d.images[2].name = "../../escape.jpg";
    refuses(&d, "never", "coco", PLD_EDATA, "'../../escape.jpg'");
    d.images[2].name = "0.jpg";
    d.images[4].name = "0.png";
    refuses(&d, "never", "voc", PLD_EDATA, "two images would have the name '0'");
    d.images[4].path = "nowhere.png";
    assert_int_equal(pld_dataset_write(in("never"), "coco", &d, PLD_IMAGES_LINK), PLD_EDATA);
    char command[300];
    snprintf(command, sizeof command, "test -z \"$(ls -d '%s'/never* 2>/dev/null)\"", folder);
    assert_int_equal(system(command), 0);
    pld_dataset_release(&d);
}

int main(void)
{
    pld_log_set_level(PLD_LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(whole_pixels_and_marks_are_exact),
        cmocka_unit_test(coco_to_coco_is_the_same_dataset),
        cmocka_unit_test(what_does_not_fit),
        cmocka_unit_test(nothing_is_overwritten_or_half_written),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
