/* What runs on an accelerator: it has no worker axis, but a way there and back. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "kernels/bench/session.h"

#define CEILINGS_LEAST 0.5

static const struct device *device_of_config(const struct session *s, const struct config *c)
{
	const struct kernel *kernel = s->plan->kernel;
	bool hurry = s->plan->budget_seconds > 0 && s->plan->budget_seconds < CEILINGS_LEAST; /* its ceilings take some tenths of a second */
	return !hurry && kernel->device && kind_on_device(c->variant->kind) ? kernel->device(c->variant->kind) : NULL;
}

void device_records(struct session *s)
{
	unsigned seen = 0;

	for (int i = 0; i < s->config_count && !bench_signal(); i++) {
		enum kind kind = s->configs[i].variant->kind;
		const struct device *d = seen & 1u << kind ? NULL : device_of_config(s, &s->configs[i]);
		if (!d)
			continue;
		seen |= 1u << kind;
		record_write(s->sink, json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:o}", "t", "device", "run", s->id, "kind",
						kind_name(kind), "name", d->name, "via", d->via, "cpu", d->cpu, "copy_bytes_per_second",
						record_real(d->copy_bytes_per_second), "f32_flops_per_second",
						record_real(d->f32_flops_per_second), "f64_flops_per_second",
						record_real(d->f64_flops_per_second)), false);
	}
}

static double told(const struct session *s, const struct config *c, int round, double sum)
{
	(void)s;
	return c->samples[round].right && sum > 0 ? sum / c->inner : NAN;
}
static double copy_in(const struct session *s, const struct config *c, int r) { return told(s, c, r, c->samples[r].took.copy_in); }
static double compute(const struct session *s, const struct config *c, int r) { return told(s, c, r, c->samples[r].took.compute); }
static double copy_out(const struct session *s, const struct config *c, int r) { return told(s, c, r, c->samples[r].took.copy_out); }

/* Share of the ceiling that limits it, memory or arithmetic, in `seconds` of computing. */
static double of_ceiling(const struct session *s, const struct config *c, double seconds)
{
	const struct kernel *kernel = s->plan->kernel;
	const struct device *d = device_of_config(s, c);
	double memory = NAN, arithmetic = NAN;

	if (!d || !(seconds > 0))
		return NAN;
	if (kernel->bytes)
		memory = kernel->bytes(&c->input->job) / seconds / d->copy_bytes_per_second;
	if (kernel->flops)
		arithmetic = kernel->flops(&c->input->job) / seconds / (kernel->single ? d->f32_flops_per_second : d->f64_flops_per_second);
	return fmax(memory, arithmetic);
}

void device_point(const struct session *s, const struct config *c, json_t *point)
{
	struct estimate in = session_median(s, copy_in, c), middle = session_median(s, compute, c), out = session_median(s, copy_out, c);
	double occupancy = s->tried ? c->samples[s->tried - 1].took.occupancy : NAN;

	json_object_set_new(point, "copy_in_seconds", record_estimate(in));
	json_object_set_new(point, "compute_seconds", record_estimate(middle));
	json_object_set_new(point, "copy_out_seconds", record_estimate(out));
	json_object_set_new(point, "of_ceiling", record_real(of_ceiling(s, c, middle.mid)));
	json_object_set_new(point, "occupancy", record_real(occupancy > 0 ? occupancy : NAN));
}

/* The variant of a kind that computes fastest, of those that were right. */
static const struct config *fastest(const struct session *s, enum kind kind)
{
	const struct config *best = NULL;
	double least = INFINITY;

	for (int i = 0; i < s->config_count; i++) {
		const struct config *c = &s->configs[i];
		double seconds = c->variant->kind == kind && !c->wrong_runs && !c->variant->wrong ? session_median(s, compute, c).mid : NAN;
		if (seconds < least) {
			least = seconds;
			best = c;
		}
	}
	return best;
}

/* Amdahl for a device, f = 1: all the work was moved there; c: what the way there and back takes, in times of the baseline. */
void device_say(struct session *s)
{
	for (enum kind kind = KIND_OPENCL; kind <= KIND_CUDA && s->kept; kind++) {
		const struct config *c = fastest(s, kind), *base = c ? session_baseline(s, c->at) : NULL;
		if (!base || s->plan->sweep >= 0)
			continue;
		double serial = session_seconds(s, base).mid, total = session_seconds(s, c).mid, middle = session_median(s, compute, c).mid;
		double k = serial / middle, way = (total - middle) / serial;
		if (k > 0 && way >= 0)
			session_say(s, "device", "%s: it computes %.3g times as fast as %s (k), the way there and back takes %.3g times what %s needs (c): "
				    "1/(c + 1/k) = %.3g times as fast in all", c->variant->name, k, base->variant->name, way,
				    base->variant->name, 1 / (way + 1 / k));
	}
}
