/* Forced schedules. Real threads, but one runs at a time: they pass a baton, and only at marked points. So a run is known by its
 * schedule, a list of thread numbers, and can be replayed; and all schedules of a small program can be tried, one after another.
 *
 *     static void add(void *data, int me)             the body of each thread
 *     {
 *         explore_point("read");                      here another thread may come first …
 *         long old = counter;
 *         explore_say("%ld", old);                    … and this is told in the row of the step: "read 0"
 *         explore_point("write");
 *         counter = old + 1;
 *     }
 *
 * A *step* is what a thread does from one point to its next one. What it does before its first point must be its own business. A point
 * stands before each use of what threads share. Taking is a point too: explore_lock, explore_down, explore_wait, explore_signal.
 * Giving back (explore_unlock, explore_up) is none: it never has to wait, and whatever others could do just before it they can do
 * before the whole step as well (Lipton, "Reduction", CACM 1975); so all outcomes are seen with fewer schedules.
 *
 * A *preemption* takes the baton from a thread that could go on. The search tries all schedules without one, then those with one, and
 * so on: most mistakes need few (Musuvathi and Qadeer, "Iterative context bounding for systematic testing of multithreaded
 * programs", PLDI 2007). Each schedule is run once; the first failing one has the fewest preemptions.
 *
 * The baton is a real mutex with real condition variables: it orders all that the threads do, and ThreadSanitizer stays silent even
 * where the program, let loose, would race. Only sequentially consistent outcomes are seen; a relaxed atomic is none of its business. */
#ifndef LOCKSTEP_EXPLORE_H
#define LOCKSTEP_EXPLORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXPLORE_THREADS_MAX = 16, EXPLORE_STEPS_MAX = 1000, EXPLORE_TEXT = 80 };

/* What is explored. Threads are 0, 1, … here; people and files count from 1. A thread may be ended in the midst of its body (see
 * explore_end): it must hold nothing there that has to be given back. */
struct explore_program {
	const char *name;                                          /* of letters, digits and dashes: a schedule file names it */
	int threads;                                               /* 1 to EXPLORE_THREADS_MAX */
	void (*begin)(void *data);                                 /* all as it is before the first step; once a run */
	void (*body)(void *data, int me);                          /* what thread `me` does */
	bool (*right)(void *data, char *text, size_t size);        /* when all are done; one sentence into text */
	void (*state)(const void *data, char *text, size_t size);  /* NULL, or what to show behind each step; short */
	const char *state_title;                                   /* its heading in a table */
	void *data;
};

/* ---- for bodies ---- */

/* Here another thread may run first. The name tells what the thread is about to do. Does nothing in a thread that is not explored. */
void explore_point(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same, and whoever waits for others here (a loop that looks again) lets them go first. Staying on counts as a preemption. */
void explore_yield(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Adds a word to the row of the step that runs. */
void explore_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* What must hold at this moment; else the run ends as EXPLORE_WRONG, with this sentence. */
void explore_check(bool holds, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Models of the three ways to wait. All zero but the name is how they begin (a semaphore: with its value). */
struct explore_mutex {
	const char *name;
	int owner; /* 0: free, else the number of a thread, from 1 */
};
struct explore_cond {
	const char *name;
	uint32_t waiting, called; /* sets of threads: who sleeps; who of them may answer a signal */
	int signals;              /* not yet answered */
};
struct explore_sem {
	const char *name;
	int value;
};
void explore_lock(struct explore_mutex *m);
bool explore_trylock(struct explore_mutex *m);
void explore_unlock(struct explore_mutex *m);
/* Two steps: gives back the mutex and sleeps; later wakes up and takes it again. Any of the sleepers may answer a signal. */
void explore_wait(struct explore_cond *c, struct explore_mutex *m);
void explore_signal(struct explore_cond *c);
void explore_broadcast(struct explore_cond *c);
void explore_down(struct explore_sem *s);
void explore_up(struct explore_sem *s);

/* ---- one run ---- */

enum explore_end {
	EXPLORE_RIGHT,   /* all done, and program->right agrees */
	EXPLORE_WRONG,   /* it does not, or an explore_check failed, or a lock was given back by somebody else */
	EXPLORE_STUCK,   /* somebody waits, nobody can go on: a deadlock or a lost wake-up; text says who waits for whom */
	EXPLORE_LONG,    /* not done after EXPLORE_STEPS_MAX steps */
	EXPLORE_REFUSED, /* the schedule asks for a thread that can't run there */
};

struct explore_schedule {
	char program[40]; /* "": any */
	int threads, count;
	uint8_t thread[EXPLORE_STEPS_MAX]; /* from 0 */
};

struct explore_step {
	int thread;
	uint32_t enabled; /* the set of threads that could have run */
	bool yielded;     /* the one before had said that others should go first */
	char text[EXPLORE_TEXT], state[EXPLORE_TEXT];
};

struct explore_run {
	enum explore_end end;
	char text[400]; /* one sentence */
	int preemptions, count;
	struct explore_step *step;
};

/* Runs the program once, along the schedule (NULL: none); where that ends, whoever runs goes on as long as it can. 0, or -1 with errno
 * when threads ran out. `run` is freed by explore_free; after -1 there is nothing to free. */
int explore_once(const struct explore_program *program, const struct explore_schedule *schedule, struct explore_run *run);
void explore_free(struct explore_run *run);

/* ---- all runs ---- */

struct explore_search {
	long most;       /* so many schedules at most */
	int preemptions; /* and so many preemptions; -1: any number */
	bool all;        /* go on after the first failing one, to count them */
	/* found: */
	long tried, failed;
	bool complete;            /* there are no more schedules than those tried */
	struct explore_run first; /* if failed > 0: a failing run with the fewest preemptions, and the shortest of these */
};

/* 0, or -1 with errno; then nothing is to be freed. Afterwards explore_free(&search->first). */
int explore_search(const struct explore_program *program, struct explore_search *search);

/* ---- to show and to keep (explore_file.c) ---- */

/* A run as a narrow table, one column a thread, the state at the right: its row for step i, from 0; -1: the heading. Caller frees. */
char *explore_row(const struct explore_program *program, const struct explore_run *run, int i);

/* A schedule file is text:
 *
 *     lockstep-schedule 1
 *     program counter-2x1
 *     threads 2
 *     1  # read 0                one line a step: the number of the thread, from 1
 *
 * Blank lines are skipped, # begins a comment. 0, or -1 with errno. */
int explore_save(const char *path, const struct explore_program *program, const struct explore_run *run);
/* False, and one sentence in `why`, when the file can't be read or is anything else. */
bool explore_load(const char *path, struct explore_schedule *schedule, char *why, size_t size);

#endif
