/* Race conditions                                                                                           ★☆☆
 *
 * What you learn: what threads do to shared data depends on the order of their steps, and nobody decides that order.
 * Some orders lose an update. A mistake that comes by luck can be forced: fix the order (the *schedule*), try all
 * orders, replay the bad one.
 *
 * How the number is made: --size increments in all, dealt in equal slices to --threads threads; afterwards the counter
 * must be --size exactly. The counter is `volatile`, so that every increment really reads and writes memory; `racy`
 * has a true data race, on purpose, and ThreadSanitizer (make SAN=thread) reports it. The demonstrations run the same
 * two steps as real threads that pass a baton at marked points (kernels/runtime/explore.h): there the schedule is an
 * input, a list of thread numbers. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include "kernels/kernel.h"
#include "kernels/runtime/explore.h"
#include "lessons/3-threads/2-race/schedules.h"
#include "lessons/lesson.h"

/* ---- let loose: nobody decides the order ---- */

struct tally {
	_Alignas(64) volatile long counter;
	_Alignas(64) atomic_long atomic_counter;
	_Alignas(64) atomic_int here; /* threads that are ready to begin */
};

struct worker {
	struct job *job;
	int id;
	void (*count)(struct tally *t, size_t n); /* adds n, one by one, in the variant's way */
};

static void *work(void *arg)
{
	const struct worker *me = arg;
	struct tally *t = me->job->data;
	struct slice mine = slice_of(job_size(me->job), me->id, me->job->workers);
	atomic_fetch_add(&t->here, 1);
	while (atomic_load(&t->here) < me->job->workers)
		sched_yield(); /* all begin together, so that they really meet */
	worker_begin(me->job, me->id);
	me->count(t, mine.last - mine.first);
	worker_end(me->job, me->id);
	return NULL;
}

static int run(struct job *job, void (*count)(struct tally *, size_t))
{
	pthread_t thread[KERNEL_WORKERS_MAX];
	struct worker worker[KERNEL_WORKERS_MAX];
	struct tally *t = job->data;
	int started = 0, error = 0;
	t->counter = t->atomic_counter = t->here = 0;
	parallel_begin(job, job->workers);
	for (; started < job->workers && !error; started += !error) {
		worker[started] = (struct worker){job, started, count};
		error = pthread_create(&thread[started], NULL, work, &worker[started]);
	}
	t->here += error ? KERNEL_WORKERS_MAX : 0; /* not all will come: let the others end */
	for (int w = 0; w < started; w++)
		pthread_join(thread[w], NULL);
	parallel_end(job);
	return (errno = error) ? -1 : 0;
}

//> serial
static int run_serial(struct job *job)
{
	struct tally *t = job->data;
	t->counter = t->atomic_counter = 0;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = job_size(job); i > 0; i--)
		t->counter = t->counter + 1;
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

//> racy
static void count_racy(struct tally *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		long old = t->counter; /* read */
		t->counter = old + 1;  /* write: but who has written in between? */
	}
}
static int run_racy(struct job *job) { return run(job, count_racy); }
//< racy

//> atomic-steps
static void count_atomic_steps(struct tally *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		long old = atomic_load(&t->atomic_counter);  /* no data race: each step is atomic … */
		atomic_store(&t->atomic_counter, old + 1);   /* … but the two together are not */
	}
}
static int run_atomic_steps(struct job *job) { return run(job, count_atomic_steps); }
//< atomic-steps

//> one-step
static void count_one_step(struct tally *t, size_t n)
{
	for (size_t i = 0; i < n; i++)
		atomic_fetch_add(&t->atomic_counter, 1); /* read and write in one: there is no "in between" */
}
static int run_one_step(struct job *job) { return run(job, count_one_step); }
//< one-step

static int prepare(struct job *job) { return (job->data = aligned_alloc(64, sizeof(struct tally))) ? 0 : -1; }
static void release(struct job *job) { free(job->data), job->data = NULL; }

/* The answer needs no computing: as many as were asked for. Each variant uses one of the two counters. */
static struct outcome verify(const struct job *job)
{
	const struct tally *t = job->data;
	long expected = (long)job_size(job), counted = t->counter + t->atomic_counter;
	struct outcome out = {counted == expected, (double)expected, (double)counted, ""};
	snprintf(out.text, sizeof out.text, "counted %ld of %ld, %ld lost", counted, expected, expected - counted);
	return out;
}

static const struct variant variants[] = {
	{"serial", "one thread", .run = run_serial},
	{"racy", "read, then write: anyone may come between", KIND_THREADS,
	 "two threads read the same old value and one update is lost", .run = run_racy},
	{"atomic-steps", "an atomic read, then an atomic write", KIND_THREADS,
	 "each step is atomic, the two together are not: updates are lost without any data race", .run = run_atomic_steps},
	{"one-step", "read and write in one atomic step", KIND_THREADS, .run = run_one_step},
	{0},
};

static const struct kernel kernel_tally = {
	.name = "tally", .title = "A counter that nobody guards", .source = __FILE__,
	.params = {{"size", "increments", "increments in all, shared by the threads", 0, 1e12, 4e6, false}},
	.prepare = prepare, .variants = variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_tally);

static int demo_again(struct telling *t)
{
	enum { RUNS = 10, EACH = 4000000 };
	struct job job = {.kernel = &kernel_tally, .arg = {2 * EACH}, .workers = 2};
	long seen[RUNS];
	int different = 0, status = prepare(&job);
	tell(t, "two threads, %d each", EACH);
	for (int r = 0; r < RUNS && !status; r++) {
		bool new = true;
		status = run_racy(&job);
		seen[r] = ((struct tally *)job.data)->counter;
		for (int k = 0; k < r; k++)
			new = new && seen[k] != seen[r];
		different += new;
		tell(t, "run %2d: %ld", r + 1, seen[r]);
	}
	release(&job);
	tell_check(t, different >= 1, "%d runs, %d results", RUNS, different);
	tell_figure(t, different, 1);
	return status;
}

/* ---- on a leash: the schedule is an input ---- */

//> points
static void add(void *data, int me)
{
	struct model *m = data;
	(void)me; /* all threads do the same */
	for (int i = 0; i < m->times; i++) {
		if (m->locked)
			explore_lock(&m->lock);
		explore_point("read"); /* another thread may run here … */
		long old = m->counter;
		explore_say("%ld", old);
		explore_point("write %ld", old + 1); /* … and here */
		m->counter = old + 1;
		if (m->locked)
			explore_unlock(&m->lock);
	}
}
//< points

//> replay
static int demo_schedule(struct telling *t)
{
	struct explore_run once, again;
	if (!given_schedule && read_schedule("lost-update.schedule"))
		return errno = ENOENT, -1;
	if (explore_once(program, &plan, &once) || explore_once(program, &plan, &again))
		return explore_free(&once), -1;
	if (once.end != EXPLORE_REFUSED)
		tell_table(t, &once);
	bool same = again.count == once.count && !strcmp(again.text, once.text);
	tell_check(t, once.end != EXPLORE_REFUSED && same, "%s", once.end == EXPLORE_REFUSED ? once.text
															: N_("replayed twice, alike"));
	tell_figure(t, (double)((const struct model *)program->data)->counter, (double)wanted());
	explore_free(&once);
	explore_free(&again);
	return 0;
}
//< replay

//> explore
static int demo_explore(struct telling *t)
{
	struct explore_search search = {.most = search_most, .preemptions = -1, .all = true};
	const struct model *m = program->data;
	if (explore_search(program, &search) != 0)
		return -1;
	if (search.failed)
		tell_table(t, &search.first); /* none loses an update with fewer preemptions, or is shorter */
	tell(t, "%ld tried, %s", search.tried, search.complete ? N_("all there are") : N_("there are more"));
	tell(t, "ended at %ld to %ld", m->least, m->most);
	int status = given_save && search.failed ? explore_save(given_save, program, &search.first) : 0;
	if (given_save && !status)
		tell(t, search.failed ? N_("saved: --schedule %s") : N_("nothing to save: %s"), given_save);
	tell_check(t, !m->locked || !search.failed, "%ld lose an update", search.failed);
	tell_figure(t, (double)search.failed, 0);
	explore_free(&search.first);
	return status;
}
//< explore

static const struct demo demos[] = {
	{"again", "the racy program ten times: how many different results?", .run = demo_again},
	{"schedule", "replays a schedule, step by step, from a file (--schedule)", .run = demo_schedule},
	{"explore", "tries schedules and shows the shortest that loses an update (--explore)", .run = demo_explore},
	{0},
};

static const struct lesson_option options[] = {
	{"schedule", "FILE", "replay this schedule, step by step", "@file", &given_schedule, "schedule", read_schedule},
	{"explore", "N", "try N schedules, show the shortest that loses an update", NULL, &given_explore, "explore", check_n},
	{"program", "NAME", "what to explore: " PROGRAM_NAMES, PROGRAM_NAMES, &given_program, "explore", pick_program},
	{"save", "FILE", "keep the schedule that was found, for --schedule", "@file", &given_save, "explore", NULL},
	{0},
};

static const struct lesson lesson = {
	.id = "race", .level = 1, .minutes_min = 31, .minutes_max = 48, .needs = "thread", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_tally, NULL}, .threads = "1,2",
	.demos = demos, .options = options,
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
