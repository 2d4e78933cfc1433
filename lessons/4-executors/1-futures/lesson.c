/* Futures: results that come later                                                                          ★★☆
 *
 * What you learn: `submit` hands a task to a pool of workers and returns at once with a future, a place where the result will be. One can
 * ask whether it is done, wait for it, for a limited time too, take results as they come, and cancel what has not begun. An error that
 * happens in a worker travels in the future to whoever asks for the result.
 *
 * How the number is made: --size tasks of uneven length, 1 to 13 times --work steps of x = A x + C, a chain that no processor can shorten,
 * are done by a pool of --threads threads (kernels/runtime/thread_pool.c). Every result is checked by jumping ahead in the chain (no
 * stepping). The pool tells a wait that would never end: no worker were left to do what all wait for (EDEADLK). In the demonstrations
 * tasks wait, as for an answer from outside. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"
#include "kernels/runtime/thread_pool.h"
#include "lessons/known.h" /* chain_walk, chain_jump */
#include "lessons/lesson.h"

struct task { size_t number; uint64_t start, steps; };
struct answer { size_t number; uint64_t x; };
struct desk {
	struct pool *pool;
	struct future **future; /* of each task */
	uint64_t *got;          /* the answers, 0: none yet (the chain never is at 0 here) */
	int told;               /* the error of a task, 0: none */
	struct task task[];
};

//> chain
/* A task: from the bytes of its argument to the bytes of its result. Runs in a worker. */
static int chain(const void *argument, void *result)
{
	const struct task *t = argument;
	struct answer *a = result;
	*a = (struct answer){t->number, chain_walk(t->start, t->steps)};
	return 0; /* or an error number: it travels in the future */
}
//< chain

//> serial
static int run_serial(struct job *job)
{
	struct desk *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < job_size(job); i++) {
		struct answer a;
		chain(&d->task[i], &a);
		d->got[i] = a.x;
	}
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

static void begins(void *job, int worker) { worker_begin(job, worker); }
static void ends(void *job, int worker) { worker_end(job, worker); }
/* The pool, and all tasks in its queue. False when memory or threads ran out. */
static bool open_pool(struct job *job)
{
	struct desk *d = job->data;
	memset(d->future, 0, job_size(job) * sizeof *d->future);
	parallel_begin(job, job->workers);
	d->pool = thread_pool_new(&(struct pool_setup){job->workers, begins, ends, job});
	return d->pool != NULL;
}

static int close_pool(struct job *job, bool fine)
{
	struct desk *d = job->data;
	int error = errno;
	pool_shutdown(d->pool, !fine);
	parallel_end(job);
	for (size_t i = 0; i < job_size(job); i++)
		future_free(d->future[i]);
	errno = error;
	return fine ? 0 : -1;
}

//> submit
static bool submit_all(struct desk *d, size_t first, size_t last)
{
	for (size_t i = first; i < last; i++) {
		d->future[i] = pool_submit(d->pool, chain, &d->task[i], sizeof d->task[i], sizeof(struct answer));
		if (!d->future[i])
			return false; /* no memory */
	}
	return true; /* nothing was waited for: the tasks are queued, or run */
}
//< submit

//> in-order
static int run_in_order(struct job *job)
{
	struct desk *d = job->data;
	struct answer a;
	bool fine = open_pool(job) && submit_all(d, 0, job_size(job));
	for (size_t i = 0; fine && i < job_size(job); i++)
		if (!future_result(d->future[i], &a, -1)) /* waits for this one, though others may be done */
			d->got[a.number] = a.x;
	return close_pool(job, fine);
}
//< in-order

//> as-completed
static int run_as_completed(struct job *job)
{
	struct desk *d = job->data;
	bool fine = open_pool(job) && submit_all(d, 0, job_size(job));
	struct arrivals *all = fine ? arrivals_new(d->future, job_size(job)) : NULL;
	struct answer a;
	fine = fine && all;
	for (struct future *f; fine && (f = arrivals_next(all, -1));) /* whichever is done next */
		if (!future_result(f, &a, -1))
			d->got[a.number] = a.x; /* the answer says whose it is */
	arrivals_free(all);
	return close_pool(job, fine);
}
//< as-completed

//> too-soon
static int run_too_soon(struct job *job)
{
	struct desk *d = job->data;
	bool fine = open_pool(job) && submit_all(d, 0, job_size(job));
	for (size_t i = 0; fine && i < job_size(job); i++) {
		const struct answer *a = future_value(d->future[i]); /* the place of the result: is it there yet? */
		d->got[i] = a->x;
	}
	return close_pool(job, fine);
}
//< too-soon
//> wait-inside
/* A task that has others do its work, in the same pool, and waits for them. It occupies a worker while it waits. */
struct share { struct desk *desk; struct slice mine; };
static int do_share(const void *argument, void *result)
{
	const struct share *s = argument;
	struct desk *d = s->desk;
	struct answer a;
	(void)result;
	if (!submit_all(d, s->mine.first, s->mine.last))
		return ENOMEM;
	for (size_t i = s->mine.first; i < s->mine.last; i++) {
		if (future_result(d->future[i], &a, -1))
			return errno; /* EDEADLK: no worker is left who could do it */
		d->got[a.number] = a.x;
	}
	return 0;
}
//< wait-inside

static int run_wait_inside(struct job *job)
{
	struct desk *d = job->data;
	struct future *share[KERNEL_WORKERS_MAX] = {0};
	bool fine = open_pool(job);
	for (int w = 0; fine && w < job->workers; w++) {
		struct share s = {d, slice_of(job_size(job), w, job->workers)};
		share[w] = pool_submit(d->pool, do_share, &s, sizeof s, 0);
		fine = share[w] != NULL;
	}
	for (int w = 0; w < job->workers && share[w]; w++)
		if (future_result(share[w], NULL, -1))
			d->told = errno; /* the error of the task, in the thread that asks */
	int rc = close_pool(job, fine && d->told != ENOMEM);
	for (int w = 0; w < job->workers; w++)
		future_free(share[w]);
	return rc;
}

static int prepare(struct job *job)
{
	size_t n = job_size(job);
	struct desk *d = job->data = calloc(1, sizeof *d + n * (sizeof *d->task + sizeof *d->future + sizeof *d->got));
	if (!d)
		return -1;
	d->future = (struct future **)&d->task[n];
	d->got = (uint64_t *)&d->future[n];
	for (size_t i = 0; i < n; i++) {
		uint64_t r = rng_at(job->seed, i);
		d->task[i] = (struct task){i, r, (uint64_t)job->arg[1] * (1 + (r >> 40) % 13)};
	}
	return 0;
}

static void reset(struct job *job)
{
	struct desk *d = job->data;
	d->told = 0;
	memset(d->got, 0, job_size(job) * sizeof *d->got);
}

static struct outcome verify(const struct job *job)
{
	const struct desk *d = job->data;
	size_t n = job_size(job), good = 0;
	for (size_t i = 0; i < n; i++)
		good += d->got[i] == chain_jump(d->task[i].start, d->task[i].steps);
	struct outcome out = {good == n, (double)n, (double)good, ""};
	snprintf(out.text, sizeof out.text, "%zu of %zu results are there and equal the jump ahead in the chain%s", good, n,
		 d->told == EDEADLK ? "; a task was told: deadlock, all workers wait for tasks in the queue" : "");
	return out;
}

static void release(struct job *job) { free(job->data), job->data = NULL; }

static const struct variant variants[] = {
	{"serial", "one task after another, no pool", .run = run_serial},
	{"in-order", "wait for the first future, then for the second …", KIND_THREADS, .blocks = true, .run = run_in_order},
	{"as-completed", "take whichever is done next", KIND_THREADS, .blocks = true, .run = run_as_completed},
	{"too-soon", "read the result's place without waiting", KIND_THREADS, "the result is read before the task is done", .blocks = true,
	 .run = run_too_soon},
	{"wait-inside", "a task waits for other tasks of its pool", KIND_THREADS,
	 "tasks that wait occupy the workers that should do what they wait for", .blocks = true, .run = run_wait_inside},
	{0},
};

const struct kernel kernel_futures = {
	.name = "futures", .title = "Tasks of uneven length", .source = __FILE__,
	.params = {{"size", "tasks", "tasks to do", 0, 1e6, 64, false},
		   {"work", "steps", "a task takes 1 to 13 times as many steps, about 1 ns each", 0, 1e9, 1e5, false}},
	.prepare = prepare, .reset = reset, .variants = variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_futures);
#include "demos.h" /* what is shown once: order, cancel, error, limit */
static const struct lesson lesson = {
	.id = "futures", .level = 2, .minutes_min = 31, .minutes_max = 50, .needs = "mutex", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_futures, NULL}, .threads = "1,2,4", .demos = futures_demos,
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
