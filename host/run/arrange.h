/* Row-major arrays in host memory into the layout that a compiled graph takes. */
#ifndef PLD_RUN_ARRANGE_H
#define PLD_RUN_ARRANGE_H

#include "backend/tensor.h"

/* Writes the elements of `from`, which is row-major and dense, to `to` as `desc` lays them out. */
void pld_arrange(void *to, const struct pld_desc *desc, const void *from);

#endif
