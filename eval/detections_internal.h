/* What the readers of detections files share. */
#ifndef PLD_EVAL_DETECTIONS_INTERNAL_H
#define PLD_EVAL_DETECTIONS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/file.h"
#include "core/pool.h"
#include "core/status.h"
#include "eval/detection.h"
#include "yyjson/yyjson.h"

/* Room for `capacity` detections in all. */
pld_status pld_detections_reserve(struct pld_detections *list, size_t capacity);

/* ---- entries of COCO results (detections_entry.c) ---- */

/* Begins as {.path, .dataset, .last_image = -1, .last_category = -1}. */
struct pld_entry_reader {
    const char *path;
    const struct pld_dataset *dataset;
    size_t index; /* of the entry being read, from 0; for messages */
    int64_t last_image_id, last_category_id;
    int last_image, last_category; /* -1: none yet. Neighbours are often of one image */
};

/* One entry; PLD_EDATA names its index and what is wrong with it. With dataset->drop_unknown the
 * image or category of an entry may be -1. */
pld_status pld_entry_read(struct pld_detection *out, struct pld_entry_reader *reader,
                          yyjson_val *entry);

/* ---- formats ---- */

/* Whether a file that begins with these bytes is in the binary form (detections_cache.c). */
bool pld_detections_is_cache(const void *data, size_t size);
pld_status pld_detections_read_cache(struct pld_detections *out, const char *path,
                                     const struct pld_dataset *dataset);
/* The same from memory; `path` is for messages. */
pld_status pld_detections_parse_cache(struct pld_detections *out, const struct pld_bytes *bytes,
                                      const char *path, const struct pld_dataset *dataset);
/* What does not fit into JSON is refused by the caller. */
pld_status pld_detections_write_cache(const char *path, const struct pld_detections *list,
                                      const struct pld_dataset *dataset);

/* Checksum of the binary form; `size` is a multiple of 4. */
uint64_t pld_detections_checksum(const unsigned char *data, uint64_t size);

/* COCO results (detections_json.c), in pieces of `piece` bytes (0: the best size); `pool` may be
 * NULL. */
pld_status pld_detections_read_json(struct pld_detections *out, const char *path,
                                    const struct pld_dataset *dataset, struct pld_pool *pool,
                                    size_t piece);

#endif
