/* Atomic operations, memory order, false sharing                                                            ★★★
 *
 * What you learn: an atomic operation can't be interrupted halfway; two of them in a row can. What a memory order
 * promises: relaxed only the operation itself, release and acquire that what was written before is seen behind, seq_cst
 * one order for all. And that processors share whole cache lines: two counters on one line cost as much as one counter.
 *
 * How the number is made: kernel `count`: --size increments in all, dealt to the threads; the sum must be exact. Kernel
 * `message` (message.h): --size messages of WORDS numbers, each through one box from a writing to a reading thread
 * (threads work in pairs); every message must be whole. Kernel `litmus` (litmus.h): both threads of a pair write, then
 * read what the other wrote; in no round may both have missed it. */
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/rng.h"
#include "kernels/runtime/crew.h" /* starts the threads, all or none, and joins them */
#include "kernels/runtime/futex.h" /* spin_pause */
#include "lessons/lesson.h"

struct counters {
	_Alignas(64) atomic_long shared;
	_Alignas(64) atomic_long close[KERNEL_WORKERS_MAX]; /* eight of them on each cache line of 64 bytes */
	struct {
		_Alignas(64) atomic_long own; /* alone on its cache line */
	} padded[KERNEL_WORKERS_MAX];
};
typedef void count(struct counters *c, int me, size_t n);

static void work(struct job *job, int me, const void *how)
{
	count *const *add = how;
	struct slice mine = slice_of(job_size(job), me, job->workers);
	worker_begin(job, me);
	(*add)(job->data, me, mine.last - mine.first);
	worker_end(job, me);
}
#define RUN(name) \
	static int run_##name(struct job *job) { return crew_run(job, work, &(count *){count_##name}, NULL); }

//> padded
/* Nobody else writes to it: a load and a store will do. Inlined, that the order is a constant: else it is seq_cst */
static inline __attribute__((always_inline)) void plus_one(atomic_long *mine, memory_order order)
{
	atomic_store_explicit(mine, atomic_load_explicit(mine, memory_order_relaxed) + 1, order);
}

static void count_padded(struct counters *c, int me, size_t n)
{
	for (; n > 0; n--)
		plus_one(&c->padded[me].own, memory_order_relaxed);
}
//< padded
RUN(padded)

//> one-line
static void count_one_line(struct counters *c, int me, size_t n)
{
	for (; n > 0; n--)
		plus_one(&c->close[me], memory_order_relaxed); /* mine alone, but its cache line is not */
}
//< one-line
RUN(one_line)

//> padded-seq-cst
static void count_padded_seq_cst(struct counters *c, int me, size_t n)
{
	for (; n > 0; n--)
		plus_one(&c->padded[me].own, memory_order_seq_cst); /* waits until all others could see it */
}
//< padded-seq-cst
RUN(padded_seq_cst)

//> relaxed
static void count_relaxed(struct counters *c, int me, size_t n)
{
	for ((void)me; n > 0; n--)
		atomic_fetch_add_explicit(&c->shared, 1, memory_order_relaxed); /* read, add and write in one */
}
//< relaxed
RUN(relaxed)

//> acq-rel
static void count_acq_rel(struct counters *c, int me, size_t n)
{
	for ((void)me; n > 0; n--)
		atomic_fetch_add_explicit(&c->shared, 1, memory_order_acq_rel);
}
//< acq-rel
RUN(acq_rel)

//> seq-cst
static void count_seq_cst(struct counters *c, int me, size_t n)
{
	for ((void)me; n > 0; n--)
		c->shared++; /* what C means when you say nothing: seq_cst */
}
//< seq-cst
RUN(seq_cst)

//> cas
static void count_cas(struct counters *c, int me, size_t n)
{
	for ((void)me; n > 0; n--) {
		long old = atomic_load_explicit(&c->shared, memory_order_relaxed);
		while (!atomic_compare_exchange_weak(&c->shared, &old, old + 1)) /* still `old`? then write */
			; /* somebody came between; `old` is now what they wrote: once more */
	}
}
//< cas
RUN(cas)

//> load-store
static void count_load_store(struct counters *c, int me, size_t n)
{
	for ((void)me; n > 0; n--)
		c->shared = c->shared + 1; /* the counter is atomic, so reading it is, and writing it */
}
//< load-store
RUN(load_store)

//> serial
static int run_serial(struct job *job)
{
	parallel_begin(job, 1);
	worker_begin(job, 0);
	count_padded(job->data, 0, job_size(job));
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

static void reset(struct job *job)
{
	struct counters *c = job->data;
	c->shared = 0;
	for (int w = 0; w < KERNEL_WORKERS_MAX; w++)
		c->close[w] = c->padded[w].own = 0;
}

static int prepare(struct job *job)
{
	job->data = aligned_alloc(64, sizeof(struct counters));
	return job->data ? (reset(job), 0) : -1;
}

static void release(struct job *job) { free(job->data), job->data = NULL; }

static struct outcome verify(const struct job *job)
{
	const struct counters *c = job->data;
	long expected = (long)job_size(job), counted = c->shared;
	for (int w = 0; w < KERNEL_WORKERS_MAX; w++)
		counted += c->close[w] + c->padded[w].own;
	struct outcome out = {counted == expected, (double)expected, (double)counted, ""};
	snprintf(out.text, sizeof out.text, "counted %ld of %ld, %ld lost", counted, expected, expected - counted);
	return out;
}

static const struct variant variants[] = {
	{"serial", "one thread, one counter", .run = run_serial},
	{"relaxed", "one counter, an atomic addition, no order for anything else", KIND_THREADS, .run = run_relaxed},
	{"acq-rel", "one counter, each addition also orders what is around it", KIND_THREADS, .run = run_acq_rel},
	{"seq-cst", "one counter, one order of everything for all", KIND_THREADS, .run = run_seq_cst},
	{"cas", "one counter: compare, and exchange if nobody came between", KIND_THREADS, .run = run_cas},
	{"one-line", "a counter for each thread, all on one cache line", KIND_THREADS, .run = run_one_line},
	{"padded", "a counter for each thread, each on a line of its own", KIND_THREADS, .run = run_padded},
	{"padded-seq-cst", "the same, each store seq_cst", KIND_THREADS, .run = run_padded_seq_cst},
	{"load-store", "an atomic read, then an atomic write", KIND_THREADS,
	 "each half is atomic, the update is not: another thread comes between", .run = run_load_store},
	{0},
};
const struct kernel kernel_count = {
	.name = "count", .title = "Atomic counters", .source = __FILE__,
	.params = {{"size", "increments", "increments in all, shared by the threads", 0, 1e12, 4e6, false}},
	.prepare = prepare, .reset = reset, .variants = variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_count);

#include "lessons/3-threads/8-atomics/litmus.h"  /* the kernel litmus, and the demonstration of what orders allow */
#include "lessons/3-threads/8-atomics/message.h" /* the kernel message, and the demonstration of a plain flag */

static const struct lesson lesson = {
	.id = "atomics", .level = 3, .minutes_min = 39, .minutes_max = 61, .needs = "race mutex", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_count, &kernel_message, &kernel_litmus, NULL}, .threads = "1,2,4",
	.demos = (const struct demo[]){
		{.name = "orders", .about = "all executions that each memory order allows, one by one", .run = demo_orders},
		{.name = "plain-flag", .about = "a thread waits for a flag that is not atomic",
		 .wrong = "the compiler reads a plain flag once, and the thread waits for ever", .run = demo_plain_flag,
		 .unavailable = why_no_plain_flag},
		{0},
	},
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
