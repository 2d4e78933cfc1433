/* What measuring costs: the same configurations with the probes on and off, run by run. Counters are opened and read in runs of
 * their own, apart from the timed ones, so they cost the times nothing. */
#ifndef LOCKSTEP_COST_H
#define LOCKSTEP_COST_H

#include "kernels/bench/bench.h"

/* For every variant and worker count within the cores of the plan one `say` (about "probes"): the ratio on/off with its interval.
 * Exit code as bench_run. */
int bench_probe_cost(const struct bench_plan *plan, struct record_sink *sink);

#endif
