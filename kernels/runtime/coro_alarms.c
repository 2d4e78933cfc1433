/* Who wants to be woken when: a binary heap (J. W. J. Williams, "Algorithm 232: heapsort", CACM 7, 1964). Equal times keep their order. */
#include <errno.h>
#include <stdlib.h>
#include "kernels/runtime/coro_inside.h"

static bool before(const struct coro *a, const struct coro *b)
{
	return a->alarm_ns != b->alarm_ns ? a->alarm_ns < b->alarm_ns : a->alarm_order < b->alarm_order;
}

static void put(struct loop *loop, size_t place, struct coro *c)
{
	loop->alarm[place - 1] = c;
	c->alarm_place = place;
}

static void rise(struct loop *loop, size_t place, struct coro *c)
{
	for (struct coro *above; place > 1 && before(c, above = loop->alarm[place / 2 - 1]); place /= 2)
		put(loop, place, above);
	put(loop, place, c);
}

static void sink(struct loop *loop, size_t place, struct coro *c)
{
	for (size_t below; (below = 2 * place) <= loop->alarms; place = below) {
		if (below < loop->alarms && before(loop->alarm[below], loop->alarm[below - 1]))
			below++;
		if (!before(loop->alarm[below - 1], c))
			break;
		put(loop, place, loop->alarm[below - 1]);
	}
	put(loop, place, c);
}

/* Room for n, made when a task is spawned: then no sleep can fail for want of memory. */
int coro_alarm_reserve(struct loop *loop, size_t n)
{
	if (n <= loop->alarm_room)
		return 0;
	size_t room = 2 * n + 16;
	struct coro **more = realloc(loop->alarm, room * sizeof *more);
	if (!more)
		return -1;
	loop->alarm = more;
	loop->alarm_room = room;
	return 0;
}

void coro_alarm_set(struct coro *c, int64_t ns)
{
	struct loop *loop = c->loop;
	c->alarm_ns = ns;
	c->alarm_order = loop->alarms_ever++;
	rise(loop, ++loop->alarms, c);
}

void coro_alarm_off(struct coro *c)
{
	struct loop *loop = c->loop;
	size_t place = c->alarm_place;
	if (!place)
		return;
	c->alarm_place = 0;
	struct coro *last = loop->alarm[--loop->alarms];
	if (last == c)
		return;
	if (place > 1 && before(last, loop->alarm[place / 2 - 1]))
		rise(loop, place, last);
	else
		sink(loop, place, last);
}

void coro_alarms_ring(struct loop *loop, int64_t now_ns)
{
	while (loop->alarms && loop->alarm[0]->alarm_ns <= now_ns) {
		struct coro *c = loop->alarm[0];
		coro_alarm_off(c);
		coro_wake(c, ETIMEDOUT);
	}
}
