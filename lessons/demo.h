/* A demonstration: what a lesson shows once, as it happens, where there is nothing to time in rounds: an exit status, a zombie, a
 * schedule that loses an update, who waits for whom.
 *
 *     LESSON --demo NAME
 *
 * runs it. Each line is told when it happens, with the milliseconds since the beginning, as text on stdout and as a `say` record; at the
 * end comes one `verdict` record under the demonstration's name, so that a prediction can be compared with it (`compare: wrong_runs`,
 * `compare: observed`, `variant: NAME`). */
#ifndef LOCKSTEP_DEMO_H
#define LOCKSTEP_DEMO_H

#include <stdbool.h>
#include "kernels/bench/words.h" /* N_: a format among several */

struct telling;

struct demo {
	const char *name;  /* lower case and dashes, unlike any variant of the lesson */
	const char *about; /* one line, for people */
	const char *wrong; /* NULL, or the mistake this one makes on purpose, one line */
	/* 0, or -1 with errno when a resource ran out. It leaves no process, thread, file, queue or shared memory behind. */
	int (*run)(struct telling *t);
	const char *(*unavailable)(void); /* NULL, or as in struct variant */
};

/* One line of at most 500 bytes, without its newline. From any thread, and from forked children (they share the clock). People read it in
 * their language: the format is looked up in the catalogue (.make/words.sh collects those of the lessons that are translated). */
void tell(struct telling *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* What must hold is told with its mark, ✓ or ✗, and makes the verdict: exit 1 if something did not hold. In a demonstration that is wrong
 * on purpose a ✗ is the mistake that was announced, and none at all means that it was not caught: that is exit 1. Only from the thread
 * that runs the demonstration. Returns `held`. */
bool tell_check(struct telling *t, bool held, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The figure that a prediction is compared with, and what it should have been (NaN: nothing in particular). The last one counts. */
void tell_figure(struct telling *t, double observed, double expected);

/* Milliseconds since the beginning. */
double tell_ms(const struct telling *t);

struct cli;
struct lesson;
/* Runs it as the command line asks (text, --json, --status-fd, --output). Exit code. */
int demo_run(const struct cli *cli, const struct lesson *lesson, const struct demo *demo);

#endif
