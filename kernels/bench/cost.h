/* What measuring costs: the same configurations with probes and counters on and off, side by side in every round. */
#ifndef LOCKSTEP_COST_H
#define LOCKSTEP_COST_H

#include "kernels/bench/bench.h"

/* For every parallel variant and worker count of the plan one `say` (about "probes"): the ratio on/off with its interval.
 * Exit code as bench_run. */
int bench_probe_cost(const struct bench_plan *plan, struct record_sink *sink);

#endif
