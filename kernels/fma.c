/* Peak floating point: x := a x + b, over and over, in registers, in doubles (fma) and in 4-byte floats (fma_f32). The
 * highest rate that this machine's cores can compute at; the roof of the roofline. Nothing is read from memory.
 *
 * size      blocks. A block is 96 independent chains of 2500 steps each (floats: 960 of 250), a step is one multiplication
 *           and one addition
 * flops     480000 per block (a fused multiply-add counts as 2)
 * bytes     8 per block: one number is written
 * ladder    serial    one chain at a time: each step waits for the one before
 *           chains    twelve chains at a time: the same instructions, now several under way in each cycle
 *           simd      twelve vectors of chains
 *           threads   the blocks dealt to POSIX threads
 *           openmp    the same by a pragma
 * check     closed form: after k steps x = f + a^k (x0 - f), where f = b / (1 - a) is the fixed point, in long double.
 *           A step rounds by at most 2u (u: 1.1e-16, floats 6.0e-8; fused: 1u), and the recurrence shrinks old errors,
 *           so that at most 2u / (1 - a) of them are alive. Doubles: 1 - a >= 0.0009, so 2.5e-13, and the tolerance 1e-11
 *           has room. Floats: with that a, one step left out would be no larger than the errors; so 1 - a >= 0.009, and a
 *           tenth of the steps leaves as much of the first number. 2u / 0.009 = 1.3e-5, times 1.3 as x is up to that much
 *           larger on its way than at its end, and 60u for the sum of a block's chains: 2.1e-5. Tolerance 2.5e-5; one step
 *           less shows as about 1e-3 of the way to f.
 * note      where the processor has no fused multiply-add (level base on x86-64), a step is two instructions.
 * source    the method of every peak-flops program; the number of chains covers latency 4 x 2 units, with spare. */
#if defined NUMBER /* the ladder's rungs on one core in one processor's instructions and one kind of number */

//> serial
/* One chain after the other. The compiler must not run several side by side: that is the next rung. */
SCALAR SIMD_TARGET static double BLOCK(serial)(double first, double factor, double term)
{
	const NUMBER a = (NUMBER)factor, b = (NUMBER)term;
	double sum = 0;
	for (int chain = 0; chain < CHAINS; chain++) {
		NUMBER x = (NUMBER)(first + chain * SPACING);
		for (int step = 0; step < STEPS; step++)
			x = a * x + b;
		sum += x;
	}
	return sum;
}
//< serial

//> chains
SCALAR SIMD_TARGET static double BLOCK(chains)(double first, double factor, double term)
{
	const NUMBER a = (NUMBER)factor, b = (NUMBER)term, next = (NUMBER)SPACING;
	double sum = 0;
	for (int chain = 0; chain < CHAINS; chain += 12) {
		NUMBER x0 = (NUMBER)(first + chain * SPACING), x1 = x0 + next, x2 = x1 + next, x3 = x2 + next;
		NUMBER x4 = x3 + next, x5 = x4 + next, x6 = x5 + next, x7 = x6 + next;
		NUMBER x8 = x7 + next, x9 = x8 + next, x10 = x9 + next, x11 = x10 + next;
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
SIMD_TARGET static double BLOCK(simd)(double first, double factor, double term)
{
	VECTOR ramp = {0}, a = (NUMBER)factor - ramp, b = (NUMBER)term - ramp, next = (NUMBER)(WIDTH * SPACING) - ramp, all = ramp;
	double sum = 0;
	for (int lane = 0; lane < WIDTH; lane++)
		ramp[lane] = (NUMBER)(first + lane * SPACING);
	for (int chain = 0; chain < CHAINS; chain += 12 * WIDTH) {
		VECTOR x0 = ramp, x1 = x0 + next, x2 = x1 + next, x3 = x2 + next, x4 = x3 + next, x5 = x4 + next;
		VECTOR x6 = x5 + next, x7 = x6 + next, x8 = x7 + next, x9 = x8 + next, x10 = x9 + next, x11 = x10 + next;
		ramp = x11 + next;
		for (int step = 0; step < STEPS; step++) {
			x0 = a * x0 + b, x1 = a * x1 + b, x2 = a * x2 + b, x3 = a * x3 + b;
			x4 = a * x4 + b, x5 = a * x5 + b, x6 = a * x6 + b, x7 = a * x7 + b;
			x8 = a * x8 + b, x9 = a * x9 + b, x10 = a * x10 + b, x11 = a * x11 + b;
		}
		all += x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11;
	}
	for (int lane = 0; lane < WIDTH; lane++)
		sum += all[lane];
	return sum;
}
//< simd

#elif defined SIMD_PASS /* one processor's instructions: for doubles, then for floats */

typedef float SIMD(floats) __attribute__((vector_size(8 * LANES)));

#define BLOCK(f) SIMD(f##_f64)
#define NUMBER double
#define VECTOR vf64
#define WIDTH LANES
#define CHAINS 96
#define STEPS 2500
#define SPACING SPACING_F64
#include "kernels/fma.c"
#undef BLOCK
#undef NUMBER
#undef VECTOR
#undef WIDTH
#undef CHAINS
#undef STEPS
#undef SPACING

#define BLOCK(f) SIMD(f##_f32)
#define NUMBER float
#define VECTOR SIMD(floats)
#define WIDTH (2 * LANES)
#define CHAINS 960
#define STEPS 250
#define SPACING SPACING_F32
#include "kernels/fma.c"
#undef BLOCK
#undef NUMBER
#undef VECTOR
#undef WIDTH
#undef CHAINS
#undef STEPS
#undef SPACING

#else

#include <errno.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"

/* Between the first numbers of neighbouring chains. */
#define SPACING_F64 0x1p-7
#define SPACING_F32 0x1p-10
#ifdef __clang__
#define SCALAR
#else
#define SCALAR __attribute__((optimize("no-tree-vectorize")))
#endif

#define SIMD_SOURCE "kernels/fma.c"
#include "kernels/simd.h"

/* The chains of a kernel and what they compute; `least` are the least 1 - a and b, and the greatest are that much and a
 * part more. */
struct recipe {
	int chains, steps;
	double spacing, least, tolerance;
};

static const struct recipe recipe_f64 = {96, 2500, SPACING_F64, 0.0009, 1e-11}, recipe_f32 = {960, 250, SPACING_F32, 0.009, 2.5e-5};

/* Runs one block; returns the sum of its last numbers. */
typedef double block_function(double first, double a, double b);
/* By kernel.single and level. */
static block_function *const serial_of[][SIMD_LEVELS] = {SIMD_TABLE(serial_f64), SIMD_TABLE(serial_f32)};
static block_function *const chains_of[][SIMD_LEVELS] = {SIMD_TABLE(chains_f64), SIMD_TABLE(chains_f32)};
static block_function *const simd_of[][SIMD_LEVELS] = {SIMD_TABLE(simd_f64), SIMD_TABLE(simd_f32)};

struct share {
	struct job *job;
	int worker;
	block_function *block;
	pthread_t thread;
};

struct data {
	size_t n;
	const struct recipe *recipe;
	double a, b;    /* numbers of the kernel's kind */
	double *result; /* one sum per block */
	struct share share[KERNEL_WORKERS_MAX];
};

/* The nearest number of the kernel's kind. */
static double number(const struct job *job, double x) { return job->kernel->single ? (double)(float)x : x; }

static double first_of(const struct job *job, size_t block) { return number(job, 1 + rng_unit(job->seed, block + 2)); }

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

static int run_serial(struct job *job) { return run_alone(job, serial_of[job->kernel->single][simd_level()]); }
static int run_chains(struct job *job) { return run_alone(job, chains_of[job->kernel->single][simd_level()]); }
static int run_simd(struct job *job) { return run_alone(job, simd_of[job->kernel->single][simd_level()]); }

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
	block_function *block = simd_of[job->kernel->single][simd_level()];
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
	block_function *block = simd_of[job->kernel->single][simd_level()];
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
	d->recipe = job->kernel->single ? &recipe_f32 : &recipe_f64;
	d->a = number(job, 1 - d->recipe->least * (1 + rng_unit(job->seed, 0) / 9));
	d->b = number(job, d->recipe->least / 0.9 * (1 + rng_unit(job->seed, 1)));
	d->result = simd_alloc(d->n, sizeof *d->result);
	if (!d->result)
		return -1;
	reset(job);
	return 0;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	const struct recipe *r = d->recipe;
	struct outcome o = {.right = true, .expected = 0, .observed = 0};
	long double fixed = (long double)d->b / (1 - (long double)d->a), left = powl(d->a, r->steps);
	for (size_t i = 0; i < d->n; i++) {
		long double first = (long double)first_of(job, i) + r->spacing * (r->chains - 1) / 2; /* the chains' mean */
		double want = (double)(r->chains * (fixed + left * (first - fixed)));
		o.expected += want;
		o.observed += d->result[i];
		if (fabs(d->result[i] - want) <= r->tolerance * fabs(want) || !o.right)
			continue;
		o.right = false;
		snprintf(o.text, sizeof o.text, "block %zu: sum expected %.17g, observed %.17g (relative tolerance %g)", i,
			 want, d->result[i], r->tolerance);
	}
	if (o.right)
		snprintf(o.text, sizeof o.text, "sum of all blocks expected %.15g, observed %.15g (each within %g)", o.expected,
			 o.observed, r->tolerance);
	return o;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	if (!d->n)
		return false;
	d->result[where % d->n] *= 1 + 10 * d->recipe->tolerance;
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

static double flops(const struct job *job) { return 480000 * job->arg[0]; }
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

const struct kernel kernel_fma_f32 = {
	.name = "fma_f32",
	.title = "Peak of 4-byte floats (fused multiply-add)",
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
	.single = true,
};
KERNEL_REGISTER(kernel_fma_f32);

#endif
