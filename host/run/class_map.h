/* From the classes of a model to the categories of a dataset. */
#ifndef PLD_RUN_CLASS_MAP_H
#define PLD_RUN_CLASS_MAP_H

#include "eval/dataset.h"
#include "eval/head.h"

/* map[model class] = dataset category index, or -1. By name, ignoring case, where the model carries
 * names; else the first class is the category with the lowest id, and so on. What has no
 * counterpart is warned about. PLD_EDATA when no name is common, or when a model without names has
 * fewer classes than the dataset has categories. Caller frees. */
pld_status pld_class_map_new(int32_t **map, const struct pld_head_model *model,
                             const struct pld_dataset *dataset);

#endif
