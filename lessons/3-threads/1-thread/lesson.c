/* Threads: started, told what to do, waited for, asked for the answer                                       ★☆☆
 *
 * What you learn: a thread is one more place in the program where work goes on; it shares the memory of all others. It is
 * started with one argument and waited for (joined), and its return value arrives there. The argument must stay as it is
 * until the thread has read it. The same by POSIX, by the C standard and by OpenMP, and what a start costs.
 *
 * How the number is made: --size rows, tried point by point: how many points x, y with whole coordinates lie in a quarter of
 * a circle (x² + y² ≤ limit, drawn from --seed; kernels/circle.h)? The rows are dealt in equal slices. All are counted a
 * second time, with a square root for each row, and both numbers must be equal. What starting costs: kernel `spawn`
 * (kernels/spawn.c), which starts and joins threads, or processes, that do next to nothing. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <threads.h>
#include "kernels/circle.h"
#include "kernels/kernel.h"
#include "lessons/lesson.h"
#include "demos.h" /* what becomes of a thread when main ends */

//> part
/* What one thread is told. Each has its own. */
struct part {
	int id;
	struct slice rows; /* from rows.first up to, not including, rows.last */
};
//< part

/* What all threads see: the memory of a program is one. */
static struct job *job;
struct shared {
	struct circle circle; /* first */
	uint64_t points;      /* the result */
	atomic_bool all_started;
	struct part part[KERNEL_WORKERS_MAX];
	uint64_t answer[KERNEL_WORKERS_MAX]; /* c11-threads */
};

static struct shared *begin(struct job *j, int workers)
{
	struct shared *s = (job = j)->data;
	for (int w = 0; w < workers; w++)
		s->part[w] = (struct part){w, slice_of(job_size(job), w, workers)};
	parallel_begin(job, workers);
	return s;
}

static int end(int error)
{
	parallel_end(job);
	return (errno = error) ? -1 : 0;
}

//> work
/* What each thread does. It gets one pointer and gives one back; our answer is a number that fits into it. */
static void *work(void *arg)
{
	const struct part *mine = arg;
	worker_begin(job, mine->id);
	uint64_t points = circle_count(job->data, mine->rows.first, mine->rows.last);
	worker_end(job, mine->id);
	return (void *)(uintptr_t)points;
}
//< work

//> serial
static int run_serial(struct job *j)
{
	struct shared *s = begin(j, 1);
	s->points = (uintptr_t)work(&s->part[0]); /* called, not started */
	return end(0);
}
//< serial

//> pthreads
/* Waits for each thread in turn and adds up what they returned. */
static void join(const pthread_t *thread, int started)
{
	struct shared *s = job->data;
	for (int w = 0; w < started; w++) {
		void *answer;
		pthread_join(thread[w], &answer); /* returns when the thread has ended */
		s->points += (uintptr_t)answer;
	}
}

static int run_pthreads(struct job *j)
{
	struct shared *s = begin(j, j->workers);
	pthread_t thread[KERNEL_WORKERS_MAX];
	int started = 0, error = 0;
	for (; started < job->workers && !error; started += !error)
		error = pthread_create(&thread[started], NULL, work, &s->part[started]); /* does not wait */
	join(thread, started);
	return end(error);
}
//< pthreads

//> one-by-one
/* Joined right after its start: while a thread works, nobody else does. */
static int run_one_by_one(struct job *j)
{
	struct shared *s = begin(j, j->workers);
	pthread_t thread;
	int error = 0;
	for (int w = 0; w < job->workers && !error; w++)
		if ((error = pthread_create(&thread, NULL, work, &s->part[w])) == 0)
			join(&thread, 1);
	return end(error);
}
//< one-by-one

//> c11-threads
/* The C standard's names. Such a thread returns an int, too small for our answer: that has a place of its own. */
static int work_c11(void *arg)
{
	((struct shared *)job->data)->answer[((struct part *)arg)->id] = (uintptr_t)work(arg);
	return 0;
}

static int run_c11(struct job *j)
{
	struct shared *s = begin(j, j->workers);
	thrd_t thread[KERNEL_WORKERS_MAX];
	int started = 0, result = thrd_success;
	for (; started < job->workers && result == thrd_success; started += result == thrd_success)
		result = thrd_create(&thread[started], work_c11, &s->part[started]);
	for (int w = 0; w < started; w++)
		if (thrd_join(thread[w], NULL) == thrd_success)
			s->points += s->answer[w];
	return end(result == thrd_success ? 0 : result == thrd_nomem ? ENOMEM : EAGAIN);
}
//< c11-threads

//> openmp
/* The compiler writes start, argument and join. The team is kept: the next region finds its threads waiting. */
static int run_openmp(struct job *j)
{
	struct shared *s = begin(j, j->workers);
	uint64_t points = 0;
#pragma omp parallel for num_threads(j->workers) schedule(static, 1) reduction(+ : points)
	for (int w = 0; w < j->workers; w++)
		points += (uintptr_t)work(&s->part[w]);
	s->points = points;
	return end(0);
}
//< openmp

/* Both mistakes need a thread that begins late. Any may, on any machine; here each waits until all were started. (Relaxed: it
 * is bad luck made certain, not an order that anybody could rely on.) */
static void begin_late(void)
{
	while (!atomic_load_explicit(&((struct shared *)job->data)->all_started, memory_order_relaxed))
		sched_yield();
}

static int run_late(struct job *j, int (*start)(pthread_t *thread, int *w))
{
	struct shared *s = begin(j, j->workers);
	pthread_t thread[KERNEL_WORKERS_MAX];
	int w = 0, error = 0;
	for (; w < job->workers && !error; w += !error)
		error = start(&thread[w], &w);
	atomic_store_explicit(&s->all_started, true, memory_order_relaxed);
	join(thread, w);
	return end(error);
}

//> loop-variable
static void *work_by_number(void *arg)
{
	begin_late();
	int id = *(int *)arg; /* whose number is it by now? */
	return id < job->workers ? work(&((struct shared *)job->data)->part[id]) : NULL;
}

static int start_by_number(pthread_t *thread, int *w)
{
	return pthread_create(thread, NULL, work_by_number, w); /* the loop's own w, the same for all */
}
static int run_loop_variable(struct job *j) { return run_late(j, start_by_number); }
//< loop-variable

//> dead-slot
static void *work_from_slot(void *arg)
{
	begin_late();
	const struct part *mine = arg; /* the function that it lived in has returned */
	return (void *)(uintptr_t)circle_count(job->data, mine->rows.first, mine->rows.last);
}

__attribute__((noinline)) static int start_from_slot(pthread_t *thread, int *w)
{
	struct part part = {*w, slice_of(job_size(job), *w, job->workers)};
	return pthread_create(thread, NULL, work_from_slot, &part); /* … and here `part` ends */
}
static int run_dead_slot(struct job *j) { return run_late(j, start_from_slot); }
//< dead-slot

static int prepare(struct job *j)
{
	struct shared *s = j->data = calloc(1, sizeof *s);
	return s ? s->circle = circle_new(job_size(j), j->seed), 0 : -1;
}

static void reset(struct job *j) { ((struct shared *)j->data)->points = ((struct shared *)j->data)->all_started = 0; }
static struct outcome verify(const struct job *j)
{
	const struct shared *s = j->data;
	double expected = (double)s->circle.expected, points = (double)s->points;
	struct outcome out = {s->points == s->circle.expected, expected, points, ""};
	snprintf(out.text, sizeof out.text, "counted %.0f points; by square roots there are %.0f", points, expected);
	return out;
}

static void release(struct job *j) { free(j->data), j->data = NULL; }

#ifdef __SANITIZE_ADDRESS__
static const char *no_slot(void) { return "AddressSanitizer may end the program at the dead variable"; }
#else
#define no_slot NULL
#endif
static const struct variant variants[] = {
	{"serial", "the work is called, nothing is started", .run = run_serial},
	{"pthreads", "start all, then join all", KIND_THREADS, .run = run_pthreads},
	{"one-by-one", "each is joined before the next is started", KIND_THREADS, .run = run_one_by_one},
	{"c11-threads", "the same by the names of the C standard", KIND_THREADS, .run = run_c11},
	{"openmp", "one line, and the compiler does the rest", KIND_OPENMP, .run = run_openmp},
	{"loop-variable", "all get the address of the loop's variable", KIND_THREADS,
	 "the one variable has moved on when the threads read it", .run = run_loop_variable},
	{"dead-slot", "the argument is a variable of a function that has returned", KIND_THREADS,
	 "the argument is gone, or another's, when the thread reads it", .run = run_dead_slot, .unavailable = no_slot},
	{0},
};

const struct kernel kernel_points = {
	.name = "points", .title = "Points in a quarter of a circle", .source = __FILE__,
	.params = {{"size", "rows", "rows of the quarter circle, each tried point by point", 0, CIRCLE_ROWS_MAX, 8000, false}},
	.prepare = prepare, .reset = reset, .variants = variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_points);
extern const struct kernel kernel_spawn;
static const struct lesson lesson = {
	.id = "thread", .level = 1, .minutes_min = 30, .minutes_max = 49, .needs = "concurrency", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_points, &kernel_spawn, NULL}, .threads = "1,2,4", .demos = demos,
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
