/* The laws of scaling, fitted to rounds.
 *
 *   Amdahl      G. M. Amdahl, "Validity of the single processor approach to achieving large scale computing
 *               capabilities", AFIPS 1967
 *   Gustafson   J. L. Gustafson, "Reevaluating Amdahl's law", Communications of the ACM 31(5), 1988
 *   Karp-Flatt  A. H. Karp and H. P. Flatt, "Measuring parallel processor performance", CACM 33(5), 1990
 *   USL         N. J. Gunther, "Guerrilla Capacity Planning", 2007
 *
 * All four are written with the measured capacity C (the speedup of a pure ALU spin in the same rounds) where the papers
 * have p: a machine whose clock drops, whose cores are hardware threads or whose quota ends early is not serial code.
 * With x = 1 - 1/C and y = 1/S - 1/C, Amdahl is the line y = s x through the origin, Karp-Flatt is y/x, and the USL is
 * y/x = a + b C. Least squares in (x, y) thus weighs Karp-Flatt by x^2: few workers, where it is uncertain, count little.
 *
 * S and C are medians over rounds (of log ratios, as everywhere in the bench). Intervals come from resampling whole
 * rounds, so that what moved all worker counts of a round together moves them together in each resample too. */
#include "kernels/bench/fit.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernels/bench/util.h"

enum { RESAMPLES = 2000, ROUNDS_MIN = 6, USL_POINTS_MIN = 6 };
static const double LEVEL = 0.95, CAPACITY_MIN = 1.05;

double fit_amdahl_speedup(double s, double capacity)
{
	double time = s + (1 - s) / capacity;
	return time > 0 ? 1 / time : NAN; /* an interval's end below 0 may leave no time at all */
}

double fit_gustafson_speedup(double s, double capacity) { return capacity - s * (capacity - 1); }

double fit_usl_speedup(double a, double b, double capacity)
{
	double loss = 1 + a * (capacity - 1) + b * capacity * (capacity - 1);
	return loss > 0 ? capacity / loss : NAN;
}

/* The rounds as a law sees them: per point that may enter the fit, a column of log speedups and one of log capacities.
 * A round without a (kept) time at some point is NaN there and takes no part in that point's medians. */
struct data {
	size_t points, rounds;
	double *log_speedup, *log_capacity; /* [point * rounds + round] */
	double *room;                       /* one resample of one column */
	double *capacity, *speedup;         /* medians of the resample at hand */
	double reach;                       /* the largest capacity among the points */
	bool want_b;
};

static double log_or_nan(double x) { return x > 0 && isfinite(x) ? log(x) : NAN; }

/* Median of the column at the drawn rounds, back from logarithms. */
static double column_median(const struct data *d, const double *column, const size_t *index, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		if (!isnan(column[index[i]]))
			d->room[kept++] = column[index[i]];
	return exp(stat_median(d->room, kept));
}

static void resample(struct data *d, const size_t *index, size_t n)
{
	for (size_t k = 0; k < d->points; k++) {
		d->speedup[k] = column_median(d, d->log_speedup + k * d->rounds, index, n);
		d->capacity[k] = column_median(d, d->log_capacity + k * d->rounds, index, n);
	}
}

/* Fills the next column from point i; keeps it only when enough rounds and a capacity worth the name are there. */
static void add_point(struct data *d, const struct scaling *in, size_t i, double work)
{
	double *speedup = d->log_speedup + d->points * d->rounds, *capacity = d->log_capacity + d->points * d->rounds;
	size_t present = 0, present_c = 0;
	for (size_t r = 0; r < in->rounds; r++) {
		const double *row = in->seconds + r * in->points;
		speedup[r] = log_or_nan(work) + log_or_nan(row[0]) - log_or_nan(row[i]);
		capacity[r] = log_or_nan(in->spin[r * in->points + i]);
		present += !isnan(speedup[r]);
		if (!isnan(capacity[r]))
			d->room[present_c++] = capacity[r];
	}
	size_t need = in->rounds < ROUNDS_MIN ? in->rounds : ROUNDS_MIN;
	double c = exp(stat_median(d->room, present_c));
	if (present < need || present_c < need || !(c > CAPACITY_MIN))
		return;
	d->points++;
	d->reach = c > d->reach ? c : d->reach;
}

static bool usable(const struct scaling *in)
{
	return in->rounds > 0 && in->points > 1 && in->workers[0] == 1 && in->seconds && in->spin;
}

static struct data data_new(const struct scaling *in)
{
	size_t cells = in->points * in->rounds;
	return (struct data){.rounds = in->rounds,
			     .log_speedup = xcalloc(cells, sizeof(double)),
			     .log_capacity = xcalloc(cells, sizeof(double)),
			     .room = xcalloc(in->rounds, sizeof(double)),
			     .capacity = xcalloc(in->points, sizeof(double)),
			     .speedup = xcalloc(in->points, sizeof(double))};
}

/* All points that a fit may use: more than one worker, none oversubscribed. */
static struct data data_fit(const struct scaling *in, const double *work)
{
	struct data d = data_new(in);
	for (size_t i = 1; i < in->points; i++)
		if (in->workers[i] > 1 && in->workers[i] <= in->cores)
			add_point(&d, in, i, work ? work[i] : 1);
	return d;
}

static void data_free(struct data *d)
{
	free(d->log_speedup);
	free(d->log_capacity);
	free(d->room);
	free(d->capacity);
	free(d->speedup);
}

/* s = sum(xy) / sum(x^2); with one point this is Karp-Flatt. */
static double serial_share(const size_t *index, size_t n, void *ctx)
{
	struct data *d = ctx;
	double xy = 0, xx = 0;
	resample(d, index, n);
	for (size_t k = 0; k < d->points; k++) {
		double x = 1 - 1 / d->capacity[k], y = 1 / d->speedup[k] - 1 / d->capacity[k];
		if (!isfinite(x) || !isfinite(y)) /* no round of this point in the resample */
			continue;
		xy += x * y;
		xx += x * x;
	}
	return xx > 0 ? xy / xx : NAN;
}

struct estimate fit_amdahl(const struct scaling *in, uint64_t seed)
{
	if (!usable(in))
		return estimate_none;
	struct data d = data_fit(in, NULL);
	struct estimate s = estimate_none;
	if (d.points)
		s = stat_bootstrap(d.rounds, RESAMPLES, LEVEL, seed, serial_share, &d);
	data_free(&d);
	return s;
}

struct estimate fit_karp_flatt(const struct scaling *in, size_t i, uint64_t seed)
{
	if (!usable(in) || i == 0 || i >= in->points)
		return estimate_none;
	struct data d = data_new(in);
	struct estimate e = estimate_none;
	add_point(&d, in, i, 1);
	if (d.points)
		e = stat_bootstrap(d.rounds, RESAMPLES, LEVEL, seed, serial_share, &d);
	data_free(&d);
	return e;
}

/* Scaled runs: C - S = s (C - 1), least squares through the origin. */
static double scaled_share(const size_t *index, size_t n, void *ctx)
{
	struct data *d = ctx;
	double xy = 0, xx = 0;
	resample(d, index, n);
	for (size_t k = 0; k < d->points; k++) {
		double x = d->capacity[k] - 1, y = d->capacity[k] - d->speedup[k];
		if (!isfinite(x) || !isfinite(y))
			continue;
		xy += x * y;
		xx += x * x;
	}
	return xx > 0 ? xy / xx : NAN;
}

struct estimate fit_gustafson(const struct scaling *in, const double *work, uint64_t seed)
{
	if (!usable(in))
		return estimate_none;
	struct data d = data_fit(in, work);
	struct estimate s = estimate_none;
	if (d.points)
		s = stat_bootstrap(d.rounds, RESAMPLES, LEVEL, seed, scaled_share, &d);
	data_free(&d);
	return s;
}

/* The line e = a + b C by least squares with weights x^2; the coefficient that ctx asks for. */
static double line(const size_t *index, size_t n, void *ctx)
{
	struct data *d = ctx;
	double sw = 0, sc = 0, se = 0;
	resample(d, index, n);
	for (size_t k = 0; k < d->points; k++) {
		double c = d->capacity[k], x = 1 - 1 / c, y = 1 / d->speedup[k] - 1 / c;
		if (!isfinite(x) || !isfinite(y))
			continue;
		sw += x * x;
		sc += x * x * c;
		se += x * y; /* x^2 * (y / x) */
	}
	if (!(sw > 0))
		return NAN;
	double mean_c = sc / sw, mean_e = se / sw, scc = 0, sce = 0;
	for (size_t k = 0; k < d->points; k++) {
		double c = d->capacity[k], x = 1 - 1 / c, y = 1 / d->speedup[k] - 1 / c;
		if (!isfinite(x) || !isfinite(y) || x == 0)
			continue;
		scc += x * x * (c - mean_c) * (c - mean_c);
		sce += x * (c - mean_c) * (y - x * mean_e);
	}
	double b = scc > 0 ? sce / scc : NAN;
	return d->want_b ? b : mean_e - b * mean_c;
}

__attribute__((format(printf, 2, 3))) static void explain(struct usl *u, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	if (vsnprintf(u->why, sizeof u->why, fmt, ap) < 0)
		u->why[0] = '\0';
	va_end(ap);
}

/* Judges a fitted line; `reach` is the largest capacity that entered it. */
static void judge(struct usl *u, double reach)
{
	if (!(u->b.lo > 0 || u->b.hi < 0)) {
		explain(u, "the coherency term may be 0 (b = %.2g, between %.2g and %.2g), so no peak is claimed",
			u->b.mid, u->b.lo, u->b.hi);
		return;
	}
	u->identifiable = true;
	if (u->b.mid <= 0) {
		explain(u, "b is below 0: the loss shrinks with more workers (caches, super-linear), so there is no peak");
		return;
	}
	if (u->a.mid < 1)
		u->peak = sqrt((1 - u->a.mid) / u->b.mid);
	if (u->peak > reach)
		explain(u, "the peak near %.0f workers lies beyond the %.1f cores' worth measured: an extrapolation", u->peak, reach);
}

struct usl fit_usl(const struct scaling *in, uint64_t seed)
{
	struct usl u = {.a = estimate_none, .b = estimate_none, .peak = NAN};
	if (!usable(in)) {
		explain(&u, "no rounds with one and with more workers");
		return u;
	}
	struct data d = data_fit(in, NULL);
	if (d.points < USL_POINTS_MIN) {
		explain(&u, "needs %d worker counts above 1 within the %d core%s here, has %zu", USL_POINTS_MIN,
			in->cores, in->cores == 1 ? "" : "s", d.points);
		goto out;
	}
	u.a = stat_bootstrap(d.rounds, RESAMPLES, LEVEL, seed, line, &d);
	d.want_b = true;
	u.b = stat_bootstrap(d.rounds, RESAMPLES, LEVEL, seed, line, &d);
	if (isnan(u.b.lo)) {
		explain(&u, "needs %d kept rounds for an interval, has %zu", ROUNDS_MIN, d.rounds);
		goto out;
	}
	judge(&u, d.reach);
out:
	data_free(&d);
	return u;
}

#define TELLING_WIDTH 0.2 /* of an interval of the serial share; a wider one is compatible with almost anything */

enum agreement fit_agreement(struct estimate predicted, struct estimate fitted)
{
	if (isnan(predicted.lo) || isnan(fitted.lo))
		return FIT_CANNOT_TELL;
	if (fitted.lo > predicted.hi)
		return FIT_MORE;
	if (fitted.hi < predicted.lo)
		return FIT_LESS;
	return fitted.hi - fitted.lo <= TELLING_WIDTH ? FIT_AGREE : FIT_CANNOT_TELL;
}

const char *fit_agreement_words(enum agreement agreement)
{
	static const char *const words[] = {
		[FIT_AGREE] = ": they agree",
		[FIT_MORE] = ": the difference is overhead, not serial code",
		[FIT_LESS] = ": less than was measured at one worker",
		[FIT_CANNOT_TELL] = ": too wide an interval to tell more",
	};
	return words[agreement];
}
