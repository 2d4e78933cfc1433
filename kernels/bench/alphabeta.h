/* The model of a message's time: T(m) = alpha + m / beta, alpha the latency, beta the bandwidth (Hockney, Parallel Computing 20, 1994).
 * Fitted to measured one-way times by least squares of the relative deviations, sum ((T - alpha - m c) / T)^2, c = 1 / beta: times
 * span four orders of magnitude, and 5 % are 5 % at either end. From medians over rounds, intervals by bootstrap over rounds. */
#ifndef LOCKSTEP_ALPHABETA_H
#define LOCKSTEP_ALPHABETA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernels/bench/stat.h"

enum { ALPHABETA_SIZES = 32 };

struct alphabeta {
	struct estimate alpha;    /* seconds */
	struct estimate per_byte; /* 1 / beta, seconds a byte */
	double worst;             /* largest relative deviation of a median from the line … */
	double worst_bytes;       /* … and where */
	bool knee;                /* two lines say clearly more than one: the cost jumps between two sizes */
	double knee_below, knee_above; /* the last size before, the first after */
	struct estimate jump;     /* by how many seconds more, at the knee */
};

/* bytes[] ascending; seconds[r * sizes + i] the time of round r for bytes[i]. Needs 2 sizes (4 and at least 6 rounds for a knee) and at
 * most ALPHABETA_SIZES; with less all estimates are estimate_none. */
struct alphabeta alphabeta_fit(const double *bytes, size_t sizes, const double *seconds, size_t rounds, uint64_t seed);

/* What the model says of a message. */
double alphabeta_seconds(const struct alphabeta *fit, double bytes);

#endif
