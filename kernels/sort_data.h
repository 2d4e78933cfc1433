/* What the sort kernels sort, and how the result is checked. Read by kernels/sort.c, after kernels/simd.h. */
#ifndef LOCKSTEP_SORT_DATA_H
#define LOCKSTEP_SORT_DATA_H

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/figure.h"
#include "kernels/kernel.h"
#include "kernels/rng.h"

/* BLOCK numbers and as much room are 1 MiB: meant for a second-level cache of that size or more. */
enum { BLOCK = 1 << 16, PARTS_MOST = 256 };

typedef void phase_function(struct job *job, int worker);

struct share {
	struct job *job;
	int worker;
	phase_function *phase;
	pthread_t thread;
};

struct data {
	size_t n;
	bool f64;                    /* the numbers are doubles, else whole */
	uint64_t *input, *from, *to; /* from: the numbers to sort, and the result; to: room of the same size */
	uint64_t sum, hash;          /* of the input */
	struct share share[KERNEL_WORKERS_MAX];
	/* threads: */
	int runs;                             /* how many sorted runs `from` holds */
	size_t bound[KERNEL_WORKERS_MAX + 1]; /* where they begin; bound[runs] = n */
	/* buckets: */
	size_t block, blocks, parts;        /* numbers in a block (BLOCK; the last has fewer, tests use less); blocks; buckets */
	uint64_t splitter[PARTS_MOST];      /* parts - 1 of them: splitter[k] is the least number that may be in bucket k + 1 */
	uint32_t (*end)[PARTS_MOST];        /* end[b][k]: where in block b, once parted, the piece of bucket k ends */
	size_t begin[PARTS_MOST + 1];       /* where each bucket begins in the result */
	atomic_size_t next;                 /* the next block or bucket that nobody has taken */
};

static inline double double_of(uint64_t bits)
{
	double x;
	memcpy(&x, &bits, sizeof x);
	return x;
}

static inline uint64_t hash_of(uint64_t x) { return rng_at(UINT64_C(0x5EED), x); }

static void sort_reset(struct job *job)
{
	struct data *d = job->data;
	memcpy(d->from, d->input, d->n * sizeof *d->from);
}

static int sort_prepare(struct job *job, bool f64)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	uint64_t distinct = (uint64_t)job->arg[1];
	d->n = job_size(job);
	d->f64 = f64;
	d->block = BLOCK;
	d->input = simd_alloc(d->n, sizeof *d->input);
	d->from = simd_alloc(d->n, sizeof *d->from);
	d->to = simd_alloc(d->n, sizeof *d->to);
	d->end = simd_alloc(d->n / d->block + 1, sizeof *d->end);
	if (!d->input || !d->from || !d->to || !d->end)
		return -1;
	for (size_t i = 0; i < d->n; i++) {
		uint64_t r = rng_at(job->seed, i), x = distinct ? rng_at(~job->seed, r % distinct) : r;
		if (f64) { /* from -1 up to below 1, in steps of 2^-52 */
			double number = (double)(x >> 11) * 0x1p-52 - 1;
			memcpy(&x, &number, sizeof x);
		}
		d->input[i] = x;
		d->sum += x;
		d->hash ^= hash_of(x);
		d->to[i] = 0; /* the system hands out pages at their first touch: not in the timed part */
	}
	sort_reset(job);
	return 0;
}

static int prepare_u64(struct job *job) { return sort_prepare(job, false); }
static int prepare_f64(struct job *job) { return sort_prepare(job, true); }

/* Ascending, and the same numbers as before: by their sum, and by the exclusive or of their hashes. The latter alone loses
 * numbers that come twice, the former alone does not see one too many here and one too few there. */
static struct outcome sort_verify(const struct job *job)
{
	const struct data *d = job->data;
	struct outcome o = {.right = true, .expected = NAN, .observed = NAN};
	uint64_t sum = 0, hash = 0;
	for (size_t i = 0; i < d->n; i++) {
		sum += d->from[i];
		hash ^= hash_of(d->from[i]);
		if (!i || !o.right)
			continue;
		uint64_t x = d->from[i - 1], y = d->from[i];
		o.right = d->f64 ? double_of(x) <= double_of(y) : x <= y;
		if (o.right)
			continue;
		if (d->f64)
			snprintf(o.text, sizeof o.text, "expected ascending numbers, observed %.17g before %.17g at %zu", double_of(x),
				 double_of(y), i);
		else
			snprintf(o.text, sizeof o.text, "expected ascending numbers, observed %llu before %llu at %zu",
				 (unsigned long long)x, (unsigned long long)y, i);
	}
	if (!o.right)
		return o;
	o.right = sum == d->sum && hash == d->hash;
	snprintf(o.text, sizeof o.text,
		 "ascending; sum and hash expected %016llx %016llx, observed %016llx %016llx (exact)",
		 (unsigned long long)d->sum, (unsigned long long)d->hash, (unsigned long long)sum, (unsigned long long)hash);
	return o;
}

static double sort_figure(const struct job *job)
{
	const struct data *d = job->data;
	return figure_u64(d->from, d->n);
}

static bool sort_spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	if (!d->n)
		return false;
	d->from[where % d->n] ^= 1;
	return true;
}

static void sort_release(struct job *job)
{
	struct data *d = job->data;
	if (d) {
		free(d->input);
		free(d->from);
		free(d->to);
		free(d->end);
	}
	free(d);
	job->data = NULL;
}

static double sort_bytes(const struct job *job) { return 16 * job->arg[0]; }

#endif
