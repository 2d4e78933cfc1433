/* A program run for the learner: in a process group of its own, its output and its records captured through pipes that
 * are never waited for. Nothing here knows the screen. */
#ifndef LOCKSTEP_PROGRAM_H
#define LOCKSTEP_PROGRAM_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "kernels/bench/recset.h"
#include "tui/live.h"

enum { PROGRAM_OUTPUT_MAX = 1 << 20, PROGRAM_LINE_MAX = 1 << 20, PROGRAM_RECORDS_MAX = 64 << 20, PROGRAM_STATUS_FD = 3 };

struct bytes {
	char *text; /* ends with NUL when length > 0 */
	size_t length, room;
};
void bytes_add(struct bytes *b, const char *text, size_t n);

/* A run that goes on beyond its budget by the larger of 5 s and half of it is ended; one without a budget after
 * PROGRAM_CAP_S. LOCKSTEP_RUN_LIMIT=SECONDS sets another cap. Time that it was held does not count. A first round is made
 * whatever the budget, and events are counted after it: as long as a run tells that it is at that, it may go on. */
enum { PROGRAM_GRACE_S = 5, PROGRAM_CAP_S = 1800 };

struct program {
	pid_t pid;                /* also the process group; 0: none */
	int out_fd, status_fd;    /* -1: at its end */
	bool paused, stopping, hard; /* hard: the group had to be killed */
	bool ended;
	int exit_code, signal;    /* after the end; signal 0: it exited */
	struct recset *set;       /* what it told; NULL without a status pipe */
	struct bytes output;      /* stdout and stderr: escape sequences removed, tabs expanded */
	struct bytes lines;       /* the record lines worth keeping, as they came */
	struct bytes partial;     /* of the record line that is coming in */
	bool skipping, too_much;  /* the rest of an endless line; more records than are kept */
	int escape, column;       /* state of the output filter */
	int64_t kill_at, look_at;
	int64_t begun_at, held_at, held_ms; /* when it was started, was held; how long it was held in all before */
	size_t runs_begun;        /* of the set, when the clock of the last one's budget began */
	double run_begun;         /* then, in seconds of program_elapsed() */
	double heard_at;          /* when records came last, in seconds of program_elapsed() */
	double cap;               /* seconds that it may take, 0: PROGRAM_CAP_S */
	double overran;           /* seconds that it was allowed and ran past: it was ended for that; 0: no */
	struct live *live;        /* figures while it is live, and the last ones after it; NULL without a status pipe */
};

/* The group to be killed should the screen crash; 0: none. */
extern volatile sig_atomic_t program_group;

int64_t program_now(void); /* monotonic milliseconds */

/* Starts argv (argv[0] is a path). With status: `--status-fd 3` is put after argv[0] and records are read there. False
 * with a sentence in why. */
bool program_start(struct program *c, char *const argv[], bool status, char *why, size_t size);
/* Reads what is there without waiting; true when something came. */
bool program_read(struct program *c);
/* True once, when it has ended: reaped, the rest of its group killed, its pipes drained and closed. */
bool program_reap(struct program *c);
void program_pause(struct program *c, bool pause);
double program_elapsed(const struct program *c); /* seconds since its start, without those it was held */
void program_stop(struct program *c);  /* TERM now, KILL after a second (by program_tick) */
/* What time brings: the KILL, the figures. True when there is something new to draw; *wait_ms is lowered to when it wants
 * to be called again (-1: never). */
bool program_tick(struct program *c, int *wait_ms);
void program_finish(struct program *c); /* stop and wait for it, at most a second and a bit */
void program_free(struct program *c);   /* finishes too; c may be used again afterwards */
static inline bool program_live(const struct program *c) { return c->pid > 0; }

/* A command line into words (blanks; '…' and "…" keep them); ends with NULL. NULL when a quote is not closed. */
char **program_words(const char *command);
void program_words_free(char **words);

#endif
