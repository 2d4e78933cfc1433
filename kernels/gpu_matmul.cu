/* Matrix product of 4-byte floats in CUDA: C = A B, row after row, in rows of `ld` numbers. On the device the matrices are padded
 * with zeros to a multiple of 128, so that no kernel has to ask whether a number is there. The ladder is told in gpu_matmul.c. */
#include "kernels/gpu_matmul.h"

#include <cuda_pipeline_primitives.h>
#include <dlfcn.h>
#include <errno.h>
#include <math.h>
#include "kernels/runtime/cuda.h"

enum { PADDED = 128 };

//> cuda-naive
/* A thread for each element of C. Each number of A and B is fetched n times from the device's memory (or its cache). */
__global__ void product_naive(const float *a, const float *b, float *c, int ld)
{
	int row = blockIdx.y * blockDim.y + threadIdx.y, column = blockIdx.x * blockDim.x + threadIdx.x;
	float sum = 0;
	for (int k = 0; k < ld; k++)
		sum += a[(size_t)row * ld + k] * b[(size_t)k * ld + column];
	c[(size_t)row * ld + column] = sum;
}
//< cuda-naive

enum { TILE = 32 };

//> cuda-tiled
/* A block fetches a tile of A and one of B into its shared memory, each thread one number of both; then all use them TILE times. */
__global__ void product_tiled(const float *a, const float *b, float *c, int ld)
{
	__shared__ float at[TILE][TILE], bt[TILE][TILE];
	int x = threadIdx.x, y = threadIdx.y;
	size_t row = blockIdx.y * TILE + y, column = blockIdx.x * TILE + x;
	float sum = 0;
	for (int k = 0; k < ld; k += TILE) {
		at[y][x] = a[row * ld + k + x];
		bt[y][x] = b[(k + y) * (size_t)ld + column];
		__syncthreads(); /* the tiles are whole */
		for (int i = 0; i < TILE; i++)
			sum += at[y][i] * bt[i][x];
		__syncthreads(); /* nobody needs them any more */
	}
	c[row * ld + column] = sum;
}
//< cuda-tiled

//> cuda-no-barrier
__global__ void product_no_barrier(const float *a, const float *b, float *c, int ld)
{
	__shared__ float at[TILE][TILE], bt[TILE][TILE];
	int x = threadIdx.x, y = threadIdx.y;
	size_t row = blockIdx.y * TILE + y, column = blockIdx.x * TILE + x;
	float sum = 0;
	for (int k = 0; k < ld; k += TILE) {
		at[y][x] = a[row * ld + k + x];
		bt[y][x] = b[(k + y) * (size_t)ld + column];
		for (int i = 0; i < TILE; i++)
			sum += at[y][i] * bt[i][x]; /* did the others bring theirs yet? */
		__syncthreads();
	}
	c[row * ld + column] = sum;
}
//< cuda-no-barrier

enum { BLOCK_ROWS = 128, BLOCK_COLUMNS = 128, DEPTH = 16, GAP = 4, BLOCKED_THREADS = 256, EACH = 8 };

/* One step of the blocked product for one thread: its share of the tiles at depth k is on its way into shared memory. */
struct tiles {
	float a[BLOCK_ROWS][DEPTH + GAP]; /* the gap: rows begin in different banks */
	float b[DEPTH][BLOCK_COLUMNS];
};

__device__ void fetch(struct tiles *to, const float *a, const float *b, int ld, int k)
{
	int t = threadIdx.x;
#pragma unroll
	for (int i = 0; i < 2; i++) { /* four numbers at a time, past the registers */
		int row = t / 4 + 64 * i, column = t % 4 * 4;
		__pipeline_memcpy_async(&to->a[row][column], a + (size_t)row * ld + k + column, 16);
		row = t / 32 + 8 * i, column = t % 32 * 4;
		__pipeline_memcpy_async(&to->b[row][column], b + (size_t)(k + row) * ld + column, 16);
	}
	__pipeline_commit();
}

//> cuda-blocked
/* A block of 256 threads makes 128 x 128 elements of C, each thread 8 x 8 of them in its registers: 16 numbers fetched from shared
 * memory serve 64 multiplications. While one pair of tiles is used, the next one is on its way. */
__global__ void __launch_bounds__(BLOCKED_THREADS, 2) product_blocked(const float *a, const float *b, float *c, int ld)
{
	__shared__ __align__(16) struct tiles tiles[2];
	int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
	/* a warp has 32 x 64 elements; which lane has which is chosen so that the lanes never want the same bank */
	int row = warp / 2 * 32 + ((lane & 16) >> 3 | (lane & 1)), column = warp % 2 * 64 + (lane >> 1 & 7) * 4;
	float sum[EACH][EACH] = {};

	a += (size_t)blockIdx.y * BLOCK_ROWS * ld;
	b += blockIdx.x * BLOCK_COLUMNS;
	c += (size_t)blockIdx.y * BLOCK_ROWS * ld + blockIdx.x * BLOCK_COLUMNS;
	fetch(&tiles[0], a, b, ld, 0);
	for (int k = 0, now = 0; k < ld; k += DEPTH, now = 1 - now) {
		__pipeline_wait_prior(0);
		__syncthreads(); /* these tiles are whole, and nobody needs the other ones any more */
		if (k + DEPTH < ld)
			fetch(&tiles[1 - now], a, b, ld, k + DEPTH);
#pragma unroll
		for (int d = 0; d < DEPTH; d += 4) {
			float4 left[EACH];
#pragma unroll
			for (int i = 0; i < EACH; i++)
				left[i] = *(const float4 *)&tiles[now].a[row + 4 * i][d];
#pragma unroll
			for (int q = 0; q < 4; q++) {
				const float4 *right = (const float4 *)&tiles[now].b[d + q][column];
				float4 r0 = right[0], r1 = right[8];
				const float r[EACH] = {r0.x, r0.y, r0.z, r0.w, r1.x, r1.y, r1.z, r1.w};
#pragma unroll
				for (int i = 0; i < EACH; i++)
#pragma unroll
					for (int j = 0; j < EACH; j++)
						sum[i][j] += (q == 0 ? left[i].x : q == 1 ? left[i].y : q == 2 ? left[i].z : left[i].w) * r[j];
			}
		}
	}
#pragma unroll
	for (int i = 0; i < EACH; i++)
#pragma unroll
		for (int j = 0; j < EACH; j += 4)
			*(float4 *)&c[(size_t)(row + 4 * i) * ld + column + 8 * j] =
				make_float4(sum[i][j], sum[i][j + 1], sum[i][j + 2], sum[i][j + 3]);
}
//< cuda-blocked

/* ---- the vendor's library, looked for at run time ------------------------------------------------------------------ */

enum { DEFAULT_MATH = 0, PEDANTIC_MATH = 2, TF32_MATH = 3, NOT_TRANSPOSED = 0 };
static struct {
	void *library, *handle;
	int (*create)(void **handle);
	int (*mode)(void *handle, int mode);
	int (*product)(void *handle, int, int, int m, int n, int k, const float *alpha, const float *, int, const float *, int,
		       const float *beta, float *, int);
	bool asked;
} cublas;

extern "C" const char *gpu_matmul_no_cublas(void)
{
	static const char *const names[] = {"libcublas.so.13", "libcublas.so.12", "libcublas.so.11", "/usr/local/cuda/lib64/libcublas.so"};
	const char *why = cuda_unavailable();
	if (why)
		return why;
	for (int i = 0; i < 4 && !cublas.asked && !cublas.library; i++)
		cublas.library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	if (!cublas.asked && cublas.library) {
		*(void **)&cublas.create = dlsym(cublas.library, "cublasCreate_v2");
		*(void **)&cublas.mode = dlsym(cublas.library, "cublasSetMathMode");
		*(void **)&cublas.product = dlsym(cublas.library, "cublasSgemm_v2");
	}
	cublas.asked = true;
	return cublas.create && cublas.mode && cublas.product ? NULL : "the library libcublas.so is not here (package libcublas)";
}

//> cuda-cublas
/* The library thinks in columns: read so, the rows of A are those of its transpose, and B^T A^T is (A B)^T: ours again. */
static bool with_cublas(const float *a, const float *b, float *c, int n, int ld, int mode)
{
	const float one = 1, zero = 0;
	return cublas.mode(cublas.handle, mode) == 0 &&
	       cublas.product(cublas.handle, NOT_TRANSPOSED, NOT_TRANSPOSED, n, n, n, &one, b, ld, a, ld, &zero, c, ld) == 0;
}
//< cuda-cublas

/* ---- from the machine to the device and back ----------------------------------------------------------------------- */

static void copy(float *to, size_t to_row, const float *from, size_t from_row, size_t n, cudaMemcpyKind way)
{
	cudaMemcpy2DAsync(to, to_row * sizeof *to, from, from_row * sizeof *from, n * sizeof *from, n, way);
}

//> cuda-host
extern "C" int gpu_matmul_cuda(enum gpu_matmul how, const float *a, const float *b, float *c, size_t n, size_t ours,
			       struct device_took *took)
{
	static size_t padded; /* the zeros around matrices of this side are in place */
	static const struct {
		void (*kernel)(const float *, const float *, float *, int);
		dim3 block;
		unsigned wide, high; /* elements of C that a block makes */
	} ways[] = {
		{product_naive, dim3(32, 8), 32, 8},	    {product_tiled, dim3(TILE, TILE), TILE, TILE},
		{product_blocked, dim3(BLOCKED_THREADS), 128, 128}, {NULL, dim3(1), 1, 1},
		{NULL, dim3(1), 1, 1},			    {product_no_barrier, dim3(TILE, TILE), TILE, TILE},
	};
	size_t ld = ((n ? n : 1) + PADDED - 1) / PADDED * PADDED, bytes = ld * ld * sizeof(float);
	float *x = (float *)cuda_buffer(10, bytes), *y = (float *)cuda_buffer(11, bytes), *z = (float *)cuda_buffer(12, bytes);
	int block = (int)(ways[how].block.x * ways[how].block.y);

	if (!x || !y || !z)
		return -1;
	if (!ways[how].kernel && !cublas.handle && cublas.create(&cublas.handle))
		return device_complain("CUDA", "cuBLAS", "cannot be opened", EIO);
	if (padded != n) {
		cudaMemset(x, 0, bytes);
		cudaMemset(y, 0, bytes);
	}
	padded = n;
	took->occupancy = ways[how].kernel ? cuda_occupancy((const void *)ways[how].kernel, block, 0) : NAN;
	cuda_mark(0);
	copy(x, ld, a, ours, n, cudaMemcpyHostToDevice);
	copy(y, ld, b, ours, n, cudaMemcpyHostToDevice);
	cuda_mark(1);
	if (ways[how].kernel) /* a grid of blocks, each with its part of C */
		ways[how].kernel<<<dim3(ld / ways[how].wide, ld / ways[how].high), ways[how].block>>>(x, y, z, (int)ld);
	else if (n && !with_cublas(x, y, z, (int)n, (int)ld, how == GPU_MATMUL_TENSOR ? TF32_MATH : PEDANTIC_MATH))
		return device_complain("CUDA", "cuBLAS", "the product was refused", EIO);
	cuda_mark(2);
	copy(c, ours, z, ld, n, cudaMemcpyDeviceToHost);
	cuda_mark(3);
	return cuda_done("matrix product", took);
}
//< cuda-host
