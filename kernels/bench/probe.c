/* The probe area: one slot a worker, on cache lines of its own, in memory shared with forked children. A slot is written
 * by its worker alone and read by the owner after the join; a killed worker's slot may be torn between two fields. All
 * fields are relaxed atomics: plain moves on the machines we know, and no race where libgomp's barriers are invisible to
 * ThreadSanitizer. */
#include "kernels/bench/probe.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernels/bench/clock.h"
#include "kernels/bench/util.h"

#define get(field) atomic_load_explicit(&(field), memory_order_relaxed)
#define put(field, value) atomic_store_explicit(&(field), (value), memory_order_relaxed)
/* Only the slot's worker writes: no locked instruction is needed. */
#define add(field, value) put(field, get(field) + (value))

const char *const span_name[SPAN_KINDS] = {"serial", "run", "wait", "off"};

struct mark {
	_Atomic int64_t begin, end;
	_Atomic int core, kind;
};

struct slot {
	_Alignas(128) _Atomic int64_t begin, cpu_begin; /* of the stretch that is open */
	_Atomic int64_t wait_begin;                     /* 0: not waiting */
	_Atomic int64_t last_end;
	_Atomic int64_t region, cpu, startup, wait; /* sums */
	_Atomic int region_seen;                    /* number of the region of the last begin */
	_Atomic bool open, ticked;
	_Atomic int core;              /* of the slice that is open */
	_Atomic int64_t slice, tick;   /* begin of that slice, last sign of life */
	_Atomic int spans, spans_lost;
	_Atomic int64_t count[COUNTERS];
	_Atomic unsigned counted; /* bit c: counter c was there in every stretch so far */
	_Atomic int stretches;    /* that were counted */
	struct mark mark[PROBE_SPANS];
};

struct probe_area {
	struct probe probe; /* first: the job points here */
	int capacity;
	_Atomic int workers;
	_Atomic bool bind, counting, keep_spans;
	_Atomic pid_t owner; /* thread that runs the job */
	int64_t start, stop;
	int64_t parallel, join;
	int depth;       /* of parallel_begin; only the outermost counts */
	size_t bytes;
	_Alignas(128) _Atomic int region; /* number of the region that is open or was last */
	_Atomic bool active;
	_Atomic bool moved; /* a thread that was not the owner had to be bound: threads come fresh in each region */
	_Atomic int64_t region_begin;
	_Atomic int bind_error;
	_Alignas(128) _Atomic int order[KERNEL_WORKERS_MAX];
	struct slot slot[]; /* the owner's serial spans, then one a worker */
};

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

/* ---- the owner ----------------------------------------------------------------------------------------------------- */

static void on_parallel_begin(struct probe *probe, int workers)
{
	struct probe_area *area = (struct probe_area *)probe;
	struct slot *owner = slot_of(area, -1);
	int64_t now;

	(void)workers; /* a region of fewer workers than the run: the others count as imbalance */
	if (area->depth++)
		return;
	/* Fresh threads inherit the owner's binding and would queue behind it: give it all cores back. Where the threads
	 * stay (OpenMP) nothing has moved, and nothing is done. */
	if (get(area->moved) && topology_bound() >= 0)
		topology_bind(-1);
	put(area->moved, false);
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

/* ---- the workers --------------------------------------------------------------------------------------------------- */

static void bind_worker(struct probe_area *area, int w)
{
	int want = get(area->order[w]);

	if (topology_bound() == want)
		return;
	if (!topology_bind(want))
		put(area->bind_error, errno);
	if (gettid() != get(area->owner))
		put(area->moved, true);
}

static void on_worker_begin(struct probe *probe, int w)
{
	struct probe_area *area = (struct probe_area *)probe;
	struct slot *slot;
	int64_t now, cpu;

	if (w < 0 || w >= get(area->workers) || !get(area->active))
		return;
	slot = slot_of(area, w);
	if (get(area->bind))
		bind_worker(area, w);
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

/* ---- the bench ----------------------------------------------------------------------------------------------------- */

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
	area->probe = (struct probe){.parallel_begin = on_parallel_begin, .parallel_end = on_parallel_end,
				     .worker_begin = on_worker_begin, .worker_end = on_worker_end,
				     .worker_tick = on_worker_tick, .wait_begin = on_wait_begin, .wait_end = on_wait_end};
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
	int *order;

	put(area->workers, workers);
	put(area->bind, setup->bind);
	put(area->counting, setup->counting);
	put(area->keep_spans, setup->spans);
	put(area->owner, gettid());
	area->parallel = area->join = 0;
	area->depth = 0;
	order = xmalloc((size_t)workers * sizeof *order);
	topology_order(pin, order, workers);
	for (int w = 0; w < workers; w++)
		put(area->order[w], order[w]);
	free(order);
	put(area->region, 0);
	put(area->active, false);
	put(area->moved, false);
	put(area->bind_error, 0);
	for (int w = -1; w < get(area->workers); w++) {
		struct slot *slot = slot_of(area, w);

		memset((void *)slot, 0, offsetof(struct slot, mark));
		if (get(area->keep_spans)) /* so that no page of it is missing when the clock runs */
			memset((void *)slot->mark, 0, sizeof slot->mark);
	}
	if (topology_bound() >= 0) /* else the new threads would inherit one core, as worker 0 of the last run left it */
		topology_bind(-1);
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

struct usage probe_usage(const struct probe_area *area)
{
	struct usage u = {.workers = get(area->workers), .wall_ns = area->stop - area->start, .parallel_ns = area->parallel,
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
			all[n++] = (struct span){.worker = w, .core = get(slot->mark[i].core),
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

int probe_bind_error(const struct probe_area *area)
{
	return get(area->bind_error);
}
