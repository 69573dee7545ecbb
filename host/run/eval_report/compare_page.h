/* The page of a comparison: what differs between two lists of detections, and where. */
#ifndef PLD_RUN_EVAL_REPORT_COMPARE_PAGE_H
#define PLD_RUN_EVAL_REPORT_COMPARE_PAGE_H

#include "run/compare.h"
#include "run/eval_report/worst.h"

struct pld_compare_page {
    const struct pld_compare_result *result;
    const struct pld_compare_options *options;
    const struct pld_dataset *dataset;
    const struct pld_detections *found; /* [2] */
    const struct pld_worst *worst;      /* [2] */
    const char *no_pictures;            /* why images have no paths, or NULL */
};

/* Writes the page, atomically. */
pld_status pld_compare_page_write(const char *path, const struct pld_compare_page *page);

#endif
