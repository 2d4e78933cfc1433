/* One counter behind a lock: what mutual exclusion costs, alone and when several want it at once. n additions are dealt to
 * the workers; between two of them each computes for `outside` rounds without the lock.
 *
 * size      additions in all
 * outside   rounds of computing between two additions, about 1.5 ns each: how much is not behind the lock
 * flops     none
 * bytes     none: one cache line, which travels
 * ladder    serial    no lock, one thread
 *           mutex     pthread_mutex
 *           spin      test and test-and-set: looks until the lock is free, then all jump at it
 *           ticket    first come, first served; all look at the same word
 *           mcs       a queue: each looks at a word of its own, so one waiter is disturbed, not all
 *           futex     own lock: one atomic exchange when nobody else is there, looks for a moment, then sleeps
 *           atomic    no lock: the addition itself is one atomic operation
 *           sharded   no sharing: each worker counts for itself, and in the end the counts are added
 * check     exact: the counter, and a second number that is only right when no two workers were inside at the same time
 * source    own. Ticket and MCS: Mellor-Crummey and Scott, "Algorithms for scalable synchronization on shared-memory
 *           multiprocessors", TOCS 1991; futex: Drepper, "Futexes are tricky", 2011, mutex 3. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"
#include "kernels/runtime/futex.h"

/* A waiter in the queue of an MCS lock. */
struct waiter {
	_Alignas(64) _Atomic(struct waiter *) next;
	_Atomic bool wait;
};

struct locks {
	_Alignas(64) pthread_mutex_t mutex;
	_Alignas(64) _Atomic uint32_t word;             /* spin: taken or not; futex: 0 free, 1 taken, 2 taken and somebody sleeps */
	_Alignas(64) _Atomic uint32_t next, serving;    /* ticket */
	_Alignas(64) _Atomic(struct waiter *) last;     /* mcs */
	_Alignas(64) uint64_t count, chain;             /* what the lock protects */
	_Alignas(64) _Atomic uint64_t atomic_count;
};

typedef void add_function(struct locks *l, uint64_t number, struct waiter *me);

struct share {
	_Alignas(64) struct job *job;
	int worker;
	add_function *add;
	uint64_t sink, count; /* sharded: its own counter */
	struct waiter waiter;
	pthread_t thread;
};

struct data {
	size_t n;
	uint64_t outside, seed, expected, found, chain;
	struct locks locks;
	struct share share[KERNEL_WORKERS_MAX];
};

/* What is done behind the lock. The second number depends on its last value: were two inside at once, it would be wrong. */
static inline void inside(struct locks *l, uint64_t number)
{
	l->count += number;
	l->chain = l->chain + number;
}

/* Waits a little; at times it gives way to others, for the holder of the lock may not be running. */
static inline void look_again(uint32_t *looks)
{
	spin_pause();
	if (++*looks % 64 == 0)
		sched_yield();
}

//> mutex
static void add_mutex(struct locks *l, uint64_t number, struct waiter *me)
{
	(void)me;
	pthread_mutex_lock(&l->mutex);
	inside(l, number);
	pthread_mutex_unlock(&l->mutex);
}
//< mutex

//> spin
static void add_spin(struct locks *l, uint64_t number, struct waiter *me)
{
	uint32_t looks = 0;
	(void)me;
	while (atomic_load_explicit(&l->word, memory_order_relaxed) || atomic_exchange_explicit(&l->word, 1, memory_order_acquire))
		look_again(&looks); /* reading leaves the line where it is; only an exchange that may succeed fetches it */
	inside(l, number);
	atomic_store_explicit(&l->word, 0, memory_order_release);
}
//< spin

//> ticket
static void add_ticket(struct locks *l, uint64_t number, struct waiter *me)
{
	uint32_t looks = 0, mine = atomic_fetch_add_explicit(&l->next, 1, memory_order_relaxed);
	(void)me;
	while (atomic_load_explicit(&l->serving, memory_order_acquire) != mine)
		look_again(&looks);
	inside(l, number);
	atomic_store_explicit(&l->serving, mine + 1, memory_order_release);
}
//< ticket

//> mcs
static void add_mcs(struct locks *l, uint64_t number, struct waiter *me)
{
	uint32_t looks = 0;
	atomic_store_explicit(&me->next, NULL, memory_order_relaxed);
	atomic_store_explicit(&me->wait, true, memory_order_relaxed);
	struct waiter *before = atomic_exchange(&l->last, me);
	if (before) { /* somebody is there: stand behind, and wait to be told */
		atomic_store_explicit(&before->next, me, memory_order_release);
		while (atomic_load_explicit(&me->wait, memory_order_acquire))
			look_again(&looks);
	}
	inside(l, number);
	struct waiter *next = atomic_load_explicit(&me->next, memory_order_acquire), *alone = me;
	if (!next) {
		if (atomic_compare_exchange_strong(&l->last, &alone, NULL))
			return; /* nobody behind */
		while (!(next = atomic_load_explicit(&me->next, memory_order_acquire)))
			look_again(&looks); /* one is just coming */
	}
	atomic_store_explicit(&next->wait, false, memory_order_release);
}
//< mcs

//> futex
static void add_futex(struct locks *l, uint64_t number, struct waiter *me)
{
	uint32_t seen = 0;
	(void)me;
	if (!atomic_compare_exchange_strong_explicit(&l->word, &seen, 1, memory_order_acquire, memory_order_relaxed)) {
		bool got = false;
		for (int looks = 0; looks < 100 && !got; looks++) {
			spin_pause();
			seen = atomic_load_explicit(&l->word, memory_order_relaxed);
			got = !seen && atomic_compare_exchange_strong_explicit(&l->word, &seen, 1, memory_order_acquire, memory_order_relaxed);
		}
		if (!got) /* from now on it counts as "somebody sleeps", until this thread has it */
			while (atomic_exchange_explicit(&l->word, 2, memory_order_acquire))
				futex_wait(&l->word, 2, false, -1);
	}
	inside(l, number);
	if (atomic_exchange_explicit(&l->word, 0, memory_order_release) == 2)
		futex_wake(&l->word, 1, false);
}
//< futex

//> atomic
static void add_atomic(struct locks *l, uint64_t number, struct waiter *me)
{
	(void)me;
	atomic_fetch_add_explicit(&l->atomic_count, number, memory_order_relaxed);
}
//< atomic

static inline uint64_t compute(uint64_t rounds, uint64_t x)
{
	for (uint64_t i = 0; i < rounds; i++)
		x = (x ^ (x >> 31)) * UINT64_C(0xBF58476D1CE4E5B9);
	return x;
}

//> serial
static int run_serial(struct job *job)
{
	struct data *d = job->data;
	uint64_t x = job->seed;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	d->locks.count = d->locks.chain = 0;
	for (size_t i = 0; i < d->n; i++) {
		inside(&d->locks, rng_at(d->seed, i));
		__asm__ volatile("" ::: "memory"); /* each addition is made, as with the locks */
		x = compute(d->outside, x);
	}
	d->share[0].sink = x;
	worker_end(job, 0);
	parallel_end(job);
	d->found = d->locks.count;
	d->chain = d->locks.chain;
	return 0;
}
//< serial

static void *thread_main(void *arg)
{
	struct share *me = arg;
	struct data *d = me->job->data;
	struct slice mine = slice_of(d->n, me->worker, me->job->workers);
	uint64_t x = me->job->seed;
	worker_begin(me->job, me->worker);
	for (size_t i = mine.first; i < mine.last; i++) {
		me->add(&d->locks, rng_at(d->seed, i), &me->waiter);
		x = compute(d->outside, x);
	}
	me->sink = x;
	worker_end(me->job, me->worker);
	return NULL;
}

//> sharded
static void *sharded_main(void *arg)
{
	struct share *me = arg;
	struct data *d = me->job->data;
	struct slice mine = slice_of(d->n, me->worker, me->job->workers);
	uint64_t x = me->job->seed;
	worker_begin(me->job, me->worker);
	for (size_t i = mine.first; i < mine.last; i++) {
		me->count += rng_at(d->seed, i);
		__asm__ volatile("" ::: "memory");
		x = compute(d->outside, x);
	}
	me->sink = x;
	worker_end(me->job, me->worker);
	return NULL;
}
//< sharded

static int run_with(struct job *job, void *(*thread)(void *), add_function *add)
{
	struct data *d = job->data;
	int started, error = 0;
	d->locks = (struct locks){.mutex = PTHREAD_MUTEX_INITIALIZER};
	parallel_begin(job, job->workers);
	for (started = 0; started < job->workers; started++) {
		struct share *s = &d->share[started];
		*s = (struct share){.job = job, .worker = started, .add = add};
		error = pthread_create(&s->thread, NULL, thread, s);
		if (error)
			break;
	}
	uint64_t sum = 0;
	for (int w = 0; w < started; w++) {
		pthread_join(d->share[w].thread, NULL);
		sum += d->share[w].count;
	}
	parallel_end(job);
	pthread_mutex_destroy(&d->locks.mutex);
	d->found = d->locks.count + atomic_load(&d->locks.atomic_count) + sum;
	d->chain = add && add != add_atomic ? d->locks.chain : d->found;
	errno = error;
	return error ? -1 : 0;
}

static int run_mutex(struct job *job) { return run_with(job, thread_main, add_mutex); }
static int run_spin(struct job *job) { return run_with(job, thread_main, add_spin); }
static int run_ticket(struct job *job) { return run_with(job, thread_main, add_ticket); }
static int run_mcs(struct job *job) { return run_with(job, thread_main, add_mcs); }
static int run_futex(struct job *job) { return run_with(job, thread_main, add_futex); }
static int run_atomic(struct job *job) { return run_with(job, thread_main, add_atomic); }
static int run_sharded(struct job *job) { return run_with(job, sharded_main, NULL); }

static void reset(struct job *job)
{
	struct data *d = job->data;
	d->found = d->chain = ~d->expected;
}

static int prepare(struct job *job)
{
	struct data *d = aligned_alloc(64, sizeof *d);
	job->data = d;
	if (!d) {
		errno = ENOMEM;
		return -1;
	}
	*d = (struct data){.n = job_size(job), .outside = (uint64_t)job->arg[1], .seed = job->seed};
	for (size_t i = 0; i < d->n; i++)
		d->expected += rng_at(d->seed, i);
	reset(job);
	return 0;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	struct outcome o = {.expected = (double)(d->expected >> 11), .observed = (double)(d->found >> 11)};
	o.right = d->found == d->expected && d->chain == d->expected;
	snprintf(o.text, sizeof o.text, "counter expected %016llx, observed %016llx and %016llx (exact)", (unsigned long long)d->expected,
		 (unsigned long long)d->found, (unsigned long long)d->chain);
	return o;
}

/* As if one addition had been lost. */
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

#define LOCK .kind = KIND_THREADS, .blocks = true
static const struct variant variants[] = {
	{.name = "serial", .about = "no lock, one thread", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "mutex", .about = "a POSIX mutex", LOCK, .run = run_mutex},
	{.name = "spin", .about = "looks until the lock is free, then all jump at it", LOCK, .run = run_spin},
	{.name = "ticket", .about = "first come, first served", LOCK, .run = run_ticket},
	{.name = "mcs", .about = "a queue in which each looks at a word of its own", LOCK, .run = run_mcs},
	{.name = "futex", .about = "own lock: looks for a moment, then sleeps", LOCK, .run = run_futex},
	{.name = "atomic", .about = "no lock, one atomic addition", .kind = KIND_THREADS, .run = run_atomic},
	{.name = "sharded", .about = "a counter for each worker, added in the end", .kind = KIND_THREADS, .run = run_sharded},
	{0},
};

const struct kernel kernel_lock = {
	.name = "lock",
	.title = "A counter behind a lock",
	.source = __FILE__,
	.params = {{"size", "additions", "how many additions in all", 0, 0x1p32, 2e5, false},
		   {"outside", "rounds", "computing between two additions, without the lock (about 1.5 ns a round)", 0, 1e6, 0, false}},
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
};
KERNEL_REGISTER(kernel_lock);
