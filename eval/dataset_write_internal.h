/* What the writers of the dataset formats share (dataset_write.c). */
#ifndef PLD_EVAL_DATASET_WRITE_INTERNAL_H
#define PLD_EVAL_DATASET_WRITE_INTERNAL_H

#include <stddef.h>

#include "core/arena.h"
#include "core/str.h"
#include "eval/dataset_write.h"

struct pld_writer {
    const struct pld_dataset *dataset;
    const char *dir; /* being written; gets its name at the end */
    enum pld_image_placing placing;
    struct pld_arena arena;
    const char **names; /* [n_images] relative paths without ".." */
    int *first;         /* [n_images + 1] into by_image */
    int *by_image;      /* annotations by image, in their order */
};

#define PLD_DATASET_WRITER(format) pld_status pld_dataset_write_##format(struct pld_writer *w);
#include "eval/dataset_write.def"
#undef PLD_DATASET_WRITER

/* A file with this text, at a path relative to the folder; its folders are made. Releases `text`.
 */
pld_status pld_writer_put(struct pld_writer *w, const char *path, struct pld_str *text);

/* Makes a folder inside of the folder. */
pld_status pld_writer_folder(struct pld_writer *w, const char *path);

/* The picture of image i at this path, as `placing` says. */
pld_status pld_writer_image(struct pld_writer *w, int i, const char *path);

/* Width and height of image i: as annotated, else from its file, else PLD_EDATA. */
pld_status pld_writer_size(const struct pld_writer *w, int i, int *width, int *height);

/* Path of image i without its extension. NULL on no memory. */
char *pld_writer_stem(struct pld_writer *w, int i);

/* A string as JSON, quotes included; it is valid YAML too. */
void pld_writer_quote(struct pld_str *text, const char *string);

/* The whole of a COCO annotation file. */
void pld_writer_coco_text(struct pld_writer *w, struct pld_str *text);

/* A warning "SOURCE: COUNT WHAT", for a count above 0. */
void pld_writer_warn(const struct pld_writer *w, int count, const char *what);

#endif
