/* Rows of the Mandelbrot set in CUDA, kernel and calls. The same in OpenCL: split.cl and lesson.c. */
#include "kernels/runtime/cuda.h"
#include "lessons/7-gpu/4-heterogeneous/split.h"

enum { BLOCK = 256 };

//> rows
/* A thread for each pixel of the rows that the device was given: row[k] is the number of the k-th. __dadd_rn and __dmul_rn round each
 * operation by itself, as on the CPU: the pictures must agree to the last step. */
static __global__ void rows(unsigned n, unsigned limit, struct view view, unsigned count, const unsigned *row, unsigned *out)
{
	unsigned i = blockIdx.x * blockDim.x + threadIdx.x, steps = 0;
	if (i >= n * count)
		return; /* the last block may be too long */
	double cx = __dadd_rn(view.x, __dmul_rn(i % n, view.step)), cy = __dadd_rn(view.y, __dmul_rn(row[i / n], view.step));
	double x = 0, y = 0, xx = 0, yy = 0;
	for (; steps < limit && __dadd_rn(xx, yy) <= 4; steps++) {
		y = __dadd_rn(__dmul_rn(x + x, y), cy);
		x = __dadd_rn(__dadd_rn(xx, -yy), cx);
		xx = __dmul_rn(x, x);
		yy = __dmul_rn(y, y);
	}
	out[i] = steps;
}
//< rows

//> trip
/* One trip: row numbers over, a thread for each pixel, rows back. The marks are set on the device's own clock. */
extern "C" int split_cuda_rows(const struct view *view, size_t n, uint32_t limit, const uint32_t *row, size_t count, uint32_t *back,
			       struct device_took *took)
{
	unsigned *numbers = (unsigned *)cuda_buffer(0, count * sizeof *row), *pixels = (unsigned *)cuda_buffer(1, n * count * sizeof *back);
	unsigned blocks = (unsigned)((n * count + BLOCK - 1) / BLOCK);
	if (!numbers || !pixels)
		return -1;
	cuda_mark(0);
	cudaMemcpyAsync(numbers, row, count * sizeof *row, cudaMemcpyHostToDevice);
	cuda_mark(1);
	rows<<<blocks, BLOCK>>>((unsigned)n, limit, *view, (unsigned)count, numbers, pixels);
	cuda_mark(2);
	cudaMemcpyAsync(back, pixels, n * count * sizeof *back, cudaMemcpyDeviceToHost);
	cuda_mark(3);
	took->occupancy = cuda_occupancy((const void *)rows, BLOCK, 0);
	return cuda_done("rows of the picture", took);
}
//< trip
