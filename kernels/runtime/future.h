/* Futures: a task is handed to a pool of workers, and at once there is a place for its result, which comes later.
 *
 *     struct pool *pool = thread_pool_new(&(struct pool_setup){.workers = 4});     or process_pool_new: the same from here on
 *     struct future *f = pool_submit(pool, area, &circle, sizeof circle, sizeof(double));
 *     …                                                      does something else
 *     if (!future_result(f, &result, -1))                    waits; or: -1 with errno, the error that the task returned
 *         …
 *     future_free(f);
 *     pool_shutdown(pool, false);
 *
 *     static int area(const void *argument, void *result)    runs in a worker
 *     {
 *         const struct circle *c = argument;                 a copy of what was submitted
 *         if (c->radius < 0)
 *             return EDOM;                                   an error travels in the future
 *         *(double *)result = M_PI * c->radius * c->radius;
 *         return 0;
 *     }
 *
 * When to use what:
 *   thread_pool.h   tasks of some ten microseconds and more, whose results (or errors) are asked for one by one; they share memory
 *   process_pool.h  the same, but a task may crash or must be ended by force, and needs no more than its bytes in and out
 *   executor.h      millions of tiny tasks that spawn tasks; no futures: one waits for groups. A task there takes no lock and no memory
 *
 * A future is begun at most once and ends exactly once:
 *
 *     QUEUED ──> RUNNING ──> DONE       the result is there
 *        │          ├──────> FAILED     the task returned an error number
 *        │          ├──────> CRASHED    its process died (process pools only)
 *        └──────────┴──────> CANCELLED  before it began; or the task saw that it was asked to stop and returned ECANCELED
 *
 * The names are those of Python's concurrent.futures (PEP 3148); the idea is older: Baker and Hewitt, "The incremental garbage
 * collection of processes", 1977. Functions may be called from any thread unless their comment says otherwise. In a worker *process*
 * there is no pool and no future of the parent's: submitting and waiting fail there with EPERM. A running task of a process pool must not
 * be cancelled or killed while another thread shuts that pool down. */
#ifndef LOCKSTEP_FUTURE_H
#define LOCKSTEP_FUTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct future;
struct pool;

enum future_state { FUTURE_QUEUED, FUTURE_RUNNING, FUTURE_DONE, FUTURE_FAILED, FUTURE_CRASHED, FUTURE_CANCELLED };

/* A task's work. `result` is zeroed and aligned for any type, as `argument` is. 0, or an error number (errno.h). */
typedef int future_work(const void *argument, void *result);

struct pool_setup {
	int workers;                              /* >= 1 */
	void (*begin)(void *context, int worker); /* NULL, or called by each worker when it starts … */
	void (*end)(void *context, int worker);   /* … and when it ends in peace */
	void *context;
};

/* ---- the pool ---- */

/* Copies the argument and puts the task at the end of the pool's queue, which has no bound. NULL with errno: ENOMEM; ESHUTDOWN after
 * the shutdown began; process pools: EMSGSIZE, ECHILD when no worker is left. The caller frees the future. */
struct future *pool_submit(struct pool *pool, future_work *work, const void *argument, size_t argument_bytes, size_t result_bytes);

/* Refuses new tasks, ends the queued ones (cancelled, or all done first) and the workers, and frees the pool. A running task is never
 * broken off; with `cancel` it is asked to stop. Futures outlive it. Once, and not from a task. NULL is allowed. */
void pool_shutdown(struct pool *pool, bool cancel);

/* ---- the future ---- */

enum future_state future_state(const struct future *f);
/* Over, for better or worse: the state will not change any more. */
bool future_done(const struct future *f);

/* Waits until it is done, limit_ns nanoseconds at most (< 0: for ever). The state then: QUEUED or RUNNING with errno ETIMEDOUT when the
 * time was up, or EDEADLK: this is a worker thread, and if it waited, too, no worker of the pool were left to do what all wait for. */
enum future_state future_wait(struct future *f, int64_t limit_ns);

/* Waits likewise and copies the result (`result` may be NULL). 0; or -1 with errno: ETIMEDOUT, EDEADLK (see above, not done yet);
 * ECANCELED; EOWNERDEAD (crashed); or what the task returned. Where a task may return those, too, future_state tells them apart. */
int future_result(struct future *f, void *result, int64_t limit_ns);

/* The result where it lies. Only when the state is DONE: before, it is being written. */
const void *future_value(const struct future *f);

int future_error(const struct future *f);  /* FAILED: what the task returned; else 0 */
int future_signal(const struct future *f); /* CRASHED: the signal that killed its process, 0: it exited; else 0 */
/* "done", "error 33: Numerical argument out of domain", "killed by signal 11: Segmentation fault", "cancelled", … Returns buf. */
const char *future_why(const struct future *f, char *buf, size_t size);

enum future_cancelled {
	CANCEL_DONE,  /* it was still queued: it will never begin */
	CANCEL_ASKED, /* it runs: it goes on until it looks (task_asked_to_stop) */
	CANCEL_LATE,  /* it is over */
};
enum future_cancelled future_cancel(struct future *f);

/* Ends a running task by force: its process is killed, and the pool starts another. False with errno: ENOTSUP for threads, which can't be
 * ended safely from outside (they might hold a lock); EINVAL when it does not run. */
bool future_kill(struct future *f);

/* Calls `then` once it is done, in the thread that brings that about; now, if it is done. Several are called in the order of
 * registration. It must be short and may submit. False with ENOMEM. */
bool future_then(struct future *f, void (*then)(struct future *f, void *context), void *context);

/* The caller needs it no more; a task that is queued or runs is not hindered. NULL is allowed. */
void future_free(struct future *f);

/* ---- as they are done ---- */

/* The futures of a set in the order in which they are done ("as completed").
 *
 *     struct arrivals *a = arrivals_new(futures, n);
 *     for (struct future *f; (f = arrivals_next(a, -1));)
 *         …
 *     arrivals_free(a); */
struct arrivals;
struct arrivals *arrivals_new(struct future *const *futures, size_t n); /* NULL with ENOMEM */
/* The next one; NULL with errno 0 when all have come, or ETIMEDOUT. Not from a task of the same pool. */
struct future *arrivals_next(struct arrivals *a, int64_t limit_ns);
void arrivals_free(struct arrivals *a); /* at any time, before the futures; NULL is allowed */

/* ---- inside a task ---- */

bool task_asked_to_stop(void); /* somebody wants to cancel this running task: return ECANCELED when it suits */
int task_worker(void);         /* index of the worker, from 0; -1 outside of any pool */

#endif
