/* The lesson heterogeneous: its demonstrations. */
#include "lessons/recorded.h"

/* One run, watched by the clock: its milliseconds, the better of two (the first one may have to build a program). */
static double milliseconds(struct telling *t, struct job *job, int (*run)(struct job *), const char *who)
{
	struct picture *p = job->data;
	double best = INFINITY;
	for (int i = 0; i < 2; i++) {
		reset(job);
		p->by_device = 0;
		int64_t begin = now_ns();
		if (run(job))
			return NAN;
		best = fmin(best, 1e-6 * (double)(now_ns() - begin));
	}
	struct outcome out = verify(job);
	tell_check(t, out.right, "%s: %.1f ms, %zu rows of %zu by the device; %.0f rows are right", who, best, p->by_device, p->n, out.observed);
	return best;
}

/* The picture by each alone, then on demand by both. The figure: the device's share of the rows, in percent. */
static int demo_shares(struct telling *t)
{
	const struct variant way = {.kind = KIND_OPENMP};
	struct job job = {.variant = &way, .arg = {512, 500, 0.5, 16}, .workers = topology_usable(), .seed = 1};
	struct picture *p;
	int rc = prepare(&job);
	const struct device *device = on_cuda(&job) ? cuda_device() : opencl_device();
	if (rc)
		goto out;
	p = job.data;
	tell(t, "the device: %s, by %s", device ? device->name : "?", device ? device->via : "?");
	if (device && device->cpu)
		tell(t, "it is this machine's own processor: device and threads share the same cores");
	double alone = milliseconds(t, &job, run_device, _("device alone"));
	double threads = milliseconds(t, &job, run_cpu, _("threads alone"));
	double both = milliseconds(t, &job, run_dynamic, _("both, on demand"));
	if (isnan(alone) || isnan(threads) || isnan(both)) {
		rc = -1;
		goto out;
	}
	tell(t, "by the rates of each alone the device's share would be %.0f percent", 100 * threads / (threads + alone));
	tell(t, "on demand it took %.0f percent", 100 * (double)p->by_device / (double)p->n);
	tell_figure(t, 100 * (double)p->by_device / (double)p->n, 100 * threads / (threads + alone));
out:
	release(&job);
	return rc;
}

static int demo_recorded(struct telling *t) { return recorded_tell(t, "heterogeneous"); }
static const char *no_record(void) { return recorded_missing("heterogeneous"); }
