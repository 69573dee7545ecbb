/* Inputs beside the picture: sizes that some exports want, to scale their boxes themselves. */
#ifndef PLD_EVAL_SIDE_INPUT_H
#define PLD_EVAL_SIDE_INPUT_H

#include "backend/tensor.h"
#include "core/status.h"

/* Fills the tensor `data` of the input `name` for a network input of width x height, the same for
 * every image of the batch, so that boxes come out in pixels of that input: no image size enters,
 * and the shared mapping to the original image applies. PLD_EMODEL for an unknown name or an
 * unexpected type or shape. */
pld_status pld_side_input_fill(void *data, const struct pld_desc *desc, const char *name, int width,
                               int height);

#endif
