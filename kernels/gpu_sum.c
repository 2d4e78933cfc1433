/* Sum of squares on an accelerator, beside the best that the processor can: the same numbers as in sum_squares.c, which also makes
 * and checks them. A kernel of its own, for a ladder of variants has no worker axis, and sum_squares is run in many lessons.
 *
 * size      numbers of 8 bytes; they lie in the machine's memory and are copied to the device in every run
 * flops     2 n
 * bytes     8 n (each number is read once from the device's memory; the copy there is not counted)
 * ladder    simd, openmp    the processor: sum_squares.c
 *           …-atomics       each element added to the one result: correct, and one long queue
 *           …-tree          a group adds up in its shared memory, half as many in each step; one atomic addition a group
 *           cuda-shuffle    the last five steps from register to register of a warp
 *           …-vector        as many threads as the device holds, each with many numbers in wide loads
 *           cuda-cub        the vendor's library
 *           …-no-barrier    wrong: the tree without waiting for the others
 * check     exact, as in sum_squares.c: any order of additions gives the very same double
 * source    own; the steps after M. Harris, "Optimizing Parallel Reduction in CUDA", 2007 */
#include <errno.h>
#include <math.h>
#include "kernels/gpu_sum.h"
#include "kernels/runtime/device.h"
#include "kernels/runtime/opencl.h"
#include "kernels/sum_squares.h"

/* ---- the processor ------------------------------------------------------------------------------------------------- */

static int run_cpu(struct job *job, enum kind kind)
{
	const struct variant *v = kernel_sum_squares.variants, *last = NULL;
	for (; v->name; v++)
		if (v->kind == kind)
			last = v;
	return last->run(job);
}
static int run_simd(struct job *job) { return run_cpu(job, KIND_SERIAL); }
static int run_openmp(struct job *job) { return run_cpu(job, KIND_OPENMP); }

/* ---- CUDA ---------------------------------------------------------------------------------------------------------- */

static int run_cuda(struct job *job, enum gpu_sum how)
{
#if HAVE_CUDA
	struct device_took took = {0};
	parallel_begin(job, 1);
	worker_begin(job, 0);
	int status = gpu_sum_cuda(how, sum_squares_numbers(job), job_size(job), sum_squares_result(job), &took);
	worker_end(job, 0);
	parallel_end(job);
	job_took(job, &took);
	return status;
#else
	(void)job;
	(void)how;
	errno = ENOSYS;
	return -1;
#endif
}
static int run_cuda_atomics(struct job *job) { return run_cuda(job, GPU_SUM_ATOMICS); }
static int run_cuda_tree(struct job *job) { return run_cuda(job, GPU_SUM_TREE); }
static int run_cuda_shuffle(struct job *job) { return run_cuda(job, GPU_SUM_SHUFFLE); }
static int run_cuda_vector(struct job *job) { return run_cuda(job, GPU_SUM_VECTOR); }
static int run_cuda_cub(struct job *job) { return run_cuda(job, GPU_SUM_CUB); }
static int run_cuda_no_barrier(struct job *job) { return run_cuda(job, GPU_SUM_NO_BARRIER); }

/* ---- OpenCL -------------------------------------------------------------------------------------------------------- */

#if HAVE_OPENCL
OPENCL_SOURCE(gpu_sum_cl, "kernels/gpu_sum.cl");
static struct opencl_program program = {.name = "gpu_sum.cl", .source = gpu_sum_cl};
enum { GROUP = 256 };

//> opencl-host
static int on_opencl(const double *x, size_t n, size_t items, const char *name, double *sum, struct device_took *took)
{
	struct opencl *cl = opencl_open();
	cl_kernel kernel = opencl_kernel(&program, name);
	cl_mem there = opencl_buffer(0, n * sizeof *x), result = opencl_buffer(1, sizeof *sum);
	cl_event in = NULL, compute = NULL, out = NULL;
	cl_ulong count = n;
	size_t group = GROUP;
	int status = -1;

	*sum = 0;
	if (!kernel || !there || !result)
		return -1;
	/* to the device: the numbers, and a zero to add to */
	if ((n && !opencl_ok(clEnqueueWriteBuffer(cl->queue, there, CL_FALSE, 0, n * sizeof *x, x, 0, NULL, &in), "copying in")) ||
	    !opencl_ok(clEnqueueWriteBuffer(cl->queue, result, CL_FALSE, 0, sizeof *sum, sum, 0, NULL, n ? NULL : &in), "copying in"))
		goto out;
	clSetKernelArg(kernel, 0, sizeof there, &there);
	clSetKernelArg(kernel, 1, sizeof count, &count);
	clSetKernelArg(kernel, 2, sizeof result, &result);
	/* `items` work-items in groups of GROUP run the kernel, each with an index of its own */
	if (!opencl_ok(clEnqueueNDRangeKernel(cl->queue, kernel, 1, NULL, &items, &group, 0, NULL, &compute), name) ||
	    !opencl_ok(clEnqueueReadBuffer(cl->queue, result, CL_TRUE, 0, sizeof *sum, sum, 0, NULL, &out), "copying out"))
		goto out;
	took->copy_in = opencl_seconds(in, in);
	took->compute = opencl_seconds(compute, compute);
	took->copy_out = opencl_seconds(out, out);
	took->occupancy = NAN;
	status = 0;
out:
	clFinish(cl->queue); /* nothing may still read x */
	opencl_release(&in, 1);
	opencl_release(&compute, 1);
	opencl_release(&out, 1);
	return status;
}
//< opencl-host

static size_t groups_of(size_t n) { return n ? (n + GROUP - 1) / GROUP : 1; }

static size_t most(size_t items)
{
	const struct opencl *cl = opencl_open();
	size_t fills = cl->units * GROUP * 8;
	return items < fills ? items : fills;
}
#endif

static int run_opencl(struct job *job, const char *name, bool strides)
{
#if HAVE_OPENCL
	struct device_took took = {0};
	size_t items = groups_of(job_size(job)) * GROUP;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	int status = on_opencl(sum_squares_numbers(job), job_size(job), strides ? most(items) : items, name, sum_squares_result(job), &took);
	worker_end(job, 0);
	parallel_end(job);
	job_took(job, &took);
	return status;
#else
	(void)job;
	(void)name;
	(void)strides;
	errno = ENOSYS;
	return -1;
#endif
}
static int run_opencl_atomics(struct job *job) { return run_opencl(job, "sum_atomics", false); }
static int run_opencl_tree(struct job *job) { return run_opencl(job, "sum_tree", false); }
static int run_opencl_no_barrier(struct job *job) { return run_opencl(job, "sum_no_barrier", false); }
static int run_opencl_vector(struct job *job) { return run_opencl(job, "sum_vector", true); }

static const char *no_doubles(void)
{
	const char *why = opencl_unavailable();
#if HAVE_OPENCL
	if (!why && !opencl_open()->doubles)
		return "the OpenCL device has no 8-byte floats";
#endif
	return why;
}

/* ---- the same numbers as the kernel for the processor -------------------------------------------------------------- */

static int prepare(struct job *job) { return kernel_sum_squares.prepare(job); }
static void reset(struct job *job) { kernel_sum_squares.reset(job); }
static struct outcome verify(const struct job *job) { return kernel_sum_squares.verify(job); }
static bool spoil(struct job *job, uint64_t where) { return kernel_sum_squares.spoil(job, where); }
static void release(struct job *job) { kernel_sum_squares.release(job); }
static double flops(const struct job *job) { return 2 * job->arg[0]; }
static double bytes(const struct job *job) { return 8 * job->arg[0]; }

#define ON_CUDA .kind = KIND_CUDA, .blocks = true, .pins_itself = true, .unavailable = cuda_unavailable
#define ON_OPENCL .kind = KIND_OPENCL, .blocks = true, .pins_itself = true

static const struct variant variants[] = {
	{.name = "simd", .about = "the processor: vectors, one thread", .kind = KIND_SERIAL, .run = run_simd},
	{.name = "openmp", .about = "the processor: vectors, all cores", .kind = KIND_OPENMP, .run = run_openmp},
	{.name = "opencl-atomics", .about = "each element added to the one result", ON_OPENCL, .unavailable = no_doubles, .run = run_opencl_atomics},
	{.name = "opencl-tree", .about = "a tree in each group's local memory", ON_OPENCL, .unavailable = no_doubles, .run = run_opencl_tree},
	{.name = "opencl-vector", .about = "few work-items, many numbers each, wide loads", ON_OPENCL, .unavailable = no_doubles, .run = run_opencl_vector},
	{.name = "opencl-no-barrier", .about = "the tree, and nobody waits", ON_OPENCL, .unavailable = no_doubles, .run = run_opencl_no_barrier,
	 .wrong = "reads what the other work-items have not yet written: a barrier is missing"},
	{.name = "cuda-atomics", .about = "each element added to the one result", ON_CUDA, .run = run_cuda_atomics},
	{.name = "cuda-tree", .about = "a tree in each block's shared memory", ON_CUDA, .run = run_cuda_tree},
	{.name = "cuda-shuffle", .about = "from register to register within a warp", ON_CUDA, .run = run_cuda_shuffle},
	{.name = "cuda-vector", .about = "few threads, many numbers each, wide loads", ON_CUDA, .run = run_cuda_vector},
	{.name = "cuda-cub", .about = "the vendor's library: CUB", ON_CUDA, .run = run_cuda_cub},
	{.name = "cuda-no-barrier", .about = "the tree, with one wait before all its steps", ON_CUDA, .run = run_cuda_no_barrier,
	 .wrong = "reads what the other threads have not yet written: a __syncthreads is missing in each step"},
	{0},
};

const struct kernel kernel_gpu_sum = {
	.name = "gpu_sum",
	.title = "Sum of squares on a device",
	.source = __FILE__,
	.params = {{"size", "numbers", "how many numbers to square and add", 0, 0x1p28, 1e7, false}},
	.flops = flops,
	.bytes = bytes,
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
	.device = device_of,
};
KERNEL_REGISTER(kernel_gpu_sum);
