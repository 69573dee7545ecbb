/* What the readers of the dataset formats share. A reader fills images (at least one, ascending
 * ids), categories (ascending ids), annotations, has_labels and format, and refuses what the
 * options do not allow; dataset.c does the rest. */
#ifndef PLD_EVAL_DATASET_INTERNAL_H
#define PLD_EVAL_DATASET_INTERNAL_H

#include <stddef.h>

#include "core/status.h"
#include "eval/dataset.h"
#include "yyjson/yyjson.h"

/* ---- readers ---- */

pld_status pld_dataset_read_coco(struct pld_dataset *out, const char *path,
                                 const struct pld_dataset_options *options);
/* The same from a parsed document; `path` is for messages and for finding the images. */
pld_status pld_dataset_parse_coco(struct pld_dataset *out, yyjson_val *root, const char *path,
                                  const struct pld_dataset_options *options);
pld_status pld_dataset_read_yolo(struct pld_dataset *out, const char *path,
                                 const struct pld_dataset_options *options);
/* The label files of a data.yaml's images, whose sizes must be known. */
pld_status pld_dataset_read_yolo_labels(struct pld_dataset *out,
                                        const struct pld_dataset_options *options);
/* One label file of image `image`, from `text`, which is changed; adds to no other. */
pld_status pld_dataset_parse_yolo_labels(struct pld_dataset *out, int image, char *text,
                                         const char *file, struct pld_findings *findings);
pld_status pld_dataset_read_voc(struct pld_dataset *out, const char *path,
                                const struct pld_dataset_options *options);
pld_status pld_dataset_read_folder(struct pld_dataset *out, const char *path,
                                   const struct pld_dataset_options *options);

/* ---- shared parts (dataset.c) ---- */

/* Keeps the first `max_images` images and the annotations that are theirs; 0 keeps all. */
void pld_dataset_limit(struct pld_dataset *dataset, int max_images);

/* "dir/name" in the dataset's arena; `name` itself where it is absolute. NULL on no memory. */
const char *pld_dataset_path(struct pld_dataset *dataset, const char *dir, const char *name);

/* The folder that a path lies in, "." for a bare name, in the dataset's arena. NULL on no memory.
 */
const char *pld_dataset_dirname(struct pld_dataset *dataset, const char *path);

/* A growing list of annotations; a zeroed struct is empty. */
struct pld_annotation_list {
    struct pld_annotation *items;
    size_t count, capacity;
};
pld_status pld_annotation_list_add(struct pld_annotation_list *list,
                                   const struct pld_annotation *item);
/* Moves the items into the dataset's arena and empties the list. */
pld_status pld_annotation_list_store(struct pld_annotation_list *list, struct pld_dataset *dataset);
void pld_annotation_list_release(struct pld_annotation_list *list);

/* ---- lists of image files (dataset_folder.c) ---- */

/* A growing list of paths; a zeroed struct is empty. */
struct pld_path_list {
    char **items;
    size_t count, capacity;
};
void pld_path_list_release(struct pld_path_list *list);
pld_status pld_path_list_add(struct pld_path_list *list, const char *path);

/* Adds the image files of a folder and its sub-folders, chosen by extension. Names that begin with
 * a dot are skipped. */
pld_status pld_path_list_scan(struct pld_path_list *list, const char *dir);

/* Sorts by bytes and drops paths that come twice; returns how many were dropped. */
size_t pld_path_list_sort(struct pld_path_list *list);

/* Makes the dataset's images of the first `max_images` paths (0: all): ids 1.., names relative to
 * `root` where they lie in it. */
pld_status pld_path_list_store(const struct pld_path_list *list, struct pld_dataset *dataset,
                               const char *root, int max_images);

#endif
