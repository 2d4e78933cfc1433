/* Lines through times of messages. */
#include "kernels/bench/alphabeta.h"

#include <math.h>
#include <stdlib.h>
#include "kernels/bench/util.h"

enum { RESAMPLES = 1000, KNEE_ROUNDS = 6, KNEE_SIZES = 2 /* at least, on each side */ };
#define KNEE_GAIN 4    /* two lines must leave so many times less of the squares than one */
#define KNEE_JUMP 0.15 /* and the step must be so much of the time there */

struct data {
	const double *bytes, *seconds;
	size_t sizes, rounds, knee; /* knee: how many sizes are below it; 0: none */
	double *column;
	enum { ALPHA, PER_BYTE, JUMP } want;
};

struct line {
	double alpha, c, rest; /* rest: sum of squared relative deviations */
};

/* Weights 1 / T^2 in the normal equations of two unknowns. */
static struct line line_through(const double *m, const double *t, size_t n)
{
	double w = 0, wm = 0, wmm = 0, wt = 0, wmt = 0, rest = 0;
	for (size_t i = 0; i < n; i++) {
		double v = 1 / (t[i] * t[i]);
		w += v, wm += v * m[i], wmm += v * m[i] * m[i], wt += v * t[i], wmt += v * m[i] * t[i];
	}
	double d = w * wmm - wm * wm;
	struct line line = {(wmm * wt - wm * wmt) / d, (w * wmt - wm * wt) / d, 0};
	for (size_t i = 0; i < n; i++) {
		double e = (t[i] - line.alpha - line.c * m[i]) / t[i];
		rest += e * e;
	}
	line.rest = rest;
	return line;
}

static void medians(const struct data *d, const size_t *index, size_t n, double *out)
{
	for (size_t i = 0; i < d->sizes; i++) {
		for (size_t r = 0; r < n; r++)
			d->column[r] = d->seconds[index[r] * d->sizes + i];
		out[i] = stat_median(d->column, n);
	}
}

/* How much more a message costs at the knee by the upper line than by the lower one: between its two sizes. */
static double jump_of(const struct data *d, const double *t)
{
	struct line low = line_through(d->bytes, t, d->knee);
	struct line high = line_through(d->bytes + d->knee, t + d->knee, d->sizes - d->knee);
	double at = sqrt(fmax(d->bytes[d->knee - 1], 1) * d->bytes[d->knee]);
	return high.alpha + high.c * at - low.alpha - low.c * at;
}

static double of_rounds(const size_t *index, size_t n, void *ctx)
{
	struct data *d = ctx;
	double t[ALPHABETA_SIZES];
	medians(d, index, n, t);
	if (d->want == JUMP)
		return jump_of(d, t);
	struct line line = line_through(d->bytes, t, d->sizes);
	return d->want == ALPHA ? line.alpha : line.c;
}

static struct estimate estimate(struct data *d, int want, uint64_t seed)
{
	d->want = want;
	return stat_bootstrap(d->rounds, RESAMPLES, 0.95, seed, of_rounds, d);
}

static void find_knee(struct data *d, const double *t, struct alphabeta *fit, uint64_t seed)
{
	double one = line_through(d->bytes, t, d->sizes).rest, best = INFINITY;
	for (size_t k = KNEE_SIZES; k + KNEE_SIZES <= d->sizes; k++) {
		double two = line_through(d->bytes, t, k).rest + line_through(d->bytes + k, t + k, d->sizes - k).rest;
		if (two < best)
			best = two, d->knee = k;
	}
	if (!d->knee || d->rounds < KNEE_ROUNDS || !(one > KNEE_GAIN * best))
		return;
	fit->jump = estimate(d, JUMP, seed);
	fit->knee = fit->jump.lo > 0 && fit->jump.mid > KNEE_JUMP * t[d->knee];
	fit->knee_below = d->bytes[d->knee - 1];
	fit->knee_above = d->bytes[d->knee];
}

struct alphabeta alphabeta_fit(const double *bytes, size_t sizes, const double *seconds, size_t rounds, uint64_t seed)
{
	struct alphabeta fit = {.alpha = estimate_none, .per_byte = estimate_none, .jump = estimate_none, .worst = NAN,
							.worst_bytes = NAN, .knee_below = NAN, .knee_above = NAN};
	if (sizes < 2 || sizes > ALPHABETA_SIZES || !rounds)
		return fit;
	struct data d = {.bytes = bytes, .seconds = seconds, .sizes = sizes, .rounds = rounds,
					 .column = xcalloc(rounds, sizeof(double))};
	size_t *all = xcalloc(rounds, sizeof *all);
	double t[ALPHABETA_SIZES];
	for (size_t r = 0; r < rounds; r++)
		all[r] = r;
	medians(&d, all, rounds, t);
	fit.alpha = estimate(&d, ALPHA, seed);
	fit.per_byte = estimate(&d, PER_BYTE, seed);
	fit.worst = 0;
	for (size_t i = 0; i < sizes; i++) {
		double e = fabs(alphabeta_seconds(&fit, bytes[i]) / t[i] - 1);
		if (e > fit.worst)
			fit.worst = e, fit.worst_bytes = bytes[i];
	}
	find_knee(&d, t, &fit, seed);
	free(d.column);
	free(all);
	return fit;
}

double alphabeta_seconds(const struct alphabeta *fit, double bytes) { return fit->alpha.mid + bytes * fit->per_byte.mid; }
