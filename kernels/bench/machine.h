/* Preflight: what this machine is, as one record. See data/record.md, "machine". */
#ifndef LOCKSTEP_MACHINE_H
#define LOCKSTEP_MACHINE_H

#include <jansson.h>

/* New object {"lockstep":1,"t":"machine",…}: host, time (ISO 8601, UTC), suite version, cpu, cores, threads, allowed,
 * usable, quota_cores, caches, numa_nodes, governor, mhz, load1, vm, perf_event_paranoid, counters (tier, why not, per event
 * source or absence), compiler, flags, commit, parts built in. What can't be read is null, never a guess.
 * "vm" is as of machine_vm; "counters" is {"tier", "why_not_hw", "events": {name: {"source"} or {"absent": reason}}}. */
json_t *machine_record(void);

/* The hypervisor by its own word ("KVM", "VMware", "Xen", …), "none" where the processor says that there is none, NULL where
 * nothing tells. */
const char *machine_vm(void);

/* One line for chart footers: "2 cores, Intel Xeon (VM), Debian 12, gcc 12.2 -O3". Static storage. */
const char *machine_line(void);

/* Stable id of the hardware as this process may use it (cores allowed, quota) + compiler + flags, 16 hex digits: key of the
 * cached ceilings. Static storage. */
const char *machine_fingerprint(void);

#endif
