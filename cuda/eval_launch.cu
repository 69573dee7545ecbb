/* The kernels behind eval_launch.h. CMakeLists.txt turns contraction off for this file. */
#include "cuda/eval_launch.h"

#include <cub/device/device_radix_sort.cuh>

#include "cuda/launch_each.h"

#include "cuda/eval.def"
#undef PLD_LAUNCH

/* cub's radix sort goes from the lowest digit up, which is stable. */
static cudaError_t sort_pairs(void *space, size_t *size, struct pld_sort *s, int bits)
{
    cub::DoubleBuffer<uint64_t> keys(s->key[0], s->key[1]);
    cub::DoubleBuffer<uint32_t> values(s->value[0], s->value[1]);
    cudaError_t error = cub::DeviceRadixSort::SortPairs(space, *size, keys, values, s->count, 0,
                                                        bits, pld_cuda_stream());
    s->key[0] = keys.Current(), s->key[1] = keys.Alternate();
    s->value[0] = values.Current(), s->value[1] = values.Alternate();
    return error;
}

extern "C" pld_status pld_sort_space(size_t *size, uint32_t count)
{
    struct pld_sort none = {};
    none.count = count;
    *size = 0;
    return pld_cuda_check(sort_pairs(nullptr, size, &none, 64), "sizing a sort");
}

extern "C" pld_status pld_launch_sort(struct pld_sort *sort, int bits)
{
    if (sort->count == 0 || bits == 0) return PLD_OK;
    size_t size = sort->space_size;
    return pld_cuda_check(sort_pairs(sort->space, &size, sort, bits), "sorting");
}

extern "C" pld_status pld_cuda_free_memory(size_t *size)
{
    size_t total;
    return pld_cuda_check(cudaMemGetInfo(size, &total), "reading free memory");
}
