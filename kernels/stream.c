/* Streams: triad a[i] = b[i] + s c[i], copy a[i] = b[i], and read, the sum of all b[i]. At most two operations on 24 bytes: the memory
 * sets the pace, not the processor.
 *
 * size      numbers per array; three arrays. To measure memory they must be much larger than all caches
 * operation 0: triad; 1: copy; 2: read
 * flops     2 n; 0; n
 * bytes     24 n (two reads and one write of 8 bytes); 16 n; 8 n: the usual convention. A plain store moves 8 more, as the
 *           processor first fetches the line that it will overwrite (write-allocate); those are not counted. Streaming
 *           stores avoid them: part of their gain
 * ladder    serial            the plain loop
 *           simd-nontemporal  vectors, and stores that pass by the caches (read: several sums at once)
 *           threads           the slices dealt to POSIX threads, with the best loop
 *           openmp            the same by a pragma
 * placing   the arrays are first touched by the one thread that prepares them. On a machine with several memory nodes
 *           they lie on its node, for every variant alike.
 * check     exact: b is whole below 2^20, c odd below 2^10, s = 3, so all sums are whole and below 2^53. Each a[i] must
 *           be what the operation says; the sum must be what prepare summed in integers; 64 samples are found from the seed.
 * source    J. McCalpin's STREAM, 1995 */
#ifdef SIMD_PASS

//> simd-nontemporal
/* A streaming store needs an aligned address: the first few numbers go one by one. */
SIMD_TARGET static double SIMD(triad)(double *restrict a, const double *restrict b, const double *restrict c, size_t n)
{
	size_t i = 0;
	for (; i < n && (uintptr_t)(a + i) % sizeof(vf64); i++)
		a[i] = b[i] + SCALE * c[i];
	for (; n - i >= LANES; i += LANES) {
		vf64 sum = *(const vf64_any *)(b + i) + SCALE * *(const vf64_any *)(c + i);
		SIMD(store)(a + i, sum);
	}
	for (; i < n; i++)
		a[i] = b[i] + SCALE * c[i];
	store_fence(); /* streaming stores have no order of their own: done means done */
	return 0;
}

SIMD_TARGET static double SIMD(copy)(double *restrict a, const double *restrict b, const double *restrict c, size_t n)
{
	size_t i = 0;
	(void)c;
	for (; i < n && (uintptr_t)(a + i) % sizeof(vf64); i++)
		a[i] = b[i];
	for (; n - i >= LANES; i += LANES) {
		vf64 numbers = *(const vf64_any *)(b + i);
		SIMD(store)(a + i, numbers);
	}
	for (; i < n; i++)
		a[i] = b[i];
	store_fence();
	return 0;
}

/* Eight sums, so that no addition waits for the one before. */
SIMD_TARGET static double SIMD(total)(double *restrict a, const double *restrict b, const double *restrict c, size_t n)
{
	vf64 sum[8] = {{0}};
	double all = 0;
	size_t i = 0;
	(void)a, (void)c;
	for (; n - i >= 8 * LANES; i += 8 * LANES)
		for (int k = 0; k < 8; k++)
			sum[k] += *(const vf64_any *)(b + i + k * LANES);
	for (int k = 0; k < 8; k++)
		for (int lane = 0; lane < LANES; lane++)
			all += sum[k][lane];
	for (; i < n; i++)
		all += b[i];
	return all;
}
//< simd-nontemporal

#else

#include <errno.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#ifdef __x86_64__
#include <immintrin.h>
#define HAVE_STREAMING 1
#define store_base(p, v) _mm_stream_pd((p), (v))
#define store_avx2(p, v) _mm256_stream_pd((p), (v))
#define store_avx512(p, v) _mm512_stream_pd((p), (v))
#define store_fence() _mm_sfence()
#else
#define HAVE_STREAMING 0
#define store_base(p, v) (*(f64x2 *)(p) = (v))
#define store_fence() ((void)0)
#endif
#include "kernels/kernel.h"
#include "kernels/rng.h"

#define SCALE 3.0

#define SIMD_SOURCE "kernels/stream.c"
#include "kernels/simd.h"

enum { TRIAD, COPY, READ };

/* The sum of what it reads, or 0. */
typedef double stream_function(double *restrict a, const double *restrict b, const double *restrict c, size_t n);
static stream_function *const best_of[][SIMD_LEVELS] = {SIMD_TABLE(triad), SIMD_TABLE(copy), SIMD_TABLE(total)};

struct share {
	struct job *job;
	int worker;
	double total;
	pthread_t thread;
};

struct data {
	size_t n;
	int operation;
	double *a, *b, *c;
	double total; /* read: the sum of b */
	uint64_t sum; /* what the operation leaves, added up in whole numbers */
	struct share share[KERNEL_WORKERS_MAX];
};

//> serial
static int run_serial(struct job *job)
{
	struct data *d = job->data;
	double *restrict a = d->a, total = 0;
	const double *restrict b = d->b, *restrict c = d->c;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; d->operation == TRIAD && i < d->n; i++)
		a[i] = b[i] + SCALE * c[i];
	for (size_t i = 0; d->operation == COPY && i < d->n; i++)
		a[i] = b[i];
	for (size_t i = 0; d->operation == READ && i < d->n; i++)
		total += b[i];
	worker_end(job, 0);
	parallel_end(job);
	d->total = total;
	return 0;
}
//< serial

static const char *no_streaming(void)
{
	return HAVE_STREAMING ? NULL : "gcc has no streaming stores for this processor (x86-64 has)";
}

/* One worker's slice, with the best loop. */
static double stream_slice(const struct data *d, int worker, int workers)
{
	struct slice mine = slice_of(d->n, worker, workers);
	stream_function *best = best_of[d->operation][simd_level()];
	return best(d->a + mine.first, d->b + mine.first, d->c + mine.first, mine.last - mine.first);
}

static int run_nontemporal(struct job *job)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	d->total = stream_slice(d, 0, 1);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}

//> threads
static void *thread_main(void *arg)
{
	struct share *me = arg;
	worker_begin(me->job, me->worker);
	me->total = stream_slice(me->job->data, me->worker, me->job->workers);
	worker_end(me->job, me->worker);
	return NULL;
}

static int run_threads(struct job *job)
{
	struct data *d = job->data;
	int started, error = 0;

	parallel_begin(job, job->workers);
	for (started = 0; started < job->workers; started++) {
		struct share *s = &d->share[started];
		*s = (struct share){.job = job, .worker = started};
		error = pthread_create(&s->thread, NULL, thread_main, s);
		if (error)
			break;
	}
	double total = 0;
	for (int w = 0; w < started; w++) {
		pthread_join(d->share[w].thread, NULL);
		total += d->share[w].total;
	}
	parallel_end(job);
	d->total = total;
	errno = error;
	return error ? -1 : 0;
}
//< threads

//> openmp
static int run_openmp(struct job *job)
{
	struct data *d = job->data;
	double total = 0;
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers) reduction(+ : total)
	{
		int w = omp_get_thread_num();
		worker_begin(job, w);
		total += stream_slice(d, w, omp_get_num_threads());
		worker_end(job, w);
	}
	parallel_end(job);
	d->total = total;
	return 0;
}
//< openmp

static double b_of(const struct job *job, size_t i) { return (double)(rng_at(job->seed, i) >> 44); }
static double c_of(const struct job *job, size_t i) { return (double)((rng_at(job->seed, i) & 1023) | 1); }

static void reset(struct job *job)
{
	struct data *d = job->data;
	for (size_t i = 0; i < d->n; i++)
		d->a[i] = NAN;
	d->total = NAN;
}

/* What the operation makes of b and c. */
static double wanted(const struct data *d, double b, double c) { return d->operation == TRIAD ? b + SCALE * c : b; }

static int prepare(struct job *job)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	d->n = job_size(job);
	d->operation = (int)job->arg[1];
	d->a = simd_alloc(d->n, sizeof *d->a);
	d->b = simd_alloc(d->n, sizeof *d->b);
	d->c = simd_alloc(d->n, sizeof *d->c);
	if (!d->a || !d->b || !d->c)
		return -1;
	for (size_t i = 0; i < d->n; i++) {
		d->b[i] = b_of(job, i);
		d->c[i] = c_of(job, i);
		d->sum += (uint64_t)d->b[i] + (d->operation == TRIAD ? 3 * (uint64_t)d->c[i] : 0);
	}
	reset(job);
	return 0;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	struct outcome o = {.right = true, .expected = (double)d->sum};
	size_t bad = 0, at = 0, written = d->operation == READ ? 0 : d->n;
	double sum = d->operation == READ ? d->total : 0;
	for (size_t i = 0; i < written; i++) {
		bad += d->a[i] != wanted(d, d->b[i], d->c[i]);
		sum += d->a[i];
	}
	o.observed = sum;
	if (bad) {
		while (d->a[at] == wanted(d, d->b[at], d->c[at]))
			at++;
		o.right = false;
		snprintf(o.text, sizeof o.text,
			 "%zu of %zu numbers wrong, the first a[%zu]: expected %.17g, observed %.17g (exact)", bad, d->n, at,
			 wanted(d, d->b[at], d->c[at]), d->a[at]);
		return o;
	}
	for (uint64_t k = 0; k < 64 && written; k++) {
		size_t i = rng_at(job->seed ^ 0xC0DE, k) % d->n;
		double want = wanted(d, b_of(job, i), c_of(job, i));
		if (d->a[i] == want)
			continue;
		o.right = false;
		snprintf(o.text, sizeof o.text, "a[%zu] expected %.17g, observed %.17g (exact)", i, want, d->a[i]);
		return o;
	}
	o.right = o.observed == o.expected;
	snprintf(o.text, sizeof o.text, "sum expected %.17g, observed %.17g (exact, tolerance 0)", o.expected, o.observed);
	return o;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	if (!d->n)
		return false;
	d->a[where % d->n] += 1;
	d->total += 1;
	return true;
}

static void release(struct job *job)
{
	struct data *d = job->data;
	if (d) {
		free(d->a);
		free(d->b);
		free(d->c);
	}
	free(d);
	job->data = NULL;
}

static double flops(const struct job *job) { return (double[]){2, 0, 1}[(int)job->arg[1]] * job->arg[0]; }
static double bytes(const struct job *job) { return (double[]){24, 16, 8}[(int)job->arg[1]] * job->arg[0]; }

static const struct variant variants[] = {
	{.name = "serial", .about = "the plain loop", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "simd-nontemporal", .about = "stores that pass by the caches", .kind = KIND_SERIAL, .run = run_nontemporal,
	 .unavailable = no_streaming},
	{.name = "threads", .about = "a POSIX thread per slice", .kind = KIND_THREADS, .run = run_threads},
	{.name = "openmp", .about = "a parallel region, a slice each", .kind = KIND_OPENMP, .run = run_openmp},
	{0},
};

const struct kernel kernel_stream = {
	.name = "stream",
	.title = "Streams (memory bandwidth)",
	.source = __FILE__,
	.params = {{"size", "numbers", "numbers in each of three arrays", 0, 1e8, 1e7, false},
		   {"operation", "", "0: triad, a = b + s c; 1: copy, a = b; 2: read, the sum of b", 0, 2, 0, false}},
	.flops = flops,
	.bytes = bytes,
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
};
KERNEL_REGISTER(kernel_stream);

#endif
