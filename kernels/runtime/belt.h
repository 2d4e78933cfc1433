/* The hand-over between two stages of a pipeline that keeps the order: the stage before counts what is done, the one behind waits
 * for the count. What is handed over (a block of an array, say) stays where it is; the lock orders the memory accesses of both sides.
 * One stage hands on, one waits. There is no limit on how far the first may run ahead. */
#ifndef LOCKSTEP_BELT_H
#define LOCKSTEP_BELT_H

#include <pthread.h>
#include <stddef.h>
#include "kernels/kernel.h"

struct belt {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	size_t ready; /* pieces 0 to ready - 1 may be taken */
};

/* Nothing is ready. There is nothing to release: neither lock nor condition holds memory. */
static inline void belt_init(struct belt *belt)
{
	pthread_mutex_init(&belt->lock, NULL);
	pthread_cond_init(&belt->moved, NULL);
	belt->ready = 0;
}

//> belt
/* One more piece is ready. */
static inline void belt_hand_on(struct belt *belt)
{
	pthread_mutex_lock(&belt->lock);
	belt->ready++;
	pthread_cond_signal(&belt->moved);
	pthread_mutex_unlock(&belt->lock);
}

/* Sleeps until piece b is ready. The worker's wait is told to the job's probe; job may be NULL. */
static inline void belt_wait(struct belt *belt, size_t b, struct job *job, int worker)
{
	pthread_mutex_lock(&belt->lock);
	if (job)
		wait_begin(job, worker);
	while (belt->ready <= b)
		pthread_cond_wait(&belt->moved, &belt->lock);
	if (job)
		wait_end(job, worker);
	pthread_mutex_unlock(&belt->lock);
}
//< belt

#endif
