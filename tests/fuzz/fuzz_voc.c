/* libFuzzer target: a Pascal VOC annotation file. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "eval/voc_xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pld_arena arena = {0};
    struct pld_voc_file file;
    if (pld_voc_parse(&file, &arena, (const char *)data, size, "fuzz.xml") == PLD_OK)
        for (size_t i = 0; i < file.n_objects; i++) {
            const struct pld_voc_object *o = &file.objects[i];
            if (!o->name || !o->name[0] || !isfinite(o->xmin) || !isfinite(o->ymin) ||
                !isfinite(o->xmax) || !isfinite(o->ymax))
                abort();
        }
    pld_arena_release(&arena);
    return 0;
}
