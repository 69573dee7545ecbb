/* What COCO evaluation starts on the device. eval_launch.cu implements it; the tests have a second
 * implementation that loops. */
#ifndef PLD_CUDA_EVAL_LAUNCH_H
#define PLD_CUDA_EVAL_LAUNCH_H

#include "core/status.h"
#include "cuda/body_eval.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs pld_<name>_body for 0 .. count-1. PLD_EDEVICE when the launch is refused. */
#define PLD_LAUNCH(name, args) pld_status pld_launch_##name(const struct args *a, uint32_t count);
#include "cuda/eval.def"
#undef PLD_LAUNCH

/* A stable sort of pairs by key, ascending. The first buffers hold the pairs, before and after: the
 * two of a kind change places as needed. */
struct pld_sort {
    uint64_t *key[2];
    uint32_t *value[2];
    uint32_t count;
    void *space;
    size_t space_size; /* as pld_sort_space() said for this count or a larger one */
};

pld_status pld_sort_space(size_t *size, uint32_t count);
/* Keys are below 2^bits. */
pld_status pld_launch_sort(struct pld_sort *sort, int bits);

/* Bytes of device memory that are free. */
pld_status pld_cuda_free_memory(size_t *size);

/* The table of the backend, on any implementation of the above. */
extern const struct pld_evaluator pld_cuda_evaluator;

#ifdef __cplusplus
}
#endif

#endif
