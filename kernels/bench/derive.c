/* What a finished session tells beside its points: budgets, counters, spans, verdicts, sentences. */
#include "kernels/bench/session.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/breakeven.h"
#include "kernels/bench/laws.h"
#include "kernels/bench/util.h"

void session_say(struct session *s, const char *about, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	record_write(s->sink, json_pack("{s:s, s:s, s:s, s:s}", "t", "say", "run", s->id, "about", about, "text", text), false);
}

/* Totals over the kept rounds, and how many runs they hold. */
static struct usage usage_over(const struct session *s, const struct config *c, int *runs)
{
	struct usage sum = {.workers = c->workers};

	*runs = 0;
	for (int round = 0; round < s->tried; round++) {
		const struct usage *u = &c->samples[round].usage;
		if (!s->round_kept[round])
			continue;
		usage_add(&sum, u);
		*runs += c->inner;
	}
	return sum;
}

/* The reference: the same code with one worker, brought to the same number of runs and the same work. */
static struct usage reference(const struct session *s, const struct config *one, double work, int runs)
{
	int own;
	struct usage u = usage_over(s, one, &own);
	usage_scale(&u, own ? work * runs / own : 0);
	return u;
}

static void write_budget(struct session *s, const struct config *c)
{
	const struct config *one = session_one(s, c);
	int runs;
	struct usage at = usage_over(s, c, &runs);

	if (!one || one->once || !runs || !at.wall_ns)
		return;
	struct usage ref = reference(s, one, c->work, runs);
	struct budget b = budget_split(&at, &ref);
	struct pop pop = budget_pop(&at, &ref);
	char text[200] = "";
	enum part loss = c->workers > 1 && s->kept >= SESSION_KEPT_LEAST ? budget_sentence(&b, text, sizeof text) : PARTS; /* no verdict, no reason */
	json_t *o = session_object(s, "budget", c), *parts = json_object();

	for (int i = 0; i < PARTS; i++)
		json_object_set_new(parts, part_name[i], json_integer(b.part_ns[i]));
	json_object_set_new(o, "total_ns", json_integer(b.total_ns));
	json_object_set_new(o, "parts_ns", parts);
	json_object_set_new(o, "runs", json_integer(runs));
	json_object_set_new(o, "pop", json_pack("{s:o, s:o, s:o, s:o}", "load_balance", record_real(pop.load_balance), "communication",
						record_real(pop.communication), "parallel", record_real(pop.parallel),
						"computation_scaling", record_real(pop.computation_scaling)));
	json_object_set_new(o, "loss", loss == PARTS ? json_null() : json_string(part_name[loss]));
	json_object_set_new(o, "sentence", json_string(text));
	record_write(s->sink, o, false);
}

static void write_counts(struct session *s, const struct config *c, int worker)
{
	struct counts counts;
	json_t *o = session_object(s, "counters", c), *values = json_object(), *absent = json_object();

	probe_counts(s->probe, worker, &counts);
	for (enum counter k = 0; k < COUNTERS; k++) {
		const char *why = counters_absent(k);
		if (counts.present[k])
			json_object_set_new(values, counter_info[k].name, record_real((double)counts.value[k] * counter_info[k].scale));
		else
			json_object_set_new(absent, counter_info[k].name, json_string(why ? why : "no worker ran"));
	}
	json_object_set_new(o, "worker", json_integer(worker));
	json_object_set_new(o, "tier", json_string(counters_tier()));
	json_object_set_new(o, "values", values);
	json_object_set_new(o, "absent", absent);
	record_write(s->sink, o, false);
}

/* Counting is a run of its own: opening and reading counters would be seen in the times. */
static void count(struct session *s)
{
	struct sample sample;

	for (int i = 0; i < s->config_count && !bench_signal(); i++) {
		struct config *c = &s->configs[i];
		if (c->once)
			continue;
		session_progress(s, "counting", i, c);
		if (session_measure(s, c, 1, true, &sample))
			return;
		write_counts(s, c, -1);
		for (int w = 0; w < c->workers && c->workers > 1; w++)
			write_counts(s, c, w);
	}
}

static void write_verdict(struct session *s, const struct variant *variant)
{
	int tried = 0, wrong = 0;
	const struct outcome *outcome = NULL;

	for (int i = 0; i < s->config_count; i++) {
		const struct config *c = &s->configs[i];
		if (c->variant != variant)
			continue;
		if (!outcome || c->wrong_runs)
			outcome = &c->outcome;
		tried += c->tried;
		wrong += c->wrong_runs;
	}
	if (!outcome || !tried)
		return;
	record_write(s->sink, json_pack("{s:s, s:s, s:s, s:b, s:s?, s:i, s:i, s:o, s:o, s:s}", "t", "verdict", "run", s->id, "variant",
					variant->name, "right", !wrong, "wrong", variant->wrong, "tried", tried, "wrong_runs", wrong,
					"expected", record_real(outcome->expected), "observed", record_real(outcome->observed),
					"text", outcome->text), false);
}

static void write_verdicts(struct session *s)
{
	for (int i = 0; i < s->config_count; i++) {
		bool seen = false;
		for (int k = 0; k < i; k++)
			seen = seen || s->configs[k].variant == s->configs[i].variant;
		if (!seen)
			write_verdict(s, s->configs[i].variant);
	}
}

/* What was not measured in rounds, so that the others could be. */
static void say_once(struct session *s)
{
	char took[32];
	for (int i = 0; i < s->config_count; i++) {
		const struct config *c = &s->configs[i];
		if (c->skipped && !c[-1].skipped)
			session_say(s, "once", "%s with %d or more: not run, for with %d a run took %s, more than with fewer workers and than the time allows",
				    c->variant->name, c->workers, c[-1].workers, util_seconds(c[-1].spent_seconds, false, took, sizeof took));
		else if (c->once && !c->skipped)
			session_say(s, "once", "%s with %d: one run of %s is longer than the time allows: no verdict", c->variant->name,
				    c->workers, util_seconds(c->spent_seconds, false, took, sizeof took));
	}
}

static void say_machine(struct session *s)
{
	double foreign = 0;
	int seen = 0;
	char others[64] = "";
	bool over = false, shared = false;

	for (int i = 0; i < s->tried; i++)
		if (isfinite(s->round_foreign[i])) {
			foreign += s->round_foreign[i];
			seen++;
		}
	if (seen)
		snprintf(others, sizeof others, "; other programs used %.2f cores", foreign / seen);
	for (int i = 0; i < s->config_count; i++) {
		over = over || s->configs[i].workers > s->usable;
		shared = shared || (s->configs[i].workers > 1 && s->configs[i].workers <= s->usable);
	}
	if (s->kept < SESSION_KEPT_LEAST)
		session_say(s, "busy", "%s: no verdict. %d of %d rounds were quiet, 6 are needed%s",
			    bench_signal() ? "stopped early" : s->kept == s->tried || s->tried < 6 ? "too few rounds" : "machine busy",
			    s->kept, s->tried, others);
	if (!s->plan->probes)
		session_say(s, "probes", "probes off: wall time only, so nothing is said of serial shares and core-seconds");
	if (s->bind_error)
		session_say(s, "pin", "the system refused to place the workers: %s", strerror(s->bind_error));
	if (over)
		session_say(s, "oversubscribed", s->usable == 1 ? "more workers than the %d core this process may use: drawn apart, never fitted"
			    : "more workers than the %d cores this process may use: drawn apart, never fitted", s->usable);
	if (over && !shared)
		session_say(s, "amdahl", "no worker count between 2 and the usable cores was measured: nothing to fit a law to");
}

void session_derive(struct session *s)
{
	session_points(s, true);
	if (s->kept >= SESSION_KEPT_LEAST)
		laws_write(s);
	for (int i = 0; i < s->config_count; i++) {
		struct config *c = &s->configs[i];
		if (!c->wrong_runs && s->plan->probes)
			write_budget(s, c);
		if (s->plan->probes)
			session_spans(s, c);
	}
	if (strcmp(counters_tier(), "off") && s->plan->probes)
		count(s);
	write_verdicts(s);
	say_machine(s);
	say_once(s);
	breakeven_say(s);
	device_say(s);
	for (int i = 0; i < s->config_count; i++) {
		const struct config *c = &s->configs[i], *next = i + 1 < s->config_count ? &s->configs[i + 1] : NULL;
		bool last = !next || next->variant != c->variant || next->workers > s->usable;
		if (last && c->workers <= s->usable && !c->wrong_runs && !kind_on_device(c->variant->kind))
			roofline_say(s, c, session_seconds(s, c).mid);
	}
}
