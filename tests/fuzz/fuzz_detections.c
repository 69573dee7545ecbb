/* libFuzzer target: COCO results. Tiny pieces and the whole text at once must agree. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "eval/detections_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pld_image_entry images[] = {{.id = 1}, {.id = 7}, {.id = 40}};
static struct pld_category categories[] = {{1, "a"}, {5, "b"}};
static const struct pld_dataset dataset = {
    .images = images, .n_images = 3, .categories = categories, .n_categories = 2};

static pld_status read_pieces(struct pld_detections *out, const char *path, size_t piece)
{
    pld_status status = pld_detections_read_json(out, path, &dataset, NULL, piece);
    if (status != PLD_OK && (out->items || out->count)) abort();
    return status;
}

static void compare(const char *path, size_t size)
{
    struct pld_detections whole, parts;
    pld_status status = read_pieces(&whole, path, size + 1);
    for (size_t piece = 8; piece <= 64; piece *= 2) {
        if (read_pieces(&parts, path, piece) != status) abort();
        if (parts.count != whole.count) abort();
        if (whole.count && memcmp(parts.items, whole.items, whole.count * sizeof *whole.items) != 0)
            abort();
        pld_detections_release(&parts);
    }
    pld_detections_release(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    compare(path, size);
    close(fd);
    return 0;
}
