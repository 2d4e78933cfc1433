/* A pool of worker processes with the interface of future.h: what a task does can't hurt anybody else. If it crashes, one worker dies:
 * its future is CRASHED and tells the signal, a new worker takes its place, all other tasks go on. And it can be ended by force.
 *
 * The price: workers are forked when the pool is made and share no memory with it afterwards (but for MAP_SHARED mappings made before). A
 * task sees its argument's bytes and the program's memory as it was then: a pointer is good only into what was there, and what a task
 * changes nobody else sees. All that comes back is the result's bytes. Argument and result are PROCESS_POOL_BYTES each at most.
 *
 * Each worker has a socket pair (SOCK_SEQPACKET: whole messages or none), one task is on its way at a time. A thread of the caller takes
 * in results and hands out the next task. A process of its own, which forked before any of that and has one thread, forks the workers,
 * waits for them, tells who died of what, and starts the next one. All of them end with the caller, however it ends.
 * Forking a program that has several threads is a risk: make the pool first, threads later. */
#ifndef LOCKSTEP_PROCESS_POOL_H
#define LOCKSTEP_PROCESS_POOL_H

#include <sys/types.h>
#include "kernels/runtime/future.h"

enum { PROCESS_POOL_BYTES = 1 << 16 };

/* NULL with errno (EAGAIN, ENOMEM, EMFILE …) when memory, a process or a descriptor could not be had; then nothing is left running.
 * begin and end of the setup are called in the worker processes. */
struct pool *process_pool_new(const struct pool_setup *setup);

pid_t process_pool_pid(struct pool *pool, int worker); /* the worker's process now; 0: it is being replaced */
int process_pool_deaths(struct pool *pool);            /* workers that died so far, and were replaced if that could be */

#endif
