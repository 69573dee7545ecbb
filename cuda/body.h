/* What kernel bodies are written in: plain C that both nvcc and a C compiler take.
 *
 * A body computes one piece of an operator's output: an element, or a short run of channels. The
 * device runs it once a thread (launch.cu); the tests run the same text once an iteration of a
 * loop, on a machine without a GPU. So index arithmetic and formulas are tested everywhere, and
 * only launches and tuned kernels need a device.
 */
#ifndef PLD_CUDA_BODY_H
#define PLD_CUDA_BODY_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "backend/tensor.h"

#ifdef __CUDACC__
#include <cuda_fp16.h>
#define PLD_HD __host__ __device__ __forceinline__
typedef __half pld_half;
#define PLD_HALF_TO_FLOAT(h)   __half2float(h)
#define PLD_HALF_FROM_FLOAT(f) __float2half_rn(f)
#else
#define PLD_HD                 inline
typedef _Float16 pld_half;
#define PLD_HALF_TO_FLOAT(h)   ((float)(h))
#define PLD_HALF_FROM_FLOAT(f) ((_Float16)(f))
#endif

/* ---- division by numbers that are known when a kernel is planned ---- */

/* n / d = (high word of n * multiplier + n) >> shift, for n and d below 2^31 (Granlund and
 * Montgomery, Division by invariant integers, 1994, figure 4.1). */
struct pld_divisor {
    uint32_t multiplier, shift, value;
};

static PLD_HD struct pld_divisor pld_divisor_of(uint32_t d)
{
    struct pld_divisor divisor = {0, 0, d};
    while ((1ull << divisor.shift) < d)
        divisor.shift++;
    divisor.multiplier = (uint32_t)(((1ull << 32) * ((1ull << divisor.shift) - d)) / d + 1);
    return divisor;
}

static PLD_HD uint32_t pld_divide(uint32_t n, struct pld_divisor d)
{
    uint32_t high = (uint32_t)(((uint64_t)n * d.multiplier) >> 32);
    return (high + n) >> d.shift;
}

/* ---- elements ---- */

/* Element `i` of an array of reals, as float. */
static PLD_HD float pld_get(const void *base, int dtype, int64_t i)
{
    return dtype == PLD_F16 ? PLD_HALF_TO_FLOAT(((const pld_half *)base)[i])
                            : ((const float *)base)[i];
}

static PLD_HD void pld_set(void *base, int dtype, int64_t i, float value)
{
    if (dtype == PLD_F16)
        ((pld_half *)base)[i] = PLD_HALF_FROM_FLOAT(value);
    else
        ((float *)base)[i] = value;
}

/* ---- runs of eight elements, moved 16 bytes at a time ---- */

enum { PLD_RUN = 8 };

#ifdef __CUDACC__
struct __align__(16) pld_words
#else
struct __attribute__((aligned(16), may_alias)) pld_words
#endif
{
    uint32_t word[4];
};

union pld_run16 {
    struct pld_words words;
    pld_half half[PLD_RUN];
};

union pld_run32 {
    struct pld_words words[2];
    float real[PLD_RUN];
};

/* Eight elements from `i` on; their address is a multiple of 16. */
static PLD_HD void pld_get_run(float out[PLD_RUN], const void *base, int dtype, int64_t i)
{
    if (dtype == PLD_F16) {
        union pld_run16 run;
        run.words = *(const struct pld_words *)((const pld_half *)base + i);
        for (int k = 0; k < PLD_RUN; k++)
            out[k] = PLD_HALF_TO_FLOAT(run.half[k]);
    } else {
        union pld_run32 run;
        const struct pld_words *words = (const struct pld_words *)((const float *)base + i);
        run.words[0] = words[0];
        run.words[1] = words[1];
        for (int k = 0; k < PLD_RUN; k++)
            out[k] = run.real[k];
    }
}

static PLD_HD void pld_set_run(void *base, int dtype, int64_t i, const float value[PLD_RUN])
{
    if (dtype == PLD_F16) {
        union pld_run16 run;
        for (int k = 0; k < PLD_RUN; k++)
            run.half[k] = PLD_HALF_FROM_FLOAT(value[k]);
        *(struct pld_words *)((pld_half *)base + i) = run.words;
    } else {
        union pld_run32 run;
        for (int k = 0; k < PLD_RUN; k++)
            run.real[k] = value[k];
        struct pld_words *words = (struct pld_words *)((float *)base + i);
        words[0] = run.words[0];
        words[1] = run.words[1];
    }
}

#endif
