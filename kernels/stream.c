/* Stream triad: a[i] = b[i] + s c[i]. Two operations on 24 bytes: the memory sets the pace, not the processor.
 *
 * size      numbers per array; three arrays. To measure memory they must be much larger than all caches
 * flops     2 n
 * bytes     24 n: two reads and one write of 8 bytes, the usual convention. A plain store moves 8 more, as the
 *           processor first fetches the line that it will overwrite (write-allocate); those are not counted. Streaming
 *           stores avoid them: part of their gain
 * ladder    serial            the plain loop
 *           simd-nontemporal  vectors, and stores that pass by the caches
 *           threads           the slices dealt to POSIX threads, with the best loop
 *           openmp            the same by a pragma
 * placing   the arrays are first touched by the one thread that prepares them. On a machine with several memory nodes
 *           they lie on its node, for every variant alike.
 * check     exact: b is whole below 2^20, c odd below 2^10, s = 3, so all sums are whole and below 2^53. Each a[i] must
 *           be b[i] + 3 c[i]; the sum of a must be what prepare summed in integers; 64 samples are found from the seed.
 * source    J. McCalpin's STREAM, 1995 */
#ifdef SIMD_PASS

//> simd-nontemporal
/* A streaming store needs an aligned address: the first few numbers go one by one. */
SIMD_TARGET static void SIMD(triad)(double *restrict a, const double *restrict b, const double *restrict c, size_t n)
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

typedef void triad_function(double *restrict a, const double *restrict b, const double *restrict c, size_t n);
static triad_function *const triad_of[] = SIMD_TABLE(triad);

struct share {
	struct job *job;
	int worker;
	triad_function *triad;
	pthread_t thread;
};

struct data {
	size_t n;
	double *a, *b, *c;
	uint64_t sum; /* of all a, in whole numbers */
	struct share share[KERNEL_WORKERS_MAX];
};

//> serial
static int run_serial(struct job *job)
{
	struct data *d = job->data;
	double *restrict a = d->a;
	const double *restrict b = d->b, *restrict c = d->c;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < d->n; i++)
		a[i] = b[i] + SCALE * c[i];
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

static const char *no_streaming(void)
{
	return HAVE_STREAMING ? NULL : "gcc has no streaming stores for this processor (x86-64 has)";
}

static int run_nontemporal(struct job *job)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	triad_of[simd_level()](d->a, d->b, d->c, d->n);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}

//> threads
static void *thread_main(void *arg)
{
	struct share *me = arg;
	const struct data *d = me->job->data;
	struct slice mine = slice_of(d->n, me->worker, me->job->workers);
	worker_begin(me->job, me->worker);
	me->triad(d->a + mine.first, d->b + mine.first, d->c + mine.first, mine.last - mine.first);
	worker_end(me->job, me->worker);
	return NULL;
}

static int run_threads(struct job *job)
{
	struct data *d = job->data;
	triad_function *triad = triad_of[simd_level()];
	int started, error = 0;

	parallel_begin(job, job->workers);
	for (started = 0; started < job->workers; started++) {
		struct share *s = &d->share[started];
		*s = (struct share){.job = job, .worker = started, .triad = triad};
		error = pthread_create(&s->thread, NULL, thread_main, s);
		if (error)
			break;
	}
	for (int w = 0; w < started; w++)
		pthread_join(d->share[w].thread, NULL);
	parallel_end(job);
	errno = error;
	return error ? -1 : 0;
}
//< threads

//> openmp
static int run_openmp(struct job *job)
{
	struct data *d = job->data;
	triad_function *triad = triad_of[simd_level()];
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	{
		int w = omp_get_thread_num();
		struct slice mine = slice_of(d->n, w, omp_get_num_threads());
		worker_begin(job, w);
		triad(d->a + mine.first, d->b + mine.first, d->c + mine.first, mine.last - mine.first);
		worker_end(job, w);
	}
	parallel_end(job);
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
}

static int prepare(struct job *job)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	d->n = job_size(job);
	d->a = simd_alloc(d->n, sizeof *d->a);
	d->b = simd_alloc(d->n, sizeof *d->b);
	d->c = simd_alloc(d->n, sizeof *d->c);
	if (!d->a || !d->b || !d->c)
		return -1;
	for (size_t i = 0; i < d->n; i++) {
		d->b[i] = b_of(job, i);
		d->c[i] = c_of(job, i);
		d->sum += (uint64_t)d->b[i] + 3 * (uint64_t)d->c[i];
	}
	reset(job);
	return 0;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	struct outcome o = {.right = true, .expected = (double)d->sum};
	size_t bad = 0, at = 0;
	double sum = 0;
	for (size_t i = 0; i < d->n; i++) {
		bad += d->a[i] != d->b[i] + SCALE * d->c[i];
		sum += d->a[i];
	}
	o.observed = sum;
	if (bad) {
		while (d->a[at] == d->b[at] + SCALE * d->c[at])
			at++;
		o.right = false;
		snprintf(o.text, sizeof o.text,
			 "%zu of %zu numbers wrong, the first a[%zu]: expected %.17g, observed %.17g (exact)", bad, d->n, at,
			 d->b[at] + SCALE * d->c[at], d->a[at]);
		return o;
	}
	for (uint64_t k = 0; k < 64 && d->n; k++) {
		size_t i = rng_at(job->seed ^ 0xC0DE, k) % d->n;
		double want = b_of(job, i) + 3 * c_of(job, i);
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

static double flops(const struct job *job) { return 2 * job->arg[0]; }
static double bytes(const struct job *job) { return 24 * job->arg[0]; }

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
	.title = "Stream triad (memory bandwidth)",
	.source = __FILE__,
	.params = {{"size", "numbers", "numbers in each of three arrays", 0, 8e7, 1e7, false}},
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
