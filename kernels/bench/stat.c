/* Robust statistics of repeated timings.
 *
 * Timings on a shared machine have one-sided noise and far outliers, so nothing here assumes a normal distribution:
 *   median, quantile    Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician 50(4), 1996
 *   sign interval       order statistics of the exact sign test: W. J. Conover, "Practical Nonparametric Statistics"
 *                       (quantile test); the number of values below the true median is binomial(n, 1/2)
 *   bootstrap           B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7(1), 1979;
 *                       the percentile interval
 * A NaN among the values makes the median, the quantile and the interval NaN: it is never sorted away in silence. */
#include "kernels/bench/stat.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/bench/util.h"
#include "kernels/rng.h"

const struct estimate estimate_none = {NAN, NAN, NAN};

enum { ON_STACK = 128, INSERTION_MAX = 24, ROUNDS_MIN = 6 };

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void sort(double *v, size_t n)
{
	if (n > INSERTION_MAX) {
		qsort(v, n, sizeof *v, compare);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		double x = v[i];
		size_t j = i;
		for (; j > 0 && v[j - 1] > x; j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
}

static bool has_nan(const double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (isnan(x[i]))
			return true;
	return false;
}

/* A sorted copy, in `room` when it fits there (ON_STACK values), else in fresh memory; release with drop(). */
static double *sorted(const double *x, size_t n, double *room)
{
	double *v = n <= ON_STACK ? room : xmalloc(n * sizeof *v);
	memcpy(v, x, n * sizeof *v);
	sort(v, n);
	return v;
}

static void drop(double *v, const double *room)
{
	if (v != room)
		free(v);
}

/* Hoare's selection: v[k] becomes the value that sorting would put there, with none greater before it. */
static void select_at(double *v, size_t n, size_t k)
{
	size_t low = 0, high = n - 1;
	while (high - low >= INSERTION_MAX) {
		double pivot = v[low + (high - low) / 2];
		size_t i = low, j = high;
		for (;;) {
			while (v[i] < pivot)
				i++;
			while (v[j] > pivot)
				j--;
			if (i >= j)
				break;
			double t = v[i];
			v[i++] = v[j];
			v[j--] = t;
		}
		/* Up to j all are <= pivot, after j all are >= pivot; j < high, because the pivot was not the last. */
		if (k <= j)
			high = j;
		else
			low = j + 1;
	}
	sort(v + low, high - low + 1);
}

double stat_median(const double *x, size_t n)
{
	if (n == 0 || has_nan(x, n))
		return NAN;
	double room[ON_STACK], *v = n <= ON_STACK ? room : xmalloc(n * sizeof *v);
	memcpy(v, x, n * sizeof *v);
	size_t k = n / 2;
	select_at(v, n, k);
	double mid = v[k];
	if (n % 2 == 0) {
		double below = v[0];
		for (size_t i = 1; i < k; i++)
			below = v[i] > below ? v[i] : below;
		mid = below == mid ? mid : below / 2 + mid / 2; /* halves: the sum of two large values may overflow */
	}
	drop(v, room);
	return mid;
}

static double quantile_of_sorted(const double *v, size_t n, double q)
{
	double at = (double)(n - 1) * q;
	size_t i = (size_t)at;
	if (i + 1 >= n)
		return v[n - 1];
	double part = at - (double)i;
	return part > 0 ? v[i] + part * (v[i + 1] - v[i]) : v[i];
}

double stat_quantile(const double *x, size_t n, double q)
{
	if (n == 0 || !(q >= 0 && q <= 1) || has_nan(x, n))
		return NAN;
	double room[ON_STACK], *v = sorted(x, n, room);
	double value = quantile_of_sorted(v, n, q);
	drop(v, room);
	return value;
}

/* The greatest k >= 1 with P(x(k) < median < x(n+1-k)) = 1 - 2 P(binomial(n, 1/2) < k) >= level, 0 when there is none.
 * Summed through logarithms, so that 2^-n never underflows; the slack is far below the distance of any two levels that
 * a person would ask for. */
static size_t sign_rank(size_t n, double level)
{
	double log_term = -(double)n * M_LN2, below = 0; /* log of C(n, k) / 2^n; the sum over 0 .. k-1 */
	size_t k = 0;
	while (k < (n + 1) / 2) {
		below += exp(log_term);
		if (1 - 2 * below < level - 1e-12)
			break;
		log_term += log((double)(n - k)) - log((double)(k + 1));
		k++;
	}
	return k;
}

struct estimate stat_sign_interval(const double *x, size_t n, double level)
{
	struct estimate e = {stat_median(x, n), NAN, NAN};
	if (isnan(e.mid) || !(level > 0 && level < 1))
		return e;
	size_t k = sign_rank(n, level);
	if (k == 0)
		return e;
	double room[ON_STACK], *v = sorted(x, n, room);
	e.lo = v[k - 1];
	e.hi = v[n - k];
	drop(v, room);
	return e;
}

struct estimate stat_ratio(const double *num, const double *den, size_t n, double level)
{
	double room[ON_STACK], *v = n <= ON_STACK ? room : xmalloc(n * sizeof *v);
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		if (num[i] > 0 && den[i] > 0 && isfinite(num[i]) && isfinite(den[i]))
			v[kept++] = log(num[i]) - log(den[i]);
	struct estimate e = kept ? stat_sign_interval(v, kept, level) : estimate_none;
	drop(v, room);
	return (struct estimate){exp(e.mid), exp(e.lo), exp(e.hi)};
}

int stat_differs(struct estimate a, struct estimate b)
{
	return (a.lo > b.hi) - (a.hi < b.lo); /* comparisons with NaN are false */
}

struct estimate stat_bootstrap(size_t n, size_t resamples, double level, uint64_t seed,
			       double (*f)(const size_t *index, size_t n, void *ctx), void *ctx)
{
	if (n == 0)
		return estimate_none;
	size_t *index = xmalloc(n * sizeof *index);
	for (size_t i = 0; i < n; i++)
		index[i] = i;
	struct estimate e = {f(index, n, ctx), NAN, NAN};
	if (n < ROUNDS_MIN || resamples == 0 || !(level > 0 && level < 1)) {
		free(index);
		return e;
	}
	double *value = xmalloc(resamples * sizeof *value);
	size_t finite = 0;
	uint64_t draw = 0;
	for (size_t r = 0; r < resamples; r++) {
		for (size_t i = 0; i < n; i++)
			index[i] = (size_t)(rng_unit(seed, draw++) * (double)n);
		double y = f(index, n, ctx);
		if (isfinite(y))
			value[finite++] = y;
	}
	if (2 * finite >= resamples) {
		sort(value, finite);
		e.lo = quantile_of_sorted(value, finite, (1 - level) / 2);
		e.hi = quantile_of_sorted(value, finite, 1 - (1 - level) / 2);
	}
	free(value);
	free(index);
	return e;
}
