/* Peak floating point: x := a x + b, over and over, in registers. The highest rate that this machine's cores can
 * compute at; the roof of the roofline. Nothing is read from memory.
 *
 * size      blocks. A block is 96 independent chains of 2500 steps each, a step is one multiplication and one addition
 * flops     480000 per block (a fused multiply-add counts as 2)
 * bytes     8 per block: one number is written
 * ladder    serial    one chain at a time: each step waits for the one before
 *           chains    twelve chains at a time: the same instructions, now several under way in each cycle
 *           simd      twelve vectors of chains
 *           threads   the blocks dealt to POSIX threads
 *           openmp    the same by a pragma
 * check     closed form: after k steps x = f + a^k (x0 - f), where f = b / (1 - a) is the fixed point, in long double.
 *           Relative tolerance 1e-11: the recurrence shrinks old rounding errors (a = 0.999), so no more than about
 *           1000 of 1e-16 are alive at a time.
 * note      where the processor has no fused multiply-add (level base on x86-64), a step is two instructions.
 * source    the method of every peak-flops program; the number of chains covers latency 4 x 2 units, with spare. */
#ifdef SIMD_PASS

//> serial
/* One chain after the other. The compiler must not run several side by side: that is the next rung. */
SCALAR SIMD_TARGET static double SIMD(serial)(double first, double a, double b)
{
	double sum = 0;
	for (int chain = 0; chain < CHAINS; chain++) {
		double x = first + chain * SPACING;
		for (int step = 0; step < STEPS; step++)
			x = a * x + b;
		sum += x;
	}
	return sum;
}
//< serial

//> chains
SCALAR SIMD_TARGET static double SIMD(chains)(double first, double a, double b)
{
	double sum = 0;
	for (int chain = 0; chain < CHAINS; chain += 12) {
		double x = first + chain * SPACING, x0 = x, x1 = x + SPACING, x2 = x + 2 * SPACING, x3 = x + 3 * SPACING;
		double x4 = x + 4 * SPACING, x5 = x + 5 * SPACING, x6 = x + 6 * SPACING, x7 = x + 7 * SPACING;
		double x8 = x + 8 * SPACING, x9 = x + 9 * SPACING, x10 = x + 10 * SPACING, x11 = x + 11 * SPACING;
		for (int step = 0; step < STEPS; step++) {
			x0 = a * x0 + b, x1 = a * x1 + b, x2 = a * x2 + b, x3 = a * x3 + b;
			x4 = a * x4 + b, x5 = a * x5 + b, x6 = a * x6 + b, x7 = a * x7 + b;
			x8 = a * x8 + b, x9 = a * x9 + b, x10 = a * x10 + b, x11 = a * x11 + b;
		}
		sum += x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11;
	}
	return sum;
}
//< chains

//> simd
SIMD_TARGET static double SIMD(simd)(double first, double a, double b)
{
	double sum = 0;
	for (int chain = 0; chain < CHAINS; chain += 12 * LANES) {
		vf64 ramp = {0}, va = a - ramp, vb = b - ramp;
		for (int lane = 0; lane < LANES; lane++)
			ramp[lane] = first + (chain + lane) * SPACING;
		vf64 next = LANES * SPACING - (vf64){0}, x0 = ramp, x1 = x0 + next, x2 = x1 + next, x3 = x2 + next;
		vf64 x4 = x3 + next, x5 = x4 + next, x6 = x5 + next, x7 = x6 + next, x8 = x7 + next, x9 = x8 + next;
		vf64 x10 = x9 + next, x11 = x10 + next;
		for (int step = 0; step < STEPS; step++) {
			x0 = va * x0 + vb, x1 = va * x1 + vb, x2 = va * x2 + vb, x3 = va * x3 + vb;
			x4 = va * x4 + vb, x5 = va * x5 + vb, x6 = va * x6 + vb, x7 = va * x7 + vb;
			x8 = va * x8 + vb, x9 = va * x9 + vb, x10 = va * x10 + vb, x11 = va * x11 + vb;
		}
		vf64 all = x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11;
		for (int lane = 0; lane < LANES; lane++)
			sum += all[lane];
	}
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
#include "kernels/kernel.h"
#include "kernels/rng.h"

enum { CHAINS = 96, STEPS = 2500 };
#define SPACING 0x1p-7 /* between the first numbers of neighbouring chains */
#ifdef __clang__
#define SCALAR
#else
#define SCALAR __attribute__((optimize("no-tree-vectorize")))
#endif

#define SIMD_SOURCE "kernels/fma.c"
#include "kernels/simd.h"

/* Runs one block; returns the sum of its last numbers. */
typedef double block_function(double first, double a, double b);
static block_function *const serial_of[] = SIMD_TABLE(serial), *const chains_of[] = SIMD_TABLE(chains),
				   *const simd_of[] = SIMD_TABLE(simd);

struct share {
	struct job *job;
	int worker;
	block_function *block;
	pthread_t thread;
};

struct data {
	size_t n;
	double a, b;
	double *result; /* one sum per block */
	struct share share[KERNEL_WORKERS_MAX];
};

static double first_of(const struct job *job, size_t block) { return 1 + rng_unit(job->seed, block + 2); }

static void run_blocks(struct job *job, size_t first, size_t last, block_function *block)
{
	struct data *d = job->data;
	for (size_t i = first; i < last; i++)
		d->result[i] = block(first_of(job, i), d->a, d->b);
}

static int run_alone(struct job *job, block_function *block)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	run_blocks(job, 0, d->n, block);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}

static int run_serial(struct job *job) { return run_alone(job, serial_of[simd_level()]); }
static int run_chains(struct job *job) { return run_alone(job, chains_of[simd_level()]); }
static int run_simd(struct job *job) { return run_alone(job, simd_of[simd_level()]); }

//> threads
static void *thread_main(void *arg)
{
	struct share *me = arg;
	const struct data *d = me->job->data;
	struct slice mine = slice_of(d->n, me->worker, me->job->workers);
	worker_begin(me->job, me->worker);
	run_blocks(me->job, mine.first, mine.last, me->block);
	worker_end(me->job, me->worker);
	return NULL;
}

static int run_threads(struct job *job)
{
	struct data *d = job->data;
	block_function *block = simd_of[simd_level()];
	int started;

	parallel_begin(job, job->workers);
	for (started = 0, errno = 0; started < job->workers; started++) {
		struct share *s = &d->share[started];
		*s = (struct share){.job = job, .worker = started, .block = block};
		errno = pthread_create(&s->thread, NULL, thread_main, s);
		if (errno)
			break;
	}
	int error = errno;
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
	block_function *block = simd_of[simd_level()];
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	{
		worker_begin(job, omp_get_thread_num());
#pragma omp for schedule(static) nowait
		for (size_t i = 0; i < d->n; i++)
			d->result[i] = block(first_of(job, i), d->a, d->b);
		worker_end(job, omp_get_thread_num());
	}
	parallel_end(job);
	return 0;
}
//< openmp

static void reset(struct job *job)
{
	struct data *d = job->data;
	for (size_t i = 0; i < d->n; i++)
		d->result[i] = NAN;
}

static int prepare(struct job *job)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	d->n = job_size(job);
	d->a = 0.999 + 0.0001 * rng_unit(job->seed, 0);
	d->b = 0.001 + 0.001 * rng_unit(job->seed, 1);
	d->result = simd_alloc(d->n, sizeof *d->result);
	if (!d->result)
		return -1;
	reset(job);
	return 0;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	const double tolerance = 1e-11;
	struct outcome o = {.right = true, .expected = 0, .observed = 0};
	long double fixed = (long double)d->b / (1 - (long double)d->a), left = powl(d->a, STEPS);
	for (size_t i = 0; i < d->n; i++) {
		long double first = (long double)first_of(job, i) + SPACING * (CHAINS - 1) / 2; /* the chains' mean */
		double want = (double)(CHAINS * (fixed + left * (first - fixed)));
		o.expected += want;
		o.observed += d->result[i];
		if (fabs(d->result[i] - want) <= tolerance * fabs(want) || !o.right)
			continue;
		o.right = false;
		snprintf(o.text, sizeof o.text, "block %zu: sum expected %.17g, observed %.17g (relative tolerance %g)", i,
			 want, d->result[i], tolerance);
	}
	if (o.right)
		snprintf(o.text, sizeof o.text, "sum of all blocks expected %.15g, observed %.15g (each within %g)", o.expected,
			 o.observed, tolerance);
	return o;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	if (!d->n)
		return false;
	d->result[where % d->n] *= 1 + 1e-10;
	return true;
}

static void release(struct job *job)
{
	struct data *d = job->data;
	if (d)
		free(d->result);
	free(d);
	job->data = NULL;
}

static double flops(const struct job *job) { return 2.0 * CHAINS * STEPS * job->arg[0]; }
static double bytes(const struct job *job) { return 8 * job->arg[0]; }

static const struct variant variants[] = {
	{.name = "serial", .about = "one chain at a time", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "chains", .about = "twelve chains at a time", .kind = KIND_SERIAL, .run = run_chains},
	{.name = "simd", .about = "twelve vectors of chains", .kind = KIND_SERIAL, .run = run_simd},
	{.name = "threads", .about = "blocks dealt to POSIX threads", .kind = KIND_THREADS, .run = run_threads},
	{.name = "openmp", .about = "blocks dealt by a pragma", .kind = KIND_OPENMP, .run = run_openmp},
	{0},
};

const struct kernel kernel_fma = {
	.name = "fma",
	.title = "Peak floating point (fused multiply-add)",
	.source = __FILE__,
	.params = {{"size", "blocks", "blocks of 480000 floating-point operations", 0, 1e8, 4000, false}},
	.flops = flops,
	.bytes = bytes,
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
};
KERNEL_REGISTER(kernel_fma);

#endif
