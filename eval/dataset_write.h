/* Datasets to files: the other direction of eval/dataset.h. */
#ifndef PLD_EVAL_DATASET_WRITE_H
#define PLD_EVAL_DATASET_WRITE_H

#include "core/status.h"
#include "eval/dataset.h"

enum pld_image_placing {
    PLD_IMAGES_LINK, /* symbolic links to the absolute paths */
    PLD_IMAGES_COPY,
    PLD_IMAGES_NONE, /* annotations only */
};

/* Names of the formats that can be written, NULL at the end: coco, yolo, voc. */
extern const char *const pld_dataset_writers[];

/* Writes a folder that pld_dataset_open() reads as the same dataset:
 *
 * - coco: annotations.json, images/; or, where `out` ends in .json, that file and no images
 * - yolo: data.yaml, images/val/, labels/val/; class i is the category of i-th lowest id
 * - voc:  Annotations/, JPEGImages/, ImageSets/Main/val.txt
 *
 * Folders that all image names share are dropped from them. What a format cannot hold is a warning
 * with a count: YOLO has no crowd and no difficult boxes (left out) and none beyond the image
 * (cut); in VOC a crowd becomes difficult; both take the box's area for the annotated one. YOLO
 * needs the image sizes, from the annotations or from the files.
 *
 * `out` must not exist, or be an empty folder (PLD_EUSAGE). The folder appears whole or not at all.
 */
pld_status pld_dataset_write(const char *out, const char *format, const struct pld_dataset *dataset,
                             enum pld_image_placing placing);

#endif
