/* A pool of worker threads with one queue, first in, first out; futures and everything else in future.h.
 *
 * Tasks share the memory of the program: an argument may be a pointer (mind who writes what). A task that crashes takes the whole program
 * with it. A task may submit others to its own pool. It may also wait for them as long as some worker is left to do them: the wait that
 * would put the last one to sleep returns EDEADLK instead (future_wait). Not seen: pools that wait for each other. */
#ifndef LOCKSTEP_THREAD_POOL_H
#define LOCKSTEP_THREAD_POOL_H

#include "kernels/runtime/future.h"

/* NULL with errno when memory or a thread could not be had; then nothing is left running. */
struct pool *thread_pool_new(const struct pool_setup *setup);

#endif
