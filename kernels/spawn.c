/* Starting and ending: how many threads or processes a second can be started and waited for. The workers are what is
 * started: p at a time, then all p are waited for, until n were started in all.
 *
 * size      starts
 * flops     none
 * bytes     none
 * ladder    call         a function call: what each of the others does, without starting anything
 *           thread       pthread_create and pthread_join
 *           c11          thrd_create and thrd_join: the same by the names of the C standard
 *           fork         a process with a copy of everything (copied when written), and wait
 *           vfork        a process that borrows the parent's memory until it turns into another program (`true`), one at a time
 *           posix_spawn  the same by one call that can be used without care
 * check     exact: each start leaves its own number, or its process's exit status; how many there were and their sum
 * source    own */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"

extern char **environ;

struct start {
	_Alignas(64) struct job *job;
	int worker;
	size_t number;
	uint64_t left; /* what it leaves */
	pthread_t thread;
	thrd_t c11;
	pid_t process;
};

struct data {
	size_t n;
	uint64_t seed, count, sum, expected;
	char program[256]; /* `true` */
	struct start start[KERNEL_WORKERS_MAX];
};

/* What each start is for: as little as can be checked. */
static uint64_t leave(const struct data *d, size_t number) { return rng_at(d->seed, number); }

//> call
__attribute__((noinline)) static void called(struct start *me) { me->left = leave(me->job->data, me->number); }

static int run_call(struct job *job)
{
	struct data *d = job->data;
	d->count = d->sum = 0;
	d->start[0] = (struct start){.job = job};
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < d->n; i++, d->count++) {
		d->start[0].number = i;
		called(&d->start[0]);
		d->sum += d->start[0].left;
	}
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< call

/* How one is started and waited for; 0 or an error number. */
struct way {
	int (*start)(struct start *s);
	int (*wait)(struct start *s);
};

static int run_way(struct job *job, const struct way *way)
{
	struct data *d = job->data;
	int error = 0;
	d->count = d->sum = 0;
	parallel_begin(job, job->workers);
	for (size_t i = 0; i < d->n && !error;) {
		int started;
		for (started = 0; started < job->workers && i < d->n; started++, i++) {
			d->start[started] = (struct start){.job = job, .worker = started, .number = i};
			error = way->start(&d->start[started]);
			if (error)
				break;
		}
		for (int w = 0; w < started; w++) {
			int failed = way->wait(&d->start[w]);
			error = error ? error : failed;
			d->count += !failed;
			d->sum += failed ? 0 : d->start[w].left;
		}
	}
	parallel_end(job);
	errno = error;
	return error ? -1 : 0;
}

//> thread
static void *thread_main(void *arg)
{
	struct start *me = arg;
	worker_begin(me->job, me->worker);
	me->left = leave(me->job->data, me->number);
	worker_end(me->job, me->worker);
	return NULL;
}

static int start_thread(struct start *s) { return pthread_create(&s->thread, NULL, thread_main, s); }
static int wait_thread(struct start *s) { return pthread_join(s->thread, NULL); }
//< thread

//> c11
static int c11_main(void *arg)
{
	thread_main(arg);
	return 0;
}

static int start_c11(struct start *s)
{
	int result = thrd_create(&s->c11, c11_main, s);
	return result == thrd_success ? 0 : result == thrd_nomem ? ENOMEM : EAGAIN;
}

static int wait_c11(struct start *s) { return thrd_join(s->c11, NULL) == thrd_success ? 0 : EINVAL; }
//< c11

static int wait_process(struct start *s, int *status)
{
	while (waitpid(s->process, status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(*status) ? 0 : ECANCELED; /* killed */
}

//> fork
/* The child has a copy of all that the parent has, so its number has to come back by other means: the exit status, of which
 * eight bits arrive. */
static int start_fork(struct start *s)
{
	s->process = fork();
	if (s->process == 0) {
		worker_begin(s->job, s->worker);
		uint64_t left = leave(s->job->data, s->number);
		worker_end(s->job, s->worker);
		_exit((int)(left & 255));
	}
	return s->process < 0 ? errno : 0;
}

static int wait_fork(struct start *s)
{
	int status = 0, error = wait_process(s, &status);
	s->left = leave(s->job->data, s->number);
	return error ? error : WEXITSTATUS(status) == (int)(s->left & 255) ? 0 : EPROTO;
}
//< fork

/* A program that does nothing leaves its exit status only: 0. */
static int wait_program(struct data *d, struct start *s)
{
	int status = 0, error = wait_process(s, &status);
	if (!error && WEXITSTATUS(status))
		error = ENOEXEC;
	d->count += !error;
	d->sum += error ? 0 : leave(d, s->number);
	return error;
}

//> vfork
/* Until the child has called execve or _exit the parent stands still, and the child works in the parent's memory: between the
 * two lines it may do nothing else. */
static int run_vfork(struct job *job)
{
	struct data *d = job->data;
	char *argv[] = {d->program, NULL};
	int error = 0;
	d->count = d->sum = 0;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < d->n && !error; i++) {
		struct start *s = &d->start[0];
		*s = (struct start){.job = job, .number = i};
		pid_t child = vfork();
		if (child == 0) {
			execve(d->program, argv, environ);
			_exit(127);
		}
		s->process = child;
		error = child < 0 ? errno : wait_program(d, s);
	}
	worker_end(job, 0);
	parallel_end(job);
	errno = error;
	return error ? -1 : 0;
}
//< vfork

//> posix_spawn
static int run_spawn(struct job *job)
{
	struct data *d = job->data;
	char *argv[] = {d->program, NULL};
	int error = 0;
	d->count = d->sum = 0;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < d->n && !error; i++) {
		struct start *s = &d->start[0];
		*s = (struct start){.job = job, .number = i};
		error = posix_spawn(&s->process, d->program, NULL, NULL, argv, environ);
		if (!error)
			error = wait_program(d, s);
	}
	worker_end(job, 0);
	parallel_end(job);
	errno = error;
	return error ? -1 : 0;
}
//< posix_spawn

static const struct way by_thread = {start_thread, wait_thread}, by_c11 = {start_c11, wait_c11}, by_fork = {start_fork, wait_fork};
static int run_thread(struct job *job) { return run_way(job, &by_thread); }
static int run_c11(struct job *job) { return run_way(job, &by_c11); }
static int run_fork(struct job *job) { return run_way(job, &by_fork); }

static const char *true_program(void)
{
	static const char *const places[] = {"/bin/true", "/usr/bin/true", "/run/current-system/sw/bin/true"};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (!access(places[i], X_OK))
			return places[i];
	return NULL;
}

static const char *no_program(void)
{
#ifdef SANITIZED
	return "a program that carries a sanitizer takes long to start another";
#else
	return true_program() ? NULL : "there is no program `true` (package coreutils)";
#endif
}

#ifdef SANITIZED
enum { STARTS = 40 }; /* a process that carries a sanitizer's tables takes long to copy */
#else
enum { STARTS = 500 };
#endif

static const char *no_c11(void)
{
#ifdef SANITIZED_THREAD
	return "ThreadSanitizer does not know the threads of the C standard";
#else
	return NULL;
#endif
}

static void reset(struct job *job)
{
	struct data *d = job->data;
	d->count = UINT64_MAX;
	d->sum = ~d->expected;
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
	snprintf(d->program, sizeof d->program, "%s", true_program() ? true_program() : "true");
	for (size_t i = 0; i < d->n; i++)
		d->expected += leave(d, i);
	reset(job);
	return 0;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	struct outcome o = {.expected = (double)(d->expected >> 11), .observed = (double)(d->sum >> 11)};
	o.right = d->count == d->n && d->sum == d->expected;
	snprintf(o.text, sizeof o.text, "starts expected %zu with sum %016llx, observed %lld with %016llx (exact)", d->n,
		 (unsigned long long)d->expected, (long long)d->count, (unsigned long long)d->sum);
	return o;
}

/* As if one had left nothing. */
static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	if (!d->n)
		return false;
	d->sum -= leave(d, where % d->n);
	return true;
}

static void release(struct job *job)
{
	free(job->data);
	job->data = NULL;
}

static const struct variant variants[] = {
	{.name = "call", .about = "a function call, nothing is started", .kind = KIND_SERIAL, .run = run_call},
	{.name = "thread", .about = "POSIX threads", .kind = KIND_THREADS, .blocks = true, .run = run_thread},
	{.name = "c11", .about = "threads of the C standard", .kind = KIND_THREADS, .blocks = true, .run = run_c11,
	 .unavailable = no_c11},
	{.name = "fork", .about = "a copy of the process", .kind = KIND_PROCESSES, .blocks = true, .run = run_fork},
	{.name = "vfork", .about = "borrowed memory until another program runs, one at a time", .kind = KIND_SERIAL, .blocks = true,
	 .run = run_vfork, .unavailable = no_program},
	{.name = "posix_spawn", .about = "another program by one call, one at a time", .kind = KIND_SERIAL, .blocks = true,
	 .run = run_spawn, .unavailable = no_program},
	{0},
};

const struct kernel kernel_spawn = {
	.name = "spawn",
	.title = "Starting and ending",
	.source = __FILE__,
	.params = {{"size", "starts", "how many threads or processes are started", 0, 1e9, STARTS, false}},
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
};
KERNEL_REGISTER(kernel_spawn);
