/* Sum of squares in CUDA. One thread reads one number (or several); threads of one block share `__shared__` memory and meet at
 * __syncthreads; blocks meet only in the one result. The ladder's ideas are told in gpu_sum.c. */
#include "kernels/gpu_sum.h"

#include <cub/device/device_reduce.cuh>
#include <cuda/std/functional>
#include "kernels/runtime/cuda.h"

enum { BLOCK = 256, WARP = 32, LOADS = 4 };

//> cuda-atomics
__global__ void sum_atomics(const double *x, size_t n, double *sum)
{
	size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x; /* which of all threads am I? */
	if (i < n)
		atomicAdd(sum, x[i] * x[i]); /* all of them stand in one queue */
}
//< cuda-atomics

//> cuda-tree
__global__ void sum_tree(const double *x, size_t n, double *sum)
{
	__shared__ double part[BLOCK];
	size_t i = (size_t)blockIdx.x * BLOCK + threadIdx.x;
	unsigned me = threadIdx.x;
	part[me] = i < n ? x[i] * x[i] : 0;
	for (unsigned reach = BLOCK / 2; reach > 0; reach /= 2) {
		__syncthreads(); /* what the others wrote is there */
		if (me < reach)
			part[me] += part[me + reach];
	}
	if (me == 0)
		atomicAdd(sum, part[0]); /* one a block instead of one an element */
}
//< cuda-tree

//> cuda-no-barrier
__global__ void sum_no_barrier(const double *x, size_t n, double *sum)
{
	__shared__ double part[BLOCK];
	size_t i = (size_t)blockIdx.x * BLOCK + threadIdx.x;
	unsigned me = threadIdx.x;
	part[me] = i < n ? x[i] * x[i] : 0;
	__syncthreads(); /* once is not enough: each step reads what another thread wrote in the step before */
	for (unsigned reach = BLOCK / 2; reach > 0; reach /= 2)
		if (me < reach)
			part[me] += part[me + reach]; /* was it written yet? */
	if (me == 0)
		atomicAdd(sum, part[0]);
}
//< cuda-no-barrier

//> cuda-shuffle
/* The sum over a warp's 32 threads, in lane 0: each takes the value of the lane `step` above, straight from its register. */
__device__ double sum_of_warp(double mine)
{
	for (int step = WARP / 2; step > 0; step /= 2)
		mine += __shfl_down_sync(0xffffffff, mine, step);
	return mine;
}

/* The sum over a block, in thread 0. */
__device__ double sum_of_block(double mine)
{
	__shared__ double part[BLOCK / WARP];
	unsigned lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
	mine = sum_of_warp(mine);
	if (lane == 0)
		part[warp] = mine;
	__syncthreads();
	mine = threadIdx.x < BLOCK / WARP ? part[lane] : 0;
	return warp == 0 ? sum_of_warp(mine) : 0;
}

__global__ void sum_shuffle(const double *x, size_t n, double *sum)
{
	size_t i = (size_t)blockIdx.x * BLOCK + threadIdx.x;
	double all = sum_of_block(i < n ? x[i] * x[i] : 0);
	if (threadIdx.x == 0)
		atomicAdd(sum, all);
}
//< cuda-shuffle

//> cuda-vector
/* As many threads as the device holds. Each strides over the whole array, LOADS loads of 16 bytes on their way at once. */
__global__ void sum_vector(const double *x, size_t n, double *sum)
{
	const double2 *pair = (const double2 *)x;
	size_t i = (size_t)blockIdx.x * BLOCK + threadIdx.x, step = (size_t)gridDim.x * BLOCK, pairs = n / 2;
	double s[LOADS] = {0};
	for (; i + (LOADS - 1) * step < pairs; i += LOADS * step) {
		double2 v[LOADS];
#pragma unroll
		for (int k = 0; k < LOADS; k++)
			v[k] = pair[i + k * step];
#pragma unroll
		for (int k = 0; k < LOADS; k++)
			s[k] += v[k].x * v[k].x + v[k].y * v[k].y;
	}
	for (; i < pairs; i += step)
		s[0] += pair[i].x * pair[i].x + pair[i].y * pair[i].y;
	if (n % 2 && blockIdx.x == 0 && threadIdx.x == 0)
		s[1] += x[n - 1] * x[n - 1];
	double all = sum_of_block(s[0] + s[1] + s[2] + s[3]);
	if (threadIdx.x == 0)
		atomicAdd(sum, all);
}
//< cuda-vector

//> cuda-cub
struct square {
	__host__ __device__ double operator()(double x) const { return x * x; }
};

static bool with_cub(const double *x, size_t n, double *sum)
{
	size_t bytes = 0; /* asked for in a first call, which does nothing else */
	if (!cuda_ok(cub::DeviceReduce::TransformReduce(NULL, bytes, x, sum, n, cuda::std::plus<double>(), square(), 0.0), "CUB"))
		return false;
	void *scratch = cuda_buffer(2, bytes);
	return scratch && cuda_ok(cub::DeviceReduce::TransformReduce(scratch, bytes, x, sum, n, cuda::std::plus<double>(), square(), 0.0), "CUB");
}
//< cuda-cub

//> cuda-host
extern "C" int gpu_sum_cuda(enum gpu_sum how, const double *x, size_t n, double *sum, struct device_took *took)
{
	double *there = (double *)cuda_buffer(0, n * sizeof *x), *result = (double *)cuda_buffer(1, sizeof *sum);
	unsigned grid = n ? (unsigned)((n + BLOCK - 1) / BLOCK) : 1; /* a thread for each number */
	void (*const kernels[])(const double *, size_t, double *) = {sum_atomics, sum_tree, sum_shuffle, sum_vector, NULL, sum_no_barrier};
	void (*kernel)(const double *, size_t, double *) = kernels[how];

	if (!there || !result)
		return -1;
	took->occupancy = kernel ? cuda_occupancy((const void *)kernel, BLOCK, 0) : NAN;
	if (how == GPU_SUM_VECTOR) {
		unsigned once = (unsigned)cuda_blocks_at_once((const void *)kernel, BLOCK, 0);
		grid = grid < once ? grid : once;
	}
	cuda_mark(0);
	cudaMemcpyAsync(there, x, n * sizeof *x, cudaMemcpyHostToDevice);
	cudaMemsetAsync(result, 0, sizeof *sum);
	cuda_mark(1);
	if (kernel)
		kernel<<<grid, BLOCK>>>(there, n, result); /* grid blocks of BLOCK threads */
	else if (!with_cub(there, n, result))
		return -1;
	cuda_mark(2);
	cudaMemcpyAsync(sum, result, sizeof *sum, cudaMemcpyDeviceToHost);
	cuda_mark(3);
	return cuda_done("sum of squares", took);
}
//< cuda-host
