/* Tasks: how many can be handed out in a second. Each of n tasks adds its own random number to its worker's sum, and before
 * that computes for `work` rounds, so that empty tasks (the price of the means itself) and real ones can be tried.
 *
 * size      tasks
 * shape     0: one producer makes all tasks, the others help; 1: a binary tree: task i makes tasks 2i + 1 and 2i + 2
 * uneven    1: one task in sixteen computes 33 times as long (needs work > 0)
 * flops     none
 * bytes     none
 * ladder    serial     calls of a function
 *           pool       threads, one queue, one mutex, one condition: what one writes first
 *           openmp     the same tasks by pragma; the producer is one of the threads
 *           stealing   kernels/runtime/executor.c: a deque for each worker; no lock, hardly a shared word
 * check     exact: the number of tasks, and the sum of their numbers modulo 2^64: a task that was lost or done twice shows
 * source    own; the method of the top rung is told in kernels/runtime/deque.h and executor.h. */
#include <errno.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"
#include "kernels/runtime/executor.h"

/* What one worker's tasks add up, on a cache line of its own. */
struct tally {
	_Alignas(64) uint64_t count;
	uint64_t sum;
};

struct tasks {
	size_t n;
	uint64_t seed, work;
	bool tree, uneven;
	struct tally found, expected;
	struct tally tally[KERNEL_WORKERS_MAX];
	struct job *job;
};

/* ---- a task ---- */

/* Rounds that the compiler can't skip: each needs the one before. */
static uint64_t compute(uint64_t rounds, uint64_t x)
{
	for (uint64_t i = 0; i < rounds; i++)
		x = (x ^ (x >> 31)) * UINT64_C(0xBF58476D1CE4E5B9);
	return x;
}

static inline void do_task(const struct tasks *d, struct tally *t, uint64_t i)
{
	uint64_t x = rng_at(d->seed, i);
	if (d->work)
		x = compute(d->uneven && x % 16 == 0 ? 33 * d->work : d->work, x);
	t->count++;
	t->sum += x;
}

/* All workers' tallies into one. */
static void add_up(struct tasks *d, int workers)
{
	struct tally all = {0};
	for (int w = 0; w < workers; w++) {
		all.count += d->tally[w].count;
		all.sum += d->tally[w].sum;
	}
	d->found = all;
}

static void clear(struct tasks *d, int workers)
{
	for (int w = 0; w < workers; w++)
		d->tally[w] = (struct tally){0};
}

//> serial
static int run_serial(struct job *job)
{
	struct tasks *d = job->data;
	clear(d, 1);
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < d->n; i++)
		do_task(d, &d->tally[0], i);
	worker_end(job, 0);
	parallel_end(job);
	add_up(d, 1);
	return 0;
}
//< serial

//> pool
/* One queue for all. Every task passes twice through the one lock, and whoever finds the queue empty sleeps until the
 * condition tells that it is not, or that all is done. The queue is bounded: a task that finds no room is done at once. */
enum { ROOM = 1024 };

struct pool {
	struct tasks *d;
	pthread_mutex_t lock;
	pthread_cond_t change;
	uint64_t queue[ROOM];
	size_t in, out, done;
	bool stop; /* a thread could not be had */
};

struct pool_thread {
	struct pool *pool;
	int worker;
	pthread_t thread;
};

static void pool_task(struct pool *p, int worker, uint64_t i);

static void pool_add(struct pool *p, int worker, uint64_t i)
{
	pthread_mutex_lock(&p->lock);
	bool room = p->in - p->out < ROOM;
	if (room) {
		p->queue[p->in++ % ROOM] = i;
		pthread_cond_signal(&p->change);
	}
	pthread_mutex_unlock(&p->lock);
	if (!room)
		pool_task(p, worker, i);
}

static void pool_task(struct pool *p, int worker, uint64_t i)
{
	struct tasks *d = p->d;
	do_task(d, &d->tally[worker], i);
	for (uint64_t child = 2 * i + 1; d->tree && child <= 2 * i + 2 && child < d->n; child++)
		pool_add(p, worker, child);
	pthread_mutex_lock(&p->lock);
	if (++p->done == d->n)
		pthread_cond_broadcast(&p->change);
	pthread_mutex_unlock(&p->lock);
}

static bool pool_next(struct pool *p, uint64_t *i)
{
	pthread_mutex_lock(&p->lock);
	while (p->in == p->out && p->done < p->d->n && !p->stop)
		pthread_cond_wait(&p->change, &p->lock);
	bool got = p->in > p->out && !p->stop;
	if (got)
		*i = p->queue[p->out++ % ROOM];
	pthread_mutex_unlock(&p->lock);
	return got;
}

static void *pool_main(void *arg)
{
	struct pool_thread *me = arg;
	struct pool *p = me->pool;
	uint64_t i;
	worker_begin(p->d->job, me->worker);
	if (me->worker == 0) /* the producer; it helps afterwards */
		for (i = 0; i < (p->d->tree ? p->d->n > 0 : p->d->n); i++)
			pool_add(p, 0, i);
	while (pool_next(p, &i))
		pool_task(p, me->worker, i);
	worker_end(p->d->job, me->worker);
	return NULL;
}

static int run_pool(struct job *job)
{
	struct tasks *d = job->data;
	struct pool *p = calloc(1, sizeof *p);
	struct pool_thread *threads = calloc((size_t)job->workers, sizeof *threads);
	int started = 0, error = ENOMEM;
	if (!p || !threads)
		goto out;
	p->d = d;
	d->job = job;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->change, NULL);
	clear(d, job->workers);
	parallel_begin(job, job->workers);
	for (error = 0; started < job->workers; started++) {
		threads[started] = (struct pool_thread){p, started, 0};
		error = pthread_create(&threads[started].thread, NULL, pool_main, &threads[started]);
		if (error)
			break;
	}
	if (error) {
		pthread_mutex_lock(&p->lock);
		p->stop = true;
		pthread_cond_broadcast(&p->change);
		pthread_mutex_unlock(&p->lock);
	}
	for (int w = 0; w < started; w++)
		pthread_join(threads[w].thread, NULL);
	parallel_end(job);
	pthread_cond_destroy(&p->change);
	pthread_mutex_destroy(&p->lock);
	add_up(d, job->workers);
out:
	free(threads);
	free(p);
	errno = error;
	return error ? -1 : 0;
}
//< pool

//> openmp
static void omp_node(struct tasks *d, uint64_t i)
{
	do_task(d, &d->tally[omp_get_thread_num()], i);
	for (uint64_t child = 2 * i + 1; d->tree && child <= 2 * i + 2 && child < d->n; child++) {
#pragma omp task firstprivate(d, child)
		omp_node(d, child);
	}
}

/* All tasks end at the barrier at the end of the region. */
static int run_openmp(struct job *job)
{
	struct tasks *d = job->data;
	clear(d, job->workers);
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	{
		int w = omp_get_thread_num();
		worker_begin(job, w);
#pragma omp single
		for (uint64_t i = 0; i < (d->tree ? d->n > 0 : d->n); i++) {
#pragma omp task firstprivate(d, i)
			omp_node(d, i);
		}
		worker_end(job, w);
	}
	parallel_end(job);
	add_up(d, job->workers);
	return 0;
}
//< openmp

//> stealing
/* The group is the one in which the tasks are counted; all of it is over when the group is done. */
struct stealing {
	struct tasks *d;
	struct group all;
};

static void node(struct worker *me, void *arg, uint64_t i)
{
	struct stealing *s = arg;
	const struct tasks *d = s->d;
	do_task(d, &s->d->tally[executor_index(me)], i);
	for (uint64_t child = 2 * i + 1; d->tree && child <= 2 * i + 2 && child < d->n; child++)
		executor_spawn(me, &s->all, node, s, child);
}

static void produce(struct worker *me, void *arg, uint64_t n)
{
	struct stealing *s = arg;
	for (uint64_t i = 0; i < n; i++)
		executor_spawn(me, &s->all, node, s, i);
}

static void begins(void *job, int worker) { worker_begin(job, worker); }
static void ends(void *job, int worker) { worker_end(job, worker); }

static int run_stealing(struct job *job)
{
	struct tasks *d = job->data;
	struct stealing s = {.d = d};
	struct executor_setup setup = {.workers = job->workers, .begin = begins, .end = ends, .context = job};
	clear(d, job->workers);
	parallel_begin(job, job->workers);
	struct executor *x = executor_new(&setup);
	if (x) {
		executor_submit(x, &s.all, produce, &s, d->tree ? d->n > 0 : d->n);
		executor_join(x, &s.all);
	}
	executor_free(x);
	parallel_end(job);
	add_up(d, job->workers);
	return x ? 0 : -1;
}
//< stealing

/* ---- the rest of the kernel ---- */

static void reset(struct job *job)
{
	struct tasks *d = job->data;
	d->found = (struct tally){.count = UINT64_MAX};
}

static int prepare(struct job *job)
{
	struct tasks *d = aligned_alloc(64, sizeof *d);
	job->data = d;
	if (!d) {
		errno = ENOMEM;
		return -1;
	}
	*d = (struct tasks){.n = job_size(job), .seed = job->seed, .tree = job->arg[1] > 0, .work = (uint64_t)job->arg[2],
			    .uneven = job->arg[3] > 0};
	for (uint64_t i = 0; i < d->n; i++)
		do_task(d, &d->expected, i);
	reset(job);
	return 0;
}

static struct outcome verify(const struct job *job)
{
	const struct tasks *d = job->data;
	struct outcome o = {.expected = (double)(d->expected.sum >> 11), .observed = (double)(d->found.sum >> 11)};
	o.right = d->found.count == d->n && d->found.sum == d->expected.sum;
	snprintf(o.text, sizeof o.text, "tasks expected %zu with sum %016llx, done %lld with sum %016llx (exact)", d->n,
		 (unsigned long long)d->expected.sum, (long long)d->found.count, (unsigned long long)d->found.sum);
	return o;
}

/* As if one task had been done twice, or one had been lost. */
static bool spoil(struct job *job, uint64_t where)
{
	struct tasks *d = job->data;
	struct tally one = {0};
	if (!d->n)
		return false;
	do_task(d, &one, where / 2 % d->n);
	d->found.count += where & 1 ? one.count : 0 - one.count;
	d->found.sum += where & 1 ? one.sum : 0 - one.sum;
	return true;
}

static void release(struct job *job)
{
	free(job->data);
	job->data = NULL;
}

static const struct variant variants[] = {
	{.name = "serial", .about = "a function call for each task", .kind = KIND_SERIAL, .yardstick = true, .run = run_serial},
	{.name = "pool", .about = "threads, one queue behind one mutex and one condition", .kind = KIND_THREADS, .blocks = true,
	 .run = run_pool},
	{.name = "openmp", .about = "OpenMP tasks", .kind = KIND_OPENMP, .run = run_openmp},
	{.name = "stealing", .about = "work stealing: a deque for each worker, no lock", .kind = KIND_THREADS, .blocks = true,
	 .run = run_stealing},
	{0},
};

const struct kernel kernel_executor = {
	.name = "executor",
	.title = "Tasks handed out",
	.source = __FILE__,
	.params = {{"size", "tasks", "how many tasks", 0, 0x1p28, 1e6, false},
		   {"shape", "", "0: one producer makes all tasks; 1: each task makes two more, a tree", 0, 1, 0, false},
		   {"work", "rounds", "how long each task computes (about 1.5 ns a round); 0: empty tasks", 0, 1e6, 0, false},
		   {"uneven", "", "1: one task in sixteen computes 33 times as long", 0, 1, 0, false}},
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
};
KERNEL_REGISTER(kernel_executor);
