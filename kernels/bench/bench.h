/* Measuring a kernel: from a plan to records. design: rounds that interleave every configuration, an interference gate,
 * medians with intervals, capacity of the machine measured beside the work, laws fitted, core-seconds accounted for. */
#ifndef LOCKSTEP_BENCH_H
#define LOCKSTEP_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "kernels/bench/counters.h"
#include "kernels/bench/record.h"
#include "kernels/bench/topology.h"
#include "kernels/kernel.h"

enum { BENCH_WORKERS_MAX = 64, BENCH_SWEEP_MAX = 32, BENCH_VARIANTS_MAX = 32, BENCH_ROUNDS = 11, BENCH_ROUNDS_MAX = 1000 };

struct bench_plan {
	const struct kernel *kernel;
	const struct variant *variants[BENCH_VARIANTS_MAX];
	int variant_count;
	int workers[BENCH_WORKERS_MAX]; /* ascending, each once; serial variants run at 1 only */
	int worker_count;
	double arg[KERNEL_ARGS_MAX];
	int sweep;                      /* index of the swept parameter, -1: none */
	double sweep_value[BENCH_SWEEP_MAX];
	int sweep_count;
	bool weak;                      /* the work grows with the workers */
	int rounds;                     /* rounds wanted with quiet machine; 0: BENCH_ROUNDS */
	double budget_seconds;          /* 0: none */
	uint64_t seed;
	enum pin pin;
	const char *lesson, *command;   /* lesson may be NULL */
	bool probes;                    /* false only to show what the probes cost: nothing but wall time is taken */
	bool ceilings;                  /* measure (or read) the machine's peaks for the roofline */
	bool progress;                  /* a line on stderr while measuring */
};

/* Measures and writes everything from `run` to the last `say` to the sink (machine and end lines are the caller's).
 * Returns an exit code: 0, 1 (a result was wrong that should be right), 3 (a resource ran out), 128+n (ended by signal n). */
int bench_run(const struct bench_plan *plan, struct record_sink *sink);

/* Work of a run in the kernel's own measure (flops, else bytes, else size): what grows under --weak. */
double bench_work(const struct kernel *kernel, const double *arg);
/* The size whose work is `times` that of arg, as near as whole numbers and the kernel's range allow. */
double bench_scaled_size(const struct kernel *kernel, const double *arg, double times);

/* Registry of linked kernels. */
const struct kernel *bench_kernel(const char *name); /* NULL: none */
int bench_kernel_count(void);
const struct kernel *bench_kernel_at(int i);         /* in order of names */
const struct variant *bench_variant(const struct kernel *kernel, const char *name);
const char *kind_name(enum kind kind);               /* "serial", "threads", … */

/* Signals: INT, TERM and HUP end a run at the next run's end, at the latest after 0.7 s by force, with the records so far kept and
 * an `end` line marked partial. Forked workers end with the process. */
void bench_catch_signals(const struct record_sink *sink); /* as long as the sink lives */
/* A process that measures in place of this one gets what this one gets (0: there is none any more). It counts the first signal, from
 * whomever: the same one again, sent to the whole group, is not a second; the end by force comes from here. */
void bench_signals_to(pid_t child);
void bench_signals_from_parent(void); /* in that process, after bench_catch_signals */
void bench_release_signals(void);                         /* the end line is written: none by force any more */
int bench_held(void);   /* how often the process was stopped and went on */
int bench_signal(void); /* the signal that wants us to end, or 0 */

#endif
