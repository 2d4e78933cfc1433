/* A semaphore counts free slots                                                                             ★★☆
 *
 * What you learn: a mutex lets one in; a semaphore lets k in and makes the next one wait until somebody leaves. It is a number
 * with two operations: wait (take one, sleep while it is 0) and post (give one back). Who took must give back on *every* way
 * out, also when something failed. Started at 0, a semaphore is a turnstile: closed until somebody opens it.
 *
 * How the number is made: --size visits to a service that can take --slots users at once, dealt to --threads threads; each
 * visit takes --wait microseconds, in which the visitor waits for an answer, and some visits fail (drawn from --seed). The
 * check: each visit was made once, never were there more users than slots, and at the end all slots are free again. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"
#include "lessons/lesson.h"

struct service {
	sem_t free; /* how many slots are free */
	pthread_mutex_t mutex;
	atomic_int inside, peak; /* users now; the most there were */
	int most[8];             /* the largest peak of each variant so far: the figure that is told */
	atomic_int made[];       /* how often each visit was made */
};

//> use
/* One visit: false, the visit failed. Counts the users and keeps the largest number seen. */
static bool use(struct job *job, int w, size_t visit)
{
	struct service *s = job->data;
	int64_t ns = (int64_t)job->arg[2] * 1000;
	int now = atomic_fetch_add(&s->inside, 1) + 1, peak = s->peak;
	while (now > peak && !atomic_compare_exchange_weak(&s->peak, &peak, now))
		;
	wait_begin(job, w);
	nanosleep(&(struct timespec){ns / 1000000000, ns % 1000000000}, NULL); /* the service answers */
	wait_end(job, w);
	atomic_fetch_sub(&s->inside, 1);
	atomic_fetch_add(&s->made[visit], 1);
	return rng_at(job->seed, visit) % 4 != 0;
}
//< use

struct worker {
	struct job *job;
	int id;
	bool (*visit)(struct job *job, int w, size_t visit); /* false: the thread goes home */
};

static void *work(void *arg)
{
	const struct worker *me = arg;
	struct slice mine = slice_of(job_size(me->job), me->id, me->job->workers);
	worker_begin(me->job, me->id);
	for (size_t i = mine.first; i < mine.last && me->visit(me->job, me->id, i); i++)
		;
	worker_end(me->job, me->id);
	return NULL;
}

static int run(struct job *job, bool (*visit)(struct job *, int, size_t))
{
	pthread_t thread[KERNEL_WORKERS_MAX];
	struct worker worker[KERNEL_WORKERS_MAX];
	int started = 0, error = 0;
	parallel_begin(job, job->workers);
	for (; started < job->workers && !error; started += !error) {
		worker[started] = (struct worker){job, started, visit};
		error = pthread_create(&thread[started], NULL, work, &worker[started]);
	}
	for (int w = 0; w < started; w++)
		pthread_join(thread[w], NULL);
	parallel_end(job);
	return (errno = error) ? -1 : 0;
}

//> semaphore
static bool visit_semaphore(struct job *job, int w, size_t visit)
{
	struct service *s = job->data;
	while (sem_wait(&s->free) != 0) /* take a slot; sleep while there is none */
		; /* woken by a signal: once more */
	use(job, w, visit);
	sem_post(&s->free); /* give it back, failed or not; wakes one that waits */
	return true;
}
static int run_semaphore(struct job *job) { return run(job, visit_semaphore); }
//< semaphore

//> mutex
static bool visit_mutex(struct job *job, int w, size_t visit)
{
	struct service *s = job->data;
	pthread_mutex_lock(&s->mutex); /* one at a time, though there is room for more */
	use(job, w, visit);
	pthread_mutex_unlock(&s->mutex);
	return true;
}
static int run_mutex(struct job *job) { return run(job, visit_mutex); }
//< mutex

//> unlimited
static bool visit_unlimited(struct job *job, int w, size_t visit)
{
	use(job, w, visit); /* nobody counts */
	return true;
}
static int run_unlimited(struct job *job) { return run(job, visit_unlimited); }
//< unlimited

//> serial
static int run_serial(struct job *job)
{
	parallel_begin(job, 1);
	work(&(struct worker){job, 0, visit_unlimited}); /* called, not started */
	parallel_end(job);
	return 0;
}
//< serial

/* Waits at most so long that others could have come and gone many times. */
static bool wait_limited(sem_t *free, double visit_us)
{
	struct timespec end;
	clock_gettime(CLOCK_REALTIME, &end);
	int64_t ns = end.tv_nsec + (int64_t)fmin(500e6, visit_us * 10e3 + 30e6);
	end = (struct timespec){end.tv_sec + ns / 1000000000, ns % 1000000000};
	int rc;
	while ((rc = sem_timedwait(free, &end)) != 0 && errno == EINTR)
		;
	return rc == 0;
}

//> no-post
static bool visit_no_post(struct job *job, int w, size_t visit)
{
	struct service *s = job->data;
	if (!wait_limited(&s->free, job->arg[2])) /* sem_timedwait: else nobody would ever come home */
		return false;
	if (!use(job, w, visit))
		return true; /* the way out when something failed: and the slot? */
	sem_post(&s->free);
	return true;
}
static int run_no_post(struct job *job) { return run(job, visit_no_post); }
//< no-post

static int prepare(struct job *job)
{
	struct service *s = job->data = calloc(1, sizeof *s + job_size(job) * sizeof s->made[0]);
	return s ? pthread_mutex_init(&s->mutex, NULL), 0 : -1;
}

static void reset(struct job *job)
{
	struct service *s = job->data;
	sem_init(&s->free, 0, (unsigned)job->arg[1]); /* 0: for the threads of this process */
	s->inside = s->peak = 0;
	for (size_t i = 0; i < job_size(job); i++)
		s->made[i] = 0;
}

static struct outcome verify(const struct job *job)
{
	struct service *s = job->data;
	size_t once = 0, n = job_size(job);
	int left = 0, slots = (int)job->arg[1];
	sem_getvalue(&s->free, &left);
	for (size_t i = 0; i < n; i++)
		once += s->made[i] == 1;
	int *most = &s->most[job->variant - job->kernel->variants];
	*most = s->peak > *most ? s->peak : *most;
	struct outcome out = {once == n && s->peak <= slots && left == slots, slots, *most, ""};
	snprintf(out.text, sizeof out.text, "%zu of %zu visits made, never more than %d users at once in %d slots, %d free at the end",
		 once, n, *most, slots, left);
	return out;
}

static void release(struct job *job) { free(job->data), job->data = NULL; }

//> turnstile
struct gate { sem_t turnstile; atomic_int passed; struct telling *t; };

static void *pass(void *arg)
{
	struct gate *g = arg;
	while (sem_wait(&g->turnstile) != 0)
		; /* closed: the semaphore began with 0 */
	tell(g->t, "number %d is through and holds the gate open for the next", atomic_fetch_add(&g->passed, 1) + 1);
	sem_post(&g->turnstile);
	return NULL;
}
//< turnstile

static int demo_turnstile(struct telling *t)
{
	enum { PEOPLE = 4 };
	struct gate g = {.t = t};
	pthread_t thread[PEOPLE];
	int started = 0, left, error = 0;
	sem_init(&g.turnstile, 0, 0);
	for (; started < PEOPLE && !error; started += !error)
		error = pthread_create(&thread[started], NULL, pass, &g);
	nanosleep(&(struct timespec){0, 20000000}, NULL); /* time enough for everybody to go through an open gate */
	tell_check(t, g.passed == 0, "%d threads were started, %d are through: the turnstile is closed", started, g.passed);
	tell(t, "one sem_post");
	sem_post(&g.turnstile);
	for (int i = 0; i < started; i++)
		pthread_join(thread[i], NULL);
	sem_getvalue(&g.turnstile, &left);
	tell_check(t, g.passed == started && left == 1, "%d are through; the turnstile stays open: %d", g.passed, left);
	tell_figure(t, g.passed, PEOPLE);
	sem_destroy(&g.turnstile);
	return (errno = error) ? -1 : 0;
}

static const struct variant variants[] = {
	{"serial", "one visit after another", .blocks = true, .run = run_serial},
	{"semaphore", "as many at once as there are slots", KIND_THREADS, .blocks = true, .run = run_semaphore},
	{"mutex", "one at a time", KIND_THREADS, .blocks = true, .run = run_mutex},
	{"unlimited", "everybody at once", KIND_THREADS, "nobody counts: more users than slots", .blocks = true, .run = run_unlimited},
	{"no-post", "a visit that fails leaves by another way", KIND_THREADS,
	 "a visit that fails keeps its slot, until none is left", .blocks = true, .run = run_no_post},
	{0},
};
static const struct demo demos[] = {{"turnstile", "a semaphore that begins with 0 and is opened once", .run = demo_turnstile}, {0}};
const struct kernel kernel_slots = {
	.name = "slots", .title = "A service with a few slots", .source = __FILE__,
	.params = {{"size", "visits", "visits in all, shared by the threads", 0, 1e6, 24, false},
		   {"slots", "users", "users that the service takes at once", 1, 1024, 3, false},
		   {"wait", "us", "how long a visit takes, in microseconds", 0, 1e6, 2000, false}},
	.prepare = prepare, .reset = reset, .variants = variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_slots);
static const struct lesson lesson = {
	.id = "semaphore", .level = 2, .minutes_min = 25, .minutes_max = 39, .needs = "thread mutex", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_slots, NULL}, .threads = "1,4,8", .demos = demos,
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
