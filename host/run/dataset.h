/* What `pollard dataset` does. */
#ifndef PLD_RUN_DATASET_H
#define PLD_RUN_DATASET_H

#include <stdbool.h>

#include "eval/dataset_check.h"
#include "eval/dataset_stats.h"
#include "eval/dataset_write.h"
#include "run/session.h"

struct pld_dataset_run {
    const struct pld_session_options *session; /* threads, head, imgsz */
    const char *data, *images_dir;
    int max_images; /* 0: all */
};

/* Opens `data` and writes it to `out`. The dataset remains in `dataset`, to be released. */
pld_status pld_dataset_run_convert(struct pld_dataset *dataset, const struct pld_dataset_run *run,
                                   const char *out, const char *format,
                                   enum pld_image_placing placing);

struct pld_dataset_run_check {
    bool images;       /* look at the files at all */
    bool decode;       /* and at every pixel of them */
    const char *model; /* whose classes to compare, or NULL */
};

/* Findings about `data`; PLD_EDATA only where nothing of it can be read. Both to be released, also
 * after a failure. */
pld_status pld_dataset_run_check(struct pld_findings *findings, struct pld_dataset *dataset,
                                 const struct pld_dataset_run *run,
                                 const struct pld_dataset_run_check *what);

/* Both to be released, also after a failure. */
pld_status pld_dataset_run_stats(struct pld_dataset_stats *stats, struct pld_dataset *dataset,
                                 const struct pld_dataset_run *run);

#endif
