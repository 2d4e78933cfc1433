/* The laws beside the measurement: Amdahl predicted and fitted, Gustafson, USL, and the projection beyond this machine. */
#include "kernels/bench/session.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/laws.h"
#include "kernels/bench/util.h"

enum { CURVE_TO = 8, CURVE_MAX = 64 };

/* All of one variant at one swept value, in the shape the fits want. Arrays are the caller's to free. */
struct series {
	struct scaling in;
	int workers[BENCH_WORKERS_MAX];
	struct config *config[BENCH_WORKERS_MAX];
	double *seconds, *spin, *work;
	double capacity[BENCH_WORKERS_MAX]; /* medians */
	double start;                       /* headline speedup of the same code with one worker */
};

static bool series_make(const struct session *s, const struct config *one, struct series *out)
{
	size_t points = 0, rounds = 0;

	*out = (struct series){0};
	for (int i = 0; i < s->config_count; i++) {
		struct config *c = &s->configs[i];
		if (c->variant != one->variant || !(c->at == one->at || isnan(one->at)) || c->baseline != one->baseline || c->once)
			continue;
		out->workers[points] = c->workers;
		out->config[points++] = c;
	}
	size_t room = points * (size_t)s->tried + 1;
	out->seconds = xcalloc(room, sizeof *out->seconds);
	out->spin = xcalloc(room, sizeof *out->spin);
	out->work = xcalloc(points + 1, sizeof *out->work);
	for (int round = 0; round < s->tried; round++) {
		if (!s->round_kept[round])
			continue;
		bool all_right = true;
		for (size_t i = 0; i < points; i++) {
			const struct sample *m = &out->config[i]->samples[round];
			out->seconds[rounds * points + i] = 1e-9 * (double)m->wall_ns / out->config[i]->inner;
			out->spin[rounds * points + i] = session_capacity(s, round, out->workers[i]);
			all_right = all_right && m->right;
		}
		rounds += all_right;
	}
	double *column = xcalloc(rounds + 1, sizeof *column);
	for (size_t i = 0; i < points; i++) {
		for (size_t r = 0; r < rounds; r++)
			column[r] = out->spin[r * points + i];
		out->capacity[i] = stat_median(column, rounds);
		out->work[i] = out->config[i]->work;
	}
	free(column);
	out->in = (struct scaling){out->workers, points, rounds, out->seconds, out->spin, s->usable};
	return points > 1 && rounds > 0;
}

static void series_free(struct series *x)
{
	free(x->seconds);
	free(x->spin);
	free(x->work);
}

/* Capacity at p: measured, interpolated between measured ones, and beyond the usable cores as if there were more like these. */
static double capacity_at(const struct series *x, double p)
{
	double below = 1, below_p = 1;
	for (size_t i = 0; i < x->in.points && x->workers[i] <= x->in.cores; i++) {
		if (x->workers[i] >= p && x->workers[i] > below_p)
			return below + (x->capacity[i] - below) * (p - below_p) / (x->workers[i] - below_p);
		below = x->capacity[i];
		below_p = x->workers[i];
	}
	return below * p / below_p;
}

static json_t *curve_point(double p, double mid, double lo, double hi)
{
	json_t *a = json_array();
	json_array_append_new(a, record_real(p));
	json_array_append_new(a, record_real(mid));
	json_array_append_new(a, record_real(fmin(lo, hi)));
	json_array_append_new(a, record_real(fmax(lo, hi)));
	return a;
}

/* A law as points (p, S) in the scale of the headline speedup; the band comes from the interval of the serial share. */
static json_t *curve(const struct series *x, struct estimate s, double (*law)(double s, double capacity))
{
	json_t *points = json_array();
	int to = x->workers[x->in.points - 1] > CURVE_TO ? x->workers[x->in.points - 1] : CURVE_TO, step = 1 + to / CURVE_MAX;

	for (int p = 1; p <= to; p += step) {
		double c = capacity_at(x, p);
		json_array_append_new(points, curve_point(p, x->start * law(s.mid, c), x->start * law(s.lo, c), x->start * law(s.hi, c)));
	}
	return points;
}

static json_t *fit_object(const struct session *s, const struct config *one, const char *law, const char *how)
{
	json_t *o = session_object(s, "fit", one);
	json_object_del(o, "workers");
	json_object_set_new(o, "law", json_string(law));
	if (how)
		json_object_set_new(o, "how", json_string(how));
	return o;
}

static void write_serial(struct session *s, const struct series *x, const char *law, const char *how, struct estimate share,
			 double (*f)(double, double))
{
	json_t *o = fit_object(s, x->config[0], law, how);
	json_object_set_new(o, "serial", record_estimate(share));
	json_object_set_new(o, "curve", curve(x, share, f));
	record_write(s->sink, o, false);
}

/* Share of the one-worker run that lies outside of every parallel region. */
static struct estimate serial_share(const struct session *s, const struct config *one)
{
	double *share = xcalloc((size_t)s->tried + 1, sizeof *share);
	size_t n = 0;

	for (int round = 0; round < s->tried; round++) {
		const struct usage *u = &one->samples[round].usage;
		if (s->round_kept[round] && u->wall_ns > 0)
			share[n++] = fmax(0, (double)(u->wall_ns - u->parallel_ns) / (double)u->wall_ns);
	}
	struct estimate e = n ? stat_sign_interval(share, n, 0.95) : estimate_none;
	free(share);
	return e;
}

static void write_usl(struct session *s, const struct series *x)
{
	struct usl usl = fit_usl(&x->in, s->plan->seed);
	json_t *o = fit_object(s, x->config[0], "usl", NULL), *points = json_array();

	json_object_set_new(o, "a", record_estimate(usl.a));
	json_object_set_new(o, "b", record_estimate(usl.b));
	json_object_set_new(o, "peak", record_real(usl.peak));
	json_object_set_new(o, "identifiable", json_boolean(usl.identifiable));
	json_object_set_new(o, "why", json_string(usl.why));
	for (int p = 1; usl.identifiable && p <= x->workers[x->in.points - 1] && p <= CURVE_MAX; p++)
		json_array_append_new(points, curve_point(p, x->start * fit_usl_speedup(usl.a.mid, usl.b.mid, capacity_at(x, p)), NAN, NAN));
	json_object_set_new(o, "curve", points);
	record_write(s->sink, o, false);
}

/* What more cores would give: the work T1 of one worker over the longest chain T∞ seen in each worker's own CPU time. */
static void write_projection(struct session *s, const struct series *x)
{
	json_t *o = fit_object(s, x->config[0], "projection", NULL), *points = json_array();
	double work = NAN, span = NAN;
	double *share = xcalloc((size_t)s->tried + 1, sizeof *share);

	for (size_t i = 0; i < x->in.points; i++) {
		size_t n = 0;
		double longest = 0, whole = 0;
		for (int round = 0; round < s->tried; round++) {
			const struct config *c = x->config[i], *one = x->config[0];
			const struct usage *u = &c->samples[round].usage, *v = &one->samples[round].usage;
			if (!s->round_kept[round] || u->max_cpu_ns <= 0)
				continue;
			double chain = (double)(u->wall_ns - u->parallel_ns + u->max_cpu_ns) / c->inner;
			double all = (double)(v->wall_ns - v->parallel_ns + v->cpu_ns) / one->inner;
			share[n++] = all / chain;
			longest += chain;
			whole += all;
		}
		if (!n)
			continue;
		struct estimate e = stat_sign_interval(share, n, 0.95);
		work = 1e-9 * whole / (double)n;
		span = 1e-9 * longest / (double)n;
		if (x->workers[i] >= s->usable) /* a bound that more workers than cores can show, but not reach, here */
			json_array_append_new(points, curve_point(x->workers[i], x->start * fmin(e.mid, x->workers[i]),
								  x->start * fmin(e.lo, x->workers[i]), x->start * fmin(e.hi, x->workers[i])));
	}
	free(share);
	json_object_set_new(o, "work_seconds", record_real(work));
	json_object_set_new(o, "span_seconds", record_real(span));
	json_object_set_new(o, "curve", points);
	if (json_array_size(points) > 1 && !s->plan->weak)
		record_write(s->sink, json_incref(o), false);
	json_decref(o);
}

static void sentence(struct session *s, const char *variant, struct estimate predicted, struct estimate fitted, double bandwidth)
{
	char interval[64] = "";

	if (isnan(fitted.mid) || isnan(predicted.mid))
		return;
	if (!isnan(fitted.lo))
		snprintf(interval, sizeof interval, " [%.1f to %.1f]", 100 * fitted.lo, 100 * fitted.hi);
	if (!isnan(bandwidth))
		session_say(s, "amdahl", "%s: memory's own scaling is %.2fx here, a second ceiling: the fitted share of %.1f %%%s holds "
			    "the waiting for memory and is not serial code (measured directly: %.1f %%)",
			    variant, bandwidth, 100 * fitted.mid, interval, 100 * predicted.mid);
	else
		session_say(s, "amdahl", "%s: serial share %.1f %% measured at one worker, %.1f %%%s fitted from the speedup%s", variant,
			    100 * predicted.mid, 100 * fitted.mid, interval, fit_agreement_words(fit_agreement(predicted, fitted)));
}

void laws_write(struct session *s)
{
	for (int i = 0; i < s->config_count; i++) {
		struct config *one = &s->configs[i];
		struct series x;
		if (one->workers != 1 || one->variant->kind == KIND_SERIAL || one->once || s->kept < SESSION_KEPT_LEAST)
			continue;
		if (series_make(s, one, &x)) {
			const struct config *base = session_baseline(s, one->at);
			x.start = s->plan->weak || !base ? 1 : session_speedup(s, one).mid;
			if (s->plan->weak) {
				write_serial(s, &x, "gustafson", "fitted", fit_gustafson(&x.in, x.work, s->plan->seed), fit_gustafson_speedup);
			} else {
				struct estimate predicted = s->plan->probes ? serial_share(s, one) : estimate_none, fitted = fit_amdahl(&x.in, s->plan->seed);
				const struct config *top = x.config[0];
				for (size_t k = 0; k < x.in.points && x.workers[k] <= s->usable; k++)
					top = x.config[k];
				if (!isnan(predicted.mid))
					write_serial(s, &x, "amdahl", "predicted", predicted, fit_amdahl_speedup);
				if (!isnan(fitted.mid))
					write_serial(s, &x, "amdahl", "fitted", fitted, fit_amdahl_speedup);
				write_usl(s, &x);
				if (s->plan->probes)
					write_projection(s, &x);
				sentence(s, one->variant->name, predicted, fitted,
					 top->workers > 1 ? roofline_bandwidth_ratio(s, top, session_seconds(s, top).mid) : NAN);
			}
		}
		series_free(&x);
	}
}
