/* What bites later: a dataset looked over before anything is measured with it. */
#ifndef PLD_EVAL_DATASET_CHECK_H
#define PLD_EVAL_DATASET_CHECK_H

#include <stdbool.h>

#include "core/pool.h"
#include "core/status.h"
#include "eval/dataset.h"
#include "eval/finding.h"

struct pld_dataset_check_options {
    bool decode;                    /* image files as a whole, else only their headers */
    struct pld_pool *pool;          /* to decode on; NULL: this thread */
    const char *model;              /* path, for messages; NULL: classes are not compared */
    const char *const *class_names; /* [n_classes]; NULL: the model carries none */
    int n_classes;
};

/* Adds what is wrong with an opened dataset to `findings`. Faults that the reader leaves out are
 * found by opening with dataset options `findings`. Images without a path are passed over. Results
 * are in the dataset's order, whatever the pool. */
pld_status pld_dataset_check(struct pld_findings *findings, const struct pld_dataset *dataset,
                             const struct pld_dataset_check_options *options);

#endif
