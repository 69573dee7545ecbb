#include "cuda/device.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "cuda/launch.h"

struct thread {
    cudaStream_t stream;
    cudnnHandle_t cudnn;
    cublasHandle_t cublas;
};

static atomic_int selected;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void thread_free(void *state)
{
    struct thread *thread = state;
    if (thread->cublas) cublasDestroy(thread->cublas);
    if (thread->cudnn) cudnnDestroy(thread->cudnn);
    if (thread->stream) cudaStreamDestroy(thread->stream);
    free(thread);
}

static void make_key(void)
{
    pthread_key_create(&key, thread_free);
}

/* NULL when the device cannot be used; the error is recorded. */
static struct thread *thread_state(void)
{
    pthread_once(&once, make_key);
    struct thread *thread = pthread_getspecific(key);
    if (thread) return thread;
    thread = calloc(1, sizeof *thread);
    if (!thread) {
        pld_fail_memory("device thread");
        return NULL;
    }
    pld_status status = pld_cuda_check(cudaSetDevice(atomic_load(&selected)), "choosing a device");
    if (status == PLD_OK)
        status = pld_cuda_check(cudaStreamCreateWithFlags(&thread->stream, cudaStreamNonBlocking),
                                "making a stream");
    if (status != PLD_OK) {
        free(thread);
        return NULL;
    }
    pthread_setspecific(key, thread);
    return thread;
}

pld_status pld_cuda_select(int device)
{
    atomic_store(&selected, device);
    return thread_state() ? PLD_OK : PLD_EDEVICE;
}

void pld_cuda_thread_start(void)
{
    (void)thread_state(); /* a failure shows at the first launch, on the default stream */
}

cudaStream_t pld_cuda_stream(void)
{
    struct thread *thread = thread_state();
    return thread ? thread->stream : NULL;
}

cudnnHandle_t pld_cuda_cudnn(void)
{
    struct thread *thread = thread_state();
    if (!thread || thread->cudnn) return thread ? thread->cudnn : NULL;
    if (pld_cudnn_check(cudnnCreate(&thread->cudnn), "starting cuDNN") != PLD_OK) return NULL;
    if (pld_cudnn_check(cudnnSetStream(thread->cudnn, thread->stream), "starting cuDNN") != PLD_OK)
        return NULL;
    return thread->cudnn;
}

cublasHandle_t pld_cuda_cublas(void)
{
    struct thread *thread = thread_state();
    if (!thread || thread->cublas) return thread ? thread->cublas : NULL;
    if (pld_cublas_check(cublasCreate(&thread->cublas), "starting cuBLAS") != PLD_OK) return NULL;
    if (pld_cublas_check(cublasSetStream(thread->cublas, thread->stream), "starting cuBLAS") !=
        PLD_OK)
        return NULL;
    return thread->cublas;
}

pld_status pld_cuda_check(cudaError_t error, const char *what)
{
    if (error == cudaSuccess) return PLD_OK;
    return pld_fail(PLD_EDEVICE, "cuda", "%s: %s", what, cudaGetErrorString(error));
}

pld_status pld_cudnn_check(cudnnStatus_t status, const char *what)
{
    if (status == CUDNN_STATUS_SUCCESS) return PLD_OK;
    char detail[512] = "";
    cudnnGetLastErrorString(detail, sizeof detail);
    return pld_fail(PLD_EDEVICE, "cuda", "%s: %s%s%s", what, cudnnGetErrorString(status),
                    detail[0] ? ": " : "", detail);
}

pld_status pld_cublas_check(cublasStatus_t status, const char *what)
{
    if (status == CUBLAS_STATUS_SUCCESS) return PLD_OK;
    return pld_fail(PLD_EDEVICE, "cuda", "%s: %s", what, cublasGetStatusString(status));
}

pld_status pld_cuda_wait(void)
{
    return pld_cuda_check(cudaStreamSynchronize(pld_cuda_stream()), "running kernels");
}

pld_status pld_cuda_upload(void *device, const void *host, size_t size)
{
    if (size == 0) return PLD_OK;
    PLD_TRY(pld_cuda_check(
        cudaMemcpyAsync(device, host, size, cudaMemcpyDefault, pld_cuda_stream()), "upload"));
    return pld_cuda_wait();
}
