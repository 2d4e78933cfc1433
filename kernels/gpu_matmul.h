/* Matrix product on a CUDA device (gpu_matmul.cu): c = a b, n x n floats each, in rows of `ours` numbers in the machine's memory. 0, or -1 with
 * errno after one sentence on stderr. */
#ifndef LOCKSTEP_GPU_MATMUL_H
#define LOCKSTEP_GPU_MATMUL_H

#include <stddef.h>
#include "kernels/device.h"

#ifdef __cplusplus
extern "C" {
#endif
enum gpu_matmul { GPU_MATMUL_NAIVE, GPU_MATMUL_TILED, GPU_MATMUL_BLOCKED, GPU_MATMUL_CUBLAS, GPU_MATMUL_TENSOR, GPU_MATMUL_NO_BARRIER };
int gpu_matmul_cuda(enum gpu_matmul how, const float *a, const float *b, float *c, size_t n, size_t ours, struct device_took *took);
/* NULL, or why the vendor's library can't be called here. */
const char *gpu_matmul_no_cublas(void);
#ifdef __cplusplus
}
#endif
#endif
