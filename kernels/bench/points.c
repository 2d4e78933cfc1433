/* From kept rounds to points: time, speedups with intervals, efficiency, rates. */
#include "kernels/bench/session.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"

struct config *session_one(const struct session *s, const struct config *c)
{
	for (int i = 0; i < s->config_count; i++) {
		struct config *one = &s->configs[i];
		if (one->variant == c->variant && one->workers == 1 && (one->at == c->at || isnan(c->at)))
			return one;
	}
	return NULL;
}

struct config *session_baseline(const struct session *s, double at)
{
	for (int i = 0; i < s->config_count; i++)
		if (s->configs[i].baseline && (s->configs[i].at == at || isnan(at)))
			return &s->configs[i];
	return NULL;
}

/* A wrong result has no rate: its seconds count as unknown. */
static double seconds_in(const struct session *s, const struct config *c, int round)
{
	(void)s;
	return c->samples[round].right ? 1e-9 * (double)c->samples[round].wall_ns / c->inner : NAN;
}

static double capacity_in(const struct session *s, const struct config *c, int round)
{
	return session_capacity(s, round, c->workers);
}

/* Rounds that were kept; while there are none (a busy machine), all, so that something can be drawn hollow. */
static bool counts(const struct session *s, int round) { return s->round_kept[round] || !s->kept; }

int session_kept(const struct session *s, double (*value)(const struct session *, const struct config *, int),
		 const struct config *c, double *out)
{
	int n = 0;
	for (int round = 0; round < s->tried; round++)
		if (counts(s, round))
			out[n++] = value(s, c, round);
	return n;
}

/* Ratio of times in the rounds where both are known. */
static struct estimate ratio(const struct session *s, const struct config *num, const struct config *den, double work)
{
	double *a = xcalloc((size_t)s->tried + 1, sizeof *a), *b = xcalloc((size_t)s->tried + 1, sizeof *b);
	size_t n = 0;
	int rounds = num && den ? session_kept(s, seconds_in, num, a) : 0;

	if (rounds)
		session_kept(s, seconds_in, den, b);
	for (int i = 0; i < rounds; i++) {
		if (!(a[i] > 0) || !(b[i] > 0))
			continue;
		a[n] = work * a[i];
		b[n++] = b[i];
	}
	struct estimate e = n ? stat_ratio(a, b, n, 0.95) : estimate_none;
	if (num && den && (num->once || den->once)) { /* not of the same round, but all that is known */
		double seconds = work * session_seconds(s, num).mid / session_seconds(s, den).mid;
		e = isfinite(seconds) ? (struct estimate){seconds, NAN, NAN} : estimate_none;
	}
	free(a);
	free(b);
	return e;
}

struct estimate session_median(const struct session *s, double (*value)(const struct session *, const struct config *, int),
			       const struct config *c)
{
	double *x = xcalloc((size_t)s->tried + 1, sizeof *x);
	size_t known = 0;
	int n = session_kept(s, value, c, x);

	for (int i = 0; i < n; i++)
		if (isfinite(x[i]))
			x[known++] = x[i];
	struct estimate e = known ? stat_sign_interval(x, known, 0.95) : estimate_none;
	free(x);
	return e;
}

/* What was run once has no interval. */
static struct estimate once(const struct config *c, double seconds)
{
	return c->wrong_runs || c->skipped ? estimate_none : (struct estimate){seconds, NAN, NAN};
}

struct estimate session_seconds(const struct session *s, const struct config *c)
{
	return c->once ? once(c, c->warm_seconds) : session_median(s, seconds_in, c);
}

struct estimate session_speedup(const struct session *s, const struct config *c)
{
	return s->plan->weak ? ratio(s, session_one(s, c), c, c->work) : ratio(s, session_baseline(s, c->at), c, 1);
}

static double per_second(double (*model)(const struct job *), const struct config *c, double seconds)
{
	return model && seconds > 0 ? model(&c->input->job) / seconds : NAN;
}

/* Karp and Flatt's fraction of one configuration: the fit over its single point. */
static struct estimate karp_flatt(const struct session *s, const struct config *c)
{
	const struct config *one = session_one(s, c);
	size_t room = 2 * (size_t)s->tried + 2;
	double *seconds = xcalloc(room, sizeof *seconds), *spin = xcalloc(room, sizeof *spin);
	int workers[2] = {1, c->workers};
	struct scaling in = {workers, 2, 0, seconds, spin, s->usable};

	for (int round = 0; one && one != c && c->workers <= s->usable && round < s->tried; round++) {
		double t1 = seconds_in(s, one, round), tp = seconds_in(s, c, round);
		if (!s->round_kept[round] || !(t1 > 0) || !(tp > 0))
			continue;
		seconds[2 * in.rounds] = t1;
		seconds[2 * in.rounds + 1] = tp;
		spin[2 * in.rounds] = 1;
		spin[2 * in.rounds++ + 1] = session_capacity(s, round, c->workers);
	}
	struct estimate e = in.rounds ? fit_karp_flatt(&in, 1, s->plan->seed) : estimate_none;
	free(seconds);
	free(spin);
	return e;
}

static json_t *point(struct session *s, const struct config *c, bool final)
{
	const struct kernel *kernel = s->plan->kernel;
	json_t *o = session_object(s, "point", c);
	struct estimate seconds = session_seconds(s, c), capacity = session_median(s, capacity_in, c);
	struct estimate speedup = session_speedup(s, c);

	json_object_set_new(o, "final", json_boolean(final));
	json_object_set_new(o, "tried", json_integer(c->once ? 1 : s->tried));
	json_object_set_new(o, "kept", json_integer(c->once ? 0 : s->kept));
	json_object_set_new(o, "seconds", record_estimate(seconds));
	json_object_set_new(o, "speedup", record_estimate(speedup));
	json_object_set_new(o, "self", record_estimate(ratio(s, session_one(s, c), c, c->work)));
	json_object_set_new(o, "efficiency", record_real(speedup.mid / capacity.mid));
	json_object_set_new(o, "capacity", record_estimate(capacity));
	json_object_set_new(o, "bandwidth_ceiling",
			    record_real(kind_on_device(c->variant->kind) ? NAN : roofline_bandwidth_ratio(s, c, seconds.mid)));
	json_object_set_new(o, "oversubscribed", json_boolean(c->workers > s->usable));
	json_object_set_new(o, "busy", json_boolean(c->once || s->kept < SESSION_KEPT_LEAST));
	json_object_set_new(o, "once", json_boolean(c->once));
	json_object_set_new(o, "karp_flatt", record_estimate(final ? karp_flatt(s, c) : estimate_none));
	json_object_set_new(o, "flops_per_second", record_real(per_second(kernel->flops, c, seconds.mid)));
	json_object_set_new(o, "bytes_per_second", record_real(per_second(kernel->bytes, c, seconds.mid)));
	json_object_set_new(o, "right", json_boolean(!c->wrong_runs));
	json_object_set_new(o, "work", record_real(c->work));
	if (kind_on_device(c->variant->kind))
		device_point(s, c, o);
	return o;
}

void session_points(struct session *s, bool final)
{
	for (int i = 0; i < s->config_count; i++)
		if (!s->configs[i].skipped)
			record_write(s->sink, point(s, &s->configs[i], final), !final);
}

json_t *session_object(const struct session *s, const char *t, const struct config *c)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:i}", "t", t, "run", s->id, "variant", c->variant->name, "workers", c->workers);
	if (!isnan(c->at))
		json_object_set_new(o, "at", json_pack("{s:o}", s->plan->kernel->params[s->plan->sweep].name, record_real(c->at)));
	return o;
}
