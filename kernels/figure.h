/* A figure of a result of many numbers: the same in any language, another one wherever a number or its place differs. What a
 * kernel says of its answer beside that of a peer (kernels/peers/README.md). */
#ifndef LOCKSTEP_FIGURE_H
#define LOCKSTEP_FIGURE_H

#include <stddef.h>
#include <stdint.h>
#include "kernels/rng.h"

/* The sum of place times number modulo 2^64, places counted from 1; parts of a result may be added to `sum` in any order. */
static inline uint64_t figure_add(uint64_t sum, size_t first, const uint64_t *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum += (uint64_t)(first + i + 1) * x[i];
	return sum;
}

/* Stirred, so that sums that differ little give figures that differ much; 53 bits, which a double holds exactly. */
static inline double figure_of(uint64_t sum) { return (double)(rng_at(sum, 0) >> 11); }

static inline double figure_u64(const uint64_t *x, size_t n) { return figure_of(figure_add(0, 0, x, n)); }

/* Of doubles that are whole numbers: as 64-bit integers. NaN when one is none. */
static inline double figure_whole(const double *x, size_t n)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < n; i++) {
		if (!(x[i] >= -0x1p53 && x[i] <= 0x1p53) || x[i] != (double)(int64_t)x[i])
			return __builtin_nan("");
		sum += (uint64_t)(i + 1) * (uint64_t)(int64_t)x[i];
	}
	return figure_of(sum);
}

/* Of any doubles: by their bits. */
static inline double figure_bits(const double *x, size_t n)
{
	uint64_t sum = 0, bits;
	for (size_t i = 0; i < n; i++) {
		__builtin_memcpy(&bits, &x[i], sizeof bits);
		sum += (uint64_t)(i + 1) * bits;
	}
	return figure_of(sum);
}

#endif
