/* Cores, caches and pinning, through hwloc. */
#ifndef LOCKSTEP_TOPOLOGY_H
#define LOCKSTEP_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

enum pin { PIN_COMPACT, PIN_SPREAD, PIN_NONE };

struct cache {
	int level;
	size_t bytes;   /* of one instance */
	int shared_by;  /* hardware threads per instance */
	int instances;
};

struct topology {
	int packages, cores, threads; /* physical packages, physical cores, hardware threads, whole machine */
	int numa_nodes;
	int *allowed;                 /* OS numbers of the hardware threads this process may use, ascending */
	int allowed_count;
	int allowed_cores;            /* physical cores among them: the p up to which a fit is honest */
	double quota_cores;           /* cgroup CPU quota in cores (v1 or v2, the tightest limit up the tree), 0: none */
	struct cache caches[8];
	int cache_count;
	char cpu_model[128];
};

/* Read once, kept for the life of the process: what the calling thread may use then is `allowed`, so the first call comes
 * before anything is bound. Dies (exit 3) when hwloc can't read the machine. A made-up machine for tests: HWLOC_SYNTHETIC. */
const struct topology *topology_get(void);

/* The usable parallel capacity in whole workers: min(allowed_cores, floor(quota)), at least 1. */
int topology_usable(void);

/* OS numbers in the order in which workers are placed: compact fills the cores of one package before the next; spread
 * deals them over packages and NUMA nodes as far apart as possible. Both use one hardware thread of every physical
 * core before the second ones. Fills order[0..n) cyclically; PIN_NONE fills with -1 (all allowed). */
void topology_order(enum pin pin, int *order, int n);

/* Confines the calling thread to n hardware threads, to all allowed ones for n = 0. What it starts from then on inherits that.
 * The last call of the thread is remembered (thread-local), so repeating it costs nothing. False with errno (EINVAL: no such
 * hardware thread) when the system refuses. */
bool topology_confine(const int *cpus, int n);

/* The CPU quota in cores by a file like /proc/self/cgroup and a cgroup file system mounted at sys_root; 0: none. */
double topology_quota_from(const char *cgroup_file, const char *sys_root);

#endif
