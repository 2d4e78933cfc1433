/* Where a configuration stands under the roof: limited by arithmetic or by memory. */
#include "kernels/bench/session.h"

#include <math.h>
#include "kernels/bench/ceilings.h"

#define MEMORY_BOUND_LEAST 0.5 /* of the measured bandwidth: below, something else is the limit */

/* Work by the kernel's model; NaN where it has none. */
static double model(double (*f)(const struct job *), const struct config *c) { return f ? f(&c->input->job) : NAN; }

static bool under_memory_roof(const struct kernel *kernel, const struct config *c)
{
	double flops = model(kernel->flops, c), bytes = model(kernel->bytes, c);
	double ridge = ceilings_flops(c->workers) / ceilings_bytes(c->workers);

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
	double peak = ceilings_flops(c->workers), bandwidth = ceilings_bytes(c->workers);

	if (!ceilings_known() || !(seconds > 0))
		return;
	if (!under_memory_roof(kernel, c)) {
		if (flops > 0)
			session_say(s, "roofline", "%s with %d: %.3g of %.3g Gflop/s (%.0f %% of the measured peak); its limit is arithmetic",
				    c->variant->name, c->workers, flops * 1e-9, peak * 1e-9, 100 * flops / peak);
		return;
	}
	if (bytes > 1.1 * bandwidth)
		session_say(s, "roofline", "%s with %d: %.3g GB/s, more than memory's %.3g GB/s: part of its data comes from the caches",
			    c->variant->name, c->workers, bytes * 1e-9, bandwidth * 1e-9);
	else
		session_say(s, "roofline", "%s with %d: %.3g of %.3g GB/s (%.0f %% of the measured bandwidth); its roof is memory",
			    c->variant->name, c->workers, bytes * 1e-9, bandwidth * 1e-9, 100 * bytes / bandwidth);
}
