/* CUDA: is there a device, its clock, and what it can do at most. The runtime is linked statically: the program starts without a
 * driver, and asks for one here. */
#include "kernels/runtime/cuda.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

enum { BUFFERS = 16, MARKS = 4, CHAINS = 8, TURNS = 4096, BLOCK = 256 };

static struct {
	void *memory;
	size_t bytes;
} buffer[BUFFERS];
static cudaEvent_t mark[MARKS];
static struct device facts;
static cudaDeviceProp properties;
static char reason[200];
static enum { UNASKED, FOUND, NONE } state;

static void open_device(void)
{
	int count = 0, driver = 0, runtime = 0;
	state = NONE;
	cudaError_t status = cudaGetDeviceCount(&count);
	cudaDriverGetVersion(&driver);
	cudaRuntimeGetVersion(&runtime);
	if (!driver)
		snprintf(reason, sizeof reason, "no NVIDIA driver is here (package nvidia-driver, and an NVIDIA device)");
	else if (status == cudaErrorInsufficientDriver)
		snprintf(reason, sizeof reason, "the NVIDIA driver knows CUDA %d.%d, this program needs %d", driver / 1000, driver % 1000 / 10,
			 runtime / 1000);
	else if (status != cudaSuccess || !count)
		snprintf(reason, sizeof reason, "no CUDA device: %s", cudaGetErrorString(status));
	else if (cudaGetDeviceProperties(&properties, 0) != cudaSuccess || properties.major < 8)
		snprintf(reason, sizeof reason, "the device %.80s is older than what this program was built for (8.0)", properties.name);
	else
		state = FOUND;
	for (int i = 0; i < MARKS && state == FOUND; i++)
		if (cudaEventCreate(&mark[i]) != cudaSuccess) {
			snprintf(reason, sizeof reason, "the device %.80s cannot be opened: %s", properties.name, cudaGetErrorString(cudaGetLastError()));
			state = NONE;
		}
	cudaGetLastError(); /* told: forget it */
	snprintf(facts.name, sizeof facts.name, "%.100s", properties.name);
	snprintf(facts.via, sizeof facts.via, "CUDA %d.%d", runtime / 1000, runtime % 1000 / 10);
}

extern "C" const char *cuda_unavailable(void)
{
	if (state == UNASKED)
		open_device();
	return state == FOUND ? NULL : reason;
}

bool cuda_ok(cudaError_t status, const char *what)
{
	if (status == cudaSuccess)
		return true;
	cudaGetLastError();
	device_complain("CUDA", what, cudaGetErrorString(status), status == cudaErrorMemoryAllocation ? ENOMEM : EIO);
	return false;
}

void *cuda_buffer(int slot, size_t bytes)
{
	if (buffer[slot].memory && buffer[slot].bytes >= bytes)
		return buffer[slot].memory;
	if (buffer[slot].memory)
		cudaFree(buffer[slot].memory);
	buffer[slot].memory = NULL;
	buffer[slot].bytes = bytes ? bytes : 1;
	if (!cuda_ok(cudaMalloc(&buffer[slot].memory, buffer[slot].bytes), "memory of the device"))
		buffer[slot].memory = NULL;
	return buffer[slot].memory;
}

void cuda_mark(int i) { cudaEventRecord(mark[i]); }

static double between(int a, int b)
{
	float ms = NAN;
	return cudaEventElapsedTime(&ms, mark[a], mark[b]) == cudaSuccess ? 1e-3 * ms : NAN;
}

int cuda_done(const char *what, struct device_took *took)
{
	cudaError_t launch = cudaGetLastError(), run = cudaEventSynchronize(mark[MARKS - 1]);
	if (!cuda_ok(launch, what) || !cuda_ok(run, what))
		return -1;
	took->copy_in = between(0, 1);
	took->compute = between(1, 2);
	took->copy_out = between(2, 3);
	return 0;
}

static int blocks_each(const void *kernel, int block, size_t dynamic_shared)
{
	int blocks = 0;
	cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, block, dynamic_shared);
	return blocks;
}

double cuda_occupancy(const void *kernel, int block, size_t dynamic_shared)
{
	return (double)blocks_each(kernel, block, dynamic_shared) * block / properties.maxThreadsPerMultiProcessor;
}

int cuda_blocks_at_once(const void *kernel, int block, size_t dynamic_shared)
{
	int each = blocks_each(kernel, block, dynamic_shared);
	return (each ? each : 1) * properties.multiProcessorCount;
}

/* ---- ceilings ------------------------------------------------------------------------------------------------------ */

/* CHAINS sums in each thread, so that none waits for its own last addition; the store is never reached, but the compiler does not
 * know, and must compute them. */
template <typename real> __global__ void fma_rate(real *out)
{
	real chain[CHAINS];
	for (int c = 0; c < CHAINS; c++)
		chain[c] = (real)(threadIdx.x + c);
#pragma unroll 4
	for (int i = 0; i < TURNS; i++)
#pragma unroll
		for (int c = 0; c < CHAINS; c++)
			chain[c] = chain[c] * (real)0.5 + (real)1;
	real all = 0;
	for (int c = 0; c < CHAINS; c++)
		all += chain[c];
	if (all < 0)
		out[threadIdx.x] = all;
}

template <typename real> static double flop_rate(real *scratch)
{
	double best = INFINITY;
	int blocks = cuda_blocks_at_once((const void *)fma_rate<real>, BLOCK, 0) * 4;
	for (int i = 0; i < 6; i++) {
		cuda_mark(0);
		fma_rate<real><<<blocks, BLOCK>>>(scratch);
		cuda_mark(1);
		if (!cuda_ok(cudaGetLastError(), "measuring the device") || !cuda_ok(cudaDeviceSynchronize(), "measuring the device"))
			return NAN;
		best = fmin(best, between(0, 1));
	}
	return 2.0 * CHAINS * TURNS * BLOCK * blocks / best;
}

static double copy_rate(void)
{
	size_t room = 0, all = 0, bytes = (size_t)1 << 30;
	double best = INFINITY;
	void *from = NULL, *to = NULL;
	cudaMemGetInfo(&room, &all);
	while (bytes > room / 4)
		bytes /= 2;
	if (cuda_ok(cudaMalloc(&from, bytes), "measuring the device") && cuda_ok(cudaMalloc(&to, bytes), "measuring the device")) {
		cudaMemset(from, 1, bytes);
		for (int i = 0; i < 8; i++) {
			cuda_mark(0);
			cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice);
			cuda_mark(1);
			if (!cuda_ok(cudaDeviceSynchronize(), "measuring the device"))
				break;
			best = fmin(best, between(0, 1));
		}
	}
	cudaFree(from);
	cudaFree(to);
	return 2 * (double)bytes / best;
}

extern "C" const struct device *cuda_device(void)
{
	if (cuda_unavailable())
		return NULL;
	if (facts.copy_bytes_per_second == 0) {
		facts.copy_bytes_per_second = copy_rate();
		facts.f32_flops_per_second = flop_rate((float *)cuda_buffer(BUFFERS - 1, 1 << 16));
		facts.f64_flops_per_second = flop_rate((double *)cuda_buffer(BUFFERS - 1, 1 << 16));
	}
	return &facts;
}
