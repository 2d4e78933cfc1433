/* What the probe saw, read after the run. */
#include <stdlib.h>
#include <string.h>

#include "kernels/bench/probe_area.h"
#include "kernels/bench/util.h"

const char *const span_name[SPAN_KINDS] = {"serial", "run", "wait", "off"};

struct usage probe_usage(const struct probe_area *area)
{
	struct usage u = {.workers = get(area->workers),
					  .wall_ns = area->stop - area->start,
					  .parallel_ns = area->parallel,
					  .join_ns = area->join};

	for (int w = 0; w < get(area->workers); w++) {
		const struct slot *slot = &area->slot[w + 1];

		u.startup_ns += get(slot->startup);
		u.region_ns += get(slot->region);
		u.cpu_ns += get(slot->cpu);
		u.wait_ns += get(slot->wait);
		if (get(slot->cpu) > u.max_cpu_ns)
			u.max_cpu_ns = get(slot->cpu);
		if (get(slot->region) > u.max_region_ns)
			u.max_region_ns = get(slot->region);
	}
	return u;
}

void probe_worker(const struct probe_area *area, int w, int64_t *region_ns, int64_t *cpu_ns)
{
	bool known = w >= 0 && w < get(area->workers);

	*region_ns = known ? get(area->slot[w + 1].region) : 0;
	*cpu_ns = known ? get(area->slot[w + 1].cpu) : 0;
}

static int by_begin(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->begin_ns != y->begin_ns)
		return x->begin_ns < y->begin_ns ? -1 : 1;
	return x->worker - y->worker;
}

int probe_spans(const struct probe_area *area, struct span *out, int max, int *lost)
{
	int n = 0, dropped = 0;
	struct span *all = xcalloc((size_t)(get(area->workers) + 1) * PROBE_SPANS, sizeof *all);

	for (int w = -1; w < get(area->workers); w++) {
		const struct slot *slot = &area->slot[w + 1];

		dropped += get(slot->spans_lost);
		for (int i = 0; i < get(slot->spans); i++)
			all[n++] = (struct span){.worker = w,
									 .core = get(slot->mark[i].core),
									 .kind = (enum span_kind)get(slot->mark[i].kind),
									 .begin_ns = get(slot->mark[i].begin) - area->start,
									 .end_ns = get(slot->mark[i].end) - area->start};
	}
	qsort(all, (size_t)n, sizeof *all, by_begin);
	if (max < 0)
		max = 0;
	if (lost)
		*lost = dropped + (n > max ? n - max : 0);
	if (n > max)
		n = max;
	if (n)
		memcpy(out, all, (size_t)n * sizeof *all);
	free(all);
	return n;
}

void probe_counts(const struct probe_area *area, int w, struct counts *out)
{
	int first = w < 0 ? 0 : w, last = w < 0 ? get(area->workers) - 1 : w, counted = 0;
	unsigned there = ~0u;

	memset(out, 0, sizeof *out);
	for (int i = first; i <= last && i < get(area->workers); i++) {
		const struct slot *slot = &area->slot[i + 1];

		if (!get(slot->stretches))
			continue;
		counted++;
		there &= get(slot->counted);
		for (int c = 0; c < COUNTERS; c++)
			out->value[c] += get(slot->count[c]);
	}
	for (int c = 0; c < COUNTERS; c++) {
		out->present[c] = counted && (there >> c & 1);
		if (!out->present[c])
			out->value[c] = 0;
	}
}

bool probe_took(const struct probe_area *area, struct device_took *out)
{
	*out = area->took;
	return area->took_told;
}

int probe_bind_error(const struct probe_area *area)
{
	return get(area->bind_error);
}
