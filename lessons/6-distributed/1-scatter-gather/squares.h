/* What the lesson `scatter-gather` reckons, and what its two programs share: inputs, results and their checks. */
#ifndef LOCKSTEP_SQUARES_H
#define LOCKSTEP_SQUARES_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/figure.h"
#include "kernels/kernel.h"
#include "kernels/rng.h"
#include "kernels/runtime/ranks.h"

enum { PRIME = 2147483647 }; /* 2^31 - 1, a prime of Mersenne */

/* In the bench: the whole array for the serial variants, and what came back from the ranks. */
struct data {
	uint64_t *in, *out;
	double expected[2]; /* sum of all results; their figure */
	struct ranks_answer found;
	bool by_ranks;
};

/* Number i of the array, 1 to PRIME - 1. */
static inline uint64_t number(uint64_t seed, size_t i) { return 1 + rng_at(seed, i) % (PRIME - 1); }

/* x squared `times` times modulo PRIME: what is wanted of each number. */
static inline uint64_t squared(uint64_t x, uint64_t times)
{
	for (; times > 0; times--) {
		x *= x;
		x = (x & PRIME) + (x >> 31); /* 2^31 is 1 here: no division */
		x = (x & PRIME) + (x >> 31);
	}
	return x == PRIME ? 0 : x;
}

/* The same without squaring so often: x to the power 2^times, and the exponent counts modulo PRIME - 1 (Fermat). */
static inline uint64_t power_of(uint64_t x, uint64_t exponent, uint64_t modulus)
{
	uint64_t result = 1;
	for (; exponent > 0; exponent >>= 1, x = x * x % modulus)
		result = exponent & 1 ? result * x % modulus : result;
	return result % modulus;
}

static inline int squares_prepare(struct job *job)
{
	size_t n = job_size(job);
	struct data *d = job->data = calloc(1, sizeof *d);
	if (!d)
		return -1;
	d->in = calloc(n + 1, sizeof *d->in);
	d->out = calloc(n + 1, sizeof *d->out);
	if (!d->in || !d->out)
		return -1;
	uint64_t exponent = power_of(2, (uint64_t)job->arg[1], PRIME - 1), figure = 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t x = d->in[i] = number(job->seed, i), y = power_of(x, exponent, PRIME);
		d->expected[0] += (double)y;
		figure = figure_add(figure, i, &y, 1);
	}
	d->expected[1] = figure_of(figure);
	return 0;
}

static inline void squares_reset(struct job *job)
{
	struct data *d = job->data;
	memset(d->out, 0xff, job_size(job) * sizeof *d->out);
	d->by_ranks = false;
}

static inline void squares_release(struct job *job)
{
	struct data *d = job->data;
	if (d)
		free(d->in), free(d->out);
	free(d), job->data = NULL;
}

/* figure[0]: the sum of the results, [1]: the figure of all of them in their places (NaN: they stayed where they were), [2]: how many
 * came back. */
static inline void squares_figures(double figure[3], const uint64_t *out, size_t n)
{
	figure[0] = figure[2] = 0;
	for (size_t i = 0; i < n; i++) {
		bool came = out[i] < PRIME;
		figure[0] += came ? (double)out[i] : 0;
		figure[2] += came;
	}
	figure[1] = figure_u64(out, n);
}

static inline struct outcome squares_verify(const struct job *job)
{
	struct data *d = job->data;
	double *f = d->found.figure;
	if (!d->by_ranks)
		squares_figures(f, d->out, job_size(job));
	bool stayed = f[1] != f[1];
	struct outcome out = {f[0] == d->expected[0] && (stayed || f[1] == d->expected[1]), d->expected[0], f[0], ""};
	if (stayed)
		snprintf(out.text, sizeof out.text, "the sum should be %.0f and is %.0f; exact", d->expected[0], f[0]);
	else
		snprintf(out.text, sizeof out.text, "%.0f of %zu results came back; their sum should be %.0f and is %.0f%s", f[2],
				 job_size(job), d->expected[0], f[0], f[0] == d->expected[0] && !out.right ? ", but not in their places" : "");
	return out;
}

#endif
