/* Which variant of a convolution was fastest, kept on disk between runs: one line a shape, in a
 * file for each device and cuDNN version under $XDG_CACHE_HOME/pollard (or ~/.cache/pollard). */
#ifndef PLD_CUDA_TUNE_STORE_H
#define PLD_CUDA_TUNE_STORE_H

#include <stdbool.h>

/* A choice is two small numbers whose meaning is the caller's. False when the key is not known. */
bool pld_tune_find(const char *key, int *variant, int *config);
/* Remembers a choice. What cannot be written is forgotten: it only costs tuning again. */
void pld_tune_keep(const char *key, int variant, int config);

#endif
