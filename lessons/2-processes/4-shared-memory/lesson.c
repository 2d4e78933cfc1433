/* Shared memory                                                                                             ★★☆
 *
 * What you learn: after fork each process has memory of its own. Memory that is mapped MAP_SHARED is common: what one
 * writes the others read, without a copy and without a call. It is the fastest way to pass data on, and it protects
 * nothing: a shared counter needs a lock that lies in the shared memory itself and outlives its holder.
 *
 * How the number is made: kernel `tally`: --threads processes count to --size together; the counter must say it exactly.
 * Kernel `passing`: the means of kernels/ipc.c, against a pipe: messages of --bytes to a child and back (--stream 1: only
 * to it), checked at both ends. `unprotected` has a true race between processes, which no tool for threads can see. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "kernels/kernel.h"
#include "kernels/runtime/barrier.h"
#include "kernels/runtime/children.h"
#include "lessons/lesson.h"

enum { CELLS = 5, SUM = 1000 };
struct board { /* lies in shared memory */
	volatile long counter;
	_Alignas(64) pthread_mutex_t lock;
	struct barrier start;
	struct cell { _Alignas(64) volatile long counter; } cell[KERNEL_WORKERS_MAX]; /* a cache line for each */
};
//> lock
/* A lock for several processes: in the shared memory, and told so. Robust: if its holder dies, the next one is told. */
static int lock_new(pthread_mutex_t *lock, bool robust)
{
	pthread_mutexattr_t how;
	if ((errno = pthread_mutexattr_init(&how)))
		return -1;
	pthread_mutexattr_setpshared(&how, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&how, robust ? PTHREAD_MUTEX_ROBUST : PTHREAD_MUTEX_STALLED);
	errno = pthread_mutex_init(lock, &how);
	pthread_mutexattr_destroy(&how);
	return errno ? -1 : 0;
}
//< lock

//> map
static int prepare(struct job *job)
{
	struct board *b = mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (b == MAP_FAILED)
		return -1;
	job->data = b; /* children inherit the mapping: the same memory, at the same address */
	return lock_new(&b->lock, true);
}
//< map
static void release(struct job *job) { job->data = job->data ? munmap(job->data, sizeof(struct board)), NULL : NULL; }

static void reset(struct job *job)
{
	struct board *b = job->data;
	b->counter = 0;
	memset(b->cell, 0, sizeof b->cell);
	barrier_init(&b->start, job->workers, 1, true);
}

//> serial
static int run_serial(struct job *job)
{
	struct board *b = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = job_size(job); i > 0; i--)
		b->counter = b->counter + 1;
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

static void (*count)(struct board *b, int w, size_t n); /* adds n, one by one, in the variant's way */
static int child(void *arg, int w)
{
	struct job *job = arg;
	struct board *b = job->data;
	struct slice mine = slice_of(job_size(job), w, job->workers);
	barrier_wait(&b->start); /* all begin together, so that they really meet */
	worker_begin(job, w);
	count(b, w, mine.last - mine.first);
	worker_end(job, w);
	return 0;
}

static int run(struct job *job, void (*way)(struct board *, int, size_t))
{
	pid_t pid[KERNEL_WORKERS_MAX];
	count = way;
	reset(job);
	parallel_begin(job, job->workers);
	int rc = children_start(pid, job->workers, child, job) ? -1 : children_wait(pid, job->workers); /* fork, and wait */
	parallel_end(job);
	return rc;
}

//> unprotected
static void count_unprotected(struct board *b, int w __attribute__((unused)), size_t n)
{
	for (size_t i = 0; i < n; i++)
		b->counter = b->counter + 1; /* read, add, write: another process may come in between */
}
static int run_unprotected(struct job *job) { return run(job, count_unprotected); }
//< unprotected

//> mutex
static void count_mutex(struct board *b, int w __attribute__((unused)), size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (pthread_mutex_lock(&b->lock) == EOWNERDEAD)
			pthread_mutex_consistent(&b->lock); /* its holder died: a single number is never half written */
		b->counter = b->counter + 1;
		pthread_mutex_unlock(&b->lock);
	}
}
static int run_mutex(struct job *job) { return run(job, count_mutex); }
//< mutex

//> array
static void count_array(struct board *b, int w, size_t n)
{
	for (size_t i = 0; i < n; i++)
		b->cell[w].counter = b->cell[w].counter + 1; /* a shared array, a cell for each process: no lock */
}
static int run_array(struct job *job)
{
	struct board *b = job->data;
	int rc = run(job, count_array);
	for (int w = 0; w < job->workers; w++)
		b->counter = b->counter + b->cell[w].counter; /* once, when all have ended */
	return rc;
}
//< array
static struct outcome verify(const struct job *job)
{
	long expected = (long)job_size(job), counted = ((const struct board *)job->data)->counter;
	struct outcome out = {counted == expected, (double)expected, (double)counted, ""};
	snprintf(out.text, sizeof out.text, "counted %ld of %ld, %ld lost", counted, expected, expected - counted);
	return out;
}

//> holder-dies
struct accounts { pthread_mutex_t lock; volatile long a, b; }; /* a + b is SUM whenever nobody holds the lock */

static int die_inside(void *shared, int w)
{
	struct accounts *acc = shared;
	pthread_mutex_lock(&acc->lock);
	acc->a -= 100;
	kill(getpid(), SIGKILL); /* and the 100 never arrive in b */
	return w;
}
static int holder(struct telling *t, bool robust)
{
	pid_t pid;
	struct accounts *acc = children_memory(sizeof *acc); /* mmap */
	if (!acc || (acc->a = acc->b = SUM / 2, lock_new(&acc->lock, robust)) || children_start(&pid, 1, die_inside, acc))
		return -1;
	children_wait(&pid, 1);
	tell(t, "a child took the lock, took 100 from a, was killed: a %ld, b %ld", acc->a, acc->b);
	struct timespec until = {.tv_sec = time(NULL) + 2}; /* for the one that is not robust: it would wait for ever */
	int said = robust ? pthread_mutex_lock(&acc->lock) : pthread_mutex_timedlock(&acc->lock, &until);
	tell(t, said == EOWNERDEAD ? N_("the parent locks and is told: EOWNERDEAD, its owner died")
	     : said == ETIMEDOUT ? N_("the parent waits in vain: ETIMEDOUT") : N_("the parent has the lock"));
	if (tell_check(t, said != ETIMEDOUT, "the lock can be had after its holder died")) {
		acc->b = SUM - acc->a;                /* first mend what the lock protects … */
		pthread_mutex_consistent(&acc->lock); /* … then say so, or the lock is lost for all (ENOTRECOVERABLE) */
		pthread_mutex_unlock(&acc->lock);
		said = pthread_mutex_lock(&acc->lock);
		tell_check(t, !said && acc->a + acc->b == SUM, "mended: a + b is %d, and the lock works as before", SUM);
	}
	tell_figure(t, said == ETIMEDOUT, NAN);
	munmap(acc, sizeof *acc);
	return 0;
}
//< holder-dies
static int holder_dies(struct telling *t) { return holder(t, true); }
static int plain_lock(struct telling *t) { return holder(t, false); }
//> named
static int by_name(void *name, int w) /* knows the name only, as a program started by itself would */
{
	int fd = shm_open(name, O_RDWR, 0);
	long *cell = mmap(NULL, CELLS * sizeof *cell, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd < 0 || cell == MAP_FAILED)
		return 1;
	for (long i = 0; i < CELLS; i++)
		cell[i] = i < CELLS - 1 ? i * i : (long)cell; /* the last: where it lies for this process */
	return w;
}
static int named(struct telling *t)
{
	char name[40];
	pid_t pid = 0;
	snprintf(name, sizeof name, "/lockstep-shm-%ld", (long)getpid());
	int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600), rc = fd < 0 || ftruncate(fd, CELLS * sizeof(long));
	long *cell = mmap(NULL, CELLS * sizeof *cell, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	rc = rc || cell == MAP_FAILED || children_start(&pid, 1, by_name, name) || children_wait(&pid, 1) ? -1 : 0;
	if (fd >= 0)
		shm_unlink(name), close(fd); /* the name goes, the memory stays as long as it is mapped */
	if (cell == MAP_FAILED || rc)
		return -1;
	tell(t, "another process opened %s and wrote %ld %ld %ld %ld", name, cell[0], cell[1], cell[2], cell[3]);
	tell_check(t, cell[3] == 9, "what it wrote is here, though it has ended");
	tell_check(t, cell[4] != (long)cell, "it lies at %lx here, %lx there: pass offsets, not pointers", (long)cell, cell[4]);
	tell_check(t, shm_open(name, O_RDWR, 0) < 0, "the name is gone, so nothing is left behind");
	return munmap(cell, CELLS * sizeof *cell);
}
//< named
static const struct variant variants[] = {
	{"serial", "one process", .run = run_serial},
	{"unprotected", "one shared counter, no lock", KIND_PROCESSES,
	 "two processes read the same old value, and an update is lost", .run = run_unprotected},
	{"mutex", "a process-shared lock in the shared memory", KIND_PROCESSES, .blocks = true, .run = run_mutex},
	{"array", "a shared array, a cell for each process", KIND_PROCESSES, .run = run_array},
	{0}};
const struct kernel kernel_tally = {
	.name = "tally", .title = "A counter in shared memory", .source = __FILE__,
	.params = {{"size", "increments", "increments in all, shared by the processes", 0, 1e12, 4e6, false}},
	.prepare = prepare, .reset = reset, .variants = variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_tally);
static const struct demo demos[] = {
	{"holder-dies", "the holder of a robust lock is killed: the next one is told, and mends", .run = holder_dies},
	{"plain-lock", "the same with a lock that is not robust",
	 "nobody is told that the holder died: all others wait for ever", plain_lock, NULL},
	{"named", "shared memory with a name: another process opens it", .run = named}, {0}};
extern const struct kernel kernel_ipc;
static struct variant ways[8]; /* those of kernel ipc without memcpy in one process: here the pipe is the measure */
static struct kernel kernel_passing;
static const struct lesson lesson = {
	.id = "shared-memory", .level = 2, .minutes_min = 32, .minutes_max = 48, .needs = "process pipe queue", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_tally, &kernel_passing, NULL}, .threads = "1,2,4", .demos = demos};
int main(int argc, char **argv)
{
	kernel_passing = kernel_ipc;
	kernel_passing.name = "passing", kernel_passing.title = "A message from process to process";
	kernel_passing.bytes = NULL; /* no roofline */
	for (int i = 0; (ways[i] = kernel_ipc.variants[i + 1]).name; i++)
		;
	ways[0].kind = KIND_SERIAL; /* one process more, and no other means to compare it with */
	kernel_passing.variants = ways;
	return lesson_main(&lesson, argc, argv);
}
