/* A queue between processes                                                                                 ★★☆
 *
 * What you learn: a queue lets those who make work and those who do it go at their own pace; each worker fetches an item
 * when it is free, so uneven items come out even. It can't see that no more will come: it must be told, by a sentinel of
 * its own. The queue has a bound, so a producer that is too fast waits (back-pressure).
 *
 * How the number is made: the parent is the producer of --size items, --threads forked workers take them. An item is
 * --work steps of a chain (kernels/chain.h), one in 16 takes 16 times as long. Each result is checked by jumping ahead in
 * the chain, and each item must have been taken once. `one-sentinel` really leaves workers asleep for ever: that
 * nobody is left who could wake them is seen in the queue itself (kernels/runtime/queue.c); then they are ended. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "kernels/chain.h"
#include "kernels/kernel.h"
#include "kernels/rng.h"
#include "kernels/runtime/children.h"
#include "kernels/runtime/queue.h"
#include "lessons/lesson.h"

#define END UINT64_MAX /* the sentinel's number */
#define PATIENCE_NS (PATIENCE_S * INT64_C(1000000000))
enum { PATIENCE_S = 20 /* no worker is busy for so long */, MQ_SLOTS = 10 /* more needs a privilege */ };
struct item { uint64_t number, steps; };

struct desk { /* in memory that parent and workers share */
	struct queue *queue;       /* kernels/runtime/queue.h; NULL: */
	mqd_t mq;                  /* the system's own */
	struct telling *telling;   /* who wants to hear of each item, or NULL */
	int stuck, waited;         /* workers that would have waited for ever; how often the producer found the queue full */
	size_t deepest;
	pid_t pid[KERNEL_WORKERS_MAX];
	bool waits[KERNEL_WORKERS_MAX];
	struct seat { _Alignas(64) uint64_t items, steps; } seat[KERNEL_WORKERS_MAX]; /* what each worker has done */
	uint64_t result[];
};

static uint64_t start_of(const struct job *job, uint64_t i) { return rng_at(job->seed + 1, i); }
static uint64_t steps_of(const struct job *job, uint64_t i)
{
	return (uint64_t)(job->arg[1] * (i == 0 ? job->arg[3] : rng_at(job->seed, i) % 16 ? 1 : 16));
}

//> serial
static int run_serial(struct job *job)
{
	struct desk *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < job_size(job); i++, d->seat[0].items++)
		d->result[i] = chain_walk(start_of(job, i), steps_of(job, i));
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

//> put
static bool put(struct desk *d, struct item item) /* waits for room */
{
	struct timespec until = {.tv_sec = time(NULL) + PATIENCE_S};
	if (!d->queue) /* mq_open's */
		return !mq_timedsend(d->mq, (const char *)&item, sizeof item, 0, &until);
	bool full = !queue_put(d->queue, &item, 0), good = !full || queue_put(d->queue, &item, PATIENCE_NS);
	struct queue_state q = queue_look(d->queue);
	d->waited += full, d->deepest = q.deepest;
	if (d->telling && item.number != END)
		tell(d->telling, full ? N_("put %2d: depth %zu, waited") : N_("put %2d: depth %zu"), (int)item.number + 1, q.depth);
	return good;
}
//< put

static bool get(struct desk *d, struct item *item) /* sleeps until there is one */
{
	return d->queue ? queue_get(d->queue, item, -1)
			: mq_receive(d->mq, (char *)item, sizeof *item, NULL) == sizeof *item;
}

//> consumer
static int consume(void *arg, int w)
{
	struct job *job = arg;
	struct desk *d = job->data;
	struct item item;
	worker_begin(job, w);
	for (;;) {
		wait_begin(job, w);
		if (!get(d, &item))
			return 1;
		wait_end(job, w);
		if (item.number == END)
			break; /* the sentinel: for this worker no more will come */
		d->result[item.number] = chain_walk(start_of(job, item.number), item.steps);
		d->seat[w].items++;
		d->seat[w].steps += item.steps;
	}
	worker_end(job, w);
	return 0;
}
//< consumer

//> producer
static int produce(struct job *job, int sentinels)
{
	struct desk *d = job->data;
	int p = job->workers, error = d->queue || d->mq > 0 ? 0 : errno;
	parallel_begin(job, p);
	error = error || !children_start(d->pid, p, consume, job) ? error : errno; /* forks: kernels/runtime/children.c */
	for (size_t i = 0; i < job_size(job) && !error; i++)
		error = put(d, (struct item){i, steps_of(job, i)}) ? 0 : errno;
	for (int s = 0; s < sentinels && !error; s++)
		error = put(d, (struct item){.number = END}) ? 0 : errno; /* behind the last item: first in, first out */
	if (sentinels < p && !error) /* nobody puts any more: who waits at the empty queue waits for ever */
		d->stuck = queue_watch(d->queue, d->pid, p, d->waits);
	if (error || d->stuck)
		children_end(d->pid, p);
	else if (children_wait(d->pid, p))
		error = errno;
	parallel_end(job);
	queue_free(d->queue);
	if (d->mq > 0)
		mq_close(d->mq);
	return (errno = error) ? -1 : 0;
}
//< producer

//> queue
static int run_shared(struct job *job, int sentinels)
{
	((struct desk *)job->data)->queue = queue_new((size_t)job->arg[2], sizeof(struct item)); /* before fork */
	return produce(job, sentinels);
}
static int run_queue(struct job *job) { return run_shared(job, job->workers); } /* a sentinel for each worker */
//< queue
//> one-sentinel
static int run_one_sentinel(struct job *job) { return run_shared(job, 1); } /* who gets it first keeps it */
//< one-sentinel

//> mq
static mqd_t mq_new(double slots)
{
	char name[40];
	struct mq_attr how = {.mq_maxmsg = slots < MQ_SLOTS ? (long)slots : MQ_SLOTS, .mq_msgsize = sizeof(struct item)};
	snprintf(name, sizeof name, "/lockstep-queue-%ld", (long)getpid());
	mqd_t mq = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &how);
	return mq >= 0 && mq_unlink(name) ? -1 : mq; /* the name goes at once, the queue when nobody has it open any more */
}
static int run_mq(struct job *job)
{
	((struct desk *)job->data)->mq = mq_new(job->arg[2]);
	return produce(job, job->workers);
}
//< mq
static const char *no_mq(void)
{
	mqd_t mq = mq_new(1);
	return mq >= 0 ? mq_close(mq), NULL
	     : errno == ENOSYS ? "this kernel has no POSIX message queues (CONFIG_POSIX_MQUEUE)"
			       : "not allowed, or no room for a POSIX message queue: see ulimit -q and fs.mqueue.queues_max";
}

static void reset(struct job *job)
{
	struct desk *d = job->data;
	memset(d, 0, sizeof *d);
	for (size_t i = 0; i < job_size(job); i++)
		d->result[i] = ~start_of(job, i);
}

static size_t bytes_of(const struct job *job) { return sizeof(struct desk) + job_size(job) * sizeof(uint64_t); }
static int prepare(struct job *job)
{
	job->data = children_memory(bytes_of(job)); /* mmap(MAP_SHARED): the next lesson */
	return job->data ? reset(job), 0 : -1;
}
static void release(struct job *job) { job->data = job->data ? munmap(job->data, bytes_of(job)), NULL : NULL; }

static struct outcome verify(const struct job *job)
{
	const struct desk *d = job->data;
	size_t n = job_size(job), good = 0, taken = 0, length = 0;
	char who[100] = "";
	for (size_t i = 0; i < n; i++)
		good += d->result[i] == chain_jump(start_of(job, i), steps_of(job, i));
	for (int w = 0; w < job->workers; taken += d->seat[w++].items)
		if (d->waits[w] && length < sizeof who - 8)
			length += (size_t)snprintf(who + length, sizeof who - length, " w%d", w);
	struct outcome out = {good == n && taken == n && !d->stuck, 0, d->stuck, ""}; /* the figure: who wait for ever */
	snprintf(out.text, sizeof out.text, d->stuck ? "%zu of %zu items are done, but %d of %d workers wait for ever:%s"
		 : "%zu of %zu items are done; waiting for ever: %d of %d workers%s", good, n, d->stuck, job->workers, who);
	return out;
}

static const struct variant variants[] = {
	{"serial", "one process, one item after another", .run = run_serial},
	{"queue", "workers fetch from a queue in shared memory", KIND_PROCESSES, .blocks = true, .run = run_queue},
	{"mq", "workers fetch from a POSIX message queue", KIND_PROCESSES, .blocks = true, .run = run_mq, .unavailable = no_mq},
	{"one-sentinel", "one sentinel, however many workers", KIND_PROCESSES,
	 "the worker that gets the only sentinel ends, and all the others wait for ever", true, .run = run_one_sentinel},
	{0},
};
const struct kernel kernel_pool = {
	.name = "pool", .title = "Workers behind a queue", .source = __FILE__,
	.params = {{"size", "items", "items that the producer makes", 0, 1e7, 240, false},
		   {"work", "steps", "steps of an item, about 1 ns each; one in 16 has 16 times as many", 0, 1e8, 6e4, false},
		   {"slots", "items", "room in the queue (mq: 10 at most)", 1, 1e6, 8, false},
		   {"first", "", "how many times as long as a short one the first item is", 0, 1e5, 16, false}},
	.prepare = prepare, .reset = reset, .variants = variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_pool);

/* Runs the pool once and tells of it: of each item that is put, or of who took how many. */
static int tell_pool(struct telling *t, struct job job, bool puts)
{
	if (prepare(&job))
		return -1;
	struct desk *d = job.data;
	struct seat *most = d->seat, all = {0};
	d->telling = puts ? t : NULL;
	int rc = run_queue(&job);
	for (int w = 0; w < job.workers; all.steps += d->seat[w++].steps)
		most = d->seat[w].steps > most->steps ? &d->seat[w] : most;
	for (int w = 0; w < job.workers && !puts && !rc; w++)
		tell(t, "w%d: %2zu items, %2.0f %% of all", w, (size_t)d->seat[w].items,
		     100 * (double)d->seat[w].steps / (double)all.steps);
	if (puts && !rc)
		tell_check(t, d->waited > 0 && d->deepest <= 4, "never more than 4 lay there: the producer waited %d times", d->waited);
	if (!rc)
		tell_check(t, verify(&job).right, "%zu items: each was taken once, each result is right", job_size(&job));
	tell_figure(t, puts ? d->waited : (double)most->items, NAN);
	release(&job);
	return rc;
}
static const struct job one_worker = {&kernel_pool, .arg = {16, 2e6, 4, 1}, .workers = 1};
static const struct job four_workers = {&kernel_pool, .arg = {61, 3e5, 8, 500}, .workers = 4};
static int back_pressure(struct telling *t) { return tell_pool(t, one_worker, true); }
static int shares(struct telling *t) { return tell_pool(t, four_workers, false); }
static const struct demo demos[] = {
	{"back-pressure", "a fast producer, one slow worker, and a queue with room for four", .run = back_pressure},
	{"shares", "one very long item and sixty short ones: how many each of four workers takes", .run = shares}, {0}};
static const struct lesson lesson = {
	.id = "queue", .level = 2, .minutes_min = 28, .minutes_max = 41, .needs = "process pipe", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_pool, NULL}, .threads = "1,2,4", .demos = demos};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
