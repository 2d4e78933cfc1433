/* Statistics against binomial tables, closed forms, and distributions with known medians. The simulations use a seed of
 * the clock (printed; set SEED to repeat) and bounds more than 6 standard deviations away. */
#include <stdint.h>

#include "kernels/bench/clock.h"
#include "kernels/bench/stat.h"
#include "kernels/rng.h"
#include "tests/tap.h"

enum { BIG = 5000 };
static uint64_t seed, drawn;

static double unit(void) { return rng_unit(seed, drawn++); }

static void medians(void)
{
	double one[] = {7}, two[] = {4, 1}, odd[] = {5, 1, 4, 2, 3}, huge[] = {1.7e308, 1.5e308}, same[] = {2, 2, 2, 2};
	double bad[] = {1, NAN, 3, 4, 5, 6, 7}, ends[] = {-INFINITY, 1, INFINITY};
	ok(isnan(stat_median(one, 0)), "median of nothing is NaN");
	near(stat_median(one, 1), 7, 0, "median of one");
	near(stat_median(two, 2), 2.5, 0, "median of two is their mean");
	near(stat_median(odd, 5), 3, 0, "median of five");
	ok(odd[0] == 5 && odd[4] == 3, "the values are left as they were");
	near(stat_median(same, 4), 2, 0, "median of equal values");
	near(stat_median(huge, 2), 1.6e308, 1e293, "no overflow between two large values");
	near(stat_median(ends, 3), 1, 0, "infinities are values at the ends");
	ok(isnan(stat_median(bad, 7)), "a NaN is not hidden");
	ok(isnan(stat_sign_interval(bad, 7, 0.95).lo), "nor in an interval");

	/* every length around the switch of algorithms, against a known order: a permutation of 0 .. n-1 */
	bool good = true;
	for (size_t n = 1; n <= 400 && good; n++) {
		double v[400];
		for (size_t i = 0; i < n; i++)
			v[i] = (double)i;
		for (size_t i = n - 1; i > 0; i--) {
			size_t j = (size_t)(unit() * (double)(i + 1));
			double t = v[i];
			v[i] = v[j];
			v[j] = t;
		}
		good = stat_median(v, n) == (double)(n - 1) / 2;
		if (!good)
			diag("length %zu: %g", n, stat_median(v, n));
	}
	ok(good, "median of shuffled 0 .. n-1 for n up to 400");
	for (size_t n = 1; n <= 400 && good; n++) { /* few distinct values: the hard case of selection */
		double v[400];
		size_t below = 0, above = 0;
		for (size_t i = 0; i < n; i++)
			v[i] = (double)(int)(unit() * 3);
		double m = stat_median(v, n);
		for (size_t i = 0; i < n; i++) {
			below += v[i] < m;
			above += v[i] > m;
		}
		good = 2 * below <= n && 2 * above <= n;
	}
	ok(good, "no more than half lies on either side, with many ties");
}

static void quantiles(void)
{
	double x[] = {10, 20, 30, 40};
	near(stat_quantile(x, 4, 0), 10, 0, "quantile 0 is the least");
	near(stat_quantile(x, 4, 1), 40, 0, "quantile 1 is the greatest");
	near(stat_quantile(x, 4, 0.5), 25, 1e-12, "quantile 0.5 is the median");
	near(stat_quantile(x, 4, 0.25), 17.5, 1e-12, "type 7: between the first and the second");
	near(stat_quantile(x, 1, 0.3), 10, 0, "any quantile of one value");
	ok(isnan(stat_quantile(x, 4, 1.1)) && isnan(stat_quantile(x, 4, NAN)) && isnan(stat_quantile(x, 0, 0.5)),
	   "no quantile outside [0, 1] or of nothing");
}

/* The ranks of the two-sided 95 % interval of the median, as printed in tables of the sign test. */
static void sign_tables(void)
{
	static const struct {
		size_t n, k;
		double level;
	} table[] = {{6, 1, 0.95},   {7, 1, 0.95},   {8, 1, 0.95},   {9, 2, 0.95},   {10, 2, 0.95}, {11, 2, 0.95},
		     {12, 3, 0.95},  {15, 4, 0.95},  {20, 6, 0.95},  {25, 8, 0.95},  {30, 10, 0.95}, {50, 18, 0.95},
		     {100, 40, 0.95}, {8, 1, 0.99},  {10, 1, 0.99},  {12, 2, 0.99},  {20, 4, 0.99},  {11, 3, 0.90}};
	for (size_t t = 0; t < sizeof table / sizeof table[0]; t++) {
		double v[100];
		char name[80];
		for (size_t i = 0; i < table[t].n; i++)
			v[i] = (double)(table[t].n - i); /* 1 .. n, descending */
		struct estimate e = stat_sign_interval(v, table[t].n, table[t].level);
		snprintf(name, sizeof name, "n = %zu at %g: ranks %zu and %zu", table[t].n, table[t].level, table[t].k,
			 table[t].n + 1 - table[t].k);
		ok(e.lo == (double)table[t].k && e.hi == (double)(table[t].n + 1 - table[t].k), "%s", name);
		if (e.lo != (double)table[t].k)
			diag("got %g and %g", e.lo, e.hi);
	}
	double v[] = {1, 2, 3, 4, 5};
	struct estimate e = stat_sign_interval(v, 5, 0.95);
	ok(e.mid == 3 && isnan(e.lo) && isnan(e.hi), "five values: a median and no interval");
	ok(isnan(stat_sign_interval(v, 0, 0.95).mid), "nothing: no estimate");
	ok(isnan(stat_sign_interval(v, 5, 1).lo) && isnan(stat_sign_interval(v, 5, NAN).lo), "no interval at level 1 or NaN");

	static double many[BIG];
	for (size_t i = 0; i < BIG; i++)
		many[i] = (double)i + 1;
	e = stat_sign_interval(many, BIG, 0.95); /* normal approximation: n/2 - 0.98 sqrt(n) */
	near(e.lo, BIG / 2.0 - 0.98 * sqrt(BIG), 1.5, "n = 5000: no underflow, near the normal approximation");
	near(e.lo + e.hi, BIG + 1, 0, "and symmetric");
}

/* Skewed values with median ln 2: the share of intervals that hold it must be the binomial figure. */
static void sign_coverage(void)
{
	enum { TRIES = 20000, N = 11 };
	int held = 0;
	for (int t = 0; t < TRIES; t++) {
		double v[N];
		for (int i = 0; i < N; i++)
			v[i] = -log(1 - unit());
		struct estimate e = stat_sign_interval(v, N, 0.95);
		held += e.lo <= M_LN2 && M_LN2 <= e.hi;
	}
	double exact = 1 - 2 * (1 + 11) / 2048.0, share = (double)held / TRIES;
	diag("exponential, n = 11: %.4f of the intervals hold the median, binomial %.4f", share, exact);
	near(share, exact, 6.5 * sqrt(exact * (1 - exact) / TRIES), "coverage is the binomial one");
}

/* One side's noise, up to 5 %, and every tenth run twice as long. */
static double noise(void) { return (1 + 0.05 * unit()) * (unit() < 0.1 ? 2 : 1); }

static void ratios(void)
{
	enum { TRIES = 5000, N = 11 };
	int held = 0, narrow = 0;
	for (int t = 0; t < TRIES; t++) {
		double a[N], b[N], calm_a[N], calm_b[N];
		for (int i = 0; i < N; i++) {
			double weather = 1 + 0.3 * unit(); /* moves both runs of a round */
			a[i] = 3.7 * weather * noise();
			b[i] = 2.0 * weather * noise();
			calm_a[i] = 3.7 * weather * (1 + 0.05 * unit());
			calm_b[i] = 2.0 * weather * (1 + 0.05 * unit());
		}
		struct estimate e = stat_ratio(a, b, N, 0.95);
		held += e.lo <= 1.85 && 1.85 <= e.hi;
		e = stat_ratio(calm_a, calm_b, N, 0.95);
		narrow += e.lo >= 1.85 / 1.051 && e.hi <= 1.85 * 1.051;
	}
	double share = (double)held / TRIES, exact = 1 - 24 / 2048.0;
	diag("ratio 1.85 under noise and outliers: held by %.4f of the intervals", share);
	ok(share > exact - 6.5 * sqrt(exact * (1 - exact) / TRIES), "the true ratio is held as often as promised");
	ok(narrow == TRIES, "without outliers the interval is within the noise of one run: what moves a whole round cancels");

	double a[] = {2, 8, 0, NAN, INFINITY, 4}, b[] = {1, 1, 1, 1, 1, -1};
	struct estimate e = stat_ratio(a, b, 6, 0.95);
	near(e.mid, 4, 1e-12, "geometric mean of the two ratios that exist; zero, NaN, infinity and negative left out");
	ok(isnan(e.lo), "two ratios make no interval");
	ok(isnan(stat_ratio(a, b, 0, 0.95).mid) && isnan(stat_ratio(a + 2, b, 3, 0.95).mid), "nothing: no ratio");
}

static void differences(void)
{
	struct estimate a = {2, 1.9, 2.1}, b = {3, 2.2, 3.5}, c = {2.1, 2.05, 2.3};
	ok(stat_differs(b, a) == 1 && stat_differs(a, b) == -1, "apart: the greater is said to be greater");
	ok(stat_differs(a, c) == 0 && stat_differs(a, a) == 0, "overlap: cannot tell");
	ok(stat_differs(a, estimate_none) == 0 && stat_differs(estimate_none, b) == 0, "no interval: cannot tell");
}

struct sample {
	const double *x;
	size_t calls, out_of_range, broken_every;
};

static double mean(const size_t *index, size_t n, void *ctx)
{
	struct sample *s = ctx;
	double sum = 0;
	s->calls++;
	for (size_t i = 0; i < n; i++) {
		s->out_of_range += index[i] >= n;
		sum += s->x[index[i] < n ? index[i] : 0];
	}
	if (s->broken_every && s->calls % s->broken_every != 1)
		return s->calls % 2 ? NAN : INFINITY;
	return sum / (double)n;
}

static void bootstraps(void)
{
	enum { N = 100 };
	double x[N];
	for (int i = 0; i < N; i++)
		x[i] = i; /* mean 49.5; the mean of a resample has deviation sqrt((100^2 - 1) / 12 / 100) = 2.886 */
	struct sample s = {.x = x};
	struct estimate e = stat_bootstrap(N, 4000, 0.95, 42, mean, &s);
	near(e.mid, 49.5, 0, "the middle is the function of the data themselves");
	near(e.lo, 49.5 - 1.96 * 2.886, 0.6, "lower end of the 95 % interval of a mean");
	near(e.hi, 49.5 + 1.96 * 2.886, 0.6, "upper end");
	ok(s.calls == 4001 && s.out_of_range == 0, "one call a resample and one for the data, no index out of range");
	struct estimate again = stat_bootstrap(N, 4000, 0.95, 42, mean, &s);
	ok(again.lo == e.lo && again.hi == e.hi, "the same seed gives the same interval");
	again = stat_bootstrap(N, 4000, 0.95, 43, mean, &s);
	ok(again.lo != e.lo || again.hi != e.hi, "another seed another one");
	struct estimate wide = stat_bootstrap(N, 4000, 0.99, 42, mean, &s);
	ok(wide.lo < e.lo && wide.hi > e.hi, "a higher level is wider");
	e = stat_bootstrap(5, 100, 0.95, 42, mean, &s);
	ok(e.mid == 2 && isnan(e.lo) && isnan(e.hi), "five rounds: no interval");
	ok(isnan(stat_bootstrap(0, 100, 0.95, 42, mean, &s).mid), "no rounds: no estimate");
	s = (struct sample){.x = x, .broken_every = 3};
	e = stat_bootstrap(N, 3000, 0.95, 42, mean, &s);
	ok(e.mid == 49.5 && isnan(e.lo) && isnan(e.hi), "two of three resamples not finite: no interval");
}

int main(void)
{
	const char *given = getenv("SEED");
	seed = given ? strtoull(given, NULL, 10) : (uint64_t)clock_ns(CLOCK_REALTIME);
	diag("SEED=%llu", (unsigned long long)seed);
	medians();
	quantiles();
	sign_tables();
	sign_coverage();
	ratios();
	differences();
	bootstraps();
	return tap_done();
}
