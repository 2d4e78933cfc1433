/* The marks around parallel regions, workers and waits: what they cost is two clock reads at each end of a stretch. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernels/bench/clock.h"
#include "kernels/bench/probe_area.h"
#include "kernels/bench/util.h"

_Static_assert(offsetof(struct probe_area, probe) == 0, "the job's probe is the area");

static struct slot *slot_of(struct probe_area *area, int w)
{
	return &area->slot[w + 1];
}

static void keep(struct slot *slot, enum span_kind kind, int64_t begin, int64_t end)
{
	int n = get(slot->spans);

	if (end <= begin)
		return;
	if (n >= PROBE_SPANS) {
		add(slot->spans_lost, 1);
		return;
	}
	put(slot->mark[n].begin, begin);
	put(slot->mark[n].end, end);
	put(slot->mark[n].core, get(slot->core));
	put(slot->mark[n].kind, (int)kind);
	put(slot->spans, n + 1);
}

/* Ends the open slice. Silence longer than the gap before `now`, of a worker that ticks, is time off. */
static void close_slice(struct slot *slot, int64_t now)
{
	int64_t tick = get(slot->tick);
	bool off = get(slot->ticked) && now - tick > PROBE_TICK_GAP_NS;

	keep(slot, SPAN_RUN, get(slot->slice), off ? tick : now);
	if (off)
		keep(slot, SPAN_OFF, tick, now);
}

static void end_wait(struct probe_area *area, struct slot *slot, int64_t now)
{
	int64_t begin = get(slot->wait_begin);

	if (!begin)
		return;
	add(slot->wait, now - begin);
	put(slot->wait_begin, 0);
	if (!get(area->keep_spans))
		return;
	keep(slot, SPAN_WAIT, begin, now);
	put(slot->core, sched_getcpu());
	put(slot->slice, now);
	put(slot->tick, now);
}

/* A worker that began and will never end: its time counts up to now, its CPU time is not known. */
static void abandon(struct probe_area *area, struct slot *slot, int64_t now)
{
	if (!get(slot->open))
		return;
	end_wait(area, slot, now);
	if (get(area->keep_spans))
		keep(slot, SPAN_RUN, get(slot->slice), get(slot->ticked) ? get(slot->tick) : now);
	add(slot->region, now - get(slot->begin));
	put(slot->last_end, now);
	put(slot->open, false);
}

/* ---- the owner --------------------------------------------------------------------------------------------------- */

static void on_parallel_begin(struct probe *probe, int workers)
{
	struct probe_area *area = (struct probe_area *)probe;
	struct slot *owner = slot_of(area, -1);
	int64_t now;

	(void)workers; /* a region of fewer workers than the run: the others count as imbalance */
	if (area->depth++)
		return;
	for (int i = 0; i < area->places; i++)
		put(area->taken[i], 0);
	put(area->region, get(area->region) + 1);
	put(area->active, true);
	now = now_ns();
	put(area->region_begin, now);
	if (get(area->keep_spans))
		keep(owner, SPAN_SERIAL, get(owner->slice), now);
}

static void end_region(struct probe_area *area, int64_t now)
{
	int64_t last = 0;

	for (int w = 0; w < get(area->workers); w++) {
		struct slot *slot = slot_of(area, w);

		if (get(slot->region_seen) != get(area->region))
			continue;
		abandon(area, slot, now);
		if (get(slot->last_end) > last)
			last = get(slot->last_end);
	}
	if (last) /* nobody came: the whole region is imbalance */
		area->join += get(area->workers) * (now - last);
	area->parallel += now - get(area->region_begin);
	put(area->active, false);
}

static void on_parallel_end(struct probe *probe)
{
	int64_t now = now_ns();
	struct probe_area *area = (struct probe_area *)probe;
	struct slot *owner = slot_of(area, -1);

	if (!area->depth || --area->depth)
		return;
	end_region(area, now);
	put(owner->slice, now);
	if (get(area->keep_spans))
		put(owner->core, sched_getcpu());
}

/* ---- the workers ------------------------------------------------------------------------------------------------- */

/* The place of a worker: where it is if no other sat down there, else one that is free. -1: there is none. */
static int take_place(struct probe_area *area, int w)
{
	int here = sched_getcpu(), nobody;

	for (int i = 0; i < area->places; i++)
		if (get(area->taken[i]) == w + 1)
			return i;
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < area->places; i++) {
			nobody = 0;
			if ((pass || area->place[i] == here) && atomic_compare_exchange_strong(&area->taken[i], &nobody, w + 1))
				return i;
		}
	return -1;
}

/* Each worker gets a core for itself, best the one on which it woke up: a thread sent away from there would queue behind the
 * one that runs where it is sent. The owner stays free within the places, so that what it starts is not born on one core. */
static void settle(struct probe_area *area, int w)
{
	int i = area->places ? take_place(area, w) : -1;
	bool done = i < 0 || gettid() == get(area->owner) ? topology_confine(area->place, area->places)
							   : topology_confine(&area->place[i], 1);
	if (!done)
		put(area->bind_error, errno);
}

static void on_worker_begin(struct probe *probe, int w)
{
	struct probe_area *area = (struct probe_area *)probe;
	struct slot *slot;
	int64_t now, cpu;

	if (w < 0 || w >= get(area->workers) || !get(area->active))
		return;
	slot = slot_of(area, w);
	if (area->bind)
		settle(area, w);
	if (get(area->counting))
		counters_begin();
	/* the same order as at the end: the time that the second reading takes falls out of both differences alike */
	now = now_ns();
	cpu = thread_cpu_ns();
	abandon(area, slot, now);
	if (get(slot->region_seen) != get(area->region)) {
		put(slot->region_seen, get(area->region));
		add(slot->startup, now - get(area->region_begin));
	}
	if (get(area->keep_spans))
		put(slot->core, sched_getcpu());
	put(slot->begin, now);
	put(slot->cpu_begin, cpu);
	put(slot->slice, now);
	put(slot->tick, now);
	put(slot->ticked, false);
	put(slot->open, true);
}

static void add_counts(struct slot *slot)
{
	struct counts seen = {0};
	unsigned there = 0;

	counters_end(&seen);
	for (int c = 0; c < COUNTERS; c++) {
		if (!seen.present[c])
			continue;
		there |= 1u << c;
		add(slot->count[c], seen.value[c]);
	}
	put(slot->counted, get(slot->stretches) ? get(slot->counted) & there : there);
	add(slot->stretches, 1);
}

static void on_worker_end(struct probe *probe, int w)
{
	int64_t now = now_ns(), cpu = thread_cpu_ns();
	struct probe_area *area = (struct probe_area *)probe;
	struct slot *slot;

	if (w < 0 || w >= get(area->workers))
		return;
	slot = slot_of(area, w);
	if (!get(slot->open))
		return;
	if (get(area->counting))
		add_counts(slot);
	if (get(slot->wait_begin))
		end_wait(area, slot, now);
	else if (get(area->keep_spans))
		close_slice(slot, now);
	add(slot->region, now - get(slot->begin));
	add(slot->cpu, cpu - get(slot->cpu_begin));
	put(slot->last_end, now);
	put(slot->open, false);
}

static void on_worker_tick(struct probe *probe, int w)
{
	struct probe_area *area = (struct probe_area *)probe;
	struct slot *slot;
	int64_t now, tick;
	int core;

	if (!get(area->keep_spans) || w < 0 || w >= get(area->workers))
		return;
	slot = slot_of(area, w);
	if (!get(slot->open) || get(slot->wait_begin))
		return;
	now = now_ns();
	core = sched_getcpu();
	tick = get(slot->tick);
	put(slot->ticked, true);
	if (now - tick > PROBE_TICK_GAP_NS || core != get(slot->core)) {
		close_slice(slot, now);
		put(slot->core, core);
		put(slot->slice, now);
	}
	put(slot->tick, now);
}

static void on_wait_begin(struct probe *probe, int w)
{
	struct probe_area *area = (struct probe_area *)probe;
	struct slot *slot;
	int64_t now;

	if (w < 0 || w >= get(area->workers))
		return;
	slot = slot_of(area, w);
	if (!get(slot->open) || get(slot->wait_begin))
		return;
	now = now_ns();
	if (get(area->keep_spans))
		close_slice(slot, now);
	put(slot->wait_begin, now);
}

static void on_wait_end(struct probe *probe, int w)
{
	struct probe_area *area = (struct probe_area *)probe;

	if (w >= 0 && w < get(area->workers) && get(slot_of(area, w)->open))
		end_wait(area, slot_of(area, w), now_ns());
}

static void on_took(struct probe *probe, const struct device_took *took)
{
	struct probe_area *area = (struct probe_area *)probe;

	area->took = *took;
	area->took_told = true;
}

/* ---- the bench --------------------------------------------------------------------------------------------------- */

struct probe_area *probe_new(int workers)
{
	int capacity = workers < 1 ? 1 : workers > KERNEL_WORKERS_MAX ? KERNEL_WORKERS_MAX : workers;
	size_t bytes = sizeof(struct probe_area) + (size_t)(capacity + 1) * sizeof(struct slot);
	struct probe_area *area = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED) {
		fprintf(stderr, "lockstep: no memory for the probe of %d workers (%zu bytes): %s\n", capacity, bytes,
				strerror(errno));
		exit(EXIT_RESOURCE);
	}
	topology_get(); /* before any thread is bound */
	area->probe = (struct probe){.parallel_begin = on_parallel_begin,
								 .parallel_end = on_parallel_end,
								 .worker_begin = on_worker_begin,
								 .worker_end = on_worker_end,
								 .worker_tick = on_worker_tick,
								 .wait_begin = on_wait_begin,
								 .wait_end = on_wait_end,
								 .took = on_took};
	area->capacity = capacity;
	area->bytes = bytes;
	return area;
}

void probe_free(struct probe_area *area)
{
	if (area)
		munmap(area, area->bytes);
}

void probe_start(struct probe_area *area, const struct probe_setup *setup)
{
	int workers = setup->workers > area->capacity ? area->capacity : setup->workers < 1 ? 1 : setup->workers;
	enum pin pin = workers <= topology_usable() ? setup->pin : PIN_NONE;
	struct slot *owner = slot_of(area, -1);

	put(area->workers, workers);
	area->bind = setup->bind;
	put(area->owner, gettid());
	put(area->counting, setup->counting);
	put(area->keep_spans, setup->spans);
	area->parallel = area->join = 0;
	area->took_told = false;
	area->depth = 0;
	area->places = pin == PIN_NONE ? 0 : workers;
	topology_order(pin, area->place, area->places);
	put(area->region, 0);
	put(area->active, false);
	put(area->bind_error, 0);
	for (int w = -1; w < get(area->workers); w++) {
		struct slot *slot = slot_of(area, w);

		memset((void *)slot, 0, offsetof(struct slot, mark));
		if (get(area->keep_spans)) /* so that no page of it is missing when the clock runs */
			memset((void *)slot->mark, 0, sizeof slot->mark);
	}
	if (!topology_confine(area->place, area->bind ? area->places : 0))
		put(area->bind_error, errno);
	area->stop = 0;
	if (get(area->keep_spans))
		put(owner->core, sched_getcpu());
	area->start = now_ns();
	put(owner->slice, area->start);
}

void probe_stop(struct probe_area *area)
{
	int64_t now = now_ns();
	struct slot *owner = slot_of(area, -1);

	if (area->stop)
		return;
	area->stop = now;
	if (get(area->active))
		end_region(area, now);
	else if (get(area->keep_spans))
		keep(owner, SPAN_SERIAL, get(owner->slice), now);
	area->depth = 0;
}
