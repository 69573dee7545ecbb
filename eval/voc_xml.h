/* One annotation file of Pascal VOC (VOC devkit documentation, section "Annotations"). */
#ifndef PLD_EVAL_VOC_XML_H
#define PLD_EVAL_VOC_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "core/arena.h"
#include "core/status.h"

struct pld_voc_object {
    const char *name;              /* not empty */
    double xmin, ymin, xmax, ymax; /* pixels counted from 1, both ends part of the box */
    bool difficult, truncated;
    int line; /* where the object begins in the file */
};

struct pld_voc_file {
    const char *filename; /* of the image; NULL where the file does not say */
    int width, height;    /* 0 where the file does not say */
    struct pld_voc_object *objects;
    size_t n_objects;
};

/* Parses XML text; strings and objects are from `arena`. Elements that are not known are skipped,
 * parts of objects (head, hand) too. A document type declaration is refused: nothing here needs
 * one, and entities can be made to explode. Fails with PLD_EDATA, where "path:line". */
pld_status pld_voc_parse(struct pld_voc_file *out, struct pld_arena *arena, const char *text,
                         size_t size, const char *path);

#endif
