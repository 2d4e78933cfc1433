/* Histogram: how many of n numbers in [0, 1) fall into each of b equal bins. Reading them is easy to share; the bins are
 * what all workers want to write to.
 *
 * size      numbers of 8 bytes; bins; skew: the share of numbers that falls into one hot bin, the others spread evenly
 * flops     n (one product each; counting is integer work)
 * bytes     8 n (each number is read once; the bins stay in a cache)
 * ladder    serial   the plain loop: an increment of the same bin must wait for the one before it (about 5 cycles), and
 *                    where the hot bin comes again and again all wait in a row
 *           simd     the products and conversions in vectors; the numbers are read at four places at once, and those of each
 *                    counted in a set of bins of its own: increments that waited for each other in one bin go on side by
 *                    side in four. Numbers are fetched ahead
 *           atomic   threads, one set of bins, indivisible increments: every one of them must own the cache line
 *           packed   threads, a counter for each worker and bin, those of a bin side by side. No two workers touch the
 *                    same counter, yet they fight for the lines (false sharing)
 *           private  threads, each with a set of bins on lines of its own, added up at the end
 *           threads  private, with the loop of simd
 *           openmp   the plain loop and a reduction over an array (over 65536 bins: atomic)
 * roof      a core that finds its numbers in its cache counts 18 to 22 GB/s of them (Xeon of 2023, 3 GHz, avx512): 1.1 to 1.3
 *           cycles each, of which counting bins made beforehand takes 1.1. Out of memory beyond the caches it comes to two
 *           thirds of what stream reads: waiting and counting do not overlap in full
 * check     exact. Each number is drawn as a bin and a place in its middle half, so that rounding never moves it to
 *           another bin; prepare counts the bins it has drawn.
 * source    own; several sets of bins against waiting for the store before: Y. Collet, FSE/Huff0, 2013 */
#ifdef SIMD_PASS

//> simd
typedef int32_t SIMD(ints) __attribute__((vector_size(4 * LANES)));

/* Reads the numbers at four places at once, a quarter of them apart, and counts those of each in a set of bins of its own, `apart`
 * counters from each other. First the bins of sixteen numbers of each quarter by vectors into a small array, then the increments,
 * set after set in turn: the processor finds the next bins while it counts these. It has so much to do for each number that it does
 * not look far ahead: so it is told what to fetch (beyond the end: no harm), and at four places it fetches four pages at a time. */
SIMD_TARGET static void SIMD(count)(const double *x, size_t n, double bins, uint32_t *counter, size_t apart)
{
	enum { STEP = 16 };
	size_t quarter = n / (SETS * STEP) * STEP;
	for (size_t i = 0; i < quarter; i += STEP) {
		uint32_t bin[SETS][STEP];
#pragma GCC unroll 4
		for (size_t s = 0; s < SETS; s++) {
			const double *from = x + s * quarter + i;
			__builtin_prefetch(from + AHEAD); /* two cache lines */
			__builtin_prefetch(from + AHEAD + STEP / 2);
#pragma GCC unroll 8
			for (size_t k = 0; k < STEP; k += LANES) {
				SIMD(ints) v = __builtin_convertvector(*(const vf64_any *)(from + k) * bins, SIMD(ints));
				memcpy(bin[s] + k, &v, sizeof v);
			}
		}
#pragma GCC unroll 16
		for (size_t k = 0; k < STEP; k++)
#pragma GCC unroll 4
			for (size_t s = 0; s < SETS; s++)
				counter[s * apart + bin[s][k]]++;
	}
	for (size_t i = SETS * quarter; i < n; i++)
		counter[(size_t)(x[i] * bins)]++;
}
//< simd

#else

#include <errno.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"

enum {
	AHEAD = 256,                  /* numbers that are fetched ahead in the simd loop: half a page */
	SETS = 4,                     /* of counters in the simd loop, and places that it reads at */
	LINE = 64 / sizeof(uint32_t), /* counters per cache line */
	STACKED = 0x10000,            /* bins that OpenMP's copies may have on a worker's stack */
};

#define SIMD_SOURCE "kernels/histogram.c"
#include "kernels/simd.h"

typedef void count_function(const double *x, size_t n, double bins, uint32_t *counter, size_t apart);
static count_function *const count_of[] = SIMD_TABLE(count);

/* Counters have 32 bits: there are at most 2^28 numbers, and short ones need less of the cache. */
struct share {
	struct job *job;
	int worker;
	uint32_t *counter; /* where this worker counts, all sets of it */
	pthread_t thread;
};

struct data {
	size_t n, bins;
	double *x;
	uint32_t *count, *exact;
	bool done;
	struct share share[KERNEL_WORKERS_MAX];
};

//> serial
static int run_serial(struct job *job)
{
	struct data *d = job->data;
	double bins = (double)d->bins;
	memset(d->count, 0, d->bins * sizeof *d->count);
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < d->n; i++)
		d->count[(size_t)(d->x[i] * bins)]++;
	worker_end(job, 0);
	parallel_end(job);
	d->done = true;
	return 0;
}
//< serial

/* Counters of one worker from the begin of a line to the end of one, plus a line: equal bins of two sets, a power of two
 * apart, would meet in the same place of the cache. */
static size_t round_up(size_t bins) { return (bins + LINE - 1) / LINE * LINE + LINE; }

/* result[bin] = the sum over all copies; counter of copy c and bin b: counter[c * apart + b * step]. */
static void add_up(struct data *d, const uint32_t *counter, size_t copies, size_t apart, size_t step)
{
	memset(d->count, 0, d->bins * sizeof *d->count);
	for (size_t c = 0; c < copies; c++)
		for (size_t b = 0; b < d->bins; b++)
			d->count[b] += counter[c * apart + b * step];
	d->done = true;
}

static int run_simd(struct job *job)
{
	struct data *d = job->data;
	size_t apart = round_up(d->bins);
	uint32_t *counter = simd_alloc(SETS * apart, sizeof *counter);
	if (!counter)
		return -1;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	memset(counter, 0, SETS * apart * sizeof *counter);
	count_of[simd_level()](d->x, d->n, (double)d->bins, counter, apart);
	worker_end(job, 0);
	parallel_end(job);
	add_up(d, counter, SETS, apart, 1);
	free(counter);
	return 0;
}

/* Starts `body` on all workers; worker w counts from counter + w * apart on. */
static int run_team(struct job *job, void *(*body)(void *), uint32_t *counter, size_t apart)
{
	struct data *d = job->data;
	int started, error = 0;
	parallel_begin(job, job->workers);
	for (started = 0; started < job->workers; started++) {
		struct share *s = &d->share[started];
		*s = (struct share){.job = job, .worker = started, .counter = counter + (size_t)started * apart};
		error = pthread_create(&s->thread, NULL, body, s);
		if (error)
			break;
	}
	for (int w = 0; w < started; w++)
		pthread_join(d->share[w].thread, NULL);
	parallel_end(job);
	errno = error;
	return error ? -1 : 0;
}

//> atomic
static void *atomic_main(void *arg)
{
	struct share *me = arg;
	const struct data *d = me->job->data;
	struct slice mine = slice_of(d->n, me->worker, me->job->workers);
	double bins = (double)d->bins;
	worker_begin(me->job, me->worker);
	for (size_t i = mine.first; i < mine.last; i++)
		__atomic_fetch_add(&me->counter[(size_t)(d->x[i] * bins)], 1, __ATOMIC_RELAXED);
	worker_end(me->job, me->worker);
	return NULL;
}

static int run_atomic(struct job *job)
{
	struct data *d = job->data;
	memset(d->count, 0, d->bins * sizeof *d->count);
	if (run_team(job, atomic_main, d->count, 0))
		return -1;
	d->done = true;
	return 0;
}
//< atomic

//> packed
static void *packed_main(void *arg)
{
	struct share *me = arg;
	const struct data *d = me->job->data;
	struct slice mine = slice_of(d->n, me->worker, me->job->workers);
	size_t workers = (size_t)me->job->workers;
	double bins = (double)d->bins;
	worker_begin(me->job, me->worker);
	for (size_t i = mine.first; i < mine.last; i++)
		me->counter[(size_t)(d->x[i] * bins) * workers]++;
	worker_end(me->job, me->worker);
	return NULL;
}

static int run_packed(struct job *job)
{
	struct data *d = job->data;
	size_t workers = (size_t)job->workers;
	uint32_t *counter = calloc(d->bins * workers, sizeof *counter);
	if (!counter)
		return -1;
	int rc = run_team(job, packed_main, counter, 1);
	if (!rc)
		add_up(d, counter, workers, 1, workers);
	free(counter);
	return rc;
}
//< packed

//> private
static void *private_main(void *arg)
{
	struct share *me = arg;
	const struct data *d = me->job->data;
	struct slice mine = slice_of(d->n, me->worker, me->job->workers);
	double bins = (double)d->bins;
	uint32_t *counter = me->counter;
	worker_begin(me->job, me->worker);
	memset(counter, 0, d->bins * sizeof *counter);
	for (size_t i = mine.first; i < mine.last; i++)
		counter[(size_t)(d->x[i] * bins)]++;
	worker_end(me->job, me->worker);
	return NULL;
}

static int run_private(struct job *job)
{
	struct data *d = job->data;
	size_t workers = (size_t)job->workers, apart = round_up(d->bins);
	uint32_t *counter = simd_alloc(workers * apart, sizeof *counter);
	if (!counter)
		return -1;
	int rc = run_team(job, private_main, counter, apart);
	if (!rc)
		add_up(d, counter, workers, apart, 1);
	free(counter);
	return rc;
}
//< private

//> threads
static void *thread_main(void *arg)
{
	struct share *me = arg;
	const struct data *d = me->job->data;
	struct slice mine = slice_of(d->n, me->worker, me->job->workers);
	size_t apart = round_up(d->bins);
	worker_begin(me->job, me->worker);
	memset(me->counter, 0, SETS * apart * sizeof *me->counter);
	count_of[simd_level()](d->x + mine.first, mine.last - mine.first, (double)d->bins, me->counter, apart);
	worker_end(me->job, me->worker);
	return NULL;
}

static int run_threads(struct job *job)
{
	struct data *d = job->data;
	size_t workers = (size_t)job->workers, apart = round_up(d->bins);
	uint32_t *counter = simd_alloc(workers * SETS * apart, sizeof *counter);
	if (!counter)
		return -1;
	int rc = run_team(job, thread_main, counter, SETS * apart);
	if (!rc)
		add_up(d, counter, workers * SETS, apart, 1);
	free(counter);
	return rc;
}
//< threads

//> openmp
/* Each worker's copy of the array lies on its stack, which is too small for very many bins. */
static int run_openmp(struct job *job)
{
	struct data *d = job->data;
	size_t n = d->n, bins = d->bins;
	uint32_t *count = d->count;
	double scale = (double)bins;
	memset(count, 0, bins * sizeof *count);
	parallel_begin(job, job->workers);
	if (bins <= STACKED) {
#pragma omp parallel num_threads(job->workers) reduction(+ : count[:bins])
		{
			worker_begin(job, omp_get_thread_num());
#pragma omp for schedule(static) nowait
			for (size_t i = 0; i < n; i++)
				count[(size_t)(d->x[i] * scale)]++;
			worker_end(job, omp_get_thread_num());
		}
	} else {
#pragma omp parallel num_threads(job->workers)
		{
			worker_begin(job, omp_get_thread_num());
#pragma omp for schedule(static) nowait
			for (size_t i = 0; i < n; i++)
#pragma omp atomic
				count[(size_t)(d->x[i] * scale)]++;
			worker_end(job, omp_get_thread_num());
		}
	}
	parallel_end(job);
	d->done = true;
	return 0;
}
//< openmp

static void reset(struct job *job)
{
	struct data *d = job->data;
	memset(d->count, 0xFF, d->bins * sizeof *d->count);
	d->done = false;
}

static int prepare(struct job *job)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	d->n = job_size(job);
	d->bins = (size_t)job->arg[1];
	double skew = job->arg[2];
	d->x = simd_alloc(d->n, sizeof *d->x);
	d->count = simd_alloc(d->bins, sizeof *d->count);
	d->exact = calloc(d->bins, sizeof *d->exact);
	if (!d->x || !d->count || !d->exact)
		return -1;
	size_t hot = rng_at(job->seed, 0) % d->bins;
	for (size_t i = 0; i < d->n; i++) {
		uint64_t r = rng_at(job->seed, i + 1);
		size_t bin = rng_unit(~job->seed, i) < skew ? hot : (r >> 32) * d->bins >> 32;
		d->x[i] = ((double)bin + 0.25 + (double)(r & 0xFFFF) * 0x1p-17) / (double)d->bins;
		d->exact[bin]++;
	}
	reset(job);
	return 0;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	struct outcome o = {.right = d->done, .expected = NAN, .observed = NAN};
	if (!d->done)
		snprintf(o.text, sizeof o.text, "expected %zu counted numbers, observed no result", d->n);
	for (size_t b = 0; b < d->bins && o.right; b++) {
		o.expected = d->exact[b];
		o.observed = d->count[b];
		o.right = d->count[b] == d->exact[b];
		snprintf(o.text, sizeof o.text, "bin %zu of %zu expected %u numbers, observed %u (exact)", b, d->bins, d->exact[b],
			 d->count[b]);
	}
	return o;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	d->count[where % d->bins]++;
	return true;
}

static void release(struct job *job)
{
	struct data *d = job->data;
	if (d) {
		free(d->x);
		free(d->count);
		free(d->exact);
	}
	free(d);
	job->data = NULL;
}

static double flops(const struct job *job) { return job->arg[0]; }
static double bytes(const struct job *job) { return 8 * job->arg[0]; }

static const struct variant variants[] = {
	{.name = "serial", .about = "the plain loop", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "simd", .about = "bins by vectors, four places, four sets of counters", .kind = KIND_SERIAL, .run = run_simd},
	{.name = "atomic", .about = "threads, one set of indivisible counters", .kind = KIND_THREADS, .run = run_atomic},
	{.name = "packed", .about = "own counters, side by side on shared lines", .kind = KIND_THREADS, .run = run_packed},
	{.name = "private", .about = "own counters on own lines, added up", .kind = KIND_THREADS, .run = run_private},
	{.name = "threads", .about = "private with the loop of simd", .kind = KIND_THREADS, .run = run_threads},
	{.name = "openmp", .about = "a reduction over an array", .kind = KIND_OPENMP, .run = run_openmp},
	{0},
};

const struct kernel kernel_histogram = {
	.name = "histogram",
	.title = "Histogram",
	.source = __FILE__,
	.params = {{"size", "numbers", "how many numbers to count", 0, 0x1p28, 1e7, false},
		   {"bins", "bins", "equal bins between 0 and 1", 1, 0x1p20, 256, false},
		   {"skew", "", "share of the numbers that falls into one bin", 0, 1, 0, true}},
	.flops = flops,
	.bytes = bytes,
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
	.peer_arg = {2e7},
};
KERNEL_REGISTER(kernel_histogram);

#endif
