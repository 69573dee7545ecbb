/* What an evaluation works on: the dataset, and detections from a file or a model. */
#ifndef PLD_RUN_EVAL_SOURCE_H
#define PLD_RUN_EVAL_SOURCE_H

#include "run/eval.h"

/* Opens options->data for metrics. With a page to write its images are looked for too; that there
 * are none is no error unless a folder for them was given, and `why` says what is missing. Release
 * also after a failure. */
pld_status pld_eval_open_data(struct pld_dataset *dataset, const struct pld_eval_options *options,
                              char *why, size_t why_size);

/* Reads a file of detections against a dataset that was opened with the options, which may hold its
 * first images only. Release also after a failure. */
pld_status pld_eval_read_list(struct pld_detections *found, const char *path,
                              const struct pld_eval_options *options,
                              const struct pld_dataset *dataset, struct pld_pool *pool);

/* Runs a model over the images of options->data. Release also after a failure. */
pld_status pld_eval_detect(struct pld_detections *found, const char *model,
                           const struct pld_eval_options *options);

/* Fills the result's classes from its metrics. */
pld_status pld_eval_name_classes(struct pld_eval_result *out, const struct pld_dataset *dataset);

/* Fails with PLD_EFAIL where no file could be made at `path`; NULL is fine. Said before the work.
 */
pld_status pld_eval_check_writable(const char *path);

#endif
