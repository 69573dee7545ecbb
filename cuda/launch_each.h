/* A kernel that runs a body once for every index below a count; for nvcc only. */
#ifndef PLD_CUDA_LAUNCH_EACH_H
#define PLD_CUDA_LAUNCH_EACH_H

#include "cuda/device.h"

enum { THREADS = 256 };
static const uint32_t MOST_BLOCKS = 1u << 20;

static inline unsigned blocks_for(uint32_t count)
{
    uint32_t blocks = (count + THREADS - 1) / THREADS;
    return blocks < MOST_BLOCKS ? blocks : MOST_BLOCKS;
}

/* For the rows of launch.def and eval.def: pld_launch_<name>(). */
#define PLD_LAUNCH(name, args)                                                                     \
    static __global__ void __launch_bounds__(THREADS)                                              \
        name##_kernel(const __grid_constant__ struct args a, uint32_t count)                       \
    {                                                                                              \
        for (uint32_t i = blockIdx.x * THREADS + threadIdx.x; i < count; i += gridDim.x * THREADS) \
            pld_##name##_body(&a, i);                                                              \
    }                                                                                              \
    extern "C" pld_status pld_launch_##name(const struct args *a, uint32_t count)                  \
    {                                                                                              \
        if (count == 0) return PLD_OK;                                                             \
        name##_kernel<<<blocks_for(count), THREADS, 0, pld_cuda_stream()>>>(*a, count);            \
        return pld_cuda_check(cudaGetLastError(), #name);                                          \
    }

#endif
