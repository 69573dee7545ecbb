/* libFuzzer target: the binary form of detections, as it is and with its checksum put right. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "eval/detections_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_bytes(unsigned char *data, size_t size)
{
    struct pld_image_entry images[] = {{.id = 1}, {.id = 7}, {.id = 40}};
    struct pld_category categories[] = {{1, "a"}, {5, "b"}};
    const struct pld_dataset d = {
        .images = images, .n_images = 3, .categories = categories, .n_categories = 2};
    struct pld_bytes bytes = {data, size};
    struct pld_detections list;
    if (pld_detections_parse_cache(&list, &bytes, "fuzz.pldt", &d) != PLD_OK) {
        if (list.items || list.count) abort();
        return;
    }
    for (size_t i = 0; i < list.count; i++) {
        const struct pld_detection *det = &list.items[i];
        if (det->image < 0 || det->image > 2 || det->category < 0 || det->category > 1) abort();
        if (!isfinite(det->x) || !isfinite(det->h) || !isfinite(det->score)) abort();
    }
    pld_detections_release(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned char *copy = malloc(size + 1);
    if (!copy) abort();
    memcpy(copy, data, size);
    read_bytes(copy, size);
    if (size >= 8 && size % 4 == 0) {
        uint64_t checksum = pld_detections_checksum(copy, size - 8);
        memcpy(copy + size - 8, &checksum, sizeof checksum);
        read_bytes(copy, size);
    }
    free(copy);
    return 0;
}
