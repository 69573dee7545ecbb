/* libFuzzer target: a YOLO label file, strictly and with a list of findings. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "eval/dataset_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_with(const uint8_t *data, size_t size, struct pld_findings *findings)
{
    struct pld_image_entry image = {.id = 1, .name = "a", .width = 640, .height = 480};
    struct pld_category categories[] = {{0, "a"}, {1, "b"}, {2, "c"}};
    struct pld_dataset d = {
        .images = &image, .n_images = 1, .categories = categories, .n_categories = 3};
    char *text = malloc(size + 1);
    if (!text) abort();
    memcpy(text, data, size);
    text[size] = '\0';
    if (pld_dataset_parse_yolo_labels(&d, 0, text, "fuzz.txt", findings) == PLD_OK)
        for (int i = 0; i < d.n_annotations; i++) {
            const struct pld_annotation *a = &d.annotations[i];
            if (a->category < 0 || a->category > 2 || !isfinite(a->x) || !isfinite(a->y)) abort();
            if (!(a->w >= 0 && a->w < 700 && a->h >= 0 && a->h < 500)) abort();
        }
    pld_arena_release(&d.arena);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pld_findings *findings = calloc(1, sizeof *findings);
    if (!findings) abort();
    read_with(data, size, NULL);
    read_with(data, size, findings);
    pld_findings_release(findings);
    free(findings);
    return 0;
}
