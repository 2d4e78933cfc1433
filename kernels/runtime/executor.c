/* Four things here cost more thought than lines:
 *
 * Counting a group's tasks. One counter that every spawn and every completion changes would travel between the workers'
 * caches all the time. So a worker buys credit for the group whose task it is running, many at once: each spawn into that
 * group uses one up, each task done gives one back. It settles, that is, returns the rest, when it turns to another group or
 * finds nothing to do. `pending` is never too low: credit is bought before the task is published. At 0 all is done.
 *
 * Plain calls. A push, a take and a theft cost locked instructions and lines that travel between caches: more than an empty
 * task. So a worker whose deque shows enough to thieves does new tasks of the same group at once, as plain calls that need no
 * counting either. It looks at its deque only now and then, less often the less was stolen since, and shows more when nearly
 * all of it was. And while one task after another takes less time than a theft, it shows no new ones at all: sharing them
 * would only slow both sides down. (OpenMP's libraries have a fixed number of tasks instead; Mohr, Kranz and Halstead, "Lazy
 * task creation", 1990.) Plain calls nest NESTED deep at most: below that, tasks are pushed again while there is room.
 *
 * Sleeping. `epoch` is a futex word that changes with every wake-up. A sleeper first says that it sleeps, then notes the
 * epoch, then looks for work once more; who publishes work looks for sleepers afterwards. All four are sequentially
 * consistent, so one of the two sees the other. One wake-up is on its way at a time (`waking`), or a producer would make a
 * system call for each task until the first sleeper is up; the one who wakes wakes the next if it leaves work behind.
 *
 * Ending a wait. The waiter's group may be gone (it is often on the waiter's stack) as soon as `pending` is 0, so whoever
 * brings it to 0 must not touch it again: waiters sleep on words of the executor (workers on `epoch`, others on `ended`). */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "kernels/runtime/executor.h"
#include "kernels/runtime/futex.h"

enum {
	CREDIT = 64,      /* tasks that are counted at once */
	INBOX = 1024,     /* tasks from outside that wait to be fetched */
	SHOWN = 8,        /* tasks that a deque shows to thieves before new ones become plain calls, at first ... */
	SHOWN_MAX = DEQUE_CAPACITY / 4 * 3, /* ... and at most, when thieves are quick */
	STRIDE_MAX = 64,  /* plain calls between two looks at the deque */
	NESTED = 64,      /* plain calls inside each other */
	THEFT_NS = 200,   /* what a theft costs both sides */
	LOOKS = 200,      /* looks around, a few microseconds in all, before a worker sleeps */
	PAUSES = 8,       /* between two looks: who looks at a deque all the time slows down its owner */
};

struct worker {
	struct deque deque;
	_Alignas(64) struct executor *x;
	struct group *group; /* of the running task */
	int64_t credit;      /* for that group */
	int index;
	int shown, stride, unlooked, nested; /* plain calls: how many tasks are enough, how many calls from one look to the next,
					      * how many of these are left, how deep the present one is */
	int64_t top_then, time_then, calls;  /* at the last look: what had been stolen, when; outermost plain calls since */
	uint32_t dice; /* where to steal first */
	_Atomic uint64_t queued, stolen, inlined, sleeps; /* written by this worker only */
	pthread_t thread;
};

struct executor {
	struct executor_setup setup;
	pthread_mutex_t inbox_lock;
	pthread_cond_t inbox_room;
	struct task inbox[INBOX];
	uint64_t inbox_in; /* under the lock, as inbox_out's changes */
	_Alignas(64) _Atomic uint64_t inbox_count;
	uint64_t inbox_out;
	_Alignas(64) _Atomic uint32_t epoch;
	_Atomic int sleepers; /* workers that sleep for want of work */
	_Atomic int waiters;  /* those of them that sleep inside executor_wait */
	_Atomic int joiners;  /* threads inside executor_join */
	_Atomic uint32_t ended; /* changes when a group is done while somebody joins */
	_Atomic bool waking;  /* a sleeper was called and is not up yet */
	_Atomic bool stop;
	struct worker worker[];
};

/* ---- sleeping and waking ---- */

/* A count that others may read at any time, changed by one thread only: no need for a locked instruction. */
static void bump(_Atomic uint64_t *count)
{
	atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1, memory_order_relaxed);
}

static void call_all(_Atomic uint32_t *word)
{
	atomic_fetch_add(word, 1);
	futex_wake(word, INT32_MAX, false);
}

/* After work was published. */
static void call_one(struct executor *x)
{
	if (atomic_load(&x->sleepers) && !atomic_load(&x->waking) && !atomic_exchange(&x->waking, true)) {
		atomic_fetch_add(&x->epoch, 1);
		futex_wake(&x->epoch, 1, false);
	}
}

static bool work_in_sight(struct executor *x)
{
	bool found = atomic_load(&x->inbox_count);
	for (int w = 0; w < x->setup.workers && !found; w++)
		found = !deque_empty(&x->worker[w].deque);
	return found;
}

static bool done(struct group *g) { return g && atomic_load(&g->pending) == 0; }

/* A worker sleeps until there may be work, or, with a group, until that may be done. */
static void sleep_idle(struct worker *me, struct group *g)
{
	struct executor *x = me->x;
	if (g)
		atomic_fetch_add(&x->waiters, 1);
	atomic_fetch_add(&x->sleepers, 1);
	atomic_store(&x->waking, false);
	uint32_t epoch = atomic_load(&x->epoch);
	if (!work_in_sight(x) && !done(g) && !atomic_load(&x->stop) && !atomic_load(&x->waking)) {
		bump(&me->sleeps);
		futex_wait(&x->epoch, epoch, false, -1);
	}
	atomic_fetch_sub(&x->sleepers, 1);
	atomic_store(&x->waking, false);
	if (g)
		atomic_fetch_sub(&x->waiters, 1);
}

/* ---- groups ---- */

/* Takes n from what is pending. */
static void discharge(struct executor *x, struct group *g, int64_t n)
{
	if (atomic_fetch_sub(&g->pending, n) != n)
		return;
	/* g may be gone by now */
	if (atomic_load(&x->waiters))
		call_all(&x->epoch);
	if (atomic_load(&x->joiners))
		call_all(&x->ended);
}

static void settle(struct worker *me)
{
	if (me->credit)
		discharge(me->x, me->group, me->credit);
	me->credit = 0;
}

static void turn_to(struct worker *me, struct group *g)
{
	if (me->group != g) {
		settle(me);
		me->group = g;
	}
}

static void count_one(struct worker *me, struct group *g)
{
	if (me->group != g) {
		/* Not the running task's: no credit is kept that nobody would return while this task goes on. */
		atomic_fetch_add_explicit(&g->pending, 1, memory_order_relaxed);
		return;
	}
	if (!me->credit) {
		atomic_fetch_add_explicit(&g->pending, CREDIT, memory_order_relaxed);
		me->credit = CREDIT;
	}
	me->credit--;
}

/* ---- workers ---- */

static void do_task(struct worker *me, struct task t)
{
	turn_to(me, t.group);
	t.run(me, t.arg, t.value);
	me->credit++;
}

static bool fetch(struct executor *x, struct task *t)
{
	if (!atomic_load_explicit(&x->inbox_count, memory_order_relaxed))
		return false;
	pthread_mutex_lock(&x->inbox_lock);
	bool got = x->inbox_in > x->inbox_out;
	if (got) {
		*t = x->inbox[x->inbox_out++ % INBOX];
		atomic_fetch_sub(&x->inbox_count, 1);
		pthread_cond_signal(&x->inbox_room);
	}
	pthread_mutex_unlock(&x->inbox_lock);
	return got;
}

static bool steal(struct worker *me, struct task *t)
{
	struct executor *x = me->x;
	int p = x->setup.workers;
	me->dice = me->dice * 1664525 + 1013904223; /* Numerical Recipes' generator: any will do */
	int first = (int)((uint64_t)me->dice * (uint64_t)p >> 32);
	for (int i = 0; i < p; i++) {
		struct worker *victim = &x->worker[(first + i) % p];
		enum steal s;
		while (victim != me && (s = deque_steal(&victim->deque, t)) != STEAL_EMPTY)
			if (s == STEAL_DONE) {
				bump(&me->stolen);
				return true;
			}
	}
	return false;
}

static bool find_task(struct worker *me, struct task *t)
{
	return deque_take(&me->deque, t) || steal(me, t) || fetch(me->x, t);
}

/* Does tasks until the group is done; without a group, until the executor stops. */
static void work(struct worker *me, struct group *g)
{
	struct executor *x = me->x;
	struct task t;
	bool slept = false;
	for (int looks = 0; !done(g) && !(!g && atomic_load_explicit(&x->stop, memory_order_acquire));) {
		if (find_task(me, &t)) {
			if (slept && work_in_sight(x))
				call_one(x);
			slept = false;
			looks = 0;
			do_task(me, t);
			bump(&me->queued);
			if (g)
				settle(me);
		} else if (looks++ < LOOKS) {
			settle(me);
			for (int i = 0; i < PAUSES; i++)
				spin_pause();
		} else {
			sleep_idle(me, g);
			slept = true;
			looks = 0;
		}
	}
	if (slept && work_in_sight(x))
		call_one(x); /* the call was for this work, and this worker has another way to go */
}

static void *worker_main(void *arg)
{
	struct worker *me = arg;
	const struct executor_setup *setup = &me->x->setup;
	if (setup->begin)
		setup->begin(setup->context, me->index);
	work(me, NULL);
	if (setup->end)
		setup->end(setup->context, me->index);
	return NULL;
}

/* ---- for all ---- */

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* Whether the calls since the last look were too short to be worth stealing. */
static bool short_calls(struct worker *me)
{
	if (me->nested)
		return false; /* part of a tree: its branches are not short */
	int64_t now = now_ns(), took = now - me->time_then, calls = me->calls;
	me->time_then = now;
	me->calls = 0;
	return took < calls * THEFT_NS;
}

/* Whether the deque shows enough; then some plain calls may follow without another look. */
static bool shows_enough(struct worker *me)
{
	if (short_calls(me)) {
		me->unlooked = STRIDE_MAX;
		return true;
	}
	int64_t top = deque_top(&me->deque), stolen = top - me->top_then;
	if (deque_bottom(&me->deque) - top < me->shown)
		return false;
	me->top_then = top;
	if (stolen * 4 >= me->shown * 3 && me->shown < SHOWN_MAX)
		me->shown *= 2;
	if (stolen * 2 >= me->shown && me->stride > 1)
		me->stride /= 2;
	else if (stolen * 4 <= me->shown && me->stride < STRIDE_MAX)
		me->stride *= 2;
	me->unlooked = me->stride;
	return true;
}

void executor_spawn(struct worker *me, struct group *g, task_function *run, void *arg, uint64_t value)
{
	if (me->group == g && me->nested < NESTED && (me->unlooked > 0 || shows_enough(me))) {
		/* It is part of the running task, as it were, which is counted. */
		me->unlooked--;
		me->calls += !me->nested++;
		bump(&me->inlined);
		run(me, arg, value);
		me->nested--;
		return;
	}
	struct task t = {run, g, arg, value};
	count_one(me, g);
	if (deque_push(&me->deque, t)) {
		call_one(me->x);
		return;
	}
	struct group *mine = me->group;
	bump(&me->inlined);
	do_task(me, t);
	turn_to(me, mine);
}

void executor_wait(struct worker *me, struct group *g)
{
	struct group *mine = me->group;
	settle(me);
	work(me, g);
	turn_to(me, mine);
}

int executor_index(const struct worker *me) { return me->index; }

void executor_submit(struct executor *x, struct group *g, task_function *run, void *arg, uint64_t value)
{
	atomic_fetch_add(&g->pending, 1);
	pthread_mutex_lock(&x->inbox_lock);
	while (x->inbox_in - x->inbox_out == INBOX)
		pthread_cond_wait(&x->inbox_room, &x->inbox_lock);
	x->inbox[x->inbox_in++ % INBOX] = (struct task){run, g, arg, value};
	atomic_fetch_add(&x->inbox_count, 1);
	pthread_mutex_unlock(&x->inbox_lock);
	call_one(x);
}

void executor_join(struct executor *x, struct group *g)
{
	atomic_fetch_add(&x->joiners, 1);
	for (;;) {
		uint32_t ended = atomic_load(&x->ended);
		if (done(g))
			break;
		futex_wait(&x->ended, ended, false, -1);
	}
	atomic_fetch_sub(&x->joiners, 1);
}

struct executor_counts executor_counts(const struct executor *x, int w)
{
	const struct worker *worker = &x->worker[w];
	return (struct executor_counts){worker->queued + worker->inlined, worker->stolen, worker->inlined, worker->sleeps};
}

static void stop(struct executor *x, int started)
{
	atomic_store(&x->stop, true);
	call_all(&x->epoch);
	for (int w = 0; w < started; w++)
		pthread_join(x->worker[w].thread, NULL);
	pthread_cond_destroy(&x->inbox_room);
	pthread_mutex_destroy(&x->inbox_lock);
	free(x);
}

struct executor *executor_new(const struct executor_setup *setup)
{
	size_t bytes = sizeof(struct executor) + (size_t)setup->workers * sizeof(struct worker);
	struct executor *x = aligned_alloc(64, bytes); /* both sizes are multiples of 64 */
	if (!x) {
		errno = ENOMEM;
		return NULL;
	}
	memset(x, 0, bytes);
	x->setup = *setup;
	pthread_mutex_init(&x->inbox_lock, NULL);
	pthread_cond_init(&x->inbox_room, NULL);
	for (int w = 0; w < setup->workers; w++) {
		x->worker[w].x = x;
		x->worker[w].index = w;
		x->worker[w].shown = SHOWN + setup->workers < SHOWN_MAX ? SHOWN + setup->workers : SHOWN_MAX;
		x->worker[w].stride = 1;
		x->worker[w].dice = (uint32_t)w * 2654435761u;
		deque_init(&x->worker[w].deque);
	}
	for (int w = 0; w < setup->workers; w++) {
		int error = pthread_create(&x->worker[w].thread, NULL, worker_main, &x->worker[w]);
		if (error) {
			stop(x, w);
			errno = error;
			return NULL;
		}
	}
	return x;
}

void executor_free(struct executor *x)
{
	if (x)
		stop(x, x->setup.workers);
}
