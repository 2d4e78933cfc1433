/* Where the core-seconds went. The area p * T(p) of a run is split, in integer nanoseconds, into parts that sum to it
 * exactly. All inputs are totals over the same kept rounds; the reference is the same code with one worker. */
#ifndef LOCKSTEP_BUDGET_H
#define LOCKSTEP_BUDGET_H

#include <stddef.h>
#include <stdint.h>

/* What the probe saw in one run (or summed over several). Workers beyond `workers` are ignored. */
struct usage {
	int workers;
	int64_t wall_ns;     /* whole run */
	int64_t parallel_ns; /* sum over parallel regions, begin to end */
	int64_t startup_ns;  /* sum over workers: region begin to the worker's first begin; a worker that never began in a
				region counts its whole length as imbalance */
	int64_t join_ns;     /* workers * (region end - last worker end) */
	int64_t region_ns;   /* sum over workers: wall time between begin and end */
	int64_t cpu_ns;      /* sum over workers: CPU time between begin and end */
	int64_t wait_ns;     /* sum over workers: declared waits (wait_begin .. wait_end), part of region_ns */
	int64_t max_cpu_ns, max_region_ns; /* of the busiest worker, summed over runs */
};

enum part { PART_USEFUL_SERIAL, PART_USEFUL_PARALLEL, PART_SERIAL_WAIT, PART_STARTUP, PART_IMBALANCE, PART_WAITING,
	    PART_INFLATION, PART_JOIN, PARTS };

/* Adds the times of one run, and brings all times to `by` times as much (rounded to whole nanoseconds). */
void usage_add(struct usage *sum, const struct usage *one);
void usage_scale(struct usage *u, double by);

/* Record names ("useful_serial", ...) and words for people ("waiting for the serial part"). */
extern const char *const part_name[PARTS];
extern const char *const part_words[PARTS];

struct budget {
	int64_t total_ns;         /* p * T(p) */
	int64_t part_ns[PARTS];   /* sums to total_ns exactly; inflation may be negative (super-linear) */
};

/* at: the run looked at; one: the same code with one worker, over the same number of runs.
 *   useful_serial = wall - parallel                 serial_wait = (p - 1) (wall - parallel)
 *   useful_parallel = cpu of `one`                  inflation   = cpu - cpu of `one`
 *   waiting = region - cpu                          startup, join as seen
 *   imbalance = the rest of p * parallel
 * A negative rest of rounding (clocks of two kinds) is moved into waiting, so that imbalance and waiting stay >= 0
 * where the data allow it. */
struct budget budget_split(const struct usage *at, const struct usage *one);

/* POP efficiencies (pop-coe.eu): parallel = mean u / T = load balance * communication; S = p * scaling * pe / pe1
 * exactly, where u is CPU time in regions plus, for the owner, serial time. */
struct pop {
	double load_balance, communication, parallel, computation_scaling, parallel_one, speedup;
};
struct pop budget_pop(const struct usage *at, const struct usage *one);

/* The largest loss (a part other than the two useful ones) in one sentence with its share, e.g.
 * "71 % of the core-seconds went to waiting (in the parallel part, not running)". Empty when all losses together are
 * below 3 % or the largest is not clear of the second (less than 1.25 times). Returns the part or PARTS. */
enum part budget_sentence(const struct budget *b, char *text, size_t size);

#endif
