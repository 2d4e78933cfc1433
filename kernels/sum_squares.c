/* Sum of squares: s = x[0]^2 + x[1]^2 + ... + x[n-1]^2, the smallest kernel in which every means of sharing work fits.
 *
 * size      numbers of 8 bytes
 * flops     2 n (one multiplication, one addition each)
 * bytes     8 n (each number is read once)
 * ladder    serial     the loop as one writes it: each addition waits for the one before
 *           simd       many sums at once: vectors, and several of them, so that nothing waits but for memory; and what
 *                      is needed soon is asked for now
 *           threads    one POSIX thread per worker, each with its slice and the vector loop
 *           openmp     the same by one pragma
 *           processes  forked processes; the partial sums come back through shared memory
 * check     exact. The numbers are odd multiples of 1/1024 below 1, so every partial sum is a multiple of 2^-20 below
 *           2^28 and fits a double without rounding: any order of additions gives the very same number, which prepare
 *           finds with integers.
 * source    own; the idea of several accumulators is in every optimisation manual. */
#ifdef SIMD_PASS

//> simd
/* Eight vectors of sums, in registers: an addition takes about four cycles, but two can start in each. The processor itself
 * fetches ahead, but not far enough and not beyond a page: so it is told what to fetch (beyond the end: no harm). */
SIMD_TARGET static double SIMD(sum)(const double *x, size_t n)
{
	enum { SUMS = 8, STEP = SUMS * LANES };
	vf64 s[SUMS] = {{0}};
	size_t i = 0;
	for (; n - i >= STEP; i += STEP)
#pragma GCC unroll 8
		for (size_t k = 0; k < SUMS; k++) {
			if (k * LANES % LINE == 0)
				__builtin_prefetch(x + i + k * LANES + AHEAD);
			vf64 v = *(const vf64_any *)(x + i + k * LANES);
			s[k] += v * v;
		}
	vf64 all = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
	double sum = 0;
	for (int lane = 0; lane < LANES; lane++)
		sum += all[lane];
	for (; i < n; i++)
		sum += x[i] * x[i];
	return sum;
}
//< simd

#else

#include <errno.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"
#include "kernels/sum_squares.h"

enum { LINE = 8, AHEAD = 512 }; /* numbers per cache line; fetched ahead: a page */

#define SIMD_SOURCE "kernels/sum_squares.c"
#include "kernels/simd.h"

typedef double sum_function(const double *x, size_t n);
static sum_function *const sum_of[] = SIMD_TABLE(sum);

/* What one worker is told, and what it answers. */
struct share {
	struct job *job;
	int worker;
	sum_function *sum_of;
	double sum;
	pthread_t thread;
	pid_t process;
};

struct data {
	double *x;
	size_t n;
	double sum;     /* the result */
	uint64_t exact; /* the right one, in units of 2^-20 */
	struct share share[KERNEL_WORKERS_MAX];
};

//> serial
static int run_serial(struct job *job)
{
	struct data *d = job->data;
	double sum = 0;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < d->n; i++)
		sum += d->x[i] * d->x[i];
	worker_end(job, 0);
	parallel_end(job);
	d->sum = sum;
	return 0;
}
//< serial

static int run_simd(struct job *job)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	double sum = sum_of[simd_level()](d->x, d->n);
	worker_end(job, 0);
	parallel_end(job);
	d->sum = sum;
	return 0;
}

//> threads
static void *thread_main(void *arg)
{
	struct share *me = arg;
	const struct data *d = me->job->data;
	struct slice mine = slice_of(d->n, me->worker, me->job->workers);
	worker_begin(me->job, me->worker);
	me->sum = me->sum_of(d->x + mine.first, mine.last - mine.first);
	worker_end(me->job, me->worker);
	return NULL;
}

static int run_threads(struct job *job)
{
	struct data *d = job->data;
	sum_function *best = sum_of[simd_level()];
	int started, error = 0;
	double sum = 0;

	parallel_begin(job, job->workers);
	for (started = 0; started < job->workers; started++) {
		struct share *s = &d->share[started];
		*s = (struct share){.job = job, .worker = started, .sum_of = best};
		error = pthread_create(&s->thread, NULL, thread_main, s);
		if (error)
			break;
	}
	for (int w = 0; w < started; w++) {
		pthread_join(d->share[w].thread, NULL);
		sum += d->share[w].sum;
	}
	parallel_end(job);
	if (error) {
		errno = error;
		return -1;
	}
	d->sum = sum;
	return 0;
}
//< threads

//> openmp
static int run_openmp(struct job *job)
{
	struct data *d = job->data;
	sum_function *best = sum_of[simd_level()];
	double sum = 0;

	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers) reduction(+ : sum)
	{
		int w = omp_get_thread_num();
		struct slice mine = slice_of(d->n, w, omp_get_num_threads());
		worker_begin(job, w);
		sum += best(d->x + mine.first, mine.last - mine.first);
		worker_end(job, w);
	}
	parallel_end(job);
	d->sum = sum;
	return 0;
}
//< openmp

//> processes
/* A cell per child, each on a cache line of its own. */
struct cell {
	_Alignas(64) double sum;
};

static int run_processes(struct job *job)
{
	struct data *d = job->data;
	sum_function *best = sum_of[simd_level()];
	int started, error = 0;
	double sum = 0;

	/* The one thing that parent and children will share; all else a child changes stays its own. */
	size_t bytes = (size_t)job->workers * sizeof(struct cell);
	struct cell *cell = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (cell == MAP_FAILED)
		return -1;
	parallel_begin(job, job->workers);
	for (started = 0; started < job->workers; started++) {
		pid_t child = fork();
		if (child < 0) {
			error = errno;
			break;
		}
		if (child == 0) {
			struct slice mine = slice_of(d->n, started, job->workers);
			worker_begin(job, started);
			cell[started].sum = best(d->x + mine.first, mine.last - mine.first);
			worker_end(job, started);
			_exit(0); /* not exit: what the parent has buffered is the parent's to write */
		}
		d->share[started].process = child;
	}
	for (int w = 0; w < started; w++) {
		int status;
		pid_t got;
		while ((got = waitpid(d->share[w].process, &status, 0)) < 0 && errno == EINTR)
			;
		if (got < 0)
			error = errno;
		else if (!WIFEXITED(status) || WEXITSTATUS(status))
			error = ECANCELED; /* a child died: its sum is not there */
		sum += cell[w].sum;
	}
	parallel_end(job);
	munmap(cell, bytes);
	if (error) {
		errno = error;
		return -1;
	}
	d->sum = sum;
	return 0;
}
//< processes

static int prepare(struct job *job)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	d->n = job_size(job);
	d->sum = NAN;
	d->x = simd_alloc(d->n, sizeof *d->x);
	if (!d->x)
		return -1;
	for (size_t i = 0; i < d->n; i++) {
		uint64_t r = rng_at(job->seed, i), k = (r & 1023) | 1;
		d->x[i] = (r >> 63 ? -0x1p-10 : 0x1p-10) * (double)k;
		d->exact += k * k;
	}
	return 0;
}

const double *sum_squares_numbers(const struct job *job) { return ((const struct data *)job->data)->x; }
double *sum_squares_result(struct job *job) { return &((struct data *)job->data)->sum; }

static void reset(struct job *job)
{
	struct data *d = job->data;
	d->sum = NAN;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	struct outcome o = {.expected = ldexp((double)d->exact, -20), .observed = d->sum};
	o.right = o.observed == o.expected;
	snprintf(o.text, sizeof o.text, "sum of squares expected %.17g, observed %.17g (exact, tolerance 0)", o.expected,
		 o.observed);
	return o;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	d->sum = where & 1 ? nextafter(d->sum, INFINITY) : nextafter(d->sum, -INFINITY);
	return true;
}

static void release(struct job *job)
{
	struct data *d = job->data;
	if (d)
		free(d->x);
	free(d);
	job->data = NULL;
}

static double flops(const struct job *job) { return 2 * job->arg[0]; }
static double bytes(const struct job *job) { return 8 * job->arg[0]; }

static const struct variant variants[] = {
	{.name = "serial", .about = "the plain loop", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "simd", .about = "vectors and several sums at once", .kind = KIND_SERIAL, .run = run_simd},
	{.name = "threads", .about = "a POSIX thread per slice", .kind = KIND_THREADS, .run = run_threads},
	{.name = "openmp", .about = "a parallel region with a reduction", .kind = KIND_OPENMP, .run = run_openmp},
	{.name = "processes", .about = "forked processes, sums in shared memory", .kind = KIND_PROCESSES,
	 .run = run_processes},
	{0},
};

const struct kernel kernel_sum_squares = {
	.name = "sum_squares",
	.title = "Sum of squares",
	.source = __FILE__,
	.params = {{"size", "numbers", "how many numbers to square and add", 0, 0x1p28, 2e7, false}},
	.flops = flops,
	.bytes = bytes,
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
	.peer_arg = {1e7},
};
KERNEL_REGISTER(kernel_sum_squares);

#endif
