/* A pool of threads, a pool of processes                                                                    ★★☆
 *
 * What you learn: the same interface, submit and result, over threads and over processes. Handing a task to a process costs many times
 * more, for its bytes go through a pipe of messages there and back; in return a task that crashes costs one worker process, not the
 * program, and a task that hangs can be ended by force.
 *
 * How the number is made: kernel `empty`: --size tasks that do nothing but add 1, handed to pools; all are compared with one worker
 * process. Kernel `work`: --size tasks of --work steps of x = A x + C, a chain that no processor can shorten, compared with a plain loop.
 * The time includes starting and ending the pool. Every result is checked by jumping ahead in the chain (no stepping). The pools are
 * kernels/runtime/thread_pool.c and process_pool.c. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"
#include "kernels/runtime/process_pool.h"
#include "kernels/runtime/thread_pool.h"
#include "lessons/known.h" /* chain_walk, chain_jump */
#include "lessons/lesson.h"

struct order { uint64_t start, steps; uint64_t *place; };

//> task
/* From bytes to bytes: it runs in another thread or in another process, it does not know. */
static int add_one(const void *argument, void *result)
{
	const struct order *o = argument;
	*(uint64_t *)result = o->start + 1;
	return 0;
}

static int chain(const void *argument, void *result)
{
	const struct order *o = argument;
	*(uint64_t *)result = chain_walk(o->start, o->steps);
	return 0;
}
//< task

//> by-pointer
/* Puts its result where a pointer says, into the memory of the process that it runs in. */
static int chain_by_pointer(const void *argument, void *result)
{
	const struct order *o = argument;
	return chain(argument, result), *o->place = *(uint64_t *)result, 0;
}
//< by-pointer

struct desk {
	struct future **future;
	uint64_t *got;
	bool by_pointer; /* the results are where the tasks put them */
	struct order order[];
};

extern const struct kernel kernel_empty_tasks;
static void begins(void *job, int worker) { worker_begin(job, worker); }
static void ends(void *job, int worker) { worker_end(job, worker); }

//> pool
/* The same for both: only the function that makes the pool differs. */
static int run_pool(struct job *job, int workers, struct pool *(*new_pool)(const struct pool_setup *))
{
	struct desk *d = job->data;
	size_t n = job_size(job), given = 0;
	future_work *work = job->kernel == &kernel_empty_tasks ? add_one : d->by_pointer ? chain_by_pointer : chain;
	parallel_begin(job, workers);
	struct pool *pool = new_pool(&(struct pool_setup){workers, begins, ends, job});
	for (; pool && given < n; given++)
		if (!(d->future[given] = pool_submit(pool, work, &d->order[given], sizeof d->order[given], sizeof(uint64_t))))
			break;
	bool fine = pool && given == n;
	for (size_t i = 0; fine && i < n; i++) {
		uint64_t x;
		fine = !future_result(d->future[i], &x, -1);
		if (fine && !d->by_pointer)
			d->got[i] = x;
	}
	int error = errno;
	pool_shutdown(pool, !fine);
	parallel_end(job);
	for (size_t i = 0; i < given; i++)
		future_free(d->future[i]);
	errno = error;
	return fine ? 0 : -1;
}
//< pool

//> processes
//> work-processes
//> one-process
static int run_processes(struct job *job) { return run_pool(job, job->workers, process_pool_new); }
static int run_one_process(struct job *job) { return run_pool(job, 1, process_pool_new); }
//< one-process
//< work-processes
//< processes
//> threads
//> work-threads
static int run_threads(struct job *job) { return run_pool(job, job->workers, thread_pool_new); }
//< work-threads
//< threads

static int run_by_pointer(struct job *job)
{
	struct desk *d = job->data;
	d->by_pointer = true; /* each process writes into its own copy of d->got */
	return run_processes(job);
}

//> serial
static int run_serial(struct job *job)
{
	struct desk *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < job_size(job); i++)
		chain(&d->order[i], &d->got[i]);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

static int prepare(struct job *job)
{
	size_t n = job_size(job);
	struct desk *d = job->data = calloc(1, sizeof *d + n * (sizeof *d->order + sizeof *d->future + sizeof *d->got));
	if (!d)
		return -1;
	d->future = (struct future **)&d->order[n];
	d->got = (uint64_t *)&d->future[n];
	for (size_t i = 0; i < n; i++)
		d->order[i] = (struct order){rng_at(job->seed, i), job->kernel == &kernel_empty_tasks ? 0 : (uint64_t)job->arg[1], &d->got[i]};
	return 0;
}

static void reset(struct job *job)
{
	struct desk *d = job->data;
	d->by_pointer = false;
	memset(d->got, 0, job_size(job) * sizeof *d->got);
}

static struct outcome verify(const struct job *job)
{
	const struct desk *d = job->data;
	bool empty = job->kernel == &kernel_empty_tasks;
	size_t n = job_size(job), good = 0;
	for (size_t i = 0; i < n; i++)
		good += d->got[i] == (empty ? d->order[i].start + 1 : chain_jump(d->order[i].start, d->order[i].steps));
	struct outcome out = {good == n, (double)n, (double)good, ""};
	snprintf(out.text, sizeof out.text, "%zu of %zu results are there and right (exact)", good, n);
	return out;
}

static void release(struct job *job) { free(job->data), job->data = NULL; }

static const struct variant empty_variants[] = {
	{"one-process", "a pool of one worker process: the measure for the others", KIND_SERIAL, .blocks = true, .run = run_one_process},
	{"processes", "a pool of processes", KIND_PROCESSES, .blocks = true, .run = run_processes},
	{"threads", "a pool of threads", KIND_THREADS, .blocks = true, .run = run_threads},
	{0},
};
static const struct variant work_variants[] = {
	{"serial", "a loop, no pool", .run = run_serial},
	{"work-threads", "a pool of threads", KIND_THREADS, .blocks = true, .run = run_threads},
	{"work-processes", "a pool of processes", KIND_PROCESSES, .blocks = true, .run = run_processes},
	{"by-pointer", "tasks write their result through a pointer", KIND_PROCESSES,
	 "a pointer leads into the memory of another process: its copy is written, ours is not", .blocks = true, .run = run_by_pointer},
	{0},
};

#define TASKS_PARAM {"size", "tasks", "tasks to do", 0, 1e6, 4000, false}
const struct kernel kernel_empty_tasks = {
	.name = "empty", .title = "Empty tasks handed to pools", .source = __FILE__, .params = {TASKS_PARAM},
	.prepare = prepare, .reset = reset, .variants = empty_variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_empty_tasks);
const struct kernel kernel_work_tasks = {
	.name = "work", .title = "Tasks that compute, in pools", .source = __FILE__,
	.params = {{"size", "tasks", "tasks to do", 0, 1e6, 100, false},
		   {"work", "steps", "steps of each task, about 1 ns each", 0, 1e9, 1e6, false}},
	.prepare = prepare, .reset = reset, .variants = work_variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_work_tasks);

#include "demos.h" /* what is shown once: crash, crash-threads, hang, own-memory */

static const struct lesson lesson = {
	.id = "pools", .level = 2, .minutes_min = 30, .minutes_max = 47, .needs = "futures process", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_empty_tasks, &kernel_work_tasks, NULL}, .threads = "1,2,4", .demos = pools_demos,
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
