/* A pure spin of the integer unit: x := A x + C modulo 2^64, each step waiting for the one before. It touches no memory
 * and shares nothing, so what p workers lose against one is the machine's doing (turbo, threads of one core, quota,
 * other people's work) and not the program's. The bench takes its capacity C(p) = p T(1) / T(p) as the ideal to compare
 * with.
 *
 * size      steps PER WORKER: the work grows with the workers
 * flops     none
 * bytes     none
 * ladder    serial    one worker
 *           threads   each worker has its own chain; all meet at a barrier and start together
 * check     exact: the state after n steps by jumping ahead in log2(n) squarings of the map (x -> A x + C)
 * source    constants of Knuth's MMIX generator; jump-ahead: F. Brown, "Random number generation with arbitrary
 *           strides", Trans. Am. Nucl. Soc. 1994 */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"

#define SPIN_A UINT64_C(6364136223846793005)
#define SPIN_C UINT64_C(1442695040888963407)

struct share {
	struct job *job;
	int worker;
	uint64_t last; /* state after the last step */
	pthread_t thread;
};

struct data {
	uint64_t n;
	int done;             /* workers that took part in the last run */
	pthread_mutex_t gate; /* held until all threads are there, or it is clear that they won't be */
	bool cancelled;       /* guarded by the gate */
	pthread_barrier_t start;
	struct share share[KERNEL_WORKERS_MAX];
};

static uint64_t spin(uint64_t x, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		x = SPIN_A * x + SPIN_C;
	return x;
}

//> serial
static int run_serial(struct job *job)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	d->share[0].last = spin(rng_at(job->seed, 0), d->n);
	worker_end(job, 0);
	parallel_end(job);
	d->done = 1;
	return 0;
}
//< serial

//> threads
static void *thread_main(void *arg)
{
	struct share *me = arg;
	struct data *d = me->job->data;
	uint64_t x = rng_at(me->job->seed, (uint64_t)me->worker);

	pthread_mutex_lock(&d->gate);
	bool cancelled = d->cancelled;
	pthread_mutex_unlock(&d->gate);
	if (cancelled)
		return NULL;
	pthread_barrier_wait(&d->start);
	worker_begin(me->job, me->worker);
	me->last = spin(x, d->n);
	worker_end(me->job, me->worker);
	return NULL;
}

static int run_threads(struct job *job)
{
	struct data *d = job->data;
	int started, error = pthread_barrier_init(&d->start, NULL, (unsigned)job->workers);
	if (error) {
		errno = error;
		return -1;
	}
	parallel_begin(job, job->workers);
	/* A barrier waits for its full number: nobody may come to it before all are known to exist. */
	pthread_mutex_lock(&d->gate);
	for (started = 0; started < job->workers; started++) {
		struct share *s = &d->share[started];
		*s = (struct share){.job = job, .worker = started};
		error = pthread_create(&s->thread, NULL, thread_main, s);
		if (error)
			break;
	}
	d->cancelled = error != 0;
	pthread_mutex_unlock(&d->gate);
	for (int w = 0; w < started; w++)
		pthread_join(d->share[w].thread, NULL);
	parallel_end(job);
	pthread_barrier_destroy(&d->start);
	if (error) {
		errno = error;
		return -1;
	}
	d->done = job->workers;
	return 0;
}
//< threads

/* n steps at once: square the map for each bit of n, apply it where the bit is set. */
static uint64_t jump(uint64_t x, uint64_t n)
{
	for (uint64_t a = SPIN_A, c = SPIN_C; n; n >>= 1) {
		if (n & 1)
			x = a * x + c;
		c = a * c + c;
		a = a * a;
	}
	return x;
}

static void reset(struct job *job)
{
	struct data *d = job->data;
	d->done = 0;
}

static int prepare(struct job *job)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	d->n = job_size(job);
	pthread_mutex_init(&d->gate, NULL);
	return 0;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	struct outcome o = {.right = d->done > 0, .expected = NAN, .observed = NAN};
	if (!d->done)
		snprintf(o.text, sizeof o.text, "expected the state after %llu steps, observed that nothing ran",
			 (unsigned long long)d->n);
	for (int w = 0; w < d->done && o.right; w++) {
		uint64_t want = jump(rng_at(job->seed, (uint64_t)w), d->n), got = d->share[w].last;
		o.right = got == want;
		snprintf(o.text, sizeof o.text,
			 "state of worker %d of %d after %llu steps expected %016llx, observed %016llx (exact)", w, d->done,
			 (unsigned long long)d->n, (unsigned long long)want, (unsigned long long)got);
	}
	return o;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	if (!d->done)
		return false;
	d->share[where % (uint64_t)d->done].last ^= UINT64_C(1) << (where >> 58);
	return true;
}

static void release(struct job *job)
{
	struct data *d = job->data;
	if (d)
		pthread_mutex_destroy(&d->gate);
	free(d);
	job->data = NULL;
}

static const struct variant variants[] = {
	{.name = "serial", .about = "one worker", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "threads", .about = "a chain per worker, started together", .kind = KIND_THREADS, .run = run_threads},
	{0},
};

const struct kernel kernel_spin = {
	.name = "spin",
	.title = "Integer spin (capacity of the machine)",
	.source = __FILE__,
	.params = {{"size", "steps", "steps of each worker", 0, 1e13, 2e7, false}},
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
};
KERNEL_REGISTER(kernel_spin);
