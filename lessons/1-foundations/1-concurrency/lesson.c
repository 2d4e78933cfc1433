/* Concurrency is not parallelism                                                                            ★☆☆
 *
 * What you learn: several tasks can be *in progress* at once on a single core, by turns (concurrency); they are
 * *carried out* at once only on several cores (parallelism). Turns make computing no faster, but waiting overlaps.
 *
 * How the number is made: --size tasks are dealt to --threads threads; one thread carries one task at a time, so the
 * threads are the tasks in flight. Kernel `compute`: each task takes --work steps of x = A x + C, a chain that no
 * processor can shorten. Kernel `waiting`: each task sleeps --wait microseconds, like one that waits for an answer from
 * a network or a disk. Each kernel is compared with its own one-after-another variant. Every `compute` result is
 * checked by jumping ahead in the chain (no stepping); every `waiting` task keeps a log that shows that it did wait. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include "kernels/bench/clock.h"
#include "kernels/kernel.h"
#include "kernels/rng.h"
#include "lessons/lesson.h"

#define A UINT64_C(6364136223846793005) /* Knuth's MMIX constants: The Art of Computer Programming 2, 3.3.4 */
#define C UINT64_C(1442695040888963407)

enum { STEPS_PER_TICK = 8192 }; /* about 10 µs: what the timeline can tell apart */

struct task {
	uint64_t start, result;    /* compute: where the chain starts, where it arrived */
	int64_t began_ns, woke_ns; /* waiting: the task's log */
	size_t place;              /* waiting: 0 for the first task to come back */
	int worker;
};

struct desk {
	void (*carry_out)(struct job *job, int worker, struct task *task); /* compute or waiting */
	atomic_size_t back;                                                /* waiting tasks that came back so far */
	struct task task[];
};

//> compute
/* Needs a core from its first step to its last. */
static void compute(struct job *job, int worker, struct task *task)
{
	uint64_t x = task->start;
	for (uint64_t left = (uint64_t)job->arg[1]; left > 0;) {
		uint64_t steps = left < STEPS_PER_TICK ? left : STEPS_PER_TICK;
		for (uint64_t i = 0; i < steps; i++)
			x = A * x + C;
		left -= steps;
		worker_tick(job, worker); /* "I am running, on this core": the timeline is made of these */
	}
	task->result = x;
}
//< compute

//> waiting
/* Needs no core while it waits. Here the wait is the task, not a way to let another thread go first. */
static void waiting(struct job *job, int worker, struct task *task)
{
	struct desk *desk = job->data;
	task->worker = worker;
	task->began_ns = now_ns();
	int64_t end_ns = task->began_ns + (int64_t)job->arg[1] * 1000;
	struct timespec end = {.tv_sec = end_ns / 1000000000, .tv_nsec = end_ns % 1000000000};
	wait_begin(job, worker);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR)
		; /* woken early by a signal: sleep on to the same moment */
	wait_end(job, worker);
	task->woke_ns = now_ns();
	task->place = atomic_fetch_add(&desk->back, 1);
}
//< waiting

//> in-turn
//> wait-in-turn
/* One worker, one task after another: a task begins when the one before it has ended. */
static int in_turn(struct job *job)
{
	struct desk *desk = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < job_size(job); i++)
		desk->carry_out(job, 0, &desk->task[i]);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< wait-in-turn
//< in-turn

//> threads
struct worker { struct job *job; int id; };

static void *work(void *arg)
{
	struct worker *me = arg;
	struct desk *desk = me->job->data;
	struct slice mine = slice_of(job_size(me->job), me->id, me->job->workers);
	worker_begin(me->job, me->id);
	for (size_t i = mine.first; i < mine.last; i++)
		desk->carry_out(me->job, me->id, &desk->task[i]);
	worker_end(me->job, me->id);
	return NULL;
}

/* Starts the threads as `how` says and waits for the last of them. */
static int start_and_join(struct job *job, const pthread_attr_t *how)
{
	pthread_t thread[KERNEL_WORKERS_MAX];
	struct worker worker[KERNEL_WORKERS_MAX];
	int started = 0, error = 0;
	parallel_begin(job, job->workers);
	for (; started < job->workers && !error; started += !error) {
		worker[started] = (struct worker){job, started};
		error = pthread_create(&thread[started], how, work, &worker[started]);
	}
	for (int w = 0; w < started; w++)
		pthread_join(thread[w], NULL);
	parallel_end(job);
	return (errno = error) ? -1 : 0;
}
//< threads

//> interleaved
//> wait-interleaved
/* All threads on ONE core. They take turns: each task makes progress, at every instant one thread runs. */
static int interleaved(struct job *job)
{
	cpu_set_t one_core;
	CPU_ZERO(&one_core);
	CPU_SET(sched_getcpu(), &one_core); /* the core we are on now */
	pthread_attr_t tied;
	errno = pthread_attr_init(&tied);
	if (!errno)
		errno = pthread_attr_setaffinity_np(&tied, sizeof one_core, &one_core); /* nowhere else */
	if (errno)
		return -1;
	int rc = start_and_join(job, &tied);
	pthread_attr_destroy(&tied);
	return rc;
}
//< wait-interleaved
//< interleaved

//> parallel
//> wait-parallel
/* The same threads, free to run on every core: as many tasks run at the same instant as there are cores. */
static int parallel(struct job *job) { return start_and_join(job, NULL); }
//< wait-parallel
//< parallel

extern const struct kernel kernel_waiting;
static int prepare(struct job *job)
{
	size_t n = job_size(job);
	struct desk *desk = job->data = calloc(1, sizeof *desk + n * sizeof desk->task[0]);
	if (!desk)
		return -1;
	desk->carry_out = job->kernel == &kernel_waiting ? waiting : compute;
	for (size_t i = 0; i < n; i++)
		desk->task[i].start = rng_at(job->seed, i);
	return 0;
}

/* Forgets the last run, so that a run that does nothing is not right by inheritance. */
static void reset(struct job *job)
{
	struct desk *desk = job->data;
	desk->back = 0;
	for (size_t i = 0; i < job_size(job); i++)
		desk->task[i] = (struct task){.start = desk->task[i].start, .place = SIZE_MAX};
}

static void release(struct job *job) { free(job->data), job->data = NULL; }

/* Where n steps lead from x, in log2(n) squarings of the step: (a, c) after itself is (a a, a c + c). */
static uint64_t jump(uint64_t x, uint64_t n)
{
	for (uint64_t a = A, c = C; n > 0; n >>= 1, c = a * c + c, a *= a)
		if (n & 1)
			x = a * x + c;
	return x;
}

static struct outcome verdict(size_t good, size_t n, const char *what)
{
	struct outcome out = {.right = good == n, .expected = (double)n, .observed = (double)good};
	snprintf(out.text, sizeof out.text, "%zu of %zu %s", good, n, what);
	return out;
}

static struct outcome verify_compute(const struct job *job)
{
	const struct desk *desk = job->data;
	size_t n = job_size(job), good = 0;
	for (size_t i = 0; i < n; i++)
		good += desk->task[i].result == jump(desk->task[i].start, (uint64_t)job->arg[1]);
	return verdict(good, n, "results equal the jump ahead in the chain (exact)");
}

/* Each task slept its whole time; each place was taken once; each worker's own tasks came back in their order. */
static struct outcome verify_waiting(const struct job *job)
{
	const struct desk *desk = job->data;
	size_t n = job_size(job), good = 0;
	for (size_t i = 0; i < n; i++) {
		const struct task *task = &desk->task[i];
		size_t same_place = 0;
		for (size_t k = 0; k < n; k++)
			same_place += desk->task[k].place == task->place;
		bool in_order = i == 0 || task[-1].worker != task->worker || task[-1].place < task->place;
		good += task->woke_ns - task->began_ns >= (int64_t)job->arg[1] * 1000 && task->place < n &&
			same_place == 1 && in_order;
	}
	return verdict(good, n, "tasks waited their whole time and came back once, in order");
}

/* `blocks` also where threads share one core: each of them runs only a part of the time, by design. */
static const struct variant compute_variants[] = {
	{"in-turn", "one task after another", .run = in_turn},
	{"interleaved", "all tasks in progress, on one core", KIND_THREADS, .blocks = true, .pins_itself = true, .run = interleaved},
	{"parallel", "all tasks in progress, on all cores", KIND_THREADS, .run = parallel},
	{0},
};
static const struct variant waiting_variants[] = {
	{"wait-in-turn", "one wait after another", KIND_SERIAL, .blocks = true, .run = in_turn},
	{"wait-interleaved", "all waits at once, on one core", KIND_THREADS, .blocks = true, .pins_itself = true, .run = interleaved},
	{"wait-parallel", "all waits at once, on all cores", KIND_THREADS, .blocks = true, .run = parallel},
	{0},
};

#define TASKS {"size", "tasks", "tasks to do", 0, 4096, 4, false}
const struct kernel kernel_compute = {
	.name = "compute", .title = "Tasks that compute", .source = __FILE__,
	.params = {TASKS, {"work", "steps", "steps of each task, about 1 ns each", 0, 1e10, 25e6, false}},
	.prepare = prepare, .reset = reset, .variants = compute_variants, .verify = verify_compute, .release = release,
};
KERNEL_REGISTER(kernel_compute);
const struct kernel kernel_waiting = {
	.name = "waiting", .title = "Tasks that wait", .source = __FILE__,
	.params = {TASKS, {"wait", "us", "how long each task waits, in microseconds", 0, 1e7, 25000, false}},
	.prepare = prepare, .reset = reset, .variants = waiting_variants, .verify = verify_waiting, .release = release,
};
KERNEL_REGISTER(kernel_waiting);

static const struct lesson lesson = {
	.id = "concurrency", .level = 1, .minutes_min = 23, .minutes_max = 36, .needs = "", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_compute, &kernel_waiting, NULL}, .threads = "1,2,4",
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
