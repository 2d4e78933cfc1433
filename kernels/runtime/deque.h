/* A work-stealing deque of tasks. Its owner, one thread, pushes and takes at the bottom, last in, first out; any other
 * thread steals at the top, the oldest first. Owner and thieves meet only when one task is left; only then does the owner
 * pay for an atomic exchange that may fail.
 *
 *        top                        bottom
 *         v                           v
 *     ... [oldest][      ][      ][newest] ...      slot i lies at i mod capacity
 *         thieves ->                <- owner
 *
 * Chase and Lev, "Dynamic circular work-stealing deque", SPAA 2005, with the C11 atomics of Le, Pop, Cohen and Zappa
 * Nardelli, "Correct and efficient work-stealing for weak memory models", PPoPP 2013. Two things differ:
 *   - the capacity is fixed, so memory is bounded: a push into a full deque says so, and the owner does the task at once;
 *   - the paper's fences are sequentially consistent operations on top and bottom here: at least as strong, on x86 the same
 *     instructions, and ThreadSanitizer understands them.
 *
 * push is sequentially consistent, too: who pushes and then looks whether anybody sleeps (executor.c) must not look first. */
#ifndef LOCKSTEP_DEQUE_H
#define LOCKSTEP_DEQUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct worker;
struct group;

/* A task: a function with two arguments, and the group that is done when all of its tasks are. */
typedef void task_function(struct worker *me, void *arg, uint64_t value);
struct task {
	task_function *run;
	struct group *group;
	void *arg;
	uint64_t value;
};

enum { DEQUE_CAPACITY = 256 }; /* a power of two; 8 KiB of slots stay in the first cache */

/* A thief may read a slot while the owner already writes another task to it (then its claim fails, and what it read is
 * thrown away): therefore the words are atomic, one by one. */
struct deque_slot {
	_Atomic(task_function *) run;
	_Atomic(struct group *) group;
	_Atomic(void *) arg;
	_Atomic uint64_t value;
};

struct deque {
	_Alignas(64) _Atomic int64_t top; /* claimed by thieves */
	_Alignas(64) _Atomic int64_t bottom;
	int64_t top_seen; /* the owner's last look at top: while that leaves room, there is room */
	_Alignas(64) struct deque_slot slot[DEQUE_CAPACITY];
};

enum steal { STEAL_EMPTY, STEAL_LOST, STEAL_DONE }; /* LOST: another was faster; there may be more */

static inline void deque_init(struct deque *d)
{
	atomic_init(&d->top, 0);
	atomic_init(&d->bottom, 0);
	d->top_seen = 0;
}

static inline struct deque_slot *deque_slot_at(struct deque *d, int64_t i)
{
	return &d->slot[(uint64_t)i % DEQUE_CAPACITY];
}

static inline void deque_slot_write(struct deque_slot *s, struct task task)
{
	atomic_store_explicit(&s->run, task.run, memory_order_relaxed);
	atomic_store_explicit(&s->group, task.group, memory_order_relaxed);
	atomic_store_explicit(&s->arg, task.arg, memory_order_relaxed);
	atomic_store_explicit(&s->value, task.value, memory_order_relaxed);
}

static inline struct task deque_slot_read(struct deque_slot *s)
{
	return (struct task){
		.run = atomic_load_explicit(&s->run, memory_order_relaxed),
		.group = atomic_load_explicit(&s->group, memory_order_relaxed),
		.arg = atomic_load_explicit(&s->arg, memory_order_relaxed),
		.value = atomic_load_explicit(&s->value, memory_order_relaxed),
	};
}

/* The owner only. False when it is full. */
static inline bool deque_push(struct deque *d, struct task task)
{
	int64_t bottom = atomic_load_explicit(&d->bottom, memory_order_relaxed);
	if (bottom - d->top_seen >= DEQUE_CAPACITY) {
		d->top_seen = atomic_load_explicit(&d->top, memory_order_acquire);
		if (bottom - d->top_seen >= DEQUE_CAPACITY)
			return false;
	}
	deque_slot_write(deque_slot_at(d, bottom), task);
	atomic_store(&d->bottom, bottom + 1); /* publishes the slot */
	return true;
}

/* The owner only. False when it is empty. */
static inline bool deque_take(struct deque *d, struct task *task)
{
	int64_t bottom = atomic_load_explicit(&d->bottom, memory_order_relaxed) - 1;
	/* First claim the newest task, then look at top: a thief looks in the other order, so one of the two sees the other. */
	atomic_store(&d->bottom, bottom);
	int64_t top = atomic_load(&d->top);
	bool got = top <= bottom;
	if (got)
		*task = deque_slot_read(deque_slot_at(d, bottom));
	if (top >= bottom) { /* the last one: thieves may want it, too; or none was left */
		if (got)
			got = atomic_compare_exchange_strong(&d->top, &top, top + 1);
		atomic_store_explicit(&d->bottom, bottom + 1, memory_order_release);
	}
	return got;
}

/* The owner only: both ends; bottom - top tasks are there, or a few less by now. */
static inline int64_t deque_top(struct deque *d) { return atomic_load_explicit(&d->top, memory_order_relaxed); }
static inline int64_t deque_bottom(struct deque *d) { return atomic_load_explicit(&d->bottom, memory_order_relaxed); }

/* Any thread. */
static inline enum steal deque_steal(struct deque *d, struct task *task)
{
	int64_t top = atomic_load(&d->top);
	int64_t bottom = atomic_load(&d->bottom);
	if (top >= bottom)
		return STEAL_EMPTY;
	*task = deque_slot_read(deque_slot_at(d, top)); /* before the claim: afterwards the owner may write there */
	return atomic_compare_exchange_strong(&d->top, &top, top + 1) ? STEAL_DONE : STEAL_LOST;
}

/* Any thread; true at some moment during the call. */
static inline bool deque_empty(struct deque *d)
{
	int64_t top = atomic_load(&d->top);
	return top >= atomic_load(&d->bottom);
}

#endif
