/* Statistics of repeated timings. Robust by choice: medians and order statistics, no assumption of normality. */
#ifndef LOCKSTEP_STAT_H
#define LOCKSTEP_STAT_H

#include <stddef.h>
#include <stdint.h>

/* An estimate with its interval. lo and hi are NaN when there are too few values for an interval at that level. */
struct estimate {
	double mid, lo, hi;
};

extern const struct estimate estimate_none; /* three NaN */

/* Sorts a copy; NaN for n = 0. Even n: mean of the middle two. x is left as it was. */
double stat_median(const double *x, size_t n);

/* Linear-interpolation quantile (Hyndman and Fan type 7), q in [0, 1]. */
double stat_quantile(const double *x, size_t n, double q);

/* Median with the distribution-free interval from order statistics by the exact sign test: the narrowest symmetric pair
 * x(k), x(n+1-k) whose binomial(n, 1/2) coverage is at least `level` (0.95). Needs n >= 6 at 0.95, else lo = hi = NaN. */
struct estimate stat_sign_interval(const double *x, size_t n, double level);

/* Ratio num/den of rounds measured side by side: exp of the median of per-round log ratios, interval as above. */
struct estimate stat_ratio(const double *num, const double *den, size_t n, double level);

/* Do two intervals exclude each other? 1: a above b, -1: a below b, 0: cannot tell (overlap or no interval). */
int stat_differs(struct estimate a, struct estimate b);

/* Percentile bootstrap over rounds: draws `resamples` index vectors of length n with a seeded generator, calls
 * f(index, n, ctx) for each, and returns f on the identity as mid, with the central `level` interval of the finite
 * values. NaN interval if fewer than 6 rounds, or if fewer than half of the resamples gave a finite value. */
struct estimate stat_bootstrap(size_t n, size_t resamples, double level, uint64_t seed,
			       double (*f)(const size_t *index, size_t n, void *ctx), void *ctx);

#endif
