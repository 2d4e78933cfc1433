/* Laws of scaling, fitted to measured rounds. Sources: Amdahl 1967; Gustafson 1988; Karp and Flatt 1990; Gunther's USL
 * (2007). The data of one variant: `rounds` kept rounds, `points` worker counts (workers[] ascending, workers[0] = 1),
 * seconds[r * points + i] the time of round r with workers[i], spin[r * points + i] the capacity C(p) that the pure ALU
 * spin showed in the same round (1 at p = 1). NaN or <= 0: that round has no kept value at that point; a point needs 6
 * (or all) rounds. Only points with workers <= cores enter a fit. A share is not clamped to [0, 1]: the interval of
 * perfectly parallel code reaches below 0. */
#ifndef LOCKSTEP_FIT_H
#define LOCKSTEP_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernels/bench/stat.h"

struct scaling {
	const int *workers;
	size_t points, rounds;
	const double *seconds, *spin;
	int cores;
};

/* Amdahl with serial share s on a machine of capacity c: 1 / (s + (1 - s) / c). */
double fit_amdahl_speedup(double s, double capacity);

/* Scaled speedup with serial share s of the scaled run's time: c - s (c - 1)  (Gustafson). */
double fit_gustafson_speedup(double s, double capacity);

/* Speedup of the Universal Scalability Law: c / (1 + a (c - 1) + b c (c - 1)). */
double fit_usl_speedup(double a, double b, double capacity);

/* The serial share by s = sum(xy)/sum(x^2), x = 1 - 1/C, y = 1/S - 1/C over points 1 < p <= cores with C > 1.05, S and
 * C from medians of the (resampled) rounds, interval by bootstrap (2000 resamples). estimate_none without a point. */
struct estimate fit_amdahl(const struct scaling *in, uint64_t seed);

/* Karp-Flatt's experimentally determined serial fraction at point i, with capacity in the place of p:
 * e = (1/S - 1/C) / (1 - 1/C). estimate_none at p = 1 and where C <= 1.05. */
struct estimate fit_karp_flatt(const struct scaling *in, size_t i, uint64_t seed);

/* Do the share measured at one worker and the one fitted from the speedups say the same? Only an interval narrow enough to
 * exclude something can agree. */
enum agreement { FIT_AGREE, FIT_MORE, FIT_LESS, FIT_CANNOT_TELL };
enum agreement fit_agreement(struct estimate predicted, struct estimate fitted);
/* How a sentence on both ends: ": they agree", … */
const char *fit_agreement_words(enum agreement agreement);

/* USL as the straight line e(p) = a + b C(p) through the Karp-Flatt points (weighted by x^2). identifiable only with
 * >= 6 points p > 1 within cores and an interval of b that excludes 0; else `why` says in one sentence what is missing
 * (a and b are estimate_none with fewer points). `why` also warns when an identified peak lies beyond what was measured or
 * there is none, and is empty when there is nothing to add. */
struct usl {
	struct estimate a, b; /* a: contention, b: coherency */
	double peak;          /* workers at the maximum, sqrt((1 - a) / b); NaN unless identifiable with b > 0 */
	bool identifiable;
	char why[160];
};
struct usl fit_usl(const struct scaling *in, uint64_t seed);

/* Gustafson's serial share from scaled runs (work grows with p): S = p T(1) / T(p), s = (C - S) / (C - 1) by least
 * squares over the points, bootstrap interval. work[i] is the true work ratio work(p_i)/work(1) (sizes are whole). */
struct estimate fit_gustafson(const struct scaling *in, const double *work, uint64_t seed);

#endif
