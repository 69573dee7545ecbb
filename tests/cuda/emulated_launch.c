/* Launches for machines without a GPU: every body runs in a loop, on host memory. */
#include <stdlib.h>
#include <string.h>

#include "cuda/launch.h"

#define PLD_LAUNCH(name, args)                                         \
    pld_status pld_launch_##name(const struct args *a, uint32_t count) \
    {                                                                  \
        for (uint32_t i = 0; i < count; i++)                           \
            pld_##name##_body(a, i);                                   \
        return PLD_OK;                                                 \
    }
#include "cuda/launch.def"
#undef PLD_LAUNCH

enum { TEAM = 256 }; /* as on the device: long sums stay accurate when they are shared out */

pld_status pld_launch_reduce(const struct pld_rows_args *a, bool block)
{
    uint32_t team = block ? TEAM : 1;
    for (uint32_t row = 0; row < a->rest.count; row++) {
        int64_t at[PLD_NEST_OPERANDS];
        pld_nest_at(at, &a->rest, row);
        float value = pld_reduce_start(a->op);
        for (uint32_t t = 0; t < team; t++)
            value = pld_reduce_join(a->op, value, pld_reduce_part(a, at[1], a->op, t, team));
        pld_reduce_finish(a, at[0], value);
    }
    return PLD_OK;
}

pld_status pld_launch_softmax(const struct pld_rows_args *a, bool block)
{
    uint32_t team = block ? TEAM : 1;
    const int max = PLD_OP_REDUCE_MAX;
    for (uint32_t row = 0; row < a->rest.count; row++) {
        int64_t at[PLD_NEST_OPERANDS];
        pld_nest_at(at, &a->rest, row);
        float top = pld_reduce_start(max), sum = 0;
        for (uint32_t t = 0; t < team; t++)
            top = pld_reduce_join(max, top, pld_reduce_part(a, at[1], max, t, team));
        for (uint32_t t = 0; t < team; t++)
            sum += pld_softmax_part(a, at[1], top, t, team);
        for (uint32_t t = 0; t < team; t++)
            pld_softmax_finish(a, at[1], at[0], top, sum, t, team);
    }
    return PLD_OK;
}

pld_status pld_cuda_upload(void *device, const void *host, size_t size)
{
    memcpy(device, host, size);
    return PLD_OK;
}
