/* A detection dataset: images, categories and labelled boxes, from any of the supported formats.
 *
 * Images are in ascending order of id and categories too, whatever the order in the files;
 * annotations keep the order of the file (the evaluator's tie rules depend on it).
 */
#ifndef PLD_EVAL_DATASET_H
#define PLD_EVAL_DATASET_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/status.h"
#include "eval/finding.h"

struct pld_category {
    int64_t id;
    const char *name; /* never NULL */
};

struct pld_image_entry {
    int64_t id;
    const char *path;  /* file to open; NULL in a dataset that was read without images */
    const char *name;  /* as the annotation file spells it, for messages and results */
    int width, height; /* pixels as annotated; 0 where the format does not say */
};

struct pld_annotation {
    int64_t id;        /* as in the file; 0 is a legal id and means what it means to pycocotools */
    int32_t image;     /* index into images[] */
    int32_t category;  /* index into categories[] */
    double x, y, w, h; /* pixels of the original image, top-left corner and size */
    double area;       /* as annotated (COCO: segment area), else w*h */
    bool crowd;        /* COCO iscrowd */
    bool difficult;    /* VOC */
    bool truncated;    /* VOC; for conversion only */
};

struct pld_dataset {
    struct pld_arena arena; /* owns everything below */
    const char *source;     /* path the user gave */
    const char *format;     /* "coco", "yolo", "voc", "images" */
    struct pld_image_entry *images;
    int n_images;
    struct pld_category *categories;
    int n_categories;
    struct pld_annotation *annotations;
    int n_annotations;
    bool has_labels;
    /* Boxes reach to the far edge of their last pixel, as those of VOC's XML do once they are read:
     * VOC's rules then add no pixel. COCO files say so as "info": {"last_pixel_inside": true}. */
    bool last_pixel_inside;
    bool drop_unknown; /* as in the options: detections of what is not listed are left out too */
    /* Over ids, names as spelled, categories and boxes, annotations in their order: the same for
     * equal content whatever the layout of the file and wherever it lies. Pixels are not in it. */
    char sha256[65];
};

struct pld_dataset_options {
    const char *images_dir; /* --images; NULL: beside the annotations, or in images/ */
    int max_images;         /* first N by id; 0 = all */
    bool need_images; /* every image file must exist (PLD_EDATA names the first that does not) */
    bool need_labels; /* a plain folder of images is refused */
    /* COCO: annotations of images or categories that the file does not list are left out with a
     * warning, as pycocotools does without one, instead of being an error. The same goes for
     * detections that are read against the dataset. */
    bool drop_unknown;
    bool strict; /* COCO: annotations need `area` and `iscrowd`, as pycocotools does */
    /* Entries that cannot be used become findings and are left out, instead of being an error. */
    struct pld_findings *findings;
};

/* Opens DATA in whichever format it is:
 *
 * - a COCO annotation JSON. Image files are looked for in images_dir, else beside the JSON, in
 *   images/, ../images/, and for a name like instances_val2017.json in ../val2017/ and
 *   ../images/val2017/. `iscrowd`, and `difficult` and `truncated` of converted
 *   VOC sets, may be missing (0), `area` too (w*h, with a warning).
 * - an Ultralytics data.yaml. Its `val` images get ids 1.. in the order of their sorted paths and
 *   its names the category ids 0..; labels are where the last /images/ of a path reads /labels/.
 *   Boxes become pixels with the sizes in the image files' headers, which must therefore exist.
 * - a Pascal VOC folder: the images of ImageSets/Main/val.txt, else test.txt, else all annotations.
 *   Image ids are the names where those are numbers (VOC 2007), else 1.. in sorted order; category
 *   ids 1.. by sorted name, the twenty of VOC where there are no others. A box xmin..xmax of pixels
 *   counted from 1 covers xmin - 1 .. xmax: x = xmin - 1 and w = xmax - xmin + 1, so the extra
 *   pixel of the VOC protocols is in the box already (last_pixel_inside).
 * - a folder of images, searched with its sub-folders, ids 1.. in sorted order, no labels.
 *
 * Fails with PLD_EDATA and one line that names the file and the entry: broken JSON, an annotation
 * with an unknown image or category, ids that come twice, a box that is no box, no images at all.
 * `options` may be NULL (all off). Release with pld_dataset_release(), also after a failure. */
pld_status pld_dataset_open(struct pld_dataset *out, const char *path,
                            const struct pld_dataset_options *options);
void pld_dataset_release(struct pld_dataset *dataset);

/* Index of a category by id (binary search), or -1. */
int pld_dataset_category(const struct pld_dataset *dataset, int64_t id);
/* Index of an image by id (binary search), or -1. */
int pld_dataset_image(const struct pld_dataset *dataset, int64_t id);

#endif
