/* The input of the kernel matmul, for its peers. */
#ifndef LOCKSTEP_PEER_MATMUL_H
#define LOCKSTEP_PEER_MATMUL_H

#include "kernels/peers/peer.h"

struct matmul {
	double *a, *b, *c; /* row by row */
};

static inline bool matmul_prepare(struct peer_job *job)
{
	struct matmul *d = (struct matmul *)calloc(1, sizeof *d);
	size_t cells = job->size * job->size;
	job->data = d;
	if (!d || !(d->a = (double *)peer_alloc(cells, 8)) || !(d->b = (double *)peer_alloc(cells, 8)) || !(d->c = (double *)peer_alloc(cells, 8)))
		return false;
	for (size_t i = 0; i < cells; i++) {
		uint64_t r = rng_at(job->seed, i);
		d->a[i] = (double)(int)((r & 2047) | 1) - 1024;
		d->b[i] = (double)(int)((r >> 32 & 2047) | 1) - 1024;
	}
	return true;
}

static inline double matmul_check(const struct peer_job *job)
{
	return figure_whole(((const struct matmul *)job->data)->c, job->size * job->size);
}

#endif
