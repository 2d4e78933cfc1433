/* The few means that kernels on CUDA share: buffers that stay, a clock on the device, errors in one sentence. For .cu files; the
 * taught calls (cudaMemcpy, kernel<<<grid, block>>>) stand there. Everything goes to the default stream, in order:
 *
 *     double *there = (double *)cuda_buffer(0, bytes);        memory of the device
 *     cuda_mark(0);  cudaMemcpyAsync(there, x, bytes, cudaMemcpyHostToDevice);
 *     cuda_mark(1);  kernel<<<grid, block>>>(there, n);
 *     cuda_mark(2);  cudaMemcpyAsync(y, there, bytes, cudaMemcpyDeviceToHost);
 *     cuda_mark(3);  return cuda_done("sum", took);           waits, looks for errors, reads the clock
 *
 * Not for several threads at once. */
#ifndef LOCKSTEP_CUDA_H
#define LOCKSTEP_CUDA_H

#include <cuda_runtime.h>
#include <stddef.h>
#include "kernels/runtime/device.h"

/* False, and one sentence with errno, when `status` is an error. */
bool cuda_ok(cudaError_t status, const char *what);

/* Memory of the device that stays between runs and only grows: slot 0 to 15, contents unknown. NULL with errno. */
void *cuda_buffer(int slot, size_t bytes);

/* Notes on the device's clock when all that was ordered so far is done: marks 0 to 3 part copy in, compute, copy out. */
void cuda_mark(int i);
/* 0 when all went well and the four marks are in *took; else -1 with errno after one sentence. */
int cuda_done(const char *what, struct device_took *took);

/* Share of the threads that a multiprocessor can hold which it holds with such blocks of this kernel, 0 to 1. */
double cuda_occupancy(const void *kernel, int block, size_t dynamic_shared);
/* Blocks that the whole device holds at once. */
int cuda_blocks_at_once(const void *kernel, int block, size_t dynamic_shared);

#endif
