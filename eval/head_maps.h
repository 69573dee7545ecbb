/* Output tensors seen as grids of locations: which axis is which, whatever an exporter made of it.
 */
#ifndef PLD_EVAL_HEAD_MAPS_H
#define PLD_EVAL_HEAD_MAPS_H

#include "eval/head.h"

/* Reads an output's shape as one level of a width x height input: [N,C,H,W], [N,H,W,C],
 * [N,A,H,W,C] (A anchors), [N,H*W,C], [N,C,H*W] or [H*W,C], with H and W those of a stride of
 * 4..128. False when it is none of these. `output` is left to the caller. */
bool pld_head_map_read(struct pld_head_map *out, const struct pld_shape *shape, int width,
                       int height);

/* All outputs of the graph as maps, sorted by stride (equal strides in the model's order). Their
 * number, or 0 when one of them is no map or there are more than PLD_HEAD_OUTPUTS. */
int pld_head_maps(struct pld_head_map out[PLD_HEAD_OUTPUTS], const struct pld_graph *graph);

/* A pair of maps a level: class scores, and 4 x bins numbers for the distances to the four sides.
 * Fills n_levels, score_maps, box_maps, bins and classes. False when the outputs are not that.
 * Which of the two is which: the one with 4 x 8, 16 or 17 channels has the distances; where both
 * have, the scores come first. */
bool pld_head_pair_maps(struct pld_head_model *model, const struct pld_graph *graph);

/* The rows of one output [N, locations, channels] as a map a level, strides as in model->strides.
 */
void pld_head_split_rows(struct pld_head_map *maps, const struct pld_head_model *model, int output,
                         int channels);

/* One number of a location. */
static inline float pld_head_map_at(const struct pld_head_map *map, const float *data,
                                    int64_t location, int64_t channel)
{
    return data[map->offset + location * map->location_step + channel * map->channel_step];
}

#endif
