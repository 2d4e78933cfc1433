/* A work-stealing executor: p worker threads, each with a deque of tasks (deque.h). A task may spawn tasks, which go to the
 * worker's own deque; a worker without tasks steals the oldest one of another, looks around for a while, and then sleeps.
 *
 *     struct executor *x = executor_new(&(struct executor_setup){.workers = 4});
 *     struct group all = {0};
 *     executor_submit(x, &all, sort_slice, array, 0);          from outside
 *     executor_join(x, &all);                                  sleeps until all tasks of the group are done
 *     executor_free(x);
 *
 *     static void sort_slice(struct worker *me, void *arg, uint64_t value)
 *     {
 *         struct group halves = {0};
 *         executor_spawn(me, &halves, sort_slice, left, 0);    from inside
 *         ...
 *         executor_wait(me, &halves);                          meanwhile this worker does other tasks
 *     }
 *
 * Memory is bounded, and small tasks are cheap: a worker whose deque holds enough for thieves to find does a new task at once, as
 * a plain call.
 * A task must not wait for the group that it belongs to. What a task wrote is seen by who waited for its group.
 *
 * Blumofe and Leiserson, "Scheduling multithreaded computations by work stealing", JACM 1999: the expected time is at most
 * T1/p + O(Tinf). */
#ifndef LOCKSTEP_EXECUTOR_H
#define LOCKSTEP_EXECUTOR_H

#include <stdbool.h>
#include <stdint.h>
#include "kernels/runtime/deque.h"

struct executor;

/* Tasks that somebody waits for together. Begins as {0}; must live until the wait for it has returned. */
struct group {
	_Atomic int64_t pending; /* tasks not done, and credit that workers hold (executor.c); 0: all done */
};

struct executor_setup {
	int workers;                             /* >= 1 */
	void (*begin)(void *context, int worker); /* NULL, or called by each worker's thread when it starts ... */
	void (*end)(void *context, int worker);   /* ... and when it ends */
	void *context;
};

/* What one worker did. */
struct executor_counts {
	uint64_t tasks;  /* done by it, of these: */
	uint64_t stolen; /* taken from another worker's deque */
	uint64_t inlined; /* done at once, as plain calls */
	uint64_t sleeps; /* how often it found nothing to do for so long that it slept */
};

/* NULL with errno when memory or a thread could not be had; then nothing is left running. */
struct executor *executor_new(const struct executor_setup *setup);
/* Ends the workers. Every task must be done: join the groups first. NULL is allowed. */
void executor_free(struct executor *x);

/* From any thread that is no worker of x. Waits for room when many tasks wait to be fetched. */
void executor_submit(struct executor *x, struct group *g, task_function *run, void *arg, uint64_t value);
void executor_join(struct executor *x, struct group *g);

/* From inside a task, with the worker that the task was given. */
void executor_spawn(struct worker *me, struct group *g, task_function *run, void *arg, uint64_t value);
void executor_wait(struct worker *me, struct group *g);
int executor_index(const struct worker *me); /* 0 .. workers - 1 */

/* Of worker w; exact once the groups are joined, a moment ago's before. */
struct executor_counts executor_counts(const struct executor *x, int w);

#endif
