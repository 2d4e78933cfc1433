/* Tasks as kernels/executor.c has them: each adds its own random number to the sum of its thread. */
#ifndef LOCKSTEP_INPUT_EXECUTOR_H
#define LOCKSTEP_INPUT_EXECUTOR_H

#include "kernels/peers/peer.h"

enum { EXECUTOR_THREADS = 256 };

struct executor_tally { /* on a cache line of its own */
	uint64_t sum, count, unused[6];
};

struct executor {
	uint64_t seed, n, work;
	bool tree, uneven;
	struct executor_tally *tally; /* for each thread */
};

static inline bool executor_prepare(struct peer_job *job)
{
	struct executor *d = (struct executor *)calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return false;
	d->seed = job->seed;
	d->n = job->size;
	d->tree = peer_param(job, "shape", 0) > 0;
	d->work = (uint64_t)peer_param(job, "work", 0);
	d->uneven = peer_param(job, "uneven", 0) > 0;
	d->tally = (struct executor_tally *)peer_alloc(EXECUTOR_THREADS, sizeof *d->tally);
	return d->tally && job->threads <= EXECUTOR_THREADS;
}

static inline void executor_reset(struct peer_job *job)
{
	struct executor *d = (struct executor *)job->data;
	memset(d->tally, 0, EXECUTOR_THREADS * sizeof *d->tally);
}

static inline void executor_task(struct executor *d, int thread, uint64_t i)
{
	uint64_t x = rng_at(d->seed, i);
	uint64_t rounds = d->work && d->uneven && x % 16 == 0 ? 33 * d->work : d->work;
	for (uint64_t r = 0; r < rounds; r++)
		x = (x ^ (x >> 31)) * UINT64_C(0xBF58476D1CE4E5B9);
	d->tally[thread].sum += x;
	d->tally[thread].count++;
}

/* NaN when a task was lost or done twice. */
static inline double executor_check(const struct peer_job *job)
{
	const struct executor *d = (const struct executor *)job->data;
	uint64_t sum = 0, count = 0;
	for (int t = 0; t < EXECUTOR_THREADS; t++) {
		sum += d->tally[t].sum;
		count += d->tally[t].count;
	}
	return count == d->n ? (double)(sum >> 11) : NAN;
}

#endif
