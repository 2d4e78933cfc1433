/* What workers saw who could not write into the probe's memory. */
#include "kernels/bench/clock.h"
#include "kernels/bench/probe_area.h"

bool probe_counting(const struct probe_area *area)
{
	return get(area->counting);
}

static void tell_counts(struct slot *slot, const struct counts *counts)
{
	unsigned there = 0;

	for (int c = 0; c < COUNTERS; c++) {
		if (!counts->present[c])
			continue;
		there |= 1u << c;
		put(slot->count[c], counts->value[c]);
	}
	put(slot->counted, there);
	put(slot->stretches, 1);
}

void probe_tell(struct probe_area *area, int64_t wall_ns, const struct probe_told *told, int workers, const struct span *spans, int n)
{
	int64_t last = 0;

	if (workers > get(area->workers))
		workers = get(area->workers);
	area->stop = now_ns();
	area->start = area->stop - wall_ns;
	area->parallel = wall_ns;
	area->depth = 0;
	put(area->active, false);
	for (int w = 0; w < workers; w++) {
		struct slot *slot = &area->slot[w + 1];

		if (!told[w].end_ns)
			continue;
		put(slot->startup, told[w].startup_ns);
		put(slot->region, told[w].region_ns);
		put(slot->cpu, told[w].cpu_ns);
		put(slot->wait, told[w].wait_ns);
		put(slot->spans, 0);
		if (get(area->counting))
			tell_counts(slot, &told[w].counts);
		if (told[w].end_ns > last)
			last = told[w].end_ns;
	}
	area->join = last && wall_ns > last ? get(area->workers) * (wall_ns - last) : 0;
	for (int i = 0; i < n && get(area->keep_spans); i++) {
		struct slot *slot = spans[i].worker >= 0 && spans[i].worker < workers ? &area->slot[spans[i].worker + 1] : NULL;
		int k = slot ? get(slot->spans) : PROBE_SPANS;

		if (k >= PROBE_SPANS)
			continue;
		put(slot->mark[k].begin, area->start + spans[i].begin_ns);
		put(slot->mark[k].end, area->start + spans[i].end_ns);
		put(slot->mark[k].core, spans[i].core);
		put(slot->mark[k].kind, (int)spans[i].kind);
		put(slot->spans, k + 1);
	}
}
