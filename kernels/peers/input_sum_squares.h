/* The input of the kernel sum_squares, for its peers. */
#ifndef LOCKSTEP_PEER_SUM_SQUARES_H
#define LOCKSTEP_PEER_SUM_SQUARES_H

#include "kernels/peers/peer.h"

struct squares {
	double *x, sum;
};

static inline bool squares_prepare(struct peer_job *job)
{
	struct squares *d = (struct squares *)calloc(1, sizeof *d);
	job->data = d;
	if (!d || !(d->x = (double *)peer_alloc(job->size, sizeof *d->x)))
		return false;
	for (size_t i = 0; i < job->size; i++) {
		uint64_t r = rng_at(job->seed, i);
		d->x[i] = (r >> 63 ? -0x1p-10 : 0x1p-10) * (double)((r & 1023) | 1);
	}
	return true;
}

static inline double squares_check(const struct peer_job *job) { return ((const struct squares *)job->data)->sum; }

#endif
