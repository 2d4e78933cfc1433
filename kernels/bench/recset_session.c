/* Lines that open, close and comment a session: machine, ceiling, run, peer, say, error, end. */
#include "kernels/bench/recset_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/kernel.h"

enum { CORES_MAX = 1 << 20, SAYS_MAX = 10000, COUNT_MAX = 2000000000, STATUS_MAX = 255, DEPTH_MAX = 8 };

void recset_free_says(struct rec_say *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].about);
		free(v[i].text);
	}
	free(v);
}

/* ---- machine and its ceilings -------------------------------------------------------------------------------------- */

void recset_free_machine(struct rec_machine *m)
{
	free(m->line);
	free(m->fingerprint);
	free(m->cpu);
	free(m->host);
	free(m->counters_tier);
	free(m->why_not_hw);
	json_decref(m->all);
	free(m->ceilings.v);
}

/* A copy whose strings and keys are all printable. What lies deeper than any record of ours becomes null. */
static json_t *printable_copy(json_t *o, int depth)
{
	char buf[RECSET_TEXT_MAX];
	const char *key;
	json_t *v, *copy;
	size_t i;

	if (json_is_string(o))
		return json_string(util_printable(json_string_value(o), buf, sizeof buf));
	if (json_is_object(o) && depth < DEPTH_MAX) {
		copy = json_object();
		json_object_foreach(o, key, v) {
			json_t *inner = printable_copy(v, depth + 1);
			json_object_set_new(copy, util_printable(key, buf, RECSET_NAME_MAX), inner);
		}
		return copy;
	}
	if (json_is_array(o) && depth < DEPTH_MAX) {
		copy = json_array();
		json_array_foreach(o, i, v)
			json_array_append_new(copy, printable_copy(v, depth + 1));
		return copy;
	}
	return json_is_object(o) || json_is_array(o) ? json_null() : json_copy(o);
}

void recset_read_machine(struct reading *r)
{
	const json_t *o = r->object, *counters = json_object_get(o, "counters");
	struct recset *set = r->set;

	if (counters && !json_is_null(counters) && !json_is_object(counters))
		read_bad(r, "'counters' is not an object");
	if (!json_object_get(o, "lockstep"))
		read_bad(r, "'lockstep', the version of the format, is missing");
	struct rec_machine m = {
		.line = read_text(r, o, "line"),
		.fingerprint = read_name(r, o, "machine", true),
		.cpu = read_text(r, o, "cpu"),
		.host = read_text(r, o, "host"),
		.counters_tier = read_text(r, counters, "tier"),
		.why_not_hw = read_text(r, counters, "why_not_hw"),
		.cores = read_int(r, o, "cores", 1, CORES_MAX, 1),
		.usable = read_int(r, o, "usable", 1, CORES_MAX, 1),
	};
	void *v = r->bad ? NULL : read_room(r, set->machines.v, set->machines.n, &set->machines.room, sizeof m);
	if (!v) {
		recset_free_machine(&m);
		return;
	}
	set->machines.v = v;
	m.all = printable_copy((json_t *)(uintptr_t)o, 0); /* jansson's iterators take no const */
	set->state->machine = (int)set->machines.n;
	set->machines.v[set->machines.n++] = m;
}

void recset_read_ceiling(struct reading *r)
{
	struct recset *set = r->set;
	const json_t *o = r->object;
	struct rec_ceiling c = {
		.workers = read_int(r, o, "workers", 1, KERNEL_WORKERS_MAX, 0),
		.kept = read_int(r, o, "kept", 0, COUNT_MAX, 0),
		.flops_per_second = read_estimate(r, o, "flops_per_second", 0),
		.f32_flops_per_second = read_estimate(r, o, "f32_flops_per_second", 0),
		.bytes_per_second = read_estimate(r, o, "bytes_per_second", 0),
	};
	if (set->state->machine < 0)
		read_bad(r, "no machine line before it");
	if (r->bad)
		return;
	struct rec_machine *m = &set->machines.v[set->state->machine];
	for (size_t i = 0; i < m->ceilings.n; i++)
		if (m->ceilings.v[i].workers == c.workers) {
			m->ceilings.v[i] = c;
			return;
		}
	void *v = read_room(r, m->ceilings.v, m->ceilings.n, &m->ceilings.room, sizeof c);
	if (!v)
		return;
	m->ceilings.v = v;
	m->ceilings.v[m->ceilings.n++] = c;
}

/* ---- run ----------------------------------------------------------------------------------------------------------- */

static void free_variant(struct rec_variant *v)
{
	free(v->name);
	free(v->about);
	free(v->kind);
	free(v->wrong);
	free(v->unavailable);
}

void recset_free_run(struct rec_run *run)
{
	recset_free_rows(run);
	recset_free_says(run->says.v, run->says.n);
	for (int i = 0; i < run->variant_count; i++)
		free_variant(&run->variants[i]);
	char *texts[] = {run->id, run->lesson, run->kernel, run->title, run->source, run->command, run->time, run->size_unit,
			 run->sweep, run->pin, run->baseline};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		free(texts[i]);
	json_decref(run->args);
}

static void read_variants(struct reading *r, struct rec_run *run)
{
	const json_t *list = json_object_get(r->object, "variants");
	if (!json_is_array(list) || json_array_size(list) > RECSET_VARIANTS_MAX) {
		read_bad(r, "'variants' is not a list of at most %d variants", RECSET_VARIANTS_MAX);
		return;
	}
	for (size_t i = 0; i < json_array_size(list) && !r->bad; i++) {
		const json_t *o = json_array_get(list, i);
		struct rec_variant v = {
			.name = read_name(r, o, "name", true),
			.about = read_text(r, o, "about"),
			.kind = read_name(r, o, "kind", false),
			.wrong = read_text(r, o, "wrong"),
			.unavailable = read_text(r, o, "unavailable"),
			.blocks = read_bool(r, o, "blocks", false),
		};
		if (v.name && recset_variant(run, v.name))
			read_bad(r, "two variants have the same name");
		if (r->bad)
			free_variant(&v);
		else
			run->variants[run->variant_count++] = v;
	}
}

/* Which of the variants are measured; older records do not say: then any may be. */
static void read_measures(struct reading *r, struct rec_run *run)
{
	const json_t *list = json_object_get(r->object, "measures");
	for (int i = 0; i < run->variant_count; i++) {
		bool listed = !json_is_array(list);
		for (size_t k = 0; k < json_array_size(list) && !listed; k++) {
			const char *name = json_string_value(json_array_get(list, k));
			listed = name && !strcmp(name, run->variants[i].name);
		}
		run->variants[i].measured = listed && !run->variants[i].unavailable;
	}
}

static void read_workers(struct reading *r, struct rec_run *run)
{
	const json_t *list = json_object_get(r->object, "workers");
	if (!list || json_is_null(list))
		return;
	if (!json_is_array(list) || json_array_size(list) > RECSET_WORKERS_MAX) {
		read_bad(r, "'workers' is not a list of at most %d counts", RECSET_WORKERS_MAX);
		return;
	}
	for (size_t i = 0; i < json_array_size(list) && !r->bad; i++) {
		double p = json_number_value(json_array_get(list, i)); /* 0 for what is no number */
		if (p < 1 || p > KERNEL_WORKERS_MAX || p != floor(p))
			read_bad(r, "'workers' holds something else than counts from 1 to %d", KERNEL_WORKERS_MAX);
		else
			run->workers[run->worker_count++] = (int)p;
	}
}

static void read_args(struct reading *r, struct rec_run *run)
{
	json_t *args = json_object_get(r->object, "args"), *v;
	const char *key;
	if (!args || json_is_null(args) || r->bad)
		return;
	if (!json_is_object(args) || json_object_size(args) > RECSET_ARGS_MAX) {
		read_bad(r, "'args' is not an object of at most %d members", RECSET_ARGS_MAX);
		return;
	}
	run->args = json_object();
	json_object_foreach(args, key, v) {
		char name[RECSET_NAME_MAX];
		if (!json_is_number(v))
			read_bad(r, "'args' holds something else than numbers");
		else
			json_object_set_new(run->args, util_printable(key, name, sizeof name), json_real(json_number_value(v)));
	}
}

void recset_read_run(struct reading *r)
{
	const json_t *o = r->object;
	struct recset *set = r->set;
	struct rec_run run = {
		.id = read_name(r, o, "run", true),
		.lesson = read_text(r, o, "lesson"),
		.kernel = read_name(r, o, "kernel", true),
		.title = read_text(r, o, "title"),
		.source = read_text(r, o, "source"),
		.command = read_text(r, o, "command"),
		.time = read_text(r, o, "time"),
		.size_unit = read_text(r, o, "size_unit"),
		.sweep = read_name(r, o, "sweep", false),
		.pin = read_text(r, o, "pin"),
		.baseline = read_name(r, o, "baseline", false),
		.size = read_real(r, o, "size", 0),
		.flops = read_real(r, o, "flops", 0),
		.bytes = read_real(r, o, "bytes", 0),
		.seed = read_real(r, o, "seed", -INFINITY),
		.budget_seconds = read_real(r, o, "budget_seconds", 0),
		.weak = read_bool(r, o, "weak", false),
		.single = read_bool(r, o, "single", false),
		.usable = read_int(r, o, "usable", 1, CORES_MAX, 1),
		.rounds = read_int(r, o, "rounds", 0, COUNT_MAX, 0),
		.machine = set->state->machine,
	};
	read_variants(r, &run);
	if (!r->bad)
		read_measures(r, &run);
	read_workers(r, &run);
	read_args(r, &run);
	struct rec_run *old = r->bad ? NULL : recset_run(set, run.id);
	if (old) {
		recset_free_run(old);
		*old = run;
		return;
	}
	if (set->runs.n == RECSET_RUNS_MAX)
		read_bad(r, "more than %d runs", RECSET_RUNS_MAX);
	void *v = r->bad ? NULL : read_room(r, set->runs.v, set->runs.n, &set->runs.room, sizeof run);
	if (!v) {
		recset_free_run(&run);
		return;
	}
	set->runs.v = v;
	set->runs.v[set->runs.n++] = run;
}

/* ---- say, error, end ----------------------------------------------------------------------------------------------- */

void recset_read_say(struct reading *r, struct rec_run *run)
{
	struct recset *set = r->set;
	struct rec_say say = {.about = read_name(r, r->object, "about", false), .text = read_text(r, r->object, "text")};
	struct rec_say **v = run ? &run->says.v : &set->says.v;
	size_t *n = run ? &run->says.n : &set->says.n, *room = run ? &run->says.room : &set->says.room;

	if (!say.text)
		read_bad(r, "'text' is missing");
	if (*n == SAYS_MAX)
		read_bad(r, "more than %d sentences", SAYS_MAX);
	void *fresh = r->bad ? NULL : read_room(r, *v, *n, room, sizeof say);
	if (!fresh) {
		free(say.about);
		free(say.text);
		return;
	}
	*v = fresh;
	(*v)[(*n)++] = say;
}

void recset_free_peer(struct rec_peer *p)
{
	char *texts[] = {p->kernel, p->title, p->work, p->who, p->library, p->limit, p->why};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(texts[i]);
}

void recset_read_peer(struct reading *r)
{
	struct recset *set = r->set;
	const json_t *o = r->object;
	struct rec_peer p = {
		.kernel = read_name(r, o, "kernel", true),
		.title = read_text(r, o, "title"),
		.work = read_text(r, o, "work"),
		.who = read_name(r, o, "who", true),
		.library = read_text(r, o, "library"),
		.limit = read_name(r, o, "limit", false),
		.why = read_text(r, o, "why"),
		.workers = read_int(r, o, "workers", 1, KERNEL_WORKERS_MAX, 0),
		.tried = read_int(r, o, "tried", 0, COUNT_MAX, 0),
		.kept = read_int(r, o, "kept", 0, COUNT_MAX, 0),
		.ours = read_bool_needed(r, o, "ours"),
		.busy = read_bool(r, o, "busy", false),
		.once = read_bool(r, o, "once", false),
		.seconds = read_estimate(r, o, "seconds", 0),
		.ratio = read_estimate(r, o, "ratio", 0),
		.share = read_estimate(r, o, "share", 0),
		.machine = set->state->machine,
	};
	void *v = r->bad ? NULL : read_room(r, set->peers.v, set->peers.n, &set->peers.room, sizeof p);
	if (!v) {
		recset_free_peer(&p);
		return;
	}
	set->peers.v = v;
	set->peers.v[set->peers.n++] = p;
}

void recset_read_error(struct reading *r)
{
	char *text = read_text(r, r->object, "text");
	if (!text)
		read_bad(r, "'text' is missing");
	if (r->bad) {
		free(text);
		return;
	}
	free(r->set->error);
	r->set->error = text;
}

static void end_run(struct rec_run *run, int status, bool partial)
{
	run->ended = true;
	run->status = status;
	run->partial = partial;
}

/* An end without a run ends every run of the session that has none of its own. */
void recset_read_end(struct reading *r, struct rec_run *run)
{
	struct recset *set = r->set;
	int status = read_int(r, r->object, "status", 0, STATUS_MAX, 0);
	bool partial = read_bool(r, r->object, "partial", false);

	if (r->bad)
		return;
	set->end_status = status;
	if (run)
		end_run(run, status, partial);
	for (size_t i = 0; !run && i < set->runs.n; i++)
		if (!set->runs.v[i].ended && set->runs.v[i].machine == set->state->machine)
			end_run(&set->runs.v[i], status, partial);
}

void recset_gone(struct recset *set)
{
	struct rec_run *run = recset_last(set);
	if (!run || run->ended || !run->phase)
		return;
	set->state->held -= strlen(run->phase) + 1;
	free(run->phase);
	run->phase = NULL;
}
