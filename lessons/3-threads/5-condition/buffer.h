/* The bounded buffer of the lesson `condition`: a ring of places, what is counted, and the check. */
#ifndef LOCKSTEP_CONDITION_BUFFER_H
#define LOCKSTEP_CONDITION_BUFFER_H

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"

struct buffer {
	pthread_mutex_t mutex;
	pthread_cond_t not_empty, not_full;
	sem_t items, room; /* semaphores */
	bool closed;       /* no item will come any more */
	size_t capacity, count, first, asleep, woken, *place;
	atomic_int from_empty, overslept; /* what must not happen */
	const struct way *way;
	atomic_ullong result[]; /* of each item */
};

struct way {
	void (*put)(struct buffer *b, size_t item);
	bool (*take)(struct buffer *b, size_t *item); /* false: closed, and nothing left */
};

/* For who holds the lock. */
static void insert(struct buffer *b, size_t item) { b->place[(b->first + b->count++) % b->capacity] = item; }
static bool extract(struct buffer *b, size_t *item)
{
	*item = b->place[b->first % b->capacity]; /* of an empty buffer: whatever was left there */
	if (b->count == 0)
		return false;
	b->first++;
	b->count--;
	return true;
}

/* What the mistakes below need to be seen and ended: a sleep with a limit, and an account of who overslept. */
static void sleep_limited(struct buffer *b, pthread_cond_t *condition)
{
	struct timespec end;
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_nsec += b->overslept ? 1000000 : 30000000; /* once it is clear what is wrong, no patience is needed */
	end = (struct timespec){end.tv_sec + end.tv_nsec / 1000000000, end.tv_nsec % 1000000000};
	b->asleep++;
	int rc = pthread_cond_timedwait(condition, &b->mutex, &end);
	b->asleep--;
	b->woken++;
	b->overslept += rc == ETIMEDOUT && (condition == &b->not_empty ? b->count > 0 : b->count < b->capacity);
}

/* What is done with an item. */
static uint64_t rounds(const struct job *job, uint64_t item)
{
	uint64_t x = rng_at(job->seed, item) | 1;
	for (uint64_t i = (uint64_t)job->arg[2]; i > 0; i--)
		x = x * UINT64_C(6364136223846793005) + 1;
	return x;
}

static int prepare(struct job *job)
{
	size_t n = job_size(job), capacity = (size_t)job->arg[1];
	struct buffer *b = job->data = calloc(1, sizeof *b + (n + 1) * sizeof b->result[0]); /* one more: without items, `if` takes none */
	if (!b)
		return -1;
	pthread_mutex_init(&b->mutex, NULL);
	pthread_cond_init(&b->not_empty, NULL);
	pthread_cond_init(&b->not_full, NULL);
	b->capacity = capacity;
	b->place = calloc(capacity, sizeof b->place[0]);
	return b->place ? 0 : -1;
}

static void reset(struct job *job)
{
	struct buffer *b = job->data;
	b->closed = false;
	b->count = b->first = b->asleep = b->woken = 0;
	b->from_empty = b->overslept = 0;
	sem_init(&b->items, 0, 0);
	sem_init(&b->room, 0, (unsigned)b->capacity);
	for (size_t i = 0; i < job_size(job); i++)
		b->result[i] = 0;
}

static struct outcome verify(const struct job *job)
{
	const struct buffer *b = job->data;
	size_t once = 0, n = job_size(job);
	for (size_t i = 0; i < n; i++)
		once += b->result[i] == rounds(job, i);
	struct outcome out = {once == n && !b->from_empty && !b->overslept, (double)n, (double)once, ""};
	snprintf(out.text, sizeof out.text, "%zu of %zu items used once, %d takes from an empty buffer, %d times somebody slept too long",
			 once, n, b->from_empty, b->overslept);
	return out;
}

static void release(struct job *job)
{
	struct buffer *b = job->data;
	free(b ? b->place : NULL);
	free(b);
	job->data = NULL;
}

#endif
