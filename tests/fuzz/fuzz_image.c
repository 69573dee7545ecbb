/* libFuzzer target: an image file from a hostile dataset, decoded and fitted. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/log.h"
#include "eval/image.h"
#include "eval/image_internal.h"
#include "eval/preprocess.h"
#include "stb/stb_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Large pictures are legal and slow; nothing is learnt from filling them with grey. */
static int is_small(const uint8_t *data, size_t size)
{
    enum { PIXELS = 1 << 18 };
    int width = 0, height = 0, other;
    if (data[0] == 0xff) {
        FILE *file = fmemopen((void *)(uintptr_t)data, size, "rb");
        if (!file) return 0;
        if (pld_jpeg_size(&width, &height, &other, file, "fuzz") != PLD_OK) width = height = 0;
        fclose(file);
    } else if (!stbi_info_from_memory(data, (int)size, &width, &height, &other)) {
        width = height = 0;
    }
    return (int64_t)width * height <= PIXELS;
}

static void fit(const struct pld_image *image)
{
    static uint8_t out[48 * 32 * 3];
    int count;
    const struct pld_preprocess *rows = pld_preprocess_list(&count);
    for (int i = 0; i < count; i++) {
        struct pld_placement placement;
        if (pld_preprocess_fit(out, 48, 32, &placement, &rows[i], image) != PLD_OK) abort();
        if (!(placement.scale_x > 0) || !(placement.scale_y > 0)) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pld_log_set_level(PLD_LOG_ERROR);
    if (size == 0 || size > 1 << 20 || !is_small(data, size)) return 0;
    struct pld_image image;
    if (pld_image_decode(&image, data, size, "fuzz") == PLD_OK) fit(&image);
    pld_image_release(&image);
    return 0;
}
