/* When not to parallelise                                                                                   ★★☆
 *
 * What you learn: starting workers, handing out work and waiting for the last one cost time, the same for little work as
 * for much. Below the break-even size one worker alone is faster; where it lies differs by a factor of a thousand between
 * the means of sharing. A program that waits has other rules: there threads help even on one core.
 *
 * How the number is made: kernel `sum` adds the squares of --size numbers; any order of additions gives the same sum
 * (lessons/known.h). Each run starts its workers anew and is compared with one worker alone at the same size. Nobody is
 * tied to a core: that alone would cost more than a small sum. Kernel `requests` does --size requests on one core: each
 * computes --work steps of a chain, then waits --wait microseconds; results and waits are checked one by one. */
#include <errno.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lessons/known.h"
#include "lessons/lesson.h"

struct worker { struct job *job; int id; };
struct request { uint64_t start, result; int64_t waited_ns; };
struct data { /* lies in memory that processes share */
	double *x, sum, exact;
	struct request *request;
	struct { _Alignas(64) double sum; } part[KERNEL_WORKERS_MAX]; /* what each worker found, each on its own cache line */
};

static void do_part(struct job *job, int w, int p)
{
	struct data *d = job->data;
	worker_begin(job, w);
	d->part[w].sum = known_sum(d->x, slice_of(job_size(job), w, p));
	worker_end(job, w);
}

static int add_parts(struct job *job, int p, int failed)
{
	struct data *d = job->data;
	d->sum = 0;
	for (int w = 0; w < p; w++)
		d->sum += d->part[w].sum;
	return failed;
}

static int run_serial(struct job *job)
{
	parallel_begin(job, 1);
	do_part(job, 0, 1);
	parallel_end(job);
	return add_parts(job, 1, 0);
}

//> threads
static int start_and_join(struct job *job, void *(*work)(void *))
{
	pthread_t thread[KERNEL_WORKERS_MAX];
	struct worker worker[KERNEL_WORKERS_MAX];
	int started = 0, error = 0;
	parallel_begin(job, job->workers);
	for (; started < job->workers && !error; started += !error) {
		worker[started] = (struct worker){job, started};
		error = pthread_create(&thread[started], NULL, work, &worker[started]);
	}
	for (int w = 0; w < started; w++)
		pthread_join(thread[w], NULL);
	parallel_end(job);
	return (errno = error) ? -1 : 0;
}

static void *sum_part(void *arg)
{
	struct worker *me = arg;
	do_part(me->job, me->id, me->job->workers);
	return NULL;
}

static int run_threads(struct job *job) { return add_parts(job, job->workers, start_and_join(job, sum_part)); }
//< threads

//> openmp
/* The threads of the last region are still there: they sleep or spin until the next one begins. */
static int run_openmp(struct job *job)
{
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	do_part(job, omp_get_thread_num(), job->workers);
	parallel_end(job);
	return add_parts(job, job->workers, 0);
}
//< openmp

//> processes
static int run_processes(struct job *job)
{
	pid_t child[KERNEL_WORKERS_MAX];
	int started = 0;
	parallel_begin(job, job->workers);
	for (; started < job->workers && (child[started] = fork()) >= 0; started++)
		if (child[started] == 0) { /* the new process */
			do_part(job, started, job->workers);
			_exit(0);
		}
	int error = started < job->workers ? errno : 0;
	for (int w = 0, status = -1; w < started; w++, status = -1) {
		while (waitpid(child[w], &status, 0) < 0 && errno == EINTR)
			;
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			error = ECHILD; /* it died: its part is missing */
	}
	parallel_end(job);
	return add_parts(job, job->workers, (errno = error) ? -1 : 0);
}
//< processes

//> guarded
/* Sharing only where it pays. OpenMP has a word for it: #pragma omp parallel if (n >= cutoff) */
static int run_guarded(struct job *job) { return job->arg[0] < job->arg[1] ? run_serial(job) : run_threads(job); }
//< guarded

//> request
static void *do_requests(void *arg)
{
	struct worker *me = arg;
	struct job *job = me->job;
	struct request *request = ((struct data *)job->data)->request;
	struct slice mine = slice_of(job_size(job), me->id, job->workers);
	worker_begin(job, me->id);
	for (size_t i = mine.first; i < mine.last; i++) {
		request[i].result = chain_walk(request[i].start, (uint64_t)job->arg[1]); /* computes */
		wait_begin(job, me->id); /* here the wait is a part of the task, and stands for a disk or a network */
		request[i].waited_ns = known_wait((int64_t)job->arg[2] * 1000);
		wait_end(job, me->id);
	}
	worker_end(job, me->id);
	return NULL;
}
//< request

static int run_in_turn(struct job *job)
{
	parallel_begin(job, 1);
	do_requests(&(struct worker){job, 0});
	return parallel_end(job), 0;
}

//> one-core
/* All threads on the core that we are on now: they inherit from us where they may run. */
static int run_one_core(struct job *job)
{
	cpu_set_t before, one_core;
	CPU_ZERO(&one_core);
	CPU_SET(sched_getcpu(), &one_core);
	if (sched_getaffinity(0, sizeof before, &before) || sched_setaffinity(0, sizeof one_core, &one_core))
		return -1;
	int rc = start_and_join(job, do_requests);
	return sched_setaffinity(0, sizeof before, &before) ? -1 : rc;
}
//< one-core

extern const struct kernel kernel_requests;
static int prepare(struct job *job)
{
	size_t n = job_size(job);
	struct data *d = mmap(NULL, sizeof *d, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (d == MAP_FAILED)
		return -1;
	job->data = d;
	d->request = job->kernel == &kernel_requests ? calloc(n + 1, sizeof *d->request) : NULL;
	d->x = job->kernel == &kernel_requests ? NULL : known_room(n);
	for (size_t i = 0; d->request && i < n; i++)
		d->request[i].start = rng_at(job->seed, i);
	d->exact = d->x ? known_numbers(d->x, n, job->seed) : 0;
	return d->x || d->request ? 0 : -1;
}

static void reset(struct job *job)
{
	struct data *d = job->data;
	d->sum = NAN;
	for (int w = 0; w < job->workers; w++)
		d->part[w].sum = NAN;
	for (size_t i = 0; d->request && i < job_size(job); i++)
		d->request[i] = (struct request){.start = d->request[i].start};
}

static void release(struct job *job)
{
	struct data *d = job->data;
	if (d)
		free(d->x), free(d->request), munmap(d, sizeof *d);
}

static struct outcome verify_sum(const struct job *job)
{
	const struct data *d = job->data;
	struct outcome out = {d->sum == d->exact, d->exact, d->sum, ""};
	snprintf(out.text, sizeof out.text, "sum of squares %.17g, expected %.17g (exact)", d->sum, d->exact);
	return out;
}

static struct outcome verify_requests(const struct job *job)
{
	const struct request *r = ((const struct data *)job->data)->request;
	size_t n = job_size(job), good = 0;
	for (size_t i = 0; i < n; i++)
		good += r[i].result == chain_jump(r[i].start, (uint64_t)job->arg[1]) && r[i].waited_ns >= (int64_t)job->arg[2] * 1000;
	struct outcome out = {good == n, (double)n, (double)good, ""};
	snprintf(out.text, sizeof out.text, "%zu of %zu requests computed right and waited their whole time", good, n);
	return out;
}

static const struct variant sum_variants[] = {
	{"serial", "one worker, nothing to start", .pins_itself = true, .run = run_serial},
	{"threads", "a new POSIX thread for each slice", KIND_THREADS, .pins_itself = true, .run = run_threads},
	{"openmp", "threads that stay between regions", KIND_OPENMP, .pins_itself = true, .run = run_openmp},
	{"processes", "a forked process for each slice", KIND_PROCESSES, .pins_itself = true, .run = run_processes},
	{"guarded", "threads from --cutoff numbers on, else serial", KIND_THREADS, .pins_itself = true, .run = run_guarded},
	{0},
};
static const struct variant request_variants[] = {
	{"in-turn", "one request after another", .blocks = true, .run = run_in_turn},
	{"one-core", "threads that share one core", KIND_THREADS, .blocks = true, .pins_itself = true, .run = run_one_core},
	{0},
};
const struct kernel kernel_sum = {
	.name = "sum", .title = "Sum of squares, small and large", .source = __FILE__,
	.params = {{"size", "numbers", "how many numbers to square and add", 0, 0x1p28, 1e6, false},
		   {"cutoff", "numbers", "guarded: fewer than these are added by one worker", 0, 1e12, 1e5, false}},
	.prepare = prepare, .reset = reset, .variants = sum_variants, .verify = verify_sum, .release = release,
};
KERNEL_REGISTER(kernel_sum);
const struct kernel kernel_requests = {
	.name = "requests", .title = "Requests that compute and wait", .source = __FILE__,
	.params = {{"size", "requests", "requests to do", 0, 1e6, 16, false},
		   {"work", "steps", "steps that each request computes, about 1 ns each", 0, 1e10, 1e6, false},
		   {"wait", "us", "how long each request waits, in microseconds", 0, 1e7, 9000, false}},
	.prepare = prepare, .reset = reset, .variants = request_variants, .verify = verify_requests, .release = release,
};
KERNEL_REGISTER(kernel_requests);
static const struct lesson lesson = {
	.id = "overhead", .level = 2, .minutes_min = 30, .minutes_max = 50, .needs = "concurrency amdahl", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_sum, &kernel_requests, NULL},
	.variants = (const char *const[]){"serial", "threads", "openmp", "processes", NULL},
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
