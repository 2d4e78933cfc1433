/* A lock makes it right, at a price                                                                         ★★☆
 *
 * What you learn: `counter = counter + 1` is three steps (read, add, write). Two threads in the middle of them lose an
 * update. A lock makes the three steps one (mutual exclusion) and makes the threads queue; locks differ in how they
 * wait. The best lock is the one that you do not need: a counter for each thread, summed at the end.
 *
 * How the number is made: --size increments in all, dealt in equal slices to --threads threads; afterwards the counter
 * must be --size exactly. The counters are `volatile`, so that every increment really reads and writes memory (else the
 * compiler would make one addition of the loop), but that orders nothing between threads: the wrong variants have a
 * true data race, on purpose, and ThreadSanitizer (make SAN=thread) reports it. Kernel `accounts`: --size transfers between
 * --accounts accounts; each balance is compared with what all transfers, added up one by one, make of it. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include "kernels/kernel.h"
#include "kernels/runtime/futex.h" /* spin_pause: tells the core that we only wait */
#include "lessons/lesson.h"
#include "accounts.h" /* the second kernel: one lock for all, or one for each */

struct shared {
	_Alignas(64) volatile long counter;
	_Alignas(64) atomic_long atomic_counter;
	_Alignas(64) pthread_mutex_t mutex;
	_Alignas(64) atomic_bool taken; /* spin */
	_Alignas(64) atomic_uint next_ticket, now_serving;
	struct own { /* what belongs to one worker, on its own cache line */
		_Alignas(64) volatile long counter;
		pthread_mutex_t mutex;
	} own[KERNEL_WORKERS_MAX];
	atomic_int here; /* workers that are ready to begin */
};
static _Thread_local struct own *own; /* … of the worker that runs this thread */

//> threads
struct worker {
	struct job *job;
	int id;
	void (*count)(struct shared *s, size_t n); /* adds n, one by one, in the variant's way */
};

static void *work(void *arg)
{
	const struct worker *me = arg;
	struct shared *s = me->job->data;
	struct slice mine = slice_of(job_size(me->job), me->id, me->job->workers);
	own = &s->own[me->id];
	atomic_fetch_add(&s->here, 1);
	while (atomic_load(&s->here) < me->job->workers)
		sched_yield(); /* all begin together, so that they really meet */
	worker_begin(me->job, me->id);
	me->count(s, mine.last - mine.first);
	worker_end(me->job, me->id);
	return NULL;
}

static int run(struct job *job, void (*count)(struct shared *, size_t))
{
	pthread_t thread[KERNEL_WORKERS_MAX];
	struct worker worker[KERNEL_WORKERS_MAX];
	struct shared *s = job->data;
	int started = 0, error = 0;
	s->here = 0;
	parallel_begin(job, job->workers);
	for (; started < job->workers && !error; started += !error) {
		worker[started] = (struct worker){job, started, count};
		error = pthread_create(&thread[started], NULL, work, &worker[started]);
	}
	s->here += error ? KERNEL_WORKERS_MAX : 0; /* not all will come: let the others end */
	for (int w = 0; w < started; w++)
		pthread_join(thread[w], NULL);
	parallel_end(job);
	return (errno = error) ? -1 : 0;
}
//< threads

//> serial
static int run_serial(struct job *job)
{
	struct shared *s = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = job_size(job); i > 0; i--)
		s->counter = s->counter + 1;
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

//> racy
static void count_racy(struct shared *s, size_t n)
{
	for (; n > 0; n--) {
		long old = s->counter; /* another thread may read the same value here … */
		s->counter = old + 1;  /* … then one of the two updates is lost */
	}
}
static int run_racy(struct job *job) { return run(job, count_racy); }
//< racy

//> mutex
static void count_mutex(struct shared *s, size_t n)
{
	for (; n > 0; n--) {
		pthread_mutex_lock(&s->mutex); /* one thread at a time; the others sleep until it is free */
		s->counter = s->counter + 1;
		pthread_mutex_unlock(&s->mutex);
	}
}
static int run_mutex(struct job *job) { return run(job, count_mutex); }
//< mutex

//> spin
static void count_spin(struct shared *s, size_t n)
{
	for (; n > 0; n--) {
		while (atomic_exchange_explicit(&s->taken, true, memory_order_acquire)) /* was it free? it is mine */
			while (atomic_load_explicit(&s->taken, memory_order_relaxed)) /* no: watch it, awake */
				spin_pause();
		s->counter = s->counter + 1;
		atomic_store_explicit(&s->taken, false, memory_order_release);
	}
}
static int run_spin(struct job *job) { return run(job, count_spin); }
//< spin

//> ticket
static void count_ticket(struct shared *s, size_t n)
{
	for (; n > 0; n--) {
		unsigned mine = atomic_fetch_add_explicit(&s->next_ticket, 1, memory_order_relaxed); /* draw a number */
		for (unsigned now, looks = 1; (now = atomic_load(&s->now_serving)) != mine; looks++)
			if (mine - now > 1 || looks % 64 == 0)
				sched_yield(); /* the thread whose turn it is may have no core: give it ours */
			else
				spin_pause();
		s->counter = s->counter + 1;
		atomic_store_explicit(&s->now_serving, mine + 1, memory_order_release); /* next, please */
	}
}
static int run_ticket(struct job *job) { return run(job, count_ticket); }
//< ticket

//> atomic
static void count_atomic(struct shared *s, size_t n)
{
	for (; n > 0; n--)
		atomic_fetch_add_explicit(&s->atomic_counter, 1, memory_order_relaxed); /* the hardware's own lock */
}
static int run_atomic(struct job *job)
{
	struct shared *s = job->data;
	int rc = run(job, count_atomic);
	s->counter = s->atomic_counter;
	return rc;
}
//< atomic

//> sharded
static void count_sharded(struct shared *s __attribute__((unused)), size_t n)
{
	for (; n > 0; n--)
		own->counter = own->counter + 1; /* nobody else touches it: no lock */
}
static int run_sharded(struct job *job)
{
	struct shared *s = job->data;
	int rc = run(job, count_sharded);
	for (int w = 0; w < job->workers; w++) /* once, when all have ended */
		s->counter += s->own[w].counter;
	return rc;
}
//< sharded

//> lock-per-thread
static void count_lock_per_thread(struct shared *s, size_t n)
{
	for (; n > 0; n--) {
		pthread_mutex_lock(&own->mutex); /* my lock: nobody else ever waits for it … */
		s->counter = s->counter + 1;     /* … so it protects nothing */
		pthread_mutex_unlock(&own->mutex);
	}
}
static int run_lock_per_thread(struct job *job) { return run(job, count_lock_per_thread); }
//< lock-per-thread

static int prepare(struct job *job)
{
	struct shared *s = job->data = aligned_alloc(64, sizeof *s);
	if (!s)
		return -1;
	pthread_mutex_init(&s->mutex, NULL);
	for (int w = 0; w < KERNEL_WORKERS_MAX; w++)
		pthread_mutex_init(&s->own[w].mutex, NULL);
	return 0;
}

static void reset(struct job *job)
{
	struct shared *s = job->data;
	s->counter = s->atomic_counter = s->next_ticket = s->now_serving = s->taken = 0;
	for (int w = 0; w < KERNEL_WORKERS_MAX; w++)
		s->own[w].counter = 0;
}

/* The answer needs no computing: as many as were asked for. */
static struct outcome verify(const struct job *job)
{
	const struct shared *s = job->data;
	long expected = (long)job_size(job), counted = s->counter;
	struct outcome out = {counted == expected, (double)expected, (double)counted, ""};
	snprintf(out.text, sizeof out.text, "counted %ld of %ld, %ld lost", counted, expected, expected - counted);
	return out;
}

static void release(struct job *job) { free(job->data), job->data = NULL; }

static const struct variant variants[] = {
	{"serial", "one thread, no lock", .run = run_serial},
	{"racy", "read, add, write: anyone may come between", KIND_THREADS,
	 "two threads read the same old value and one update is lost", .run = run_racy},
	{"mutex", "one at a time, the others sleep", KIND_THREADS, .blocks = true, .run = run_mutex},
	{"spin", "one at a time, the others watch the lock awake", KIND_THREADS, .run = run_spin},
	{"ticket", "one at a time, in the order of arrival", KIND_THREADS, .run = run_ticket},
	{"atomic", "one instruction that nobody can interrupt", KIND_THREADS, .run = run_atomic},
	{"sharded", "a counter for each thread, summed at the end", KIND_THREADS, .run = run_sharded},
	{"lock-per-thread", "each thread locks a mutex of its own", KIND_THREADS,
	 "each thread locks its own mutex, which keeps nobody out", .run = run_lock_per_thread},
	{0},
};

const struct kernel kernel_counter = {
	.name = "counter", .title = "A shared counter", .source = __FILE__,
	.params = {{"size", "increments", "increments in all, shared by the threads", 0, 1e12, 4e6, false}},
	.prepare = prepare, .reset = reset, .variants = variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_counter);
static const struct lesson lesson = {
	.id = "mutex", .level = 2, .minutes_min = 36, .minutes_max = 57, .needs = "concurrency", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_counter, &kernel_accounts, NULL}, .threads = "1,2,4",
	/* ticket only when asked for: with more threads than cores each turn has to wait for a core, too */
	.variants = (const char *const[]){"serial", "racy", "mutex", "spin", "atomic", "sharded", "lock-per-thread", 0},
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
