/* A way to read kernel and hardware events of the calling thread. counters.c decides what to believe of it. */
#ifndef LOCKSTEP_COUNTERS_BACKEND_H
#define LOCKSTEP_COUNTERS_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/bench/counters.h"

/* The events that one thread has open; lives in thread-local memory, copied by fork. */
struct counter_set {
	int n;
	int fd[COUNTERS];		   /* perf_event_open */
	uint64_t enabled, running; /* perf_event_open: ns so far */
	int event_set;			   /* PAPI */
};

struct counter_backend {
	const char *name;
	/* Once a process. NULL, or why nothing can be had from here. */
	const char *(*init)(void);
	/* The events to try for counter c, best first; NULL after the last. */
	const char *(*candidate)(enum counter c, int i);
	/* Opens n events for the calling thread, in user mode only or (kernel) in both modes. False, everything closed,
	 * with a reason in why. */
	bool (*open)(struct counter_set *set, const char *const *events, int n, bool kernel, char *why, size_t size);
	bool (*start)(struct counter_set *set);
	bool (*stop)(struct counter_set *set, int64_t *values); /* false: the values are not to be believed */
	void (*close)(struct counter_set *set);
	void (*forget)(struct counter_set *set); /* in a forked child: the set is the parent's */
};

#if HAVE_PAPI
extern const struct counter_backend counter_backend_papi;
#endif
extern const struct counter_backend counter_backend_perf;

/* errno of opening a plain cycle counter for this thread in user mode; 0: it opens. */
int counter_perf_errno(void);

/* The system's own running totals for the calling thread; there[c] tells which were read. Of those that cost a look
 * into /proc only the wanted ones. */
void counter_os_read(int64_t *value, bool *there, const bool *wanted);
bool counter_os_ready_wait(int64_t *ns);
bool counter_os_migrations(int64_t *n);

/* Work that must move counter c. False where this can't be done here (one core: no migration). */
bool counter_exercise(enum counter c);
/* Forces two moves between the first two cores that this thread may use. False where there is only one. */
bool counter_migrate(void);
/* Is `value` what the exercise must have given? `os` is what the system itself counted meanwhile. */
bool counter_believable(enum counter c, int64_t value, int64_t os);

#endif
