/* Rows of a run: sample, point, fit, counters, span, budget, verdict, progress. Each is read as a whole before
 * anything is changed, so that a bad line leaves no trace. */
#include "kernels/bench/recset_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/kernel.h"

enum { ROUND_MAX = 1000000000, COUNT_MAX = 2000000000, CORE_MAX = 1 << 20, INTERIM_MAX = 4096, DEVICES_MAX = 16 };

static char SPIN[] = "@spin";

/* Appends to one of the run's lists; without room it makes the record bad and leaves NULL. */
#define ROW(r, list) \
	(((list).v = keep((r), (list).v, (list).n, &(list).room, sizeof *(list).v)), (r)->bad ? NULL : &(list).v[(list).n++])

static void *keep(struct reading *r, void *v, size_t n, size_t *room, size_t size)
{
	void *fresh = r->bad ? NULL : read_room(r, v, n, room, size);
	return fresh ? fresh : v;
}

/* The announced variant; rows share its name. */
static char *variant_of(struct reading *r, const struct rec_run *run, bool spin)
{
	const char *name = json_string_value(json_object_get(r->object, "variant"));
	const struct rec_variant *variant = recset_variant(run, name);
	if (spin && name && !strcmp(name, SPIN))
		return SPIN;
	if (!variant)
		read_bad(r, "its 'variant' was not announced by the run");
	return variant ? variant->name : NULL;
}

static int workers_of(struct reading *r)
{
	return read_int(r, r->object, "workers", 1, KERNEL_WORKERS_MAX, 0);
}

/* {"chunk":16} -> 16 */
static double at_of(struct reading *r, const struct rec_run *run)
{
	const json_t *at = json_object_get(r->object, "at");
	if (!at || json_is_null(at))
		return NAN;
	if (!run->sweep)
		read_bad(r, "'at' without a sweep");
	else if (json_object_size(at) != 1 || !json_object_get(at, run->sweep))
		read_bad(r, "'at' does not name the swept parameter");
	return run->sweep ? read_real(r, at, run->sweep, -INFINITY) : NAN;
}

static void read_sample(struct reading *r, struct rec_run *run)
{
	const json_t *o = r->object;
	struct rec_sample s = {
		.round = read_int(r, o, "round", 0, ROUND_MAX, -1),
		.variant = variant_of(r, run, true),
		.workers = workers_of(r),
		.at = at_of(r, run),
		.seconds = read_real(r, o, "seconds", 0),
		.foreign = read_real(r, o, "foreign_cores", 0),
		.oncpu = read_real(r, o, "oncpu", 0),
		.kept = read_bool_needed(r, o, "kept"),
		.right = read_bool_needed(r, o, "right"),
	};
	struct rec_sample *row = r->bad || r->set->state->lean ? NULL : ROW(r, run->samples);
	if (row)
		*row = s;
}

static void read_point(struct reading *r, struct rec_run *run)
{
	const json_t *o = r->object;
	struct rec_point p = {
		.variant = variant_of(r, run, false),
		.workers = workers_of(r),
		.tried = read_int(r, o, "tried", 0, ROUND_MAX, 0),
		.kept = read_int(r, o, "kept", 0, ROUND_MAX, 0),
		.at = at_of(r, run),
		.seconds = read_estimate(r, o, "seconds", 0),
		.speedup = read_estimate(r, o, "speedup", 0),
		.self = read_estimate(r, o, "self", 0),
		.capacity = read_estimate(r, o, "capacity", 0),
		.karp_flatt = read_estimate(r, o, "karp_flatt", -INFINITY),
		.copy_in = read_estimate(r, o, "copy_in_seconds", 0),
		.compute = read_estimate(r, o, "compute_seconds", 0),
		.copy_out = read_estimate(r, o, "copy_out_seconds", 0),
		.occupancy = read_real(r, o, "occupancy", 0),
		.of_ceiling = read_real(r, o, "of_ceiling", 0),
		.efficiency = read_real(r, o, "efficiency", 0),
		.bandwidth_ceiling = read_real(r, o, "bandwidth_ceiling", 0),
		.flops_per_second = read_real(r, o, "flops_per_second", 0),
		.bytes_per_second = read_real(r, o, "bytes_per_second", 0),
		.work = read_real(r, o, "work", 0),
		.final = read_bool(r, o, "final", true),
		.oversubscribed = read_bool(r, o, "oversubscribed", false),
		.busy = read_bool(r, o, "busy", false),
		.once = read_bool(r, o, "once", false),
		.right = read_bool_needed(r, o, "right"),
	};
	if (p.kept > p.tried)
		read_bad(r, "more rounds kept than tried");
	if (r->bad)
		return;
	struct recset_key key = {.table = TABLE_POINTS, .variant = p.variant, .workers = p.workers, .at = p.at};
	long old = recset_find(run, &key);
	if (old >= 0) {
		if (p.final || !run->points.v[old].final)
			run->points.v[old] = p;
		return;
	}
	struct rec_point *row = ROW(r, run->points);
	if (!row)
		return;
	*row = p;
	recset_indexed(run, TABLE_POINTS, run->points.n - 1);
}

static void free_fit(struct rec_fit *f)
{
	free(f->curve);
	free(f->law);
	free(f->how);
	free(f->why);
}

static void read_curve(struct reading *r, struct rec_fit *f)
{
	const json_t *curve = json_object_get(r->object, "curve");
	if (!curve || json_is_null(curve))
		return;
	if (!json_is_array(curve) || json_array_size(curve) > RECSET_CURVE_MAX) {
		read_bad(r, "'curve' is not a list of at most %d points", RECSET_CURVE_MAX);
		return;
	}
	if (!json_array_size(curve) || !read_held(r, json_array_size(curve) * sizeof *f->curve))
		return;
	f->curve = xcalloc(json_array_size(curve), sizeof *f->curve);
	for (size_t i = 0; i < json_array_size(curve) && !r->bad; i++) {
		const json_t *point = json_array_get(curve, i);
		double p = json_number_value(json_array_get(point, 0));
		if (!(p > 0)) /* also when it is no number */
			read_bad(r, "a point of 'curve' has no worker count");
		f->curve[i] = (struct rec_curve_point){p, read_estimate_of(r, point, 1, "curve", -INFINITY)};
		f->curve_count++;
	}
}

static void read_fit(struct reading *r, struct rec_run *run)
{
	const json_t *o = r->object;
	struct rec_fit f = {
		.variant = variant_of(r, run, false),
		.at = at_of(r, run),
		.law = read_name(r, o, "law", true),
		.how = read_name(r, o, "how", false),
		.why = read_text(r, o, "why"),
		.serial = read_estimate(r, o, "serial", -INFINITY),
		.a = read_estimate(r, o, "a", -INFINITY),
		.b = read_estimate(r, o, "b", -INFINITY),
		.peak = read_real(r, o, "peak", 0),
		.work_seconds = read_real(r, o, "work_seconds", 0),
		.span_seconds = read_real(r, o, "span_seconds", 0),
		.identifiable = read_bool(r, o, "identifiable", false),
	};
	read_curve(r, &f);
	struct rec_fit *row = NULL;
	if (!r->bad) {
		struct recset_key key = {.table = TABLE_FITS, .variant = f.variant, .law = f.law, .how = f.how, .at = f.at};
		long old = recset_find(run, &key);
		/* how = NULL finds any; only the same one is replaced */
		bool same = old >= 0 && (f.how || !run->fits.v[old].how);
		if (same)
			free_fit(row = &run->fits.v[old]);
		else if ((row = ROW(r, run->fits)))
			*row = f, recset_indexed(run, TABLE_FITS, run->fits.n - 1);
	}
	if (row)
		*row = f;
	else
		free_fit(&f);
}

static void free_counters(struct rec_counters *c)
{
	free(c->tier);
	for (int i = 0; i < COUNTERS; i++)
		free(c->absent[i]);
}

static void read_counters(struct reading *r, struct rec_run *run)
{
	const json_t *o = r->object, *values = json_object_get(o, "values"), *absent = json_object_get(o, "absent");
	struct rec_counters c = {
		.variant = variant_of(r, run, false),
		.workers = workers_of(r),
		.worker = read_int(r, o, "worker", -1, KERNEL_WORKERS_MAX, -2),
		.at = at_of(r, run),
		.tier = read_name(r, o, "tier", false),
	};
	if (!json_is_object(values) || (absent && !json_is_null(absent) && !json_is_object(absent)))
		read_bad(r, "'values' and 'absent' are not objects");
	for (int i = 0; i < COUNTERS; i++) {
		c.value[i] = read_real(r, values, counter_info[i].name, -INFINITY);
		c.absent[i] = read_text(r, absent, counter_info[i].name);
	}
	struct rec_counters *row = NULL;
	if (!r->bad) {
		struct recset_key key = {.table = TABLE_COUNTERS, .variant = c.variant, .workers = c.workers,
					 .worker = c.worker, .at = c.at};
		long old = recset_find(run, &key);
		if (old >= 0)
			free_counters(row = &run->counters.v[old]);
		else if ((row = ROW(r, run->counters)))
			*row = c, recset_indexed(run, TABLE_COUNTERS, run->counters.n - 1);
	}
	if (row)
		*row = c;
	else
		free_counters(&c);
}

static bool same_spans(const struct rec_span *a, const struct rec_span *b)
{
	return a->variant == b->variant && a->workers == b->workers && (a->at == b->at || (isnan(a->at) && isnan(b->at)));
}

/* Spans come a round of a configuration at a time: the first of a round drops the older ones of its configuration, the
 * first final one all that were not. False: this one is not kept. */
static bool span_room(struct reading *r, struct rec_run *run, const struct rec_span *s)
{
	const struct rec_span *last = run->spans.n ? &run->spans.v[run->spans.n - 1] : NULL;
	size_t n = 0;
	if (r->bad)
		return false;
	if (s->final || (last && last->final)) {
		if (s->final && last && !last->final)
			run->spans.n = 0;
		return s->final;
	}
	if (last && (last->round != s->round || !same_spans(last, s))) {
		for (size_t i = 0; i < run->spans.n; i++)
			if (!same_spans(&run->spans.v[i], s))
				run->spans.v[n++] = run->spans.v[i];
		run->spans.n = n;
	}
	return run->spans.n < INTERIM_MAX;
}

/* A full run gives up what no chart would show, in coarser columns until half of its room is free again. */
static void thin(const struct reading *r, struct rec_run *run)
{
	if (!r->set->state->lean || run->spans.n < RECSET_LEAN_SPANS)
		return;
	for (int bins = RECSET_LEAN_SPANS / 32; run->spans.n > RECSET_LEAN_SPANS / 2 && bins > 1; bins /= 2)
		run->spans.n = rec_span_thin(run->spans.v, run->spans.n, bins);
	if (run->spans.n > RECSET_LEAN_SPANS / 2)
		run->spans.n = RECSET_LEAN_SPANS / 2; /* more lanes than any machine has */
}

static void read_span(struct reading *r, struct rec_run *run)
{
	static char kinds[][8] = {"serial", "run", "wait", "off"};
	const json_t *o = r->object;
	const char *kind = json_string_value(json_object_get(o, "kind"));
	struct rec_span s = {
		.variant = variant_of(r, run, false),
		.workers = workers_of(r),
		.worker = read_int(r, o, "worker", -1, KERNEL_WORKERS_MAX, -2),
		.core = read_int(r, o, "core", -1, CORE_MAX, -1),
		.round = read_int(r, o, "round", 0, ROUND_MAX, 0),
		.at = at_of(r, run),
		.begin = read_real(r, o, "begin_seconds", 0),
		.end = read_real(r, o, "end_seconds", 0),
		.final = read_bool(r, o, "final", true),
	};
	if (!kind)
		read_bad(r, "'kind' is missing");
	for (size_t i = 0; kind && i < sizeof kinds / sizeof kinds[0]; i++)
		if (!strcmp(kind, kinds[i]))
			s.kind = kinds[i];
	if (!(s.begin <= s.end))
		read_bad(r, "the span does not end after its begin");
	if (!s.kind) /* of a later format: ignored */
		return;
	if (!span_room(r, run, &s))
		return;
	run->spans_read += s.final;
	thin(r, run);
	struct rec_span *row = ROW(r, run->spans);
	if (row)
		*row = s;
}

static void read_parts(struct reading *r, struct budget *b)
{
	const json_t *parts = json_object_get(r->object, "parts_ns");
	int64_t sum = 0;
	bool overflow = false;

	b->total_ns = read_int64(r, r->object, "total_ns");
	if (!json_is_object(parts))
		read_bad(r, "'parts_ns' is not an object");
	for (int i = 0; i < PARTS; i++) {
		b->part_ns[i] = read_int64(r, parts, part_name[i]);
		overflow |= __builtin_add_overflow(sum, b->part_ns[i], &sum);
	}
	if (overflow || sum != b->total_ns || b->total_ns <= 0)
		read_bad(r, "the parts do not sum to a total above 0");
}

static void free_budget(struct rec_budget *b)
{
	free(b->loss);
	free(b->sentence);
}

static void read_budget(struct reading *r, struct rec_run *run)
{
	const json_t *o = r->object, *pop = json_object_get(o, "pop");
	struct rec_budget b = {
		.variant = variant_of(r, run, false),
		.workers = workers_of(r),
		.at = at_of(r, run),
		.runs = read_int(r, o, "runs", 0, COUNT_MAX, 0),
		.loss = read_name(r, o, "loss", false),
		.sentence = read_text(r, o, "sentence"),
		.load_balance = read_real(r, pop, "load_balance", 0),
		.communication = read_real(r, pop, "communication", 0),
		.parallel = read_real(r, pop, "parallel", 0),
		.computation_scaling = read_real(r, pop, "computation_scaling", 0),
	};
	read_parts(r, &b.budget);
	struct rec_budget *row = NULL;
	if (!r->bad) {
		struct recset_key key = {.table = TABLE_BUDGETS, .variant = b.variant, .workers = b.workers, .at = b.at};
		long old = recset_find(run, &key);
		if (old >= 0)
			free_budget(row = &run->budgets.v[old]);
		else if ((row = ROW(r, run->budgets)))
			*row = b, recset_indexed(run, TABLE_BUDGETS, run->budgets.n - 1);
	}
	if (row)
		*row = b;
	else
		free_budget(&b);
}

static void free_verdict(struct rec_verdict *v)
{
	free(v->wrong);
	free(v->text);
}

static void read_verdict(struct reading *r, struct rec_run *run)
{
	const json_t *o = r->object;
	struct rec_verdict v = {
		.variant = variant_of(r, run, false),
		.wrong = read_text(r, o, "wrong"),
		.text = read_text(r, o, "text"),
		.right = read_bool_needed(r, o, "right"),
		.tried = read_int(r, o, "tried", 0, COUNT_MAX, 0),
		.wrong_runs = read_int(r, o, "wrong_runs", 0, COUNT_MAX, 0),
		.expected = read_real(r, o, "expected", -INFINITY),
		.observed = read_real(r, o, "observed", -INFINITY),
	};
	if (v.wrong_runs > v.tried)
		read_bad(r, "more runs wrong than tried");
	struct rec_verdict *row = NULL;
	if (!r->bad) {
		struct recset_key key = {.table = TABLE_VERDICTS, .variant = v.variant, .at = NAN};
		long old = recset_find(run, &key);
		if (old >= 0)
			free_verdict(row = &run->verdicts.v[old]);
		else if ((row = ROW(r, run->verdicts)))
			*row = v, recset_indexed(run, TABLE_VERDICTS, run->verdicts.n - 1);
	}
	if (row)
		*row = v;
	else
		free_verdict(&v);
}

static void read_progress(struct reading *r, struct rec_run *run)
{
	const json_t *o = r->object;
	int done = read_int(r, o, "done", 0, COUNT_MAX, 0), planned = read_int(r, o, "planned", 0, COUNT_MAX, 0);
	int kept = read_int(r, o, "kept", 0, COUNT_MAX, 0);
	double foreign = read_real(r, o, "foreign_cores", 0), eta = read_real(r, o, "eta_seconds", 0);
	double voluntary = read_real(r, o, "voluntary_switches", 0), involuntary = read_real(r, o, "involuntary_switches", 0);
	bool named = json_is_string(json_object_get(o, "variant"));
	char *now = named ? variant_of(r, run, true) : NULL;
	int now_workers = now ? workers_of(r) : 0;
	double now_at = now ? at_of(r, run) : (double)NAN;
	char *phase = read_name(r, o, "phase", true);
	if (r->bad) {
		free(phase);
		return;
	}
	if (!now && run->phase && !strcmp(run->phase, phase)) { /* between two rounds */
		now = run->now;
		now_workers = run->now_workers;
		now_at = run->now_at;
	}
	r->set->state->held -= run->phase ? strlen(run->phase) + 1 : 0;
	free(run->phase);
	run->phase = phase;
	run->done = done;
	run->planned = planned;
	run->kept = kept;
	run->foreign = foreign;
	run->eta = eta;
	run->now = now;
	run->now_workers = now_workers;
	run->now_at = now_at;
	run->voluntary = voluntary;
	run->involuntary = involuntary;
}

static void free_device(struct rec_device *d)
{
	free(d->kind);
	free(d->name);
	free(d->via);
}

static void read_device(struct reading *r, struct rec_run *run)
{
	const json_t *o = r->object;
	struct rec_device d = {
		.kind = read_name(r, o, "kind", true),
		.name = read_text(r, o, "name"),
		.via = read_text(r, o, "via"),
		.cpu = read_bool(r, o, "cpu", false),
		.copy_bytes_per_second = read_real(r, o, "copy_bytes_per_second", 0),
		.f32_flops_per_second = read_real(r, o, "f32_flops_per_second", 0),
		.f64_flops_per_second = read_real(r, o, "f64_flops_per_second", 0),
	};
	if (run->devices.n == DEVICES_MAX)
		read_bad(r, "more than %d devices", DEVICES_MAX);
	struct rec_device *row = ROW(r, run->devices);
	if (row)
		*row = d;
	else
		free_device(&d);
}

static const struct {
	const char *t;
	void (*read)(struct reading *r, struct rec_run *run);
} rows[] = {
	{"sample", read_sample},     {"point", read_point},   {"span", read_span},       {"counters", read_counters},
	{"progress", read_progress}, {"budget", read_budget}, {"verdict", read_verdict}, {"fit", read_fit},
	{"device", read_device},
};

bool recset_row_kind(const char *t)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (!strcmp(rows[i].t, t))
			return true;
	return false;
}

void recset_read_row(struct reading *r, struct rec_run *run)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (!strcmp(rows[i].t, r->kind))
			rows[i].read(r, run);
}

void recset_free_rows(struct rec_run *run)
{
	for (size_t i = 0; i < run->fits.n; i++)
		free_fit(&run->fits.v[i]);
	for (size_t i = 0; i < run->counters.n; i++)
		free_counters(&run->counters.v[i]);
	for (size_t i = 0; i < run->budgets.n; i++)
		free_budget(&run->budgets.v[i]);
	for (size_t i = 0; i < run->verdicts.n; i++)
		free_verdict(&run->verdicts.v[i]);
	for (size_t i = 0; i < run->devices.n; i++)
		free_device(&run->devices.v[i]);
	free(run->samples.v);
	free(run->points.v);
	free(run->fits.v);
	free(run->counters.v);
	free(run->spans.v);
	free(run->budgets.v);
	free(run->verdicts.v);
	free(run->devices.v);
	free(run->phase);
	recset_free_index(run->index);
}
