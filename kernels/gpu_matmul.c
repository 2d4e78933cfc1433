/* Matrix product C = A B of 4-byte floats on an accelerator, beside the processor's best. A kernel of its own: matmul.c multiplies
 * doubles, devices for games and for learning hardly do; and a ladder of variants has no worker axis.
 *
 * size      side n; A and B are copied to the device in every run, C comes back
 * flops     2 n^3, of 4-byte floats
 * bytes     12 n^2: A and B read once, C written once, in the device's memory
 * ladder    blocked, openmp    the processor: a tile of C in vector registers, panels of B in the cache; all cores
 *           …-naive            an element of C each, everything from the device's memory
 *           …-tiled            tiles of A and B in memory that a group shares
 *           …-blocked          and a tile of C in each thread's registers (CUDA: tiles fetched ahead)
 *           cuda-cublas        the vendor's library in the same arithmetic (looked for at run time)
 *           cuda-tensor        the same library, allowed to round its input to 11 bits for the matrix units
 *           opencl-wide        no shared memory: wide vectors straight from the cache, for a device that is a processor
 *           …-no-barrier       wrong: tiled, but the tiles are used before all have brought their part
 * check     exact. The entries are whole, odd, and at most 31: a sum of n <= 8192 products is below 2^24 and fits a float, in any
 *           order and with 11 bits for each factor. Freivalds' test modulo 2^64 as in matmul.c; entry by entry for n <= 64.
 * source    own; tiles in registers after V. Volkov and J. Demmel, "Benchmarking GPUs to tune dense linear algebra", 2008 */
#ifdef SIMD_PASS

typedef float SIMD(vf32) __attribute__((vector_size(8 * LANES), aligned(4), may_alias));
#undef WIDE
#define WIDE (2 * LANES) /* floats per vector */

//> blocked
/* `high` rows of C, two vectors wide: c = (add ? c : 0) + a b. The sums stay in registers over the whole depth. */
#define TILE_OF(high)                                                                                                  \
	SIMD_TARGET static void SIMD(tile##high)(size_t depth, const float *a, size_t n, const float *b, float *c, bool add) \
	{                                                                                                              \
		SIMD(vf32) sum[high][2];                                                                               \
		for (int i = 0; i < high; i++)                                                                         \
			for (int j = 0; j < 2; j++)                                                                    \
				sum[i][j] = add ? ((SIMD(vf32) *)(c + (size_t)i * n))[j] : (SIMD(vf32)){0};           \
		for (size_t k = 0; k < depth; k++) {                                                                   \
			SIMD(vf32) left = ((const SIMD(vf32) *)(b + k * 2 * WIDE))[0];                                 \
			SIMD(vf32) right = ((const SIMD(vf32) *)(b + k * 2 * WIDE))[1];                                \
			_Pragma("GCC unroll 8") for (int i = 0; i < high; i++)                                        \
			{                                                                                              \
				sum[i][0] += a[(size_t)i * n + k] * left;                                              \
				sum[i][1] += a[(size_t)i * n + k] * right;                                             \
			}                                                                                              \
		}                                                                                                      \
		for (int i = 0; i < high; i++)                                                                         \
			for (int j = 0; j < 2; j++)                                                                    \
				((SIMD(vf32) *)(c + (size_t)i * n))[j] = sum[i][j];                                    \
	}
TILE_OF(1)
TILE_OF(6)
//< blocked
#undef TILE_OF

/* Rows [first, last) of C over `depth` of the sum; the panel of B is packed in strips of two vectors. n: of padded rows. */
SIMD_TARGET static void SIMD(rows)(size_t first, size_t last, size_t n, size_t depth, const float *a, const float *panel, float *c, bool add)
{
	for (size_t j = 0; j < n; j += 2 * WIDE) {
		const float *strip = panel + j * depth;
		size_t i = first;
		for (; i + 6 <= last; i += 6)
			SIMD(tile6)(depth, a + i * n, n, strip, c + i * n + j, add);
		for (; i < last; i++)
			SIMD(tile1)(depth, a + i * n, n, strip, c + i * n + j, add);
	}
}

SIMD_TARGET static void SIMD(pack)(size_t j, size_t n, size_t depth, const float *b, float *panel)
{
	for (size_t k = 0; k < depth; k++)
		for (size_t x = 0; x < 2 * WIDE; x++)
			panel[j * depth + k * 2 * WIDE + x] = b[k * n + j + x];
}

#else

#include <errno.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include "kernels/gpu_matmul.h"
#include "kernels/kernel.h"
#include "kernels/rng.h"
#include "kernels/runtime/device.h"
#include "kernels/runtime/opencl.h"

#define SIMD_SOURCE "kernels/gpu_matmul.c"
#include "kernels/simd.h"

enum { PADDED = 32, DEEP = 256, SOME = 96, ENTRY_MOST = 31, CHECKS = 2, SHOWN = 64 };

struct data {
	size_t n, ld;       /* side; length of a padded row on the processor */
	float *a, *b, *c;   /* ld x n each */
	float *panel;
	uint64_t *r, *abr;  /* CHECKS random vectors, and A B r, modulo 2^64 */
};

/* ---- the processor ------------------------------------------------------------------------------------------------- */

static void (*const rows_of[])(size_t, size_t, size_t, size_t, const float *, const float *, float *, bool) = SIMD_TABLE(rows);
static void (*const pack_of[])(size_t, size_t, size_t, const float *, float *) = SIMD_TABLE(pack);
static const size_t strip_of[] = {8, 16, 32}; /* two vectors of each level */

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

static int run_blocked(struct job *job)
{
	struct data *d = job->data;
	enum simd_level level = simd_level();
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t k = 0; k < d->n; k += DEEP) {
		size_t depth = least(DEEP, d->n - k);
		for (size_t j = 0; j < d->ld; j += strip_of[level])
			pack_of[level](j, d->ld, depth, d->b + k * d->ld, d->panel);
		for (size_t i = 0; i < d->n; i += SOME)
			rows_of[level](i, least(i + SOME, d->n), d->ld, depth, d->a + k, d->panel, d->c, k > 0);
	}
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}

//> openmp
static int run_openmp(struct job *job)
{
	struct data *d = job->data;
	enum simd_level level = simd_level();
	size_t some = least(SOME, d->n / (4 * (size_t)job->workers) / 6 * 6 + 6);
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	for (size_t k = 0; k < d->n; k += DEEP) {
		size_t depth = least(DEEP, d->n - k);
		worker_begin(job, omp_get_thread_num());
#pragma omp for schedule(static) nowait
		for (size_t j = 0; j < d->ld; j += strip_of[level])
			pack_of[level](j, d->ld, depth, d->b + k * d->ld, d->panel);
		worker_end(job, omp_get_thread_num());
#pragma omp barrier /* the panel is whole */
		worker_begin(job, omp_get_thread_num());
#pragma omp for schedule(dynamic) nowait
		for (size_t i = 0; i < d->n; i += some)
			rows_of[level](i, least(i + some, d->n), d->ld, depth, d->a + k, d->panel, d->c, k > 0);
		worker_end(job, omp_get_thread_num());
#pragma omp barrier /* nobody needs it any more */
	}
	parallel_end(job);
	return 0;
}
//< openmp

/* ---- CUDA ---------------------------------------------------------------------------------------------------------- */

static int run_cuda(struct job *job, enum gpu_matmul how)
{
#if HAVE_CUDA
	struct data *d = job->data;
	struct device_took took = {0};
	parallel_begin(job, 1);
	worker_begin(job, 0);
	int status = gpu_matmul_cuda(how, d->a, d->b, d->c, d->n, d->ld, &took);
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
static int run_cuda_naive(struct job *job) { return run_cuda(job, GPU_MATMUL_NAIVE); }
static int run_cuda_tiled(struct job *job) { return run_cuda(job, GPU_MATMUL_TILED); }
static int run_cuda_blocked(struct job *job) { return run_cuda(job, GPU_MATMUL_BLOCKED); }
static int run_cuda_cublas(struct job *job) { return run_cuda(job, GPU_MATMUL_CUBLAS); }
static int run_cuda_tensor(struct job *job) { return run_cuda(job, GPU_MATMUL_TENSOR); }
static int run_cuda_no_barrier(struct job *job) { return run_cuda(job, GPU_MATMUL_NO_BARRIER); }
#if HAVE_CUDA
static const char *no_cublas(void) { return gpu_matmul_no_cublas(); }
#else
static const char *no_cublas(void) { return cuda_unavailable(); }
#endif

/* ---- OpenCL -------------------------------------------------------------------------------------------------------- */

#if HAVE_OPENCL
OPENCL_SOURCE(gpu_matmul_cl, "kernels/gpu_matmul.cl");
static struct opencl_program program = {.name = "gpu_matmul.cl", .source = gpu_matmul_cl};
enum { GROUP = 16, BLOCK = 64 };

//> opencl-host
static bool copy(struct opencl *cl, cl_mem there, float *x, const struct data *d, size_t ld, bool back, cl_event *event)
{
	const size_t origin[3] = {0, 0, 0}, region[3] = {d->n * sizeof *x, d->n, 1};
	size_t row = ld * sizeof *x, ours = d->ld * sizeof *x;
	if (back)
		return opencl_ok(clEnqueueReadBufferRect(cl->queue, there, CL_TRUE, origin, origin, region, row, 0, ours, 0, x, 0, NULL, event),
				 "copying out");
	return opencl_ok(clEnqueueWriteBufferRect(cl->queue, there, CL_FALSE, origin, origin, region, row, 0, ours, 0, x, 0, NULL, event),
			 "copying in");
}

/* Each work-item makes `high` rows of `wide` elements of C. */
static int on_opencl(struct data *d, const char *name, size_t wide, size_t high, struct device_took *took)
{
	static size_t padded; /* the zeros around matrices of this side are in place */
	struct opencl *cl = opencl_open();
	cl_kernel kernel = opencl_kernel(&program, name);
	cl_int ld = (cl_int)((d->n + BLOCK - 1) / BLOCK * BLOCK);
	size_t bytes = (size_t)ld * (size_t)ld * sizeof(float), items[2] = {(size_t)ld / wide, (size_t)ld / high};
	const size_t square[2] = {GROUP, GROUP}, line[2] = {1, 1}, *group = wide > high ? line : square;
	cl_mem matrix[3];
	cl_event event[4] = {NULL}; /* A in, B in, compute, C out */
	const float zero = 0;
	int status = -1;

	for (int i = 0; i < 3; i++)
		if (!kernel || !(matrix[i] = opencl_buffer(10 + i, bytes)))
			return -1;
	for (int i = 0; i < 2 && padded != d->n; i++)
		if (!opencl_ok(clEnqueueFillBuffer(cl->queue, matrix[i], &zero, sizeof zero, 0, bytes, 0, NULL, NULL), "zeros"))
			goto out;
	padded = d->n;
	if (!copy(cl, matrix[0], d->a, d, (size_t)ld, false, &event[0]) || !copy(cl, matrix[1], d->b, d, (size_t)ld, false, &event[1]))
		goto out;
	for (cl_uint i = 0; i < 3; i++)
		clSetKernelArg(kernel, i, sizeof matrix[i], &matrix[i]);
	clSetKernelArg(kernel, 3, sizeof ld, &ld);
	/* a grid in two dimensions, in groups of GROUP x GROUP work-items */
	if (!opencl_ok(clEnqueueNDRangeKernel(cl->queue, kernel, 2, NULL, items, group, 0, NULL, &event[2]), name) ||
	    !copy(cl, matrix[2], d->c, d, (size_t)ld, true, &event[3]))
		goto out;
	took->copy_in = opencl_seconds(event[0], event[1]);
	took->compute = opencl_seconds(event[2], event[2]);
	took->copy_out = opencl_seconds(event[3], event[3]);
	took->occupancy = NAN;
	status = 0;
out:
	clFinish(cl->queue); /* nothing may still read A and B */
	opencl_release(event, 4);
	return status;
}
//< opencl-host
#endif

static int run_opencl(struct job *job, const char *name, size_t wide, size_t high)
{
#if HAVE_OPENCL
	struct data *d = job->data;
	struct device_took took = {0};
	parallel_begin(job, 1);
	worker_begin(job, 0);
	int status = d->n ? on_opencl(d, name, wide, high, &took) : 0;
	worker_end(job, 0);
	parallel_end(job);
	job_took(job, &took);
	return status;
#else
	(void)job;
	(void)name;
	(void)wide;
	(void)high;
	errno = ENOSYS;
	return -1;
#endif
}
static int run_opencl_naive(struct job *job) { return run_opencl(job, "product_naive", 1, 1); }
static int run_opencl_tiled(struct job *job) { return run_opencl(job, "product_tiled", 1, 1); }
static int run_opencl_blocked(struct job *job) { return run_opencl(job, "product_blocked", 4, 4); }
static int run_opencl_no_barrier(struct job *job) { return run_opencl(job, "product_no_barrier", 1, 1); }
static int run_opencl_wide(struct job *job) { return run_opencl(job, "product_wide", 16, 4); }

/* ---- inputs and check ---------------------------------------------------------------------------------------------- */

static void reset(struct job *job)
{
	struct data *d = job->data;
	for (size_t i = 0; i < d->n * d->ld; i++)
		d->c[i] = NAN;
}

static uint64_t whole_of(float x, bool *whole)
{
	if (!(fabsf(x) <= 0x1p24f) || x != rintf(x)) {
		*whole = false;
		return 0;
	}
	return (uint64_t)(int64_t)x;
}

/* to = M from, modulo 2^64. False when some entry is not whole. */
static bool times(const float *m, const struct data *d, const uint64_t *from, uint64_t *to)
{
	bool whole = true;
	for (size_t i = 0; i < d->n; i++) {
		uint64_t sum = 0;
		for (size_t j = 0; j < d->n; j++)
			sum += whole_of(m[i * d->ld + j], &whole) * from[j];
		to[i] = sum;
	}
	return whole;
}

static int prepare(struct job *job)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	d->n = job_size(job);
	d->ld = (d->n + PADDED - 1) / PADDED * PADDED;
	size_t cells = d->n * d->ld;
	d->a = simd_alloc(cells, sizeof *d->a);
	d->b = simd_alloc(cells, sizeof *d->b);
	d->c = simd_alloc(cells, sizeof *d->c);
	d->panel = simd_alloc(DEEP * d->ld, sizeof *d->panel);
	d->r = calloc(3 * CHECKS * d->n + 1, sizeof *d->r);
	if (!d->a || !d->b || !d->c || !d->panel || !d->r)
		return -1;
	d->abr = d->r + CHECKS * d->n;
	for (size_t i = 0; i < cells; i++) {
		uint64_t x = rng_at(job->seed, i);
		bool there = i % d->ld < d->n;
		d->a[i] = there ? (float)(int)((x & 31) | 1) * (x & 32 ? -1.f : 1.f) : 0;
		d->b[i] = there ? (float)(int)((x >> 32 & 31) | 1) * (x >> 32 & 32 ? -1.f : 1.f) : 0;
	}
	for (uint64_t check = 0; check < CHECKS; check++) {
		uint64_t *r = d->r + check * d->n, *br = d->abr + CHECKS * d->n;
		for (size_t i = 0; i < d->n; i++)
			r[i] = rng_at(job->seed ^ 0xF4E1, check * d->n + i);
		times(d->b, d, r, br);
		times(d->a, d, br, d->abr + check * d->n);
	}
	reset(job);
	return 0;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	size_t n = d->n;
	struct outcome o = {.right = true, .expected = NAN, .observed = NAN};
	uint64_t *cr = calloc(n + 1, sizeof *cr);

	if (!n)
		snprintf(o.text, sizeof o.text, "expected no entry, observed none");
	for (size_t check = 0; check < CHECKS && o.right; check++) {
		bool whole = cr && times(d->c, d, d->r + check * n, cr);
		for (size_t i = 0; i < n && o.right; i++) {
			o.right = whole && cr[i] == d->abr[check * n + i];
			snprintf(o.text, sizeof o.text, "row %zu of C r expected %016llx = A (B r), observed %016llx%s (integers, exact)", i,
				 (unsigned long long)d->abr[check * n + i], cr ? (unsigned long long)cr[i] : 0ULL,
				 whole ? "" : ", some entry not whole");
		}
	}
	free(cr);
	for (size_t i = 0; n <= SHOWN && i < n * n && o.right; i++) {
		int64_t want = 0;
		for (size_t k = 0; k < n; k++)
			want += (int64_t)d->a[i / n * d->ld + k] * (int64_t)d->b[k * d->ld + i % n];
		o.expected = (double)want;
		o.observed = (double)d->c[i / n * d->ld + i % n];
		o.right = o.observed == o.expected;
		snprintf(o.text, sizeof o.text, "entry (%zu, %zu) expected %.9g, observed %.9g (exact)", i / n, i % n, o.expected, o.observed);
	}
	return o;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	if (!d->n)
		return false;
	d->c[where % d->n * d->ld + where / d->n % d->n] += 1;
	return true;
}

static void release(struct job *job)
{
	struct data *d = job->data;
	if (d) {
		free(d->a);
		free(d->b);
		free(d->c);
		free(d->panel);
		free(d->r);
	}
	free(d);
	job->data = NULL;
}

static double flops(const struct job *job) { return 2 * job->arg[0] * job->arg[0] * job->arg[0]; }
static double bytes(const struct job *job) { return 12 * job->arg[0] * job->arg[0]; }

#define ON_CUDA .kind = KIND_CUDA, .blocks = true, .pins_itself = true
#define ON_OPENCL .kind = KIND_OPENCL, .blocks = true, .pins_itself = true, .unavailable = opencl_unavailable

static const struct variant variants[] = {
	{.name = "blocked", .about = "the processor: a tile in vector registers, one thread", .kind = KIND_SERIAL, .run = run_blocked},
	{.name = "openmp", .about = "the processor: the same on all cores", .kind = KIND_OPENMP, .run = run_openmp},
	{.name = "opencl-naive", .about = "an element each, all from the device's memory", ON_OPENCL, .run = run_opencl_naive},
	{.name = "opencl-tiled", .about = "tiles in the memory that a group shares", ON_OPENCL, .run = run_opencl_tiled},
	{.name = "opencl-blocked", .about = "and 4 x 4 elements in each work-item's registers", ON_OPENCL, .run = run_opencl_blocked},
	{.name = "opencl-wide", .about = "4 x 16 elements each, and no shared memory", ON_OPENCL, .run = run_opencl_wide},
	{.name = "opencl-no-barrier", .about = "tiles, and nobody waits", ON_OPENCL, .run = run_opencl_no_barrier,
	 .wrong = "a tile is used before the others have brought their part: the barriers are missing"},
	{.name = "cuda-naive", .about = "an element each, all from the device's memory", ON_CUDA, .unavailable = cuda_unavailable, .run = run_cuda_naive},
	{.name = "cuda-tiled", .about = "tiles in the memory that a block shares", ON_CUDA, .unavailable = cuda_unavailable, .run = run_cuda_tiled},
	{.name = "cuda-blocked", .about = "and 8 x 8 elements in each thread's registers", ON_CUDA, .unavailable = cuda_unavailable,
	 .run = run_cuda_blocked},
	{.name = "cuda-cublas", .about = "the vendor's library: cuBLAS", ON_CUDA, .unavailable = no_cublas, .run = run_cuda_cublas},
	{.name = "cuda-tensor", .about = "cuBLAS on the matrix units, 11 bits of each number", ON_CUDA, .unavailable = no_cublas,
	 .run = run_cuda_tensor},
	{.name = "cuda-no-barrier", .about = "tiles, and nobody waits for them", ON_CUDA, .unavailable = cuda_unavailable,
	 .run = run_cuda_no_barrier, .wrong = "a tile is used before the others have brought their part: a __syncthreads is missing"},
	{0},
};

const struct kernel kernel_gpu_matmul = {
	.name = "gpu_matmul",
	.title = "Matrix product on a device",
	.source = __FILE__,
	.params = {{"size", "rows", "side of the square matrices of 4-byte floats", 0, 8192, 256, false}},
	.flops = flops,
	.bytes = bytes,
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
	.device = device_of,
	.single = true,
};
KERNEL_REGISTER(kernel_gpu_matmul);

#endif
