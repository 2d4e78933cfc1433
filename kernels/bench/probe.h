/* The bench's side of the four lines of kernel.h: a shared-memory area where each worker notes when it began and ended,
 * what CPU time it got, on which core, and (where asked) the slices in which it ran. Works across threads and forked
 * processes. Nothing here allocates, locks or writes to a file inside a timed region. */
#ifndef LOCKSTEP_PROBE_H
#define LOCKSTEP_PROBE_H

#include <stdbool.h>
#include <stdint.h>
#include "kernels/bench/budget.h"
#include "kernels/bench/counters.h"
#include "kernels/bench/topology.h"
#include "kernels/kernel.h"

enum { PROBE_SPANS = 512, PROBE_TICK_GAP_NS = 100000 };

/* what a span of a worker's time was */
enum span_kind { SPAN_SERIAL, SPAN_RUN, SPAN_WAIT, SPAN_OFF, SPAN_KINDS }; /* OFF: wanted to run and did not */
extern const char *const span_name[SPAN_KINDS];                            /* "serial", "run", "wait", "off" */

struct span {
	int worker; /* -1: the owner, outside the parallel part */
	int core;   /* OS number at the begin of the span, -1 unknown */
	enum span_kind kind;
	int64_t begin_ns, end_ns; /* since probe_start */
};

struct probe_area; /* shared memory */

/* For up to `workers` workers. Dies (exit 3) without memory. The struct probe is the first member, so the job gets
 * (struct probe *)area. */
struct probe_area *probe_new(int workers);
void probe_free(struct probe_area *area);

/* Before a run. `pin` and workers decide where it may run: workers <= usable cores are confined to as many hardware threads, the
 * first of topology_order(pin), each to one of its own (the one it wakes up on, if free); the owner, and what it starts, to
 * all of them. More workers than cores, or PIN_NONE, are not confined; with bind = false the variant does it itself.
 * counting: open and read counters in worker_begin/end (a run of its own, not a timed one). spans: keep slices. */
struct probe_setup {
	int workers;
	enum pin pin;
	bool bind, counting, spans;
};
void probe_start(struct probe_area *area, const struct probe_setup *setup);
/* After the run: stops the clock of the whole run. */
void probe_stop(struct probe_area *area);

/* What was seen between start and stop. The time of a worker that began and never ended (killed) counts to the end of its
 * region (to the stop, if the region never ended either); its CPU time in that stretch is not known and counts as none. */
struct usage probe_usage(const struct probe_area *area);
/* Per worker: wall and CPU time in region, ns. */
void probe_worker(const struct probe_area *area, int w, int64_t *region_ns, int64_t *cpu_ns);
/* Spans in order of their begin; returns how many were written to out (at most max) and the number lost for lack of room. */
int probe_spans(const struct probe_area *area, struct span *out, int max, int *lost);
/* Counter values of worker w (-1: sum over workers), only after a counting run. Present is what was there in every counted
 * stretch of every worker. */
void probe_counts(const struct probe_area *area, int w, struct counts *out);
/* For a run whose workers can't reach this memory (ranks of MPI): what they saw, told when all is over and before probe_stop, as
 * one parallel region of wall_ns. Times since its begin; spans in any order, cores as known there (-1: on another machine). */
struct probe_told {
	int64_t startup_ns, end_ns;         /* first begin and last end; end 0: it never began */
	int64_t region_ns, cpu_ns, wait_ns; /* sums */
	struct counts counts;               /* of a counting run */
};
bool probe_counting(const struct probe_area *area); /* whether the run that goes on is a counting one */
void probe_tell(struct probe_area *area, int64_t wall_ns, const struct probe_told *told, int workers, const struct span *spans, int n);
/* What the device told of this run. False: nothing. */
bool probe_took(const struct probe_area *area, struct device_took *out);
/* 0, or the errno of the last binding that the system refused in this run. */
int probe_bind_error(const struct probe_area *area);

#endif
