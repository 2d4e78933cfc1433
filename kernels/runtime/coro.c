/* What tasks do with one another, and their waits that need nothing from outside. */
#include "kernels/runtime/coro.h"

#include <errno.h>
#include <stdlib.h>
#include "kernels/runtime/coro_inside.h"

bool coro_done(const struct coro *task) { return task->state == CORO_DONE; }
int coro_error(const struct coro *task) { return task->error; }
long coro_number(const struct coro *task) { return task->number; }

void coro_free(struct coro *task)
{
	if (task && --task->handles == 0)
		free(task);
}

bool coro_cancel(struct coro *task)
{
	if (coro_done(task))
		return false;
	task->asked = true;
	coro_wake(task, 0); /* if it waits; else its next wait will see it */
	return true;
}

//> yield
int coro_yield(void)
{
	struct coro *me;
	if (coro_may_wait(&me))
		return -1;
	coro_enqueue(me); /* ready as before, but behind all others */
	return coro_pause(me, CORO_FOREVER);
}
//< yield

//> sleep
int coro_sleep(int64_t ns)
{
	struct coro *me;
	if (ns <= 0)
		return coro_yield();
	if (coro_may_wait(&me))
		return -1;
	return coro_pause(me, coro_alarm_in(me->loop, ns)) && errno != ETIMEDOUT ? -1 : 0; /* the alarm is what we wait for */
}
//< sleep

/* ---- waiting for tasks ---- */

static void stop_waiting(struct coro *task, struct coro_waiter *w)
{
	struct coro_waiter **at = &task->waiters;
	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	if (!w->next)
		task->last_waiter = at;
}

/* Until it has ended. 0, or -1 with ECANCELED, ETIMEDOUT or EDEADLK: it has not. */
static int wait_for(struct coro *task, int64_t alarm_ns)
{
	struct coro *me;
	if (coro_may_wait(&me))
		return -1;
	if (coro_done(task))
		return 0;
	if (task == me)
		return errno = EDEADLK, -1;
	struct coro_waiter w = {.who = me};
	*task->last_waiter = &w;
	task->last_waiter = &w.next;
	int rc = coro_pause(me, alarm_ns);
	stop_waiting(task, &w);
	return rc;
}

/* Waits until it has ended, whatever comes: being cancelled meanwhile is kept for the next wait. 0, or -1 with EDEADLK. */
static int outlast(struct coro *task)
{
	bool asked = false;
	int rc;
	while ((rc = wait_for(task, CORO_FOREVER)) != 0 && errno == ECANCELED)
		asked = true;
	if (asked)
		coro_self()->asked = true;
	return rc;
}

static long value_of(const struct coro *task)
{
	if (task->value == -1)
		errno = task->error;
	return task->value;
}

long coro_await(struct coro *task)
{
	if (!task)
		return errno = EINVAL, -1;
	return wait_for(task, CORO_FOREVER) ? -1 : value_of(task);
}

//> await-for
long coro_await_for(struct coro *task, int64_t ns)
{
	if (!task)
		return errno = EINVAL, -1;
	if (!coro_self())
		return errno = EPERM, -1;
	if (!wait_for(task, coro_alarm_in(coro_self()->loop, ns)))
		return value_of(task);
	int why = errno; /* the time is over, or I was cancelled */
	if (why == EDEADLK)
		return -1;
	coro_cancel(task);
	if (outlast(task))
		return -1;
	if (why == ETIMEDOUT && task->error != ECANCELED)
		return value_of(task); /* it came in the last moment */
	errno = why;
	return -1;
}
//< await-for

//> gather
int coro_gather(struct coro *const *task, size_t n, long *value)
{
	int why = 0;
	const struct coro *failed = NULL;
	for (size_t i = 0; i < n; i++)
		if (!task[i])
			return errno = EINVAL, -1;
	for (size_t i = 0; i < n; i++) { /* one after another: while this one is awaited, all of them go on */
		if (!why && wait_for(task[i], CORO_FOREVER)) {
			why = errno;
			for (size_t k = i; why == ECANCELED && k < n; k++)
				coro_cancel(task[k]);
		}
		if (why && (why != ECANCELED || outlast(task[i])))
			return -1;
		if (value)
			value[i] = task[i]->value;
		if (task[i]->value == -1 && (!failed || task[i]->ended < failed->ended))
			failed = task[i];
	}
	return why || failed ? (errno = why ? why : failed->error, -1) : 0;
}
//< gather
