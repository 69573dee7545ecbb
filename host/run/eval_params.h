/* COCO params as a command line gives them. */
#ifndef PLD_RUN_EVAL_PARAMS_H
#define PLD_RUN_EVAL_PARAMS_H

#include "core/option.h"
#include "eval/metrics/coco_custom.h"

struct pld_eval_params {
    struct pld_words iou_thrs;    /* 0.5 or first:last:step, which is numpy.linspace's grid */
    struct pld_words area_ranges; /* NAME=LOW:HIGH */
    struct pld_ints max_dets;     /* in any order */
    bool class_agnostic;
};

/* Whether any of them is given. */
bool pld_eval_params_given(const struct pld_eval_params *given);

/* COCO's params with what is given in their place. Labels are kept in `arena`. Fails with
 * PLD_EUSAGE naming the option. */
pld_status pld_eval_params_read(struct pld_coco_params *out, const struct pld_eval_params *given,
                                struct pld_arena *arena);

#endif
