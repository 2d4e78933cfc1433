/* Amdahl's law: the part that cannot be shared                                                              ★★☆
 *
 * What you learn: if a share s of the work must be done by one worker alone, N workers are at most 1 / (s + (1 - s) / N)
 * times as fast, and never faster than 1 / s (Amdahl 1967). If the shared part grows with the workers and the other does
 * not (--weak --serial 0 --fixed 8000), the gain grows on: N - s (N - 1) (Gustafson 1988).
 *
 * How the number is made: kernel `tunable` does --size units of work, each about a microsecond: STEPS steps of the chain
 * x = A x + C, the same as the yardstick `spin` with which the bench measures what this machine can do at best. The first
 * --serial of them (and --fixed more) are done by one worker alone, the others are shared. So the serial share is known,
 * and the share that the bench fits to the measured times can be checked against it. The result, the sum of all chain
 * ends, is compared with what a jump ahead in each chain gives. Two real programs for contrast: `picture` and `ledger`. */
#include <errno.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"
#include "lessons/lesson.h"

#define A UINT64_C(6364136223846793005) /* Knuth's MMIX constants: The Art of Computer Programming 2, 3.3.4 */
#define C UINT64_C(1442695040888963407)

enum { STEPS = 1000 };

struct result {
	uint64_t sum;
};

//> unit
/* One unit of work. Not inlined: the same instructions in the serial part and in every variant. */
__attribute__((noinline)) static uint64_t unit(uint64_t seed, size_t i)
{
	uint64_t x = rng_at(seed, i);
	for (int step = 0; step < STEPS; step++)
		x = A * x + C;
	return x;
}
//< unit

static uint64_t units(const struct job *job, size_t first, size_t last)
{
	uint64_t sum = 0;
	for (size_t i = first; i < last; i++)
		sum += unit(job->seed, i);
	return sum;
}

/* How many of the units one worker does alone. */
static size_t alone(const struct job *job)
{
	double n = job->arg[0], serial = job->arg[1], fixed = job->arg[2];
	return (size_t)fmin(n, round(serial * n) + fixed);
}

//> serial
static int run_serial(struct job *job)
{
	struct result *result = job->data;
	result->sum = units(job, 0, alone(job));
	parallel_begin(job, 1);
	worker_begin(job, 0);
	result->sum += units(job, alone(job), job_size(job));
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

//> threads
struct worker {
	struct job *job;
	int id;
	uint64_t sum;
};

static void *work(void *arg)
{
	struct worker *me = arg;
	size_t first = alone(me->job);
	struct slice mine = slice_of(job_size(me->job) - first, me->id, me->job->workers);
	worker_begin(me->job, me->id);
	me->sum = units(me->job, first + mine.first, first + mine.last);
	worker_end(me->job, me->id);
	return NULL;
}

static int run_threads(struct job *job)
{
	struct result *result = job->data;
	pthread_t thread[KERNEL_WORKERS_MAX];
	struct worker worker[KERNEL_WORKERS_MAX];
	int started = 0, error = 0;

	result->sum = units(job, 0, alone(job)); /* the serial part: one works, all others wait */

	parallel_begin(job, job->workers);
	for (; started < job->workers && !error; started += !error) {
		worker[started] = (struct worker){.job = job, .id = started};
		error = pthread_create(&thread[started], NULL, work, &worker[started]);
	}
	for (int w = 0; w < started; w++) {
		pthread_join(thread[w], NULL);
		result->sum += worker[w].sum;
	}
	parallel_end(job);
	return (errno = error) ? -1 : 0;
}
//< threads

//> openmp
static int run_openmp(struct job *job)
{
	struct result *result = job->data;
	uint64_t sum = units(job, 0, alone(job)); /* the serial part */

	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers) reduction(+ : sum)
	{
		worker_begin(job, omp_get_thread_num());
#pragma omp for schedule(static) nowait
		for (size_t i = alone(job); i < job_size(job); i++)
			sum += unit(job->seed, i);
		worker_end(job, omp_get_thread_num());
	}
	parallel_end(job);
	result->sum = sum;
	return 0;
}
//< openmp

static int prepare(struct job *job) { return (job->data = calloc(1, sizeof(struct result))) ? 0 : -1; }

/* No run leaves this by doing nothing. */
static void reset(struct job *job) { ((struct result *)job->data)->sum = ~job->seed; }

static void release(struct job *job) { free(job->data), job->data = NULL; }

/* STEPS steps at once are again a step x -> a x + c, found by squaring: (a, c) after itself is (a a, a c + c). */
static struct outcome verify(const struct job *job)
{
	uint64_t steps_a = 1, steps_c = 0, expected = 0, observed = ((const struct result *)job->data)->sum;
	uint64_t a = A, c = C;
	for (int n = STEPS; n > 0; n >>= 1, c = a * c + c, a *= a)
		if (n & 1) {
			steps_c = a * steps_c + c;
			steps_a *= a;
		}
	for (size_t i = 0; i < job_size(job); i++)
		expected += steps_a * rng_at(job->seed, i) + steps_c;
	struct outcome out = {observed == expected, (double)(expected >> 11), (double)(observed >> 11), ""};
	snprintf(out.text, sizeof out.text, "sum of the chain ends %016llx, by jumping ahead %016llx (exact)",
		 (unsigned long long)observed, (unsigned long long)expected);
	return out;
}

static const struct variant variants[] = {
	{"serial", "one worker does it all", .run = run_serial},
	{"threads", "the shared part in equal slices", KIND_THREADS, .run = run_threads},
	{"openmp", "the same by a pragma", KIND_OPENMP, .run = run_openmp},
	{0},
};

const struct kernel kernel_tunable = {
	.name = "tunable", .title = "Work with a serial part of known size", .source = __FILE__,
	.params = {{"size", "units", "units of work in all, about 1 us each", 0, 1e9, 80000, false},
		   {"serial", "", "share of the units that one worker does alone", 0, 1, 0.1, true},
		   {"fixed", "units", "units that one worker does alone, whatever the size", 0, 1e9, 0, false}},
	.prepare = prepare, .reset = reset, .variants = variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_tunable);

extern const struct kernel kernel_picture, kernel_ledger; /* kernels/picture.c, kernels/ledger.c */

static const struct lesson lesson = {
	.id = "amdahl", .level = 2, .minutes_min = 32, .minutes_max = 49, .needs = "concurrency", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_tunable, &kernel_picture, &kernel_ledger, NULL},
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
