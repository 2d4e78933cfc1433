/* Sum of squares on a CUDA device (gpu_sum.cu): n numbers from the memory of the machine to one result there. 0, or -1 with errno after
 * one sentence on stderr. */
#ifndef LOCKSTEP_GPU_SUM_H
#define LOCKSTEP_GPU_SUM_H

#include <stddef.h>
#include "kernels/device.h"

#ifdef __cplusplus
extern "C" {
#endif
enum gpu_sum { GPU_SUM_ATOMICS, GPU_SUM_TREE, GPU_SUM_SHUFFLE, GPU_SUM_VECTOR, GPU_SUM_CUB, GPU_SUM_NO_BARRIER };
int gpu_sum_cuda(enum gpu_sum how, const double *x, size_t n, double *sum, struct device_took *took);
#ifdef __cplusplus
}
#endif
#endif
