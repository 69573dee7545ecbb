/* The kernels behind launch.h. */
#include "cuda/launch.h"

#include "cuda/launch_each.h"

#include "cuda/launch.def"
#undef PLD_LAUNCH

/* ---- rows ---- */

/* The reduction over a team; every thread gets the result. A team of one has it already. */
template <int TEAM> static __device__ float join_team(int op, float part)
{
    if (TEAM == 1) return part;
    __shared__ float shared[TEAM];
    __syncthreads(); /* the last use of `shared` is over */
    shared[threadIdx.x] = part;
    __syncthreads();
    for (int half = TEAM / 2; half > 0; half /= 2) {
        if (threadIdx.x < half)
            shared[threadIdx.x] =
                pld_reduce_join(op, shared[threadIdx.x], shared[threadIdx.x + half]);
        __syncthreads();
    }
    return shared[0];
}

template <int TEAM>
static __global__ void reduce_kernel(const __grid_constant__ struct pld_rows_args a)
{
    uint32_t t = TEAM == 1 ? 0 : threadIdx.x;
    uint32_t first = TEAM == 1 ? blockIdx.x * THREADS + threadIdx.x : blockIdx.x;
    uint32_t step = TEAM == 1 ? gridDim.x * THREADS : gridDim.x;
    for (uint32_t row = first; row < a.rest.count; row += step) {
        int64_t at[PLD_NEST_OPERANDS];
        pld_nest_at(at, &a.rest, row);
        float value = join_team<TEAM>(a.op, pld_reduce_part(&a, at[1], a.op, t, TEAM));
        if (t == 0) pld_reduce_finish(&a, at[0], value);
    }
}

template <int TEAM>
static __global__ void softmax_kernel(const __grid_constant__ struct pld_rows_args a)
{
    uint32_t t = TEAM == 1 ? 0 : threadIdx.x;
    uint32_t first = TEAM == 1 ? blockIdx.x * THREADS + threadIdx.x : blockIdx.x;
    uint32_t step = TEAM == 1 ? gridDim.x * THREADS : gridDim.x;
    for (uint32_t row = first; row < a.rest.count; row += step) {
        int64_t at[PLD_NEST_OPERANDS];
        pld_nest_at(at, &a.rest, row);
        const int max = PLD_OP_REDUCE_MAX, add = PLD_OP_REDUCE_SUM;
        float top = join_team<TEAM>(max, pld_reduce_part(&a, at[1], max, t, TEAM));
        float sum = join_team<TEAM>(add, pld_softmax_part(&a, at[1], top, t, TEAM));
        pld_softmax_finish(&a, at[1], at[0], top, sum, t, TEAM);
    }
}

#define PLD_LAUNCH_ROWS(name)                                                          \
    extern "C" pld_status pld_launch_##name(const struct pld_rows_args *a, bool block) \
    {                                                                                  \
        uint32_t rows = a->rest.count;                                                 \
        if (rows == 0) return PLD_OK;                                                  \
        auto *kernel = block ? name##_kernel<THREADS> : name##_kernel<1>;              \
        uint32_t blocks = block && rows < MOST_BLOCKS ? rows : blocks_for(rows);       \
        kernel<<<blocks, THREADS, 0, pld_cuda_stream()>>>(*a);                         \
        return pld_cuda_check(cudaGetLastError(), #name);                              \
    }
PLD_LAUNCH_ROWS(reduce)
PLD_LAUNCH_ROWS(softmax)
