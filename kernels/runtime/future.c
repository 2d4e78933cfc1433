/* The states of a future change by compare-and-swap, so that a worker that begins it and a caller that cancels it can't both win.
 * Who sleeps says so first and looks again; who ends it changes the state first and looks for sleepers then: one notices the other. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/clock.h"
#include "kernels/runtime/futex.h"
#include "kernels/runtime/pool_inside.h"

_Thread_local struct task_context task_context = {.worker = -1};
static struct watcher closed; /* its address: the future is done */

int64_t limit_end(int64_t limit_ns) { return limit_ns < 0 || limit_ns > INT64_MAX / 2 ? -1 : now_ns() + limit_ns; }

int64_t limit_left(int64_t end)
{
	int64_t left = end < 0 ? -1 : end - now_ns();
	return end >= 0 && left < 0 ? 0 : left;
}

/* ---- life ---- */

static size_t padded(size_t bytes) { return (bytes + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) * _Alignof(max_align_t); }

static struct future *future_new(struct pool *pool, future_work *work, const void *argument, size_t argument_bytes, size_t result_bytes)
{
	if (argument_bytes > SIZE_MAX / 4 || result_bytes > SIZE_MAX / 4) {
		errno = ENOMEM;
		return NULL;
	}
	struct future *f = calloc(1, sizeof *f + padded(argument_bytes) + padded(result_bytes));
	if (!f)
		return NULL;
	f->owners = 1;
	f->pool = pool;
	f->kind = pool->kind;
	f->work = work;
	f->worker = -1;
	f->argument_bytes = argument_bytes;
	f->result_bytes = result_bytes;
	f->argument = f->bytes;
	f->result = f->bytes + padded(argument_bytes);
	if (argument_bytes)
		memcpy(f->argument, argument, argument_bytes);
	return f;
}

void future_free(struct future *f)
{
	if (!f || atomic_fetch_sub(&f->owners, 1) > 1)
		return;
	for (struct watcher *w = f->watchers, *next; w && w != &closed; w = next) {
		next = w->next;
		free(w);
	}
	free(f);
}

struct future *pool_submit(struct pool *pool, future_work *work, const void *argument, size_t argument_bytes, size_t result_bytes)
{
	if (task_context.in_process) {
		errno = EPERM;
		return NULL;
	}
	struct future *f = future_new(pool, work, argument, argument_bytes, result_bytes);
	if (!f)
		return NULL;
	f->owners = 2; /* the caller's and the pool's */
	if (pool->kind->submit(pool, f))
		return f;
	int error = errno;
	free(f);
	errno = error;
	return NULL;
}

void pool_shutdown(struct pool *pool, bool cancel)
{
	if (pool)
		pool->kind->shutdown(pool, cancel);
}

/* ---- states ---- */

enum future_state future_state(const struct future *f) { return (enum future_state)atomic_load(&f->state); }
bool future_done(const struct future *f) { return future_state(f) > FUTURE_RUNNING; }
const void *future_value(const struct future *f) { return f->result; }
int future_error(const struct future *f) { return future_state(f) == FUTURE_FAILED ? f->error : 0; }
int future_signal(const struct future *f) { return future_state(f) == FUTURE_CRASHED ? f->signal : 0; }

bool future_begin(struct future *f)
{
	uint32_t queued = FUTURE_QUEUED;
	return atomic_compare_exchange_strong(&f->state, &queued, FUTURE_RUNNING);
}

/* The state has changed for the last time. */
static void announce(struct future *f)
{
	if (atomic_load(&f->sleepers))
		futex_wake(&f->state, INT32_MAX, false);
	struct watcher *newest = atomic_exchange(&f->watchers, &closed), *oldest = NULL;
	while (newest) {
		struct watcher *next = newest->next;
		newest->next = oldest;
		oldest = newest;
		newest = next;
	}
	while (oldest) {
		struct watcher *next = oldest->next;
		oldest->then(f, oldest->context);
		free(oldest);
		oldest = next;
	}
}

void future_finish(struct future *f, enum future_state state, int error, int number)
{
	f->error = error;
	f->signal = number;
	atomic_store(&f->state, state);
	announce(f);
}

bool future_refuse(struct future *f, enum future_state state, int error)
{
	if (!future_begin(f)) /* for a moment it runs, so that its fields are ours */
		return false;
	future_finish(f, state, error, 0);
	return true;
}

void future_run(struct future *f)
{
	task_context.asked = &f->asked;
	int error = f->work(f->argument, f->result);
	task_context.asked = NULL;
	future_finish(f, !error ? FUTURE_DONE : error == ECANCELED && f->asked ? FUTURE_CANCELLED : FUTURE_FAILED, error, 0);
}

enum future_cancelled future_cancel(struct future *f)
{
	atomic_fetch_add(&f->owners, 1);
	enum future_cancelled how = CANCEL_DONE;
	if (!future_refuse(f, FUTURE_CANCELLED, ECANCELED)) {
		atomic_store(&f->asked, true);
		how = future_done(f) ? CANCEL_LATE : CANCEL_ASKED;
		if (how == CANCEL_ASKED && f->kind->ask)
			f->kind->ask(f->pool, f);
	}
	future_free(f);
	return how;
}

bool future_kill(struct future *f)
{
	errno = EINVAL;
	if (future_state(f) != FUTURE_RUNNING)
		return false;
	errno = ENOTSUP;
	return f->kind->kill && f->kind->kill(f->pool, f);
}

const char *future_why(const struct future *f, char *buf, size_t size)
{
	static const char *const names[] = {"queued", "running", "done", "", "", "cancelled"};
	enum future_state state = future_state(f);
	if (state == FUTURE_FAILED)
		snprintf(buf, size, "error %d: %s", f->error, strerrordesc_np(f->error) ? strerrordesc_np(f->error) : "unknown");
	else if (state == FUTURE_CRASHED && f->signal)
		snprintf(buf, size, "killed by signal %d: %s", f->signal, sigdescr_np(f->signal) ? sigdescr_np(f->signal) : "unknown");
	else if (state == FUTURE_CRASHED)
		snprintf(buf, size, "its process exited with %d", f->error);
	else
		snprintf(buf, size, "%s", names[state]);
	return buf;
}

/* ---- waiting ---- */

enum future_state future_wait(struct future *f, int64_t limit_ns)
{
	enum future_state state = future_state(f);
	if (state > FUTURE_RUNNING)
		return state;
	if (task_context.in_process) {
		errno = EPERM;
		return state;
	}
	struct pool *mine = task_context.pool;
	bool guarded = limit_ns < 0 && mine && mine == f->pool && mine->kind->may_wait;
	if (guarded && !mine->kind->may_wait(mine, task_context.worker, f)) {
		errno = EDEADLK;
		return state;
	}
	int64_t end = limit_end(limit_ns), left = -1;
	atomic_fetch_add(&f->sleepers, 1);
	while ((state = future_state(f)) <= FUTURE_RUNNING && (left = limit_left(end)) != 0)
		futex_wait(&f->state, state, false, left);
	atomic_fetch_sub(&f->sleepers, 1);
	if (guarded)
		mine->kind->waited(mine, task_context.worker);
	if (state <= FUTURE_RUNNING)
		errno = ETIMEDOUT;
	return state;
}

int future_result(struct future *f, void *result, int64_t limit_ns)
{
	enum future_state state = future_wait(f, limit_ns);
	if (state == FUTURE_DONE) {
		if (result && f->result_bytes)
			memcpy(result, f->result, f->result_bytes);
		return 0;
	}
	if (state > FUTURE_RUNNING)
		errno = state == FUTURE_CRASHED ? EOWNERDEAD : state == FUTURE_CANCELLED ? ECANCELED : f->error;
	return -1;
}

bool future_then(struct future *f, void (*then)(struct future *, void *), void *context)
{
	struct watcher *w = malloc(sizeof *w);
	if (!w)
		return false;
	*w = (struct watcher){then, context, atomic_load(&f->watchers)};
	do
		if (w->next == &closed) {
			free(w);
			then(f, context);
			return true;
		}
	while (!atomic_compare_exchange_weak(&f->watchers, &w->next, w));
	return true;
}

/* ---- arrivals ---- */

/* Who arrives takes the next place: a list that only grows, and never beyond n. Owned by the caller and each future to come. */
struct arrivals {
	_Atomic size_t owners;
	_Atomic uint32_t announced; /* a futex word: changes with every arrival */
	_Atomic size_t places;      /* taken */
	size_t n, seen;
	_Atomic(struct future *) place[];
};

void arrivals_free(struct arrivals *a)
{
	if (a && atomic_fetch_sub(&a->owners, 1) == 1)
		free(a);
}

static void arrive(struct future *f, void *context)
{
	struct arrivals *a = context;
	atomic_store(&a->place[atomic_fetch_add(&a->places, 1)], f);
	atomic_fetch_add(&a->announced, 1);
	futex_wake(&a->announced, INT32_MAX, false);
	arrivals_free(a);
}

struct arrivals *arrivals_new(struct future *const *futures, size_t n)
{
	struct arrivals *a = calloc(1, sizeof *a + n * sizeof a->place[0]);
	if (!a)
		return NULL;
	a->n = n;
	a->owners = n + 1;
	for (size_t i = 0; i < n; i++)
		if (!future_then(futures[i], arrive, a)) { /* those who are on the way still hold it */
			atomic_fetch_sub(&a->owners, n - i);
			arrivals_free(a);
			errno = ENOMEM;
			return NULL;
		}
	return a;
}

struct future *arrivals_next(struct arrivals *a, int64_t limit_ns)
{
	int64_t end = limit_end(limit_ns), left = -1;
	struct future *f = NULL;
	errno = 0;
	if (a->seen == a->n)
		return NULL;
	for (;;) {
		uint32_t announced = atomic_load(&a->announced);
		if ((f = atomic_load(&a->place[a->seen])) || (left = limit_left(end)) == 0)
			break;
		futex_wait(&a->announced, announced, false, left);
	}
	a->seen += f != NULL;
	errno = f ? 0 : ETIMEDOUT;
	return f;
}

/* ---- inside a task ---- */

bool task_asked_to_stop(void) { return task_context.asked && atomic_load(task_context.asked); }
int task_worker(void) { return task_context.worker; }
