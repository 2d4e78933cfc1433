/* The bodies of the kernel nbody, for its peers: an array for each number, as everybody does who wants vectors. */
#ifndef LOCKSTEP_PEER_NBODY_H
#define LOCKSTEP_PEER_NBODY_H

#include "kernels/peers/peer.h"

struct nbody {
	double *start;                            /* places and velocities as they were, 6 arrays */
	double *x, *y, *z, *vx, *vy, *vz, *m;
	size_t n, steps;
};

static inline bool nbody_prepare(struct peer_job *job)
{
	struct nbody *d = (struct nbody *)calloc(1, sizeof *d);
	job->data = d;
	size_t n = job->size;
	if (!d || !(d->start = (double *)peer_alloc(6 * n, sizeof *d->start)) || !(d->x = (double *)peer_alloc(7 * n, sizeof *d->x)))
		return false;
	d->n = n;
	d->steps = (size_t)peer_param(job, "steps", 1);
	d->y = d->x + n, d->z = d->y + n, d->vx = d->z + n, d->vy = d->vx + n, d->vz = d->vy + n, d->m = d->vz + n;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < 6; k++)
			d->start[k * n + i] = rng_unit(job->seed, 7 * i + k) - 0.5;
		d->m[i] = (0.5 + rng_unit(job->seed, 7 * i + 6)) / (double)n;
	}
	return true;
}

static inline void nbody_reset(struct peer_job *job)
{
	struct nbody *d = (struct nbody *)job->data;
	memcpy(d->x, d->start, 6 * d->n * sizeof *d->x);
}

static inline double nbody_check(const struct peer_job *job)
{
	const struct nbody *d = (const struct nbody *)job->data;
	double sum = 0;
	for (size_t i = 0; i < d->n; i++)
		sum += (double)(i % 64 + 1) * (d->vx[i] * d->vx[i] + d->vy[i] * d->vy[i] + d->vz[i] * d->vz[i]);
	return sum;
}

#endif
