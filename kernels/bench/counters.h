/* Counters in three tiers, each event probed by add + start + work + read before it is believed:
 *   hw   hardware events through PAPI
 *   sw   kernel software events through PAPI (perf::), domain ALL, cross-checked with getrusage
 *   os   getrusage(RUSAGE_THREAD) and /proc: always there
 * What PAPI does not give (a processor newer than its tables: then not even perf::; or HAVE_PAPI=0) is tried straight from
 * the kernel, perf_event_open(2), under the same rules. An event that can't count is absent with a reason and a cure,
 * never 0. */
#ifndef LOCKSTEP_COUNTERS_H
#define LOCKSTEP_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum counter {
	COUNT_CYCLES, COUNT_INSTRUCTIONS, COUNT_CACHE_MISSES, COUNT_BRANCH_MISSES, COUNT_FLOPS,   /* tier hw */
	COUNT_TASK_CLOCK, COUNT_PAGE_FAULTS, COUNT_MAJOR_FAULTS, COUNT_MIGRATIONS, COUNT_SWITCHES, /* tier sw, else os */
	COUNT_VOLUNTARY, COUNT_INVOLUNTARY, COUNT_READY_WAIT,                                      /* tier os */
	COUNTERS
};

enum tier { TIER_AUTO, TIER_HW, TIER_SW, TIER_OFF }; /* what --counters asks for */

struct counter_info {
	const char *name;  /* record name with unit: "cycles", "task_clock_seconds", "context_switches", "ready_wait_seconds" */
	const char *words; /* for people */
	double scale;      /* raw value * scale = recorded value (1e-9 for ns) */
};
extern const struct counter_info counter_info[COUNTERS];

struct counts {
	int64_t value[COUNTERS];
	bool present[COUNTERS];
};

/* Probes what counts here (some ms); once, before the first measurement, from a thread that is not counting; the functions
 * below do it with TIER_AUTO when nobody has. Leaves TIER_OFF at getrusage alone. TIER_HW is TIER_AUTO: whoever asks for
 * hardware counters reads counters_why_not_hw. */
void counters_init(enum tier asked);
/* "hw", "sw", "os" or "off": the best tier in use. */
const char *counters_tier(void);
/* NULL if the counter counts here, else why not and what would cure it (one sentence). */
const char *counters_absent(enum counter c);
/* Where a present counter is read from: "papi PAPI_TOT_CYC", "papi perf::CONTEXT-SWITCHES",
 * "perf_event_open CONTEXT-SWITCHES", "getrusage", "schedstat". "" when absent. */
const char *counters_source(enum counter c);
/* One sentence on why hardware counters are absent (no PMU in this VM; perf_event_paranoid = 3; built without PAPI), or "". */
const char *counters_why_not_hw(void);

/* For the calling thread (thread-local state, safe after fork): end adds the differences since begin to out and marks them
 * present; what this thread could not open stays absent. An end without a begin adds nothing. Threads may come and go; a
 * thread's events are closed when it exits, or by counters_thread_done. */
void counters_begin(void);
void counters_end(struct counts *out);
void counters_thread_done(void);

#endif
