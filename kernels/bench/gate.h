/* The interference gate: how much of the machine did others use while we measured?
 * foreign = (non-idle jiffies of /proc/stat, steal included, over the allowed CPUs - our own user + system time) / wall,
 * in cores. Ticks are 10 ms: a round shall last >= 0.5 s for 2 % resolution. */
#ifndef LOCKSTEP_GATE_H
#define LOCKSTEP_GATE_H

#include <stdbool.h>
#include <stdint.h>

#define GATE_ONCPU_MIN 0.97   /* workers' CPU time over wall time in region (variants that don't block) */

struct gate {
	int64_t wall_ns, busy_ticks, own_ns;
	bool readable; /* false: no /proc/stat here; foreign is then NaN: the gate could not look */
};

/* What others may use in a kept round, in cores: 2 % of the machine, which is 0.04 of two cores. (What the system itself does in the
 * background grows with the machine, and so does the room beside our workers.) */
double gate_foreign_max(void);

void gate_begin(struct gate *g);
/* Foreign CPU time per wall time since gate_begin, in cores (0.04 = 4 % of one core), never below 0; NaN if unreadable.
 * Own time is that of this process, its reaped children and its living descendants. NaN too where /proc/stat does not
 * even show our own time (some containers). */
double gate_end(const struct gate *g);

#endif
