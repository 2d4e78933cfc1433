/* The loop itself: who runs next, what the thread sleeps for, and when all is over. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "kernels/bench/clock.h"
#include "kernels/runtime/coro_inside.h"

#ifdef SANITIZED
enum { STACK_BYTES = 256 << 10 };
#else
enum { STACK_BYTES = 64 << 10 };
#endif

static _Thread_local struct loop *loop_here;

struct loop *coro_loop(void) { return loop_here; }

int64_t coro_loop_now(const struct loop *loop) { return loop->setup.leaps ? loop->now_ns : now_ns(); }

int64_t coro_alarm_in(const struct loop *loop, int64_t ns)
{
	int64_t now = coro_loop_now(loop);
	return ns >= CORO_FOREVER - now ? CORO_FOREVER : now + (ns > 0 ? ns : 0);
}

int64_t coro_now(void) { return loop_here ? coro_loop_now(loop_here) : now_ns(); }

/* ---- ready, running, waiting ---- */

void coro_enqueue(struct coro *c)
{
	struct loop *loop = c->loop;
	c->state = CORO_READY;
	c->next = NULL;
	*loop->last_ready = c;
	loop->last_ready = &c->next;
	loop->ready_count++;
}

void coro_wake(struct coro *c, int told)
{
	if (c->state != CORO_WAITING)
		return;
	c->told = told;
	coro_enqueue(c);
}

int coro_may_wait(struct coro **me)
{
	*me = coro_self();
	if (!*me)
		return errno = EPERM, -1;
	if (!(*me)->asked)
		return 0;
	(*me)->asked = false; /* once: it may wait again while it cleans up */
	return errno = ECANCELED, -1;
}

//> pause
int coro_pause(struct coro *me, int64_t alarm_ns)
{
	me->told = 0;
	if (alarm_ns != CORO_FOREVER)
		coro_alarm_set(me, alarm_ns);
	if (me->state == CORO_RUNNING)
		me->state = CORO_WAITING;
	coro_switch(&me->place, &me->loop->place); /* to the loop; it comes back here when somebody has woken me */
	coro_alarm_off(me);
	if (me->asked) {
		me->asked = false;
		return errno = ECANCELED, -1;
	}
	return me->told ? (errno = me->told, -1) : 0;
}
//< pause

/* ---- one step of one task ---- */

static void *take_stack(struct loop *loop)
{
	return loop->spares ? loop->spare[--loop->spares] : coro_stack_new(loop->setup.stack_bytes);
}

static int reserve_spares(struct loop *loop, size_t n)
{
	if (n <= loop->spare_room)
		return 0;
	void **more = realloc(loop->spare, (2 * n + 16) * sizeof *more);
	if (!more)
		return -1;
	loop->spare = more;
	loop->spare_room = 2 * n + 16;
	return 0;
}

/* The first function on a task's stack. */
static void live(void *arg)
{
	struct coro *me = arg;
	coro_arrived(&me->place, &me->loop->place);
	errno = 0;
	me->value = me->f(me->arg);
	me->error = me->value == -1 ? errno : 0;
	me->state = CORO_DONE;
	coro_leave(&me->place, &me->loop->place);
}

static void end(struct coro *c)
{
	struct loop *loop = c->loop;
	c->state = CORO_DONE;
	c->ended = loop->ended++;
	for (struct coro_waiter *w = c->waiters; w; w = w->next)
		coro_wake(w->who, 0);
	coro_place_free(&c->place);
	loop->spare[loop->spares++] = c->stack;
	*(c->older ? &c->older->younger : &loop->oldest) = c->younger;
	*(c->younger ? &c->younger->older : &loop->youngest) = c->older;
	loop->alive--;
	c->loop = NULL;
	coro_free(c); /* the loop's own handle */
}

/* Lets the task run until it waits or ends; looks how long that took. Returns the time when it was over. */
static int64_t step(struct loop *loop, struct coro *c, int64_t begin_ns)
{
	if (!c->begun && c->asked) { /* cancelled before it began */
		c->value = -1;
		c->error = ECANCELED;
		end(c);
		return begin_ns;
	}
	c->begun = true;
	c->state = CORO_RUNNING;
	loop->running = c;
	if (loop->setup.step)
		loop->setup.step(loop->setup.context, c, true);
	coro_switch(&loop->place, &c->place);
	if (loop->setup.step)
		loop->setup.step(loop->setup.context, c, false);
	loop->running = NULL;
	int64_t end_ns = now_ns(), took_ns = end_ns - begin_ns;
	loop->stats.steps++;
	if (took_ns > loop->stats.longest_ns) {
		loop->stats.longest_ns = took_ns;
		loop->stats.longest_task = c->number;
	}
	if (took_ns > loop->setup.watch_ns) {
		loop->stats.held_up++;
		if (loop->setup.held)
			loop->setup.held(loop->setup.context, c, took_ns);
		end_ns = now_ns();
	}
	if (c->state == CORO_DONE)
		end(c);
	return end_ns;
}

/* ---- the loop ---- */

/* Sleeps until a descriptor is ready, a thread has rung or the next alarm is due, if nobody can run; else only looks. */
static void look_outside(struct loop *loop)
{
	bool outside = loop->file_waits > 0 || loop->calls > 0, leaps = loop->setup.leaps;
	if (loop->ready_count == 0 && loop->alarms == 0 && !outside) {
		coro_wake(loop->oldest, EDEADLK); /* all wait for each other */
		return;
	}
	int64_t alarm = loop->alarms > 0 ? loop->alarm[0]->alarm_ns : CORO_FOREVER;
	int64_t leap = loop->alarms > 0 && loop->calls == 0 ? 0 : CORO_FOREVER;
	if (outside || (loop->ready_count == 0 && !leaps))
		coro_files_look(loop, loop->ready_count > 0 ? 0 : leaps ? leap : alarm);
	if (leaps && loop->ready_count == 0 && leap == 0)
		loop->now_ns = alarm;
}

/* When the first task has ended, the others shall end, too. */
static void cancel_all(struct loop *loop)
{
	for (struct coro *c = loop->oldest; c; c = c->younger)
		coro_cancel(c);
}

//> loop
/* Those that are ready now, each until it waits; who becomes ready meanwhile comes in the next round. */
static void round_of_steps(struct loop *loop)
{
	int64_t now = now_ns();
	for (long n = loop->ready_count; n > 0; n--) {
		struct coro *c = loop->ready; /* the head of the queue */
		loop->ready = c->next;
		if (!loop->ready)
			loop->last_ready = &loop->ready;
		loop->ready_count--;
		now = step(loop, c, now); /* runs it until it waits or ends; returns the time */
	}
}

static void loop_until_all_ended(struct loop *loop, struct coro *first)
{
	for (bool over = false; loop->alive > 0;) {
		round_of_steps(loop);
		if (!over && (over = first->state == CORO_DONE))
			cancel_all(loop);
		if (loop->alive > 0)
			look_outside(loop); /* sleeps, if nobody can run */
		coro_alarms_ring(loop, coro_loop_now(loop)); /* who wanted to be woken by now? */
	}
}
//< loop

static struct coro *new_task(struct loop *loop, coro_function *f, void *arg)
{
	size_t alive = (size_t)loop->alive + 1;
	struct coro *c = calloc(1, sizeof *c);
	if (!c || coro_alarm_reserve(loop, alive) || reserve_spares(loop, loop->spares + alive) || !(c->stack = take_stack(loop)))
		goto failed;
	c->loop = loop;
	c->f = f;
	c->arg = arg;
	c->handles = 2;
	c->last_waiter = &c->waiters;
	if (coro_place_new(&c->place, c->stack, loop->setup.stack_bytes, live, c))
		goto failed;
	c->number = loop->numbers++;
	c->older = loop->youngest;
	*(c->older ? &c->older->younger : &loop->oldest) = c;
	loop->youngest = c;
	if (++loop->alive > loop->stats.most_alive)
		loop->stats.most_alive = loop->alive;
	coro_enqueue(c);
	return c;
failed:;
	int error = errno;
	if (c && c->stack)
		loop->spare[loop->spares++] = c->stack;
	free(c);
	errno = error;
	return NULL;
}

struct coro *coro_spawn(coro_function *f, void *arg)
{
	if (!loop_here || !loop_here->running)
		return errno = EPERM, NULL;
	return new_task(loop_here, f, arg);
}

struct coro *coro_self(void) { return loop_here ? loop_here->running : NULL; }

long coro_run(const struct coro_setup *setup, coro_function *first, void *arg)
{
	if (loop_here)
		return errno = EBUSY, -1;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct loop loop = {.setup = setup ? *setup : (struct coro_setup){0}, .bell = -1, .lock = PTHREAD_MUTEX_INITIALIZER};
	long value = -1;
	loop.setup.stack_bytes = ((loop.setup.stack_bytes ? loop.setup.stack_bytes : STACK_BYTES) + page - 1) / page * page;
	loop.setup.watch_ns = loop.setup.watch_ns ? loop.setup.watch_ns : 100 * CORO_MS;
	loop.last_ready = &loop.ready;
	loop.epoll = epoll_create1(EPOLL_CLOEXEC);
	struct coro *task = loop.epoll >= 0 ? new_task(&loop, first, arg) : NULL;
	int error = errno;
	if (task) {
		loop_here = &loop;
		loop_until_all_ended(&loop, task);
		loop_here = NULL;
		value = task->value;
		error = task->error;
		coro_free(task);
	}
	coro_files_end(&loop);
	while (loop.spares > 0)
		coro_stack_free(loop.spare[--loop.spares], loop.setup.stack_bytes);
	free(loop.spare);
	free(loop.alarm);
	loop.stats.tasks = loop.numbers;
	if (setup && setup->stats)
		*setup->stats = loop.stats;
	if (value == -1)
		errno = error;
	return value;
}
