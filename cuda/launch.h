/* Starting bodies on the device. launch.cu implements these with kernels on the calling thread's
 * stream; the tests have a second implementation that loops. */
#ifndef PLD_CUDA_LAUNCH_H
#define PLD_CUDA_LAUNCH_H

#include "cuda/body_conv.h"
#include "cuda/body_gather.h"
#include "cuda/body_map.h"
#include "cuda/body_matmul.h"
#include "cuda/body_move.h"
#include "cuda/body_pool.h"
#include "cuda/body_rows.h"
#include "core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs pld_<name>_body for 0 .. count-1. PLD_EDEVICE when the launch is refused. */
#define PLD_LAUNCH(name, args) pld_status pld_launch_##name(const struct args *a, uint32_t count);
#include "cuda/launch.def"
#undef PLD_LAUNCH

/* Rows of a reduction or softmax, each by a team: one thread, or a block. */
pld_status pld_launch_reduce(const struct pld_rows_args *a, bool block);
pld_status pld_launch_softmax(const struct pld_rows_args *a, bool block);

/* Copies to device memory and waits. */
pld_status pld_cuda_upload(void *device, const void *host, size_t size);

#ifdef __cplusplus
}
#endif

#endif
