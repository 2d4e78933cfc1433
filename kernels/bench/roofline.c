/* Where a configuration stands under the roof: limited by arithmetic or by memory. */
#include "kernels/bench/session.h"

#include <math.h>
#include <stdio.h>
#include "kernels/bench/ceilings.h"

/* Shares of the roof: from where a kernel counts as bound by memory; below which the roof says nothing about it; above which
 * the caches must be helping. */
static const double MEMORY_BOUND_LEAST = 0.5, FAR_BELOW = 0.3, CACHES_FROM = 1.1;

/* Work by the kernel's model; NaN where it has none. */
static double model(double (*f)(const struct job *), const struct config *c) { return f ? f(&c->input->job) : NAN; }

static bool under_memory_roof(const struct kernel *kernel, const struct config *c)
{
	double flops = model(kernel->flops, c), bytes = model(kernel->bytes, c);
	double ridge = ceilings_flops(c->workers, kernel->single) / ceilings_bytes(c->workers);

	return bytes > 0 && ridge > 0 && (!(flops > 0) || flops / bytes < ridge);
}

double roofline_bandwidth_ratio(const struct session *s, const struct config *c, double seconds)
{
	const struct kernel *kernel = s->plan->kernel;
	double bytes = model(kernel->bytes, c);

	if (!under_memory_roof(kernel, c) || !(bytes / seconds >= MEMORY_BOUND_LEAST * ceilings_bytes(c->workers)))
		return NAN;
	return ceilings_bytes(c->workers) / ceilings_bytes(1);
}

void roofline_say(struct session *s, const struct config *c, double seconds)
{
	const struct kernel *kernel = s->plan->kernel;
	double flops = model(kernel->flops, c) / seconds, bytes = model(kernel->bytes, c) / seconds;
	double peak = ceilings_flops(c->workers, kernel->single), bandwidth = ceilings_bytes(c->workers);

	if (!ceilings_known() || !(seconds > 0))
		return;
	bool memory = under_memory_roof(kernel, c);
	double share = memory ? bytes / bandwidth : flops / peak;

	if (!(share > 0))
		return;
	char rate[100];
	if (memory)
		snprintf(rate, sizeof rate, "%.3g of %.3g GB/s (%.0f %% of the measured bandwidth)", bytes * 1e-9, bandwidth * 1e-9, 100 * share);
	else if (kernel->single)
		snprintf(rate, sizeof rate, "%.3g of %.3g Gflop/s (%.0f %% of the measured peak of 4-byte floats)", flops * 1e-9,
			 peak * 1e-9, 100 * share);
	else
		snprintf(rate, sizeof rate, "%.3g of %.3g Gflop/s (%.0f %% of the measured peak)", flops * 1e-9, peak * 1e-9, 100 * share);
	session_say(s, "roofline", "%s with %d: %s; %s", c->variant->name, c->workers, rate,
		    memory && share > CACHES_FROM ? "more than memory gives: part of its data comes from the caches"
		    : share < FAR_BELOW           ? "far below that roof: something else is its limit"
		    : memory                      ? "its roof is memory"
						  : "its roof is arithmetic");
}
