/* The roof: peak arithmetic in doubles and in 4-byte floats (kernels fma, fma_f32) and memory bandwidth (kernel stream) of
 * this machine, measured once per hardware and build, and kept in the cache folder. */
#ifndef LOCKSTEP_CEILINGS_H
#define LOCKSTEP_CEILINGS_H

#include <stdbool.h>
#include "kernels/bench/record.h"

enum { CEILINGS_MAX = 16 };

struct ceiling {
	int workers, kept;
	struct estimate flops_per_second, f32_flops_per_second, bytes_per_second;
};

struct ceilings {
	struct ceiling at[CEILINGS_MAX]; /* workers 1, 2, 4, … up to the usable cores */
	int count;
};

/* From the cache, or measured now (some seconds; progress records tell) and cached: for good if the machine was quiet,
 * else for ten minutes. NULL when it can't be measured (a signal, no memory). Kept for the life of the process. */
const struct ceilings *ceilings_get(struct record_sink *sink, const char *run);
/* Before fork: what a child finds, this process and its later children know too. */
void ceilings_share(void);
/* What ceilings_get found before; NULL if it was never asked. Never measures. */
const struct ceilings *ceilings_known(void);
/* The peak at a worker count (interpolated between measured ones), NaN when unknown. */
double ceilings_flops(int workers, bool single); /* single: in 4-byte floats, else in doubles */
double ceilings_bytes(int workers);

#endif
