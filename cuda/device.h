/* The device of the calling thread: its stream and library handles, and how errors are reported.
 *
 * Every host thread that drives a lane has a stream of its own. Kernels are queued on it; uploads
 * and downloads wait for it. An error of the device is sticky: whatever comes after it fails too,
 * with PLD_EDEVICE and the first message.
 */
#ifndef PLD_CUDA_DEVICE_H
#define PLD_CUDA_DEVICE_H

#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <cudnn.h>

#include "core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Chooses the device that threads use from now on, and makes the calling thread's state. */
pld_status pld_cuda_select(int device);
/* Makes the state of a thread that will drive a lane; threads that did not call it get theirs on
 * first use. It is freed when the thread ends. */
void pld_cuda_thread_start(void);

cudaStream_t pld_cuda_stream(void);
/* Handles bound to the thread's stream; NULL with the error recorded when they cannot be made. */
cudnnHandle_t pld_cuda_cudnn(void);
cublasHandle_t pld_cuda_cublas(void);

/* PLD_OK, or PLD_EDEVICE saying what failed and why. `what` names the operation. */
pld_status pld_cuda_check(cudaError_t error, const char *what);
pld_status pld_cudnn_check(cudnnStatus_t status, const char *what);
pld_status pld_cublas_check(cublasStatus_t status, const char *what);

/* Waits until everything queued by this thread is done. */
pld_status pld_cuda_wait(void);

#ifdef __cplusplus
}
#endif

#endif
