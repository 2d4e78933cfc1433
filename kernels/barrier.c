/* Meeting points: n phases, and after each all workers wait for each other. In every phase each worker adds to its own number
 * and then reads its neighbour's, which is only right if nobody went on too early.
 *
 * size      phases
 * flops     none
 * bytes     none
 * ladder    serial         one worker: nobody to wait for
 *           pthread        pthread_barrier: a futex, who waits sleeps at once
 *           openmp         the barrier of OpenMP
 *           central        kernels/runtime/barrier.h: one count and one word, looked at for a moment before sleeping
 *           dissemination  no common word: in round k each tells the one 2^k places further, so all know after log2 p rounds
 * check     exact: the sum of the neighbours' numbers over all phases
 * source    own. Both methods: Mellor-Crummey and Scott, "Algorithms for scalable synchronization on shared-memory
 *           multiprocessors", TOCS 1991; dissemination: Hensgen, Finkel and Manber 1988. */
#include <errno.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"
#include "kernels/runtime/barrier.h"

enum { ROUNDS_MAX = 10 }; /* 2^10 = KERNEL_WORKERS_MAX */

struct worker {
	_Alignas(64) struct job *job;
	int index;
	void (*wait)(struct worker *me);
	_Atomic uint64_t number[2]; /* of this phase and of the one before: a neighbour may be one phase behind */
	uint64_t sum;
	uint32_t episode;                                  /* dissemination: how many barriers it has passed */
	_Alignas(64) _Atomic uint32_t told[ROUNDS_MAX]; /* dissemination: written by others */
	pthread_t thread;
};

struct data {
	size_t n;
	uint64_t seed, found;
	int workers;
	pthread_barrier_t pthread_barrier;
	struct barrier central;
	pthread_mutex_t gate; /* the workers start when all are there, or not at all */
	pthread_cond_t opened;
	int gate_state; /* 0 shut, 1 open, -1 a thread could not be had */
	struct worker worker[KERNEL_WORKERS_MAX];
};

static int processors(void)
{
	cpu_set_t set;
	return sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
}

//> pthread
static void wait_pthread(struct worker *me)
{
	struct data *d = me->job->data;
	pthread_barrier_wait(&d->pthread_barrier);
}
//< pthread

//> openmp
static void wait_openmp(struct worker *me)
{
	(void)me;
#pragma omp barrier
}
//< openmp

//> central
static void wait_central(struct worker *me)
{
	struct data *d = me->job->data;
	barrier_wait(&d->central);
}
//< central

//> dissemination
static void wait_dissemination(struct worker *me)
{
	struct data *d = me->job->data;
	uint32_t episode = ++me->episode;
	for (int round = 0, far = 1; far < d->workers; round++, far *= 2) {
		struct worker *other = &d->worker[(me->index + far) % d->workers];
		atomic_fetch_add_explicit(&other->told[round], 1, memory_order_release);
		/* Counted, so a fast one that is already in the next barrier does no harm. */
		for (uint32_t looks = 1; (int32_t)(atomic_load_explicit(&me->told[round], memory_order_acquire) - episode) < 0; looks++) {
			spin_pause();
			if (looks % 64 == 0)
				sched_yield(); /* the one that is waited for may not be running */
		}
	}
}
//< dissemination

static void wait_nobody(struct worker *me) { (void)me; }

/* What every variant does. */
static void phases(struct worker *me)
{
	struct data *d = me->job->data;
	struct worker *neighbour = &d->worker[(me->index + 1) % d->workers];
	uint64_t number = (uint64_t)me->index, sum = 0;
	for (size_t i = 0; i < d->n; i++) {
		number += rng_at(d->seed, i);
		atomic_store_explicit(&me->number[i % 2], number, memory_order_relaxed);
		me->wait(me);
		sum += atomic_load_explicit(&neighbour->number[i % 2], memory_order_relaxed);
	}
	me->sum = sum;
}

static void add_up(struct data *d)
{
	d->found = 0;
	for (int w = 0; w < d->workers; w++)
		d->found += d->worker[w].sum;
}

static void enlist(struct job *job, int workers, void (*wait)(struct worker *))
{
	struct data *d = job->data;
	d->workers = workers;
	for (int w = 0; w < workers; w++)
		d->worker[w] = (struct worker){.job = job, .index = w, .wait = wait};
}

//> serial
static int run_serial(struct job *job)
{
	enlist(job, 1, wait_nobody);
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	phases(&d->worker[0]);
	worker_end(job, 0);
	parallel_end(job);
	add_up(d);
	return 0;
}
//< serial

static void *thread_main(void *arg)
{
	struct worker *me = arg;
	struct data *d = me->job->data;
	pthread_mutex_lock(&d->gate);
	while (d->gate_state == 0)
		pthread_cond_wait(&d->opened, &d->gate);
	bool go = d->gate_state > 0;
	pthread_mutex_unlock(&d->gate);
	if (go) {
		worker_begin(me->job, me->index);
		phases(me);
		worker_end(me->job, me->index);
	}
	return NULL;
}

static int run_with(struct job *job, void (*wait)(struct worker *))
{
	struct data *d = job->data;
	int started, error = pthread_barrier_init(&d->pthread_barrier, NULL, (unsigned)job->workers);
	if (error) {
		errno = error;
		return -1;
	}
	enlist(job, job->workers, wait);
	barrier_init(&d->central, job->workers, processors(), false);
	pthread_mutex_init(&d->gate, NULL);
	pthread_cond_init(&d->opened, NULL);
	d->gate_state = 0;
	parallel_begin(job, job->workers);
	for (started = 0; started < job->workers && !error; started += !error)
		error = pthread_create(&d->worker[started].thread, NULL, thread_main, &d->worker[started]);
	pthread_mutex_lock(&d->gate);
	d->gate_state = error ? -1 : 1;
	pthread_cond_broadcast(&d->opened);
	pthread_mutex_unlock(&d->gate);
	for (int w = 0; w < started; w++)
		pthread_join(d->worker[w].thread, NULL);
	parallel_end(job);
	add_up(d);
	pthread_cond_destroy(&d->opened);
	pthread_mutex_destroy(&d->gate);
	pthread_barrier_destroy(&d->pthread_barrier);
	errno = error;
	return error ? -1 : 0;
}

static int run_pthread(struct job *job) { return run_with(job, wait_pthread); }
static int run_central(struct job *job) { return run_with(job, wait_central); }
static int run_dissemination(struct job *job) { return run_with(job, wait_dissemination); }

static int run_openmp(struct job *job)
{
	struct data *d = job->data;
	enlist(job, job->workers, wait_openmp);
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	{
		int w = omp_get_thread_num();
#pragma omp single
		d->workers = omp_get_num_threads(); /* it may give fewer than asked for */
		worker_begin(job, w);
		phases(&d->worker[w]);
		worker_end(job, w);
	}
	parallel_end(job);
	add_up(d);
	return 0;
}

static void reset(struct job *job)
{
	struct data *d = job->data;
	d->found = UINT64_C(0x5555555555555555);
	d->workers = 1;
}

static int prepare(struct job *job)
{
	struct data *d = aligned_alloc(64, sizeof *d);
	job->data = d;
	if (!d) {
		errno = ENOMEM;
		return -1;
	}
	*d = (struct data){.n = job_size(job), .seed = job->seed};
	reset(job);
	return 0;
}

/* Worker w's number in phase i is w + r(0) + ... + r(i): r(k) is in n - k phases of every worker, w in n. */
static uint64_t expected(const struct data *d)
{
	uint64_t sum = 0, p = (uint64_t)d->workers;
	for (size_t k = 0; k < d->n; k++)
		sum += rng_at(d->seed, k) * (d->n - k);
	return p * sum + d->n * (p * (p - 1) / 2);
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	uint64_t right = expected(d);
	struct outcome o = {.expected = (double)(right >> 11), .observed = (double)(d->found >> 11), .right = right == d->found};
	snprintf(o.text, sizeof o.text, "sum over %zu phases of %d workers expected %016llx, observed %016llx (exact)", d->n, d->workers,
		 (unsigned long long)right, (unsigned long long)d->found);
	return o;
}

/* As if one worker had read its neighbour's number a phase too early. */
static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	if (!d->n)
		return false;
	d->found -= rng_at(d->seed, where % d->n);
	return true;
}

static void release(struct job *job)
{
	free(job->data);
	job->data = NULL;
}

#define BARRIER .kind = KIND_THREADS, .blocks = true
static const struct variant variants[] = {
	{.name = "serial", .about = "one worker, nobody to wait for", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "pthread", .about = "pthread_barrier", BARRIER, .run = run_pthread},
	{.name = "openmp", .about = "the barrier of OpenMP", .kind = KIND_OPENMP, .run = run_openmp},
	{.name = "central", .about = "one count, one word that turns over; looks, then sleeps", BARRIER, .run = run_central},
	{.name = "dissemination", .about = "log2 p rounds of telling one another, no common word", BARRIER, .run = run_dissemination},
	{0},
};

const struct kernel kernel_barrier = {
	.name = "barrier",
	.title = "Meeting points",
	.source = __FILE__,
	.params = {{"size", "phases", "how many times all wait for each other", 0, 0x1p28, 2e4, false}},
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
};
KERNEL_REGISTER(kernel_barrier);
