/* The input of the kernel heat, for its peers: a plate with a rim of zeros, n + 2 numbers a row, twice. */
#ifndef LOCKSTEP_PEER_HEAT_H
#define LOCKSTEP_PEER_HEAT_H

#include "kernels/peers/peer.h"

struct heat {
	size_t n, sweeps;
	double *grid[2], *start; /* (n + 2) x (n + 2) */
};

static inline void heat_reset(struct peer_job *job)
{
	struct heat *d = (struct heat *)job->data;
	memcpy(d->grid[0], d->start, (d->n + 2) * (d->n + 2) * sizeof(double));
}

static inline bool heat_prepare(struct peer_job *job)
{
	struct heat *d = (struct heat *)calloc(1, sizeof *d);
	size_t n = job->size, cells = (n + 2) * (n + 2);
	double *x = (double *)calloc(2 * n + 1, sizeof *x), *y = x + n;
	job->data = d;
	if (!d || !x)
		return false;
	d->n = n;
	d->sweeps = (size_t)peer_param(job, "sweeps", 200);
	d->grid[0] = (double *)peer_alloc(cells, sizeof(double));
	d->grid[1] = (double *)peer_alloc(cells, sizeof(double));
	d->start = (double *)peer_alloc(cells, sizeof(double));
	if (!d->grid[0] || !d->grid[1] || !d->start)
		return false;
	memset(d->grid[1], 0, cells * sizeof(double));
	memset(d->start, 0, cells * sizeof(double));
	for (uint64_t w = 0; w < 4; w++) {
		uint64_t r = rng_at(job->seed, w), kx = 1 + (r & 0xFFFFFF) % (n + !n), ky = 1 + (r >> 40) % (n + !n);
		double amplitude = 0.5 + rng_unit(job->seed, 4 + w);
		for (size_t i = 0; i < n; i++) {
			x[i] = sin(M_PI * (double)((i + 1) * kx % (2 * n + 2)) / (double)(n + 1));
			y[i] = sin(M_PI * (double)((i + 1) * ky % (2 * n + 2)) / (double)(n + 1));
		}
		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; j < n; j++)
				d->start[(i + 1) * (n + 2) + j + 1] += amplitude * y[i] * x[j];
	}
	free(x);
	return true;
}

static inline double heat_check(const struct peer_job *job)
{
	const struct heat *d = (const struct heat *)job->data;
	const double *grid = d->grid[d->sweeps % 2];
	double sum = 0;
	for (size_t i = 0; i < (d->n + 2) * (d->n + 2); i++)
		sum += grid[i] * grid[i];
	return sum;
}

#endif
