/* What a device does for the lesson heterogeneous. OpenCL: lesson.c, CUDA: split.cu. */
#ifndef HETEROGENEOUS_SPLIT_H
#define HETEROGENEOUS_SPLIT_H

#include <stddef.h>
#include <stdint.h>
#include "kernels/device.h"
#include "kernels/mandelbrot.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Computes `count` rows of n pixels on the device, row[k] the number of the k-th, and brings them back, one after another.
 * Waits for it, and says how long the device took. 0, or -1 with errno. */
typedef int device_rows(const struct view *view, size_t n, uint32_t limit, const uint32_t *row, size_t count, uint32_t *back,
			struct device_took *took);

device_rows split_cuda_rows;

#ifdef __cplusplus
}
#endif
#endif
