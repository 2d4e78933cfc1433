/* The input of the kernels sort and sort_f64, for their peers. */
#ifndef LOCKSTEP_PEER_SORT_H
#define LOCKSTEP_PEER_SORT_H

#include "kernels/peers/peer.h"

struct sort {
	uint64_t *input, *x; /* doubles by their bits */
};

static inline bool sort_fill(struct peer_job *job, bool f64)
{
	struct sort *d = (struct sort *)calloc(1, sizeof *d);
	uint64_t distinct = (uint64_t)peer_param(job, "distinct", 0);
	job->data = d;
	if (!d || !(d->input = (uint64_t *)peer_alloc(job->size, 8)) || !(d->x = (uint64_t *)peer_alloc(job->size, 8)))
		return false;
	for (size_t i = 0; i < job->size; i++) {
		uint64_t r = rng_at(job->seed, i), x = distinct ? rng_at(~job->seed, r % distinct) : r;
		double number = (double)(x >> 11) * 0x1p-52 - 1;
		if (f64)
			memcpy(&x, &number, sizeof x);
		d->input[i] = x;
	}
	return true;
}

static inline bool sort_u64(struct peer_job *job) { return sort_fill(job, false); }
static inline bool sort_f64(struct peer_job *job) { return sort_fill(job, true); }

static inline void sort_reset(struct peer_job *job)
{
	struct sort *d = (struct sort *)job->data;
	memcpy(d->x, d->input, job->size * sizeof *d->x);
}

static inline double sort_check(const struct peer_job *job) { return figure_u64(((const struct sort *)job->data)->x, job->size); }

static inline uint64_t *sort_whole(struct peer_job *job) { return ((struct sort *)job->data)->x; }
static inline double *sort_doubles(struct peer_job *job) { return (double *)(void *)((struct sort *)job->data)->x; }

/* Both kernels by one template, in C++. */
#define SORT_PEERS(way, version, number, function)                                                                                          \
	{.name = way, .kernel = "sort", .library = version, .workers = number, .prepare = sort_u64, .reset = sort_reset,                     \
	 .run = [](struct peer_job *job) { function(job, sort_whole(job), sort_whole(job) + job->size); }, .check = sort_check},             \
	{.name = way " f64", .kernel = "sort_f64", .library = version, .workers = number, .prepare = sort_f64, .reset = sort_reset,          \
	 .run = [](struct peer_job *job) { function(job, sort_doubles(job), sort_doubles(job) + job->size); }, .check = sort_check}

#endif
