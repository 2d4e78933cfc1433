/* Coroutines on an event loop: many tasks in progress on ONE thread. A task runs until it waits; then the loop runs another one. Nobody
 * is interrupted in between: between two waits a task has all data for itself, and needs no lock.
 *
 *     static long fetch(void *arg)                    a task: returns a value, or -1 with errno, as a system call does
 *     {
 *         if (coro_sleep(10 * CORO_MS))               here the others run
 *             return -1;                              cancelled: clean up, and go
 *         return 42;
 *     }
 *     static long all(void *arg)
 *     {
 *         struct coro *a = coro_spawn(fetch, NULL), *b = coro_spawn(fetch, NULL);      both are on their way
 *         long sum = coro_await(a) + coro_await(b);   waits until it has ended; its value
 *         return coro_free(a), coro_free(b), sum;
 *     }
 *     …
 *     long value = coro_run(NULL, all, NULL);         the loop, on this thread, until `all` has ended
 *
 * The rules:
 *   - Tasks are run in the order in which they became ready: first in, first out. A new task begins when the loop comes to it, not
 *     within coro_spawn. Equal times to wake up: in the order in which they went to sleep. So, without input from outside, the
 *     order of all steps is known beforehand.
 *   - All functions that may wait are marked (await). Only there another task can run, and only there a task can be cancelled.
 *     A blocking call (sleep(3), read(2) from a slow pipe, a long computation) stops the thread, and so ALL tasks: hand it to
 *     coro_in_thread. The loop watches itself: setup.held is told who held it up.
 *   - An error in a task is its result: whoever awaits it gets it; the others go on.
 *   - coro_cancel is a request. The wait in which the task is, else its next one, ends at once with -1 and ECANCELED; what
 *     the task does then is its own business, and it may wait again while it cleans up. A task that has not begun never begins.
 *   - When all tasks wait for each other and nothing from outside can come, the oldest of them is told: EDEADLK.
 *   - When `first` of coro_run has ended, those that are left are cancelled, and the loop runs until they have ended.
 *
 * One loop belongs to one thread; another thread may have another. Only coro_in_thread reaches beyond. A task has a stack of its own
 * (setup.stack_bytes, with a guard page below); what it does not touch costs no memory. As many fit as the system has memory maps
 * for (two a task; vm.max_map_count, usually 65530); beyond that coro_spawn returns NULL with ENOMEM.
 *
 * Method: an event loop in the manner of libuv and asyncio, over epoll(7); stackful coroutines after M. E. Conway, "Design of a
 * separable transition-diagram compiler", CACM 6 (1963). */
#ifndef LOCKSTEP_CORO_H
#define LOCKSTEP_CORO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CORO_MS INT64_C(1000000) /* durations are nanoseconds */
#define CORO_FOREVER INT64_MAX

struct coro; /* a task */
typedef long coro_function(void *arg);

/* ---- the loop ---- */

struct coro_stats {
	long tasks, most_alive;  /* begun in all; alive at once */
	uint64_t steps;          /* from one wait to the next */
	int64_t longest_ns;      /* the longest step … */
	long longest_task;       /* … and whose it was (coro_number) */
	long held_up;            /* steps longer than setup.watch_ns */
};

struct coro_setup {
	size_t stack_bytes;   /* of each task; 0: 64 KiB (under sanitizers 256 KiB) */
	bool leaps;           /* time leaps to the next alarm instead of passing: for tests, exact and at once */
	int64_t watch_ns;     /* a step longer than this has held up the loop; 0: 100 ms */
	/* NULL, or is told of each such step when it is over. */
	void (*held)(void *context, const struct coro *task, int64_t ns);
	/* NULL, or is told when a task begins a step and when it ends one: who runs when. */
	void (*step)(void *context, const struct coro *task, bool begins);
	void *context;
	struct coro_stats *stats; /* NULL, or filled in at the end */
};

/* Runs `first(arg)` as task number 0, and all that it spawns. Its value, or -1 with errno: its own, or ENOMEM, EMFILE … when there
 * is not enough for a loop, or EBUSY from within a task. setup NULL: all presets. Nothing is left behind. */
long coro_run(const struct coro_setup *setup, coro_function *first, void *arg);

/* ---- tasks ---- */

/* A new task that will run f(arg). NULL with errno (ENOMEM; EPERM outside of a task). The handle must be given back by coro_free, before or
 * after the task has ended, at any time, also after coro_run. */
struct coro *coro_spawn(coro_function *f, void *arg);
void coro_free(struct coro *task); /* NULL is fine */

/* (await) Until the task has ended: what it returned, with its errno when that is -1. When the wait itself is ended: -1 with ECANCELED
 * (you were cancelled, the task goes on) or EDEADLK. Several may await the same task, and again later. */
long coro_await(struct coro *task);
/* (await) The same, for so long at most: then the task is cancelled and awaited until it has cleaned up, -1 with ETIMEDOUT. (Only if it ends
 * with a value all the same, that is returned.) When you are cancelled meanwhile, so is the task; -1 with ECANCELED. */
long coro_await_for(struct coro *task, int64_t ns);
/* (await) Until all have ended: value[i] is what task[i] returned, in the order of the tasks whatever the order of their ends; value may
 * be NULL. 0, or -1 with the errno of the one that failed first. When you are cancelled meanwhile, all of them are, and are awaited. */
int coro_gather(struct coro *const *task, size_t n, long *value);

/* Asks the task to end. False when it has ended already. */
bool coro_cancel(struct coro *task);

bool coro_done(const struct coro *task);
int coro_error(const struct coro *task);   /* the errno with which it ended; 0: none, or it has not ended */
long coro_number(const struct coro *task); /* in order of spawning, the first of coro_run is 0 */
struct coro *coro_self(void);              /* the task that runs; NULL outside. Not to be freed. */
int64_t coro_now(void);                    /* the loop's clock, ns; CLOCK_MONOTONIC unless it leaps */

/* ---- waits: 0, or -1 with ECANCELED ---- */

int coro_yield(void);          /* (await) the others that are ready first */
int coro_sleep(int64_t ns);    /* (await) not less than this, 0 and below: as coro_yield */

/* (await) Until the descriptor is ready, as poll(2): events POLLIN and POLLOUT; which of them are there, with POLLERR, POLLHUP; or -1
 * with ETIMEDOUT, ECANCELED, EBUSY (another task waits for the same), EBADF. What is always ready, as a file, is so at once. Don't
 * close a descriptor for which a task waits. */
int coro_poll(int fd, int events, int64_t ns);
/* (await) read(2) and write(2) of a descriptor that is O_NONBLOCK; coro_write writes all of it. Each wait lasts `ns` at most. */
ssize_t coro_read(int fd, void *buffer, size_t bytes, int64_t ns);
ssize_t coro_write(int fd, const void *buffer, size_t bytes, int64_t ns);

/* (await) A blocking call on a thread of its own, while the loop goes on: what call(arg) returned, with its errno. It can't be broken off:
 * when the task is cancelled meanwhile, it waits for the call to return, and then says -1 with ECANCELED. */
long coro_in_thread(coro_function *call, void *arg);

#endif
