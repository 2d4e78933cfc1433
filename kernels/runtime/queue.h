/* A bounded queue in memory that processes (or threads) share: many may put, many may get, first in, first out. Who finds it
 * full waits for room, who finds it empty waits for an item, and both sleep meanwhile.
 *
 *     struct queue *q = queue_new(8, sizeof(struct item));     before fork
 *     producer:  queue_put(q, &item, -1);
 *     consumer:  queue_get(q, &item, -1);
 *     queue_free(q);                                           in each process; the last one gives the memory back
 *
 * The bound is the point: a producer that is faster than its consumers is slowed down to their pace, instead of filling the
 * memory (back-pressure). Nothing tells a consumer that no more will come: the producers put one last item for each consumer,
 * a sentinel.
 *
 * One robust lock guards it. A process may be killed anywhere: who dies with the lock in hand leaves the queue whole (an
 * item is copied first, and then counted by a single store), and the next one goes on. What it had taken is gone with it.
 * Items come in the order in which they were put; of several who wait, any may be the next.
 *
 * Monitors: Hoare, CACM 1974 (the bounded buffer is its example); the way to sleep: kernels/runtime/futex.h. */
#ifndef LOCKSTEP_QUEUE_H
#define LOCKSTEP_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct queue;

/* Room for `slots` >= 1 items of `item_bytes` >= 1 each. NULL with errno. */
struct queue *queue_new(size_t slots, size_t item_bytes);
void queue_free(struct queue *q); /* NULL is allowed */

/* Waits `limit_ns` nanoseconds at most (< 0: for ever; 0: not at all). False with errno ETIMEDOUT; then nothing has changed. */
bool queue_put(struct queue *q, const void *item, int64_t limit_ns);
bool queue_get(struct queue *q, void *item, int64_t limit_ns);

/* All at one moment: nobody puts or gets while it is noted. */
struct queue_state {
	uint64_t puts, gets;        /* since the beginning */
	size_t depth, deepest;      /* items in it now; the most there ever were */
	unsigned putters, getters;  /* who wait for room, for an item (one that was killed while it waited still counts) */
	uint64_t waits;             /* how often somebody had to wait, since the beginning */
};
struct queue_state queue_look(struct queue *q);

/* For one who has put all there was and suspects that some consumers wait for more: returns when each of these children of
 * the caller has ended or can never go on, because nobody is left who could put and it waits at the empty queue. Those are
 * marked in `stuck` and counted. The children are not reaped, and not ended; the one who asks must end those that are stuck. */
int queue_watch(struct queue *q, const pid_t *child, int children, bool *stuck);

#endif
