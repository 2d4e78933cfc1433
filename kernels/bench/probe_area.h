/* The probe area from the inside: one slot a worker, on cache lines of its own, in memory shared with forked children. A
 * slot is written by its worker alone and read by the owner after the join; a killed worker's slot may be torn between
 * two fields. All fields that two threads touch are relaxed atomics: plain moves on the machines we know, and no race
 * where libgomp's barriers are invisible to ThreadSanitizer. */
#ifndef LOCKSTEP_PROBE_AREA_H
#define LOCKSTEP_PROBE_AREA_H

#include <stdatomic.h>
#include <stddef.h>
#include <sys/types.h>

#include "kernels/bench/probe.h"

#define get(field) atomic_load_explicit(&(field), memory_order_relaxed)
#define put(field, value) atomic_store_explicit(&(field), (value), memory_order_relaxed)
/* Only the slot's worker writes: no locked instruction is needed. */
#define add(field, value) put(field, get(field) + (value))

struct mark {
	_Atomic int64_t begin, end;
	_Atomic int core, kind;
};

struct slot {
	_Alignas(128) _Atomic int64_t begin, cpu_begin; /* of the stretch that is open */
	_Atomic int64_t wait_begin;						/* 0: not waiting */
	_Atomic int64_t last_end;
	_Atomic int64_t region, cpu, startup, wait; /* sums */
	_Atomic int region_seen;					/* number of the region of the last begin */
	_Atomic bool open, ticked;
	_Atomic int core;			 /* of the slice that is open */
	_Atomic int64_t slice, tick; /* begin of that slice, last sign of life */
	_Atomic int spans, spans_lost;
	_Atomic int64_t count[COUNTERS];
	_Atomic unsigned counted; /* bit c: counter c was there in every stretch so far */
	_Atomic int stretches;	  /* that were counted */
	struct mark mark[PROBE_SPANS];
};

struct probe_area {
	struct probe probe; /* first: the job points here */
	int capacity;
	_Atomic int workers;
	_Atomic bool counting, keep_spans;
	bool bind;
	_Atomic pid_t owner; /* the thread that runs the job */
	int places;			 /* of place[]; 0: anywhere */
	int64_t start, stop;
	int64_t parallel, join;
	struct device_took took; /* told by the owner */
	bool took_told;
	int depth; /* of parallel_begin; only the outermost counts */
	size_t bytes;
	_Alignas(128) _Atomic int region; /* number of the region that is open or was last */
	_Atomic bool active;
	_Atomic int64_t region_begin;
	_Atomic int bind_error;
	_Alignas(128) int place[KERNEL_WORKERS_MAX]; /* written before the workers are started */
	_Atomic int taken[KERNEL_WORKERS_MAX];		 /* by which worker + 1 in this region, 0: by none */
	struct slot slot[]; /* the owner's serial spans, then one a worker */
};

#endif
