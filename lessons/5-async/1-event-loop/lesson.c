/* The event loop: a thousand waits on one thread                                                            ★★☆
 *
 * What you learn: a coroutine is a function that can stop in the midst of itself and go on later. An event loop runs one coroutine until it
 * waits (await), then another: all waits overlap on a single thread, without a lock. The price: nobody is interrupted. A coroutine that
 * blocks instead of awaiting stops all of them.
 *
 * How the number is made: --size tasks are dealt to --threads *workers*; a worker carries one task at a time, so the workers are the tasks
 * in flight. In `threads` each worker is a thread; in all `loop-…` variants each is a coroutine (kernels/runtime/coro.h), all of them on
 * the thread that runs the loop. A task takes --work steps of computing (x = A x + C, checked by jumping ahead in the chain), then waits
 * --wait microseconds, like one that waits for an answer from outside. Each task keeps a log that shows that it did wait; and on the loop
 * as many tasks as there are workers must have waited at the same moment. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kernels/kernel.h"
#include "kernels/runtime/coro.h"
#include "lessons/known.h" /* chain_walk, chain_jump; known_wait: a blocking wait */
#include "lessons/lesson.h"

struct task { uint64_t start, result; int64_t waited_ns; };
struct worker { struct job *job; int id; int (*wait)(int64_t ns); };
struct desk {
	atomic_int waiting, most; /* tasks that wait at this moment; the most there ever were */
	bool at_once;             /* the workers are coroutines: all must wait at the same moment */
	struct coro_stats stats;  /* what the loop saw */
	struct worker worker[KERNEL_WORKERS_MAX];
	struct coro *coro[KERNEL_WORKERS_MAX];
	struct task task[];
};

//> task
/* What a worker does: a plain function for all variants. Only the way in which it waits is another one. */
static int carry_out(struct worker *me, struct task *task)
{
	struct desk *d = me->job->data;
	task->result = chain_walk(task->start, (uint64_t)me->job->arg[2]); /* computes */
	int now_waiting = atomic_fetch_add(&d->waiting, 1) + 1;
	for (int most = d->most; now_waiting > most && !atomic_compare_exchange_weak(&d->most, &most, now_waiting);)
		;
	int64_t began_ns = now_ns();
	wait_begin(me->job, me->id);
	int rc = me->wait((int64_t)me->job->arg[1] * 1000); /* waits: an answer from outside */
	wait_end(me->job, me->id);
	task->waited_ns = now_ns() - began_ns;
	atomic_fetch_sub(&d->waiting, 1);
	return rc;
}
//< task

/* Its share of the tasks, one after another. */
static long work(void *arg)
{
	struct worker *me = arg;
	struct desk *d = me->job->data;
	struct slice mine = slice_of(job_size(me->job), me->id, me->job->workers);
	int rc = 0;
	worker_begin(me->job, me->id);
	for (size_t i = mine.first; i < mine.last && !rc; i++)
		rc = carry_out(me, &d->task[i]);
	worker_end(me->job, me->id);
	return rc;
}

static int wait_blocking(int64_t ns)
{
	known_wait(ns); /* clock_nanosleep: the thread sleeps */
	return 0;
}

//> in-turn
static int run_in_turn(struct job *job)
{
	struct desk *d = job->data;
	d->worker[0] = (struct worker){job, 0, wait_blocking};
	parallel_begin(job, 1);
	work(&d->worker[0]);
	parallel_end(job);
	return 0;
}
//< in-turn

//> threads
static void *work_in_thread(void *arg) { return work(arg), NULL; }

static int run_threads(struct job *job)
{
	struct desk *d = job->data;
	pthread_t thread[KERNEL_WORKERS_MAX];
	int started = 0, error = 0;
	parallel_begin(job, job->workers);
	for (; started < job->workers && !error; started += !error) {
		d->worker[started] = (struct worker){job, started, wait_blocking};
		error = pthread_create(&thread[started], NULL, work_in_thread, &d->worker[started]);
	}
	for (int w = 0; w < started; w++)
		pthread_join(thread[w], NULL);
	parallel_end(job);
	return (errno = error) ? -1 : 0;
}
//< threads

/* A loop on this thread, with a first coroutine that makes the others, and with their way to wait. */
static int run_loop(struct job *job, coro_function *first, int (*wait)(int64_t ns))
{
	struct desk *d = job->data;
	d->at_once = true;
	for (int w = 0; w < job->workers; w++)
		d->worker[w] = (struct worker){job, w, wait};
	parallel_begin(job, job->workers);
	long rc = coro_run(&(struct coro_setup){.stats = &d->stats}, first, job);
	parallel_end(job);
	return rc < 0 ? -1 : 0;
}

static bool spawn_all(struct job *job)
{
	struct desk *d = job->data;
	int n = 0;
	memset(d->coro, 0, sizeof d->coro);
	while (n < job->workers && (d->coro[n] = coro_spawn(work, &d->worker[n])))
		n++;
	return n == job->workers;
}

static void free_all(struct job *job)
{
	struct desk *d = job->data;
	for (int w = 0; w < job->workers; w++)
		coro_free(d->coro[w]);
}

//> loop
static int wait_await(int64_t ns) { return coro_sleep(ns); } /* "wake me then": back to the loop */

static long spawn_and_gather(void *arg)
{
	struct job *job = arg;
	struct desk *d = job->data;
	int rc = -1, error = 0;
	if (spawn_all(job)) /* a coroutine for each worker: none of them has begun yet */
		rc = coro_gather(d->coro, (size_t)job->workers, NULL); /* await all: now the loop runs them */
	error = errno;
	free_all(job);
	errno = error;
	return rc;
}
static int run_await(struct job *job) { return run_loop(job, spawn_and_gather, wait_await); }
//< loop

//> loop-blocking
static int run_blocking(struct job *job) { return run_loop(job, spawn_and_gather, wait_blocking); } /* the loop sleeps, too */
//< loop-blocking

//> loop-thread
static long block(void *ns) { return wait_blocking(*(int64_t *)ns); }
static int wait_in_thread(int64_t ns) { return coro_in_thread(block, &ns) < 0 ? -1 : 0; } /* another thread sleeps */
static int run_in_thread(struct job *job) { return run_loop(job, spawn_and_gather, wait_in_thread); }
//< loop-thread

//> loop-forgotten
static long spawn_and_forget(void *arg)
{
	struct job *job = arg;
	bool all = spawn_all(job);
	free_all(job);       /* gives back the handles; the coroutines go on … */
	return all ? 0 : -1; /* … but nobody awaits them: when the first coroutine ends, the loop ends */
}
static int run_forgotten(struct job *job) { return run_loop(job, spawn_and_forget, wait_await); }
//< loop-forgotten

static int prepare(struct job *job)
{
	size_t n = job_size(job);
	struct desk *d = job->data = calloc(1, sizeof *d + n * sizeof d->task[0]);
	if (!d)
		return -1;
	for (size_t i = 0; i < n; i++)
		d->task[i].start = rng_at(job->seed, i);
	return 0;
}

static void reset(struct job *job)
{
	struct desk *d = job->data;
	d->waiting = d->most = 0;
	d->at_once = false;
	for (size_t i = 0; i < job_size(job); i++)
		d->task[i] = (struct task){.start = d->task[i].start, .waited_ns = -1};
}

/* Each task has its result and has waited its whole time; and the loop was free to start all of them before the first one came back. */
static struct outcome verify(const struct job *job)
{
	const struct desk *d = job->data;
	size_t n = job_size(job), good = 0, wanted = n < (size_t)job->workers ? n : (size_t)job->workers;
	for (size_t i = 0; i < n; i++)
		good += d->task[i].waited_ns >= (int64_t)job->arg[1] * 1000 &&
			d->task[i].result == chain_jump(d->task[i].start, (uint64_t)job->arg[2]);
	bool frozen = d->at_once && (size_t)d->most < wanted;
	struct outcome out = {good == n && !frozen, (double)n, (double)good, ""};
	if (good == n && frozen) {
		out.expected = (double)wanted, out.observed = d->most;
		snprintf(out.text, sizeof out.text, "at most %d of %zu tasks waited at the same moment; coroutine %ld held up the loop for %.1f ms",
			 d->most, wanted, d->stats.longest_task, 1e-6 * (double)d->stats.longest_ns);
	} else {
		snprintf(out.text, sizeof out.text, "%zu of %zu tasks waited their whole time and came back with their result", good, n);
	}
	return out;
}

static void release(struct job *job) { free(job->data), job->data = NULL; }

/* Coroutines count as threads here: workers that share a run. All of them live on the thread that starts the job. */
static const struct variant variants[] = {
	{"in-turn", "one task after another", .blocks = true, .run = run_in_turn},
	{"threads", "a thread for each worker", KIND_THREADS, .blocks = true, .run = run_threads},
	{"loop", "a coroutine for each worker, all on one thread", KIND_THREADS, .blocks = true, .pins_itself = true, .run = run_await},
	{"loop-thread", "as loop, each blocking call on a thread of its own", KIND_THREADS, .blocks = true, .pins_itself = true, .run = run_in_thread},
	{"loop-blocking", "as loop, but the wait is a blocking call", KIND_THREADS, "a blocking call in a coroutine stops the whole loop",
	 .blocks = true, .pins_itself = true, .run = run_blocking},
	{"loop-forgotten", "as loop, but nobody awaits the coroutines", KIND_THREADS, "the loop ends before the coroutines that nobody awaits",
	 .blocks = true, .pins_itself = true, .run = run_forgotten},
	{0},
};

const struct kernel kernel_waits = {
	.name = "waits", .title = "Many tasks that wait", .source = __FILE__,
	.params = {{"size", "tasks", "tasks to do", 0, 1e6, 100, false},
		   {"wait", "us", "how long each task waits, in microseconds", 0, 1e7, 2000, false},
		   {"work", "steps", "steps of computing of each task, about 1 ns each", 0, 1e10, 0, false}},
	.prepare = prepare, .reset = reset, .variants = variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_waits);
#include "demos.h" /* what is shown once: thousand, order, gather, freeze, thaw, cancel, limit, between */
static const struct lesson lesson = {
	.id = "event-loop", .level = 2, .minutes_min = 38, .minutes_max = 58, .needs = "concurrency futures", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_waits, NULL}, .threads = "10,50", .demos = event_loop_demos,
	.variants = (const char *const[]){"in-turn", "threads", "loop", NULL}, /* the others when asked for */
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
