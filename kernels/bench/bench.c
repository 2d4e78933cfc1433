/* One run from plan to records. The order of things: inputs, baseline, `run` record, ceilings, warm-up, rounds, laws. */
#include "kernels/bench/bench.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "kernels/bench/ceilings.h"
#include "kernels/bench/clock.h"
#include "kernels/bench/session.h"
#include "kernels/bench/util.h"

extern const struct kernel kernel_spin;

enum { TRIES_A_ROUND = 3 };

/* The input for one vector of arguments, prepared when first asked for. NULL with errno. */
static struct prepared *input_for(struct session *s, const double *arg)
{
	for (int i = 0; i < s->input_count; i++)
		if (!memcmp(s->inputs[i].job.arg, arg, sizeof s->inputs[i].job.arg))
			return &s->inputs[i];
	struct prepared *fresh = &s->inputs[s->input_count];
	fresh->job = (struct job){.kernel = s->plan->kernel, .workers = 1, .seed = s->plan->seed};
	memcpy(fresh->job.arg, arg, sizeof fresh->job.arg);
	if (s->plan->kernel->prepare(&fresh->job)) {
		int why = errno;
		s->plan->kernel->release(&fresh->job);
		errno = why;
		return NULL;
	}
	fresh->ready = true;
	s->input_count++;
	return fresh;
}

static bool add_config(struct session *s, const struct variant *variant, int workers, int sweep_index, bool baseline)
{
	const struct bench_plan *plan = s->plan;
	double arg[KERNEL_ARGS_MAX], work = 1;

	memcpy(arg, plan->arg, sizeof arg);
	if (plan->sweep >= 0)
		arg[plan->sweep] = plan->sweep_value[sweep_index];
	if (plan->weak) {
		double before = bench_work(plan->kernel, arg);
		arg[0] = bench_scaled_size(plan->kernel, arg, workers);
		work = before > 0 ? bench_work(plan->kernel, arg) / before : 1;
	}
	struct prepared *input = input_for(s, arg);
	if (!input)
		return false;
	s->configs[s->config_count++] = (struct config){
		.variant = variant, .workers = workers, .at = plan->sweep >= 0 ? plan->sweep_value[sweep_index] : NAN, .work = work,
		.input = input, .inner = 1, .baseline = baseline, .span_told = -1,
		.samples = xcalloc((size_t)s->most, sizeof(struct sample))};
	return true;
}

/* The best serial variant there is: each run twice, the fastest right one. */
static const struct variant *find_baseline(struct session *s)
{
	const struct variant *best = NULL;
	int64_t best_ns = INT64_MAX;
	struct prepared *input = input_for(s, s->plan->arg);

	for (const struct variant *v = s->plan->kernel->variants; input && v->name && !bench_signal(); v++) {
		if (v->kind != KIND_SERIAL || v->wrong || (v->unavailable && v->unavailable()))
			continue;
		struct config c = {.variant = v, .workers = 1, .input = input};
		struct sample sample;
		for (int i = 0; i < 2; i++) {
			if (session_measure(s, &c, 1, false, &sample))
				return NULL;
			if (sample.right && sample.wall_ns < best_ns) {
				best_ns = sample.wall_ns;
				best = v;
			}
			if (sample.wall_ns / 2 > best_ns)
				break;
		}
		if (!best)
			best = v; /* a wrong answer is told by the verdict, not hidden by an empty run */
	}
	return best;
}

static bool make_configs(struct session *s)
{
	const struct bench_plan *plan = s->plan;
	int sweeps = plan->sweep >= 0 ? plan->sweep_count : 1;

	for (int k = 0; k < sweeps; k++) {
		if (!add_config(s, s->baseline, 1, k, true))
			return false;
		for (int v = 0; v < plan->variant_count; v++) {
			const struct variant *variant = plan->variants[v];
			if (variant == s->baseline)
				continue;
			/* the laws need the same code with one worker, asked for or not */
			bool one_asked = plan->workers[0] == 1 || !kind_scales(variant->kind);
			if (!add_config(s, variant, 1, k, false))
				return false;
			for (int p = one_asked ? 1 : 0; p < plan->worker_count && kind_scales(variant->kind); p++)
				if (plan->workers[p] > 1 && !add_config(s, variant, plan->workers[p], k, false))
					return false;
		}
	}
	return true;
}

static void collect_spins(struct session *s)
{
	s->spin_workers[s->spin_count++] = 1;
	for (int i = 0; i < s->plan->worker_count; i++) {
		int spins = session_spins_for(s, s->plan->workers[i]);
		bool there = false;
		for (int k = 0; k < s->spin_count; k++)
			there = there || s->spin_workers[k] == spins;
		if (!there)
			s->spin_workers[s->spin_count++] = spins;
	}
}

static json_t *variants_json(const struct kernel *kernel)
{
	json_t *list = json_array();
	for (const struct variant *v = kernel->variants; v->name; v++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s?, s:b, s:s?}", "name", v->name, "about", v->about, "kind",
						      kind_name(v->kind), "wrong", v->wrong, "blocks", v->blocks, "unavailable",
						      v->unavailable ? v->unavailable() : NULL));
	return list;
}

/* Names of the variants that this run measures; `variants` lists all that the kernel has. */
static json_t *measures_json(const struct session *s)
{
	json_t *list = json_array();
	for (int i = 0; i < s->config_count; i++)
		if (!i || s->configs[i].variant != s->configs[i - 1].variant)
			json_array_append_new(list, json_string(s->configs[i].variant->name));
	return list;
}

static void write_run(struct session *s)
{
	static const char *const pins[] = {"compact", "spread", "none"};
	const struct bench_plan *plan = s->plan;
	const struct kernel *kernel = plan->kernel;
	const struct job *job = &s->inputs[0].job; /* prepared: the work of some kernels depends on the input */
	char stamp[32];
	time_t now = time(NULL);
	struct tm utc;
	json_t *args = json_object(), *workers = json_array(), *o;

	gmtime_r(&now, &utc);
	strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc);
	for (int i = 0; kernel->params[i].name; i++)
		json_object_set_new(args, kernel->params[i].name, record_real(plan->arg[i]));
	for (int i = 0; i < plan->worker_count; i++)
		json_array_append_new(workers, json_integer(plan->workers[i]));
	o = json_pack("{s:s, s:s, s:s?, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:o, s:s?, s:I, s:b, s:s, s:o, s:i, s:o, s:s, s:i}", "t", "run",
		      "run", s->id, "lesson", plan->lesson, "kernel", kernel->name, "title", kernel->title, "source", kernel->source,
		      "command", plan->command, "time", stamp, "size", record_real(plan->arg[0]), "size_unit", kernel->params[0].unit,
		      "args", args, "sweep", plan->sweep >= 0 ? kernel->params[plan->sweep].name : NULL, "seed", (json_int_t)plan->seed,
		      "weak", plan->weak, "pin", pins[plan->pin], "workers", workers, "usable", s->usable, "variants",
		      variants_json(kernel), "baseline", s->baseline->name, "rounds", s->wanted);
	json_object_set_new(o, "measures", measures_json(s));
	json_object_set_new(o, "budget_seconds", plan->budget_seconds > 0 ? record_real(plan->budget_seconds) : json_null());
	json_object_set_new(o, "flops", kernel->flops ? record_real(kernel->flops(job)) : json_null());
	json_object_set_new(o, "single", json_boolean(kernel->single));
	json_object_set_new(o, "bytes", kernel->bytes ? record_real(kernel->bytes(job)) : json_null());
	record_write(s->sink, o, false);
}

static int max_workers(const struct bench_plan *plan)
{
	int most = 1;
	for (int i = 0; i < plan->worker_count; i++)
		most = plan->workers[i] > most ? plan->workers[i] : most;
	return most;
}

static int resource(struct session *s, const char *what)
{
	if (bench_signal()) /* its workers were ended with it */
		return 128 + bench_signal();
	record_write(s->sink, json_pack("{s:s, s:s, s:o}", "t", "error", "code", "resource", "text",
					json_sprintf("%s: %s", what, strerror(errno))), false);
	fprintf(stderr, "lockstep: %s: %s\n", what, strerror(errno));
	return EXIT_RESOURCE;
}

static int exit_code(const struct session *s)
{
	if (bench_signal())
		return 128 + bench_signal();
	for (int i = 0; i < s->config_count; i++)
		if (s->configs[i].wrong_runs && !s->configs[i].variant->wrong)
			return EXIT_WRONG;
	return EXIT_RIGHT;
}

static void session_free(struct session *s)
{
	for (int i = 0; i < s->config_count; i++)
		free(s->configs[i].samples);
	for (int i = 0; i < s->input_count; i++)
		s->plan->kernel->release(&s->inputs[i].job);
	if (s->spin.data)
		s->spin.kernel->release(&s->spin);
	probe_free(s->probe);
	free(s->configs);
	free(s->inputs);
	free(s->spin_seconds);
	free(s->spin_oncpu);
	free(s->round_kept);
	free(s->round_foreign);
}

int bench_run(const struct bench_plan *plan, struct record_sink *sink)
{
	static int runs;
	int sweeps = plan->sweep >= 0 ? plan->sweep_count : 1, status = EXIT_RIGHT;
	size_t room = (size_t)(plan->variant_count + 1) * (size_t)(plan->worker_count + 1) * (size_t)sweeps;
	struct session s = {.plan = plan, .sink = sink, .usable = topology_usable()};

	snprintf(s.id, sizeof s.id, "%lld-%ld-%d", (long long)time(NULL), (long)getpid(), ++runs);
	s.wanted = plan->rounds ? plan->rounds : BENCH_ROUNDS;
	s.most = s.wanted * TRIES_A_ROUND;
	if (plan->budget_seconds > 0)
		s.deadline_ns = now_ns() + (int64_t)(plan->budget_seconds * 1e9);
	s.configs = xcalloc(room, sizeof *s.configs);
	s.inputs = xcalloc(room + 1, sizeof *s.inputs);
	s.probe = probe_new(max_workers(plan));
	s.spin = (struct job){.kernel = &kernel_spin, .arg = {1e6}, .seed = plan->seed};
	collect_spins(&s);
	s.spin_seconds = xcalloc((size_t)(s.most * s.spin_count), sizeof *s.spin_seconds);
	s.spin_oncpu = xcalloc((size_t)(s.most * s.spin_count), sizeof *s.spin_oncpu);
	s.round_kept = xcalloc((size_t)s.most, sizeof *s.round_kept);
	s.round_foreign = xcalloc((size_t)s.most, sizeof *s.round_foreign);

	s.baseline = find_baseline(&s);
	if (!s.baseline && bench_signal())
		status = 128 + bench_signal();
	else if (!s.baseline || !make_configs(&s))
		status = resource(&s, "preparing the input");
	if (status)
		goto out;
	write_run(&s);
	if (plan->ceilings && (plan->kernel->bytes || plan->kernel->flops))
		ceilings_get(sink, s.id);
	device_records(&s);
	if (session_calibrate(&s)) {
		status = resource(&s, "warming up");
		goto out;
	}
	if (session_rounds(&s)) {
		status = resource(&s, "measuring");
		if (!s.tried)
			goto out;
	}
	session_derive(&s);
	if (!status)
		status = exit_code(&s);
out:
	session_free(&s);
	return status;
}
