/* What can be told of a run while it is live: how long it has been going and may still go, the load of the cores it may
 * use, and rates of its process group with a short history. Read from /proc at most twice a second, only while it runs;
 * the switches of its workers come from the run itself, whose workers may be gone before anybody could look at them. */
#ifndef LOCKSTEP_LIVE_H
#define LOCKSTEP_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "kernels/bench/recset.h"

enum { LIVE_HISTORY = 120, LIVE_CORES_MAX = 1024, LIVE_GAP_MS = 500, LIVE_TIME_MAX = 24 };

enum live_rate { LIVE_CPU, LIVE_OTHERS, LIVE_WAITED, LIVE_DISPLACED, LIVE_FAULTS, LIVE_MEMORY, LIVE_RATES };
extern const char *const live_words[LIVE_RATES]; /* "this run", "waited", … marked N_() */

struct live_core {
	int number;
	double busy;         /* share of the last half second, NaN: not known */
	int64_t seen_busy, seen_all;
};

struct live {
	double elapsed, eta; /* seconds it ran, held time apart; seconds still to come, NaN: nobody knows */
	double budget;       /* seconds, 0: none */
	bool paused, stopping;
	struct live_core *cores; /* those that this process may use, by number */
	int core_count;
	double now[LIVE_RATES]; /* cores, switches and faults a second, bytes; NaN: not known */
	float history[LIVE_RATES][LIVE_HISTORY]; /* the oldest first */
	int length;
	double cpu_seconds;  /* of the whole group since it began, NaN: not known */
	/* of the last look */
	bool looked;
	int64_t seen_ticks, seen_faults;
	double seen_at;
	double told_at, told_eta; /* elapsed when the run last told of itself */
	double told_voluntary, told_involuntary, switches_at;
	int told_done, told_kept;
};

struct live *live_new(void);
void live_free(struct live *live);

/* Looks at the process group whose leader is pid. elapsed: seconds as above. */
void live_look(struct live *live, pid_t pid, double elapsed);
/* The run has told something. run: may be NULL. */
void live_hear(struct live *live, const struct rec_run *run, double elapsed);
/* Brings elapsed and eta up to date; what was seen before a pause is no base for a rate. */
void live_clock(struct live *live, double elapsed, bool paused, bool stopping);

/* "0:07", "12:40", "1:02:03". Returns buf. */
char *live_time(double seconds, char buf[LIVE_TIME_MAX]);

/* Pure parsers. */
struct live_process {
	int64_t ticks, faults, pages; /* of processor time and page faults, ended children included; resident pages */
};
bool live_parse_process(const char *stat, struct live_process *out); /* the text of /proc/PID/stat */
/* The text of /proc/stat: busy and all ticks of each of the cores, which are in order of their numbers. Returns how many
 * were found. Time that the host took away (steal) counts as busy: somebody used it. */
int live_parse_cores(const char *stat, struct live_core *cores, int count, int64_t *busy, int64_t *all);

#endif
