#include "kernels/bench/cost.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/clock.h"
#include "kernels/bench/gate.h"
#include "kernels/bench/probe.h"
#include "kernels/bench/util.h"

enum { PAIRS = 21, TRIES = 63 };
#define HALF_NS 250000000 /* each side of a pair, so that a pair is long enough for the gate */

struct pair {
	struct probe_area *probe;
	const struct bench_plan *plan;
	struct job job;
};

/* Seconds of one run with the probes on or off; NaN when a resource ran out. */
static double timed(struct pair *x, bool on)
{
	struct probe_setup setup = {.workers = x->job.workers, .pin = x->plan->pin, .bind = true, .spans = true};

	x->job.probe = on ? (struct probe *)x->probe : NULL;
	if (x->job.kernel->reset)
		x->job.kernel->reset(&x->job);
	if (on)
		probe_start(x->probe, &setup);
	int64_t begin = now_ns();
	int status = x->job.variant->run(&x->job);
	int64_t end = now_ns();
	if (on)
		probe_stop(x->probe);
	topology_confine(NULL, 0);
	return status ? (double)NAN : 1e-9 * (double)(end - begin);
}

static int one_configuration(struct pair *x, struct record_sink *sink)
{
	double on[PAIRS], off[PAIRS], warm;
	int n = 0, tried = 0;

	timed(x, true);
	warm = timed(x, false);
	if (isnan(warm))
		return EXIT_RESOURCE;
	int inner = (int)fmax(1, ceil(HALF_NS * 1e-9 / fmax(warm, 1e-7)));
	for (; n < PAIRS && tried < TRIES && !bench_signal(); tried++) {
		struct gate gate;
		gate_begin(&gate);
		on[n] = off[n] = 0;
		for (int i = 0; i < 2 * inner && !bench_signal() && !isnan(on[n] + off[n]); i++) { /* run by run, so that slow drifts meet both alike */
			bool with = (i ^ tried) & 1;
			*(with ? &on[n] : &off[n]) += timed(x, with);
		}
		if (isnan(on[n] + off[n]))
			return EXIT_RESOURCE;
		n += !(gate_end(&gate) >= gate_foreign_max()); /* NaN: nobody can look */
	}
	struct estimate ratio = n >= 6 ? stat_ratio(on, off, (size_t)n, 0.95) : estimate_none;
	char text[300];
	if (n < 6)
		snprintf(text, sizeof text, "%s, %s with %d: machine busy, no verdict (%d of %d pairs were quiet)", x->job.kernel->name,
			 x->job.variant->name, x->job.workers, n, tried);
	else
		snprintf(text, sizeof text, "%s, %s with %d: time with probes over time without: %.4f [%.4f to %.4f], %d of %d pairs kept",
			 x->job.kernel->name, x->job.variant->name, x->job.workers, ratio.mid, ratio.lo, ratio.hi, n, tried);
	record_write(sink, json_pack("{s:s, s:n, s:s, s:s}", "t", "say", "run", "about", "probes", "text", text), false);
	if (sink->live_fd != 1)
		puts(text);
	return EXIT_RIGHT;
}

int bench_probe_cost(const struct bench_plan *plan, struct record_sink *sink)
{
	struct pair x = {.plan = plan, .job = {.kernel = plan->kernel, .seed = plan->seed}};
	int status = EXIT_RIGHT, most = plan->workers[plan->worker_count - 1];

	memcpy(x.job.arg, plan->arg, sizeof x.job.arg);
	if (plan->kernel->prepare(&x.job)) {
		fprintf(stderr, "lockstep: preparing the input: %s\n", strerror(errno));
		plan->kernel->release(&x.job);
		return EXIT_RESOURCE;
	}
	x.probe = probe_new(most);
	for (int v = 0; v < plan->variant_count && !status; v++) {
		for (int p = 0; p < plan->worker_count && !status && !bench_signal(); p++) {
			x.job.variant = plan->variants[v];
			x.job.workers = plan->workers[p];
			if (x.job.variant->kind == KIND_SERIAL && p > 0)
				break;
			if (x.job.variant->kind == KIND_SERIAL)
				x.job.workers = 1;
			if (x.job.workers <= topology_usable())
				status = one_configuration(&x, sink);
			if (status)
				fprintf(stderr, "lockstep: measuring: %s\n", strerror(errno));
		}
	}
	probe_free(x.probe);
	plan->kernel->release(&x.job);
	return bench_signal() ? 128 + bench_signal() : status;
}
