/* Pi by chance: of n points drawn in a square, how many lie within the quarter of a circle? pi is about four times their share.
 *
 * Random numbers are a trap for parallel programs. A usual generator has a state that each draw changes: shared by workers
 * it needs a lock, and with one for each worker the answer depends on their number. Here number i is a function of the seed
 * and i alone ("counter-based"): whoever draws it gets the same. So all variants count the same points, and any number of
 * workers gives the same pi to the last bit.
 *
 * size      points
 * flops     none: a point is whole numbers (x, y), 32 bits each, the two halves of one random number, and lies inside when
 *           x^2 + y^2 < 2^64
 * bytes     none
 * ladder    serial     point after point
 *           simd       a vector of counters, a vector of points
 *           threads    slices of the counters, a POSIX thread each
 *           openmp     the same by a pragma
 * roof      two vector units. 8 points (avx512) take 19 instructions of theirs: 1 for the next counters, 3 times 2 to shift and
 *           mix, 2 times 3 that make a multiplication of 64 bits, 1 and 2 for the halves and their squares, 3 to add, compare
 *           and count. Kernel `fma` fills the same units with instructions of 16 flops, so the roof in points is its flop/s
 *           divided by 16 * 19 / 8 = 38. A Xeon of 2023 comes to 0.92 of that with one core, 0.95 with two
 * check     exact: prepare counts with 128-bit integers. And by theory: pi within 6 standard deviations, that is
 *           6 sqrt(pi (4 - pi) / n).
 * source    generator: splitmix64 of G. Steele, D. Lea, C. Flood (kernels/rng.h). Counter-based numbers for parallel work:
 *           J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011. */
#ifdef SIMD_PASS

#undef vu64
#define vu64 SIMD(counters)
typedef uint64_t vu64 __attribute__((vector_size(LANES * 8)));

/* The squares of the lower halves. */
SIMD_TARGET static inline vu64 SIMD(square)(vu64 z)
{
#if LANES == 8
	return (vu64)_mm512_mul_epu32((__m512i)z, (__m512i)z);
#elif LANES == 4
	return (vu64)_mm256_mul_epu32((__m256i)z, (__m256i)z);
#else
	z &= UINT32_MAX;
	return z * z;
#endif
}

//> simd
/* How many of the points [first, last) lie inside. Everything is whole numbers: the sum of the squares is taken modulo 2^64, and is
 * smaller than one of them just when it went past 2^64. */
SIMD_TARGET static uint64_t SIMD(inside)(uint64_t seed, uint64_t first, uint64_t last)
{
	enum { SIDE = 4, STEP = SIDE * LANES }; /* vectors side by side: each of their steps waits for the one before */
	vu64 state[SIDE], count[SIDE] = {{0}};
	for (int k = 0; k < SIDE; k++)
		for (int lane = 0; lane < LANES; lane++)
			state[k][lane] = seed + (first + (uint64_t)(k * LANES + lane) + 1) * UINT64_C(0x9E3779B97F4A7C15);
	uint64_t i = first;
	for (; last - i >= STEP; i += STEP)
#pragma GCC unroll 8
		for (int k = 0; k < SIDE; k++) {
			vu64 z = state[k];
			state[k] += STEP * UINT64_C(0x9E3779B97F4A7C15);
			z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
			z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
			z = z ^ (z >> 31);
			vu64 xx = SIMD(square)(z), sum = xx + SIMD(square)(z >> 32);
#if LANES == 8
			count[k] = (vu64)_mm512_mask_add_epi64((__m512i)count[k], _mm512_cmpge_epu64_mask((__m512i)sum, (__m512i)xx),
							       (__m512i)count[k], _mm512_set1_epi64(1));
#else
			count[k] -= (vu64)(sum >= xx); /* true is -1 */
#endif
		}
	uint64_t all = 0;
	for (int k = 0; k < SIDE; k++)
		for (int lane = 0; lane < LANES; lane++)
			all += count[k][lane];
	for (; i < last; i++)
		all += is_inside(rng_at(seed, i));
	return all;
}
//< simd

#else

#include <errno.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif
#include "kernels/kernel.h"
#include "kernels/rng.h"

//> serial
static inline bool is_inside(uint64_t random)
{
	uint64_t x = random & UINT32_MAX, y = random >> 32;
	return x * x + y * y >= x * x; /* modulo 2^64: smaller when the circle's square, 2^64, is reached */
}

static uint64_t inside_serial(uint64_t seed, uint64_t first, uint64_t last)
{
	uint64_t count = 0;
	for (uint64_t i = first; i < last; i++)
		count += is_inside(rng_at(seed, i));
	return count;
}
//< serial

#define SIMD_SOURCE "kernels/monte_carlo.c"
#include "kernels/simd.h"

typedef uint64_t inside_function(uint64_t seed, uint64_t first, uint64_t last);
static inside_function *const inside_simd[] = SIMD_TABLE(inside);

struct share {
	struct job *job;
	int worker;
	inside_function *inside;
	uint64_t count;
	pthread_t thread;
};

struct data {
	size_t n;
	uint64_t exact; /* how many points are inside */
	uint64_t count; /* the result */
	double pi;      /* and what follows from it */
	struct share share[KERNEL_WORKERS_MAX];
};

static void answer(struct data *d, uint64_t count)
{
	d->count = count;
	d->pi = d->n ? 4 * (double)count / (double)d->n : 0;
}

static int run_alone(struct job *job, inside_function *inside)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	uint64_t count = inside(job->seed, 0, d->n);
	worker_end(job, 0);
	parallel_end(job);
	answer(d, count);
	return 0;
}

static int run_serial(struct job *job) { return run_alone(job, inside_serial); }
static int run_simd(struct job *job) { return run_alone(job, inside_simd[simd_level()]); }

//> threads
static void *thread_main(void *arg)
{
	struct share *me = arg;
	const struct data *d = me->job->data;
	struct slice mine = slice_of(d->n, me->worker, me->job->workers);
	worker_begin(me->job, me->worker);
	me->count = me->inside(me->job->seed, mine.first, mine.last);
	worker_end(me->job, me->worker);
	return NULL;
}

static int run_threads(struct job *job)
{
	struct data *d = job->data;
	inside_function *inside = inside_simd[simd_level()];
	int started, error = 0;
	uint64_t count = 0;

	parallel_begin(job, job->workers);
	for (started = 0; started < job->workers; started++) {
		struct share *s = &d->share[started];
		*s = (struct share){.job = job, .worker = started, .inside = inside};
		error = pthread_create(&s->thread, NULL, thread_main, s);
		if (error)
			break;
	}
	for (int w = 0; w < started; w++) {
		pthread_join(d->share[w].thread, NULL);
		count += d->share[w].count;
	}
	parallel_end(job);
	if (error) {
		errno = error;
		return -1;
	}
	answer(d, count);
	return 0;
}
//< threads

//> openmp
static int run_openmp(struct job *job)
{
	struct data *d = job->data;
	inside_function *inside = inside_simd[simd_level()];
	uint64_t count = 0;

	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers) reduction(+ : count)
	{
		int w = omp_get_thread_num();
		struct slice mine = slice_of(d->n, w, omp_get_num_threads());
		worker_begin(job, w);
		count += inside(job->seed, mine.first, mine.last);
		worker_end(job, w);
	}
	parallel_end(job);
	answer(d, count);
	return 0;
}
//< openmp

static void reset(struct job *job)
{
	struct data *d = job->data;
	d->count = UINT64_MAX;
	d->pi = NAN;
}

static int prepare(struct job *job)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	d->n = job_size(job);
	for (size_t i = 0; i < d->n; i++) { /* the check's own way: from the outer edge of the circle */
		uint64_t random = rng_at(job->seed, i);
		unsigned __int128 x = (uint32_t)random, y = (uint32_t)(random >> 32), radius = (unsigned __int128)1 << 32;
		d->exact += radius * radius - x * x <= y * y;
	}
	d->exact = d->n - d->exact;
	reset(job);
	return 0;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	const double pi = acos(-1);
	struct outcome o = {.right = d->count == d->exact, .expected = (double)d->exact, .observed = (double)d->count};
	double bound = d->n ? 6 * sqrt(pi * (4 - pi) / (double)d->n) : INFINITY;
	snprintf(o.text, sizeof o.text, "points inside expected %llu, observed %llu (exact)", (unsigned long long)d->exact,
		 (unsigned long long)d->count);
	if (!o.right)
		return o;
	o.right = d->n ? fabs(d->pi - pi) <= bound : d->pi == 0;
	snprintf(o.text, sizeof o.text,
		 "pi expected %.10g, observed %.10g (within %.2g, six standard deviations; %llu points inside, exact)",
		 d->n ? pi : 0, d->pi, bound, (unsigned long long)d->count);
	return o;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	answer(d, where & 1 || !d->count ? d->count + 1 : d->count - 1);
	return true;
}

static void release(struct job *job)
{
	free(job->data);
	job->data = NULL;
}

static const struct variant variants[] = {
	{.name = "serial", .about = "point after point", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "simd", .about = "vectors of counters", .kind = KIND_SERIAL, .run = run_simd},
	{.name = "threads", .about = "slices of the counters, a POSIX thread each", .kind = KIND_THREADS, .run = run_threads},
	{.name = "openmp", .about = "a parallel region with a reduction", .kind = KIND_OPENMP, .run = run_openmp},
	{0},
};

const struct kernel kernel_monte_carlo = {
	.name = "monte_carlo",
	.title = "Pi by chance",
	.source = __FILE__,
	.params = {{"size", "points", "how many points to draw", 0, 1e10, 2e7, false}},
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
	.peer_arg = {1e8},
};
KERNEL_REGISTER(kernel_monte_carlo);

#endif
