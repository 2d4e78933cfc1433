/* A crew: as many threads as the job has workers, who begin together or not at all. Nobody has a head start because
 * the others are still being made, and when a thread can't be had, none of them is left waiting for it.
 *
 *     static void dig(struct job *job, int worker, const void *how) { worker_begin(job, worker); ... }
 *     ...
 *     return crew_run(job, dig, NULL, NULL);                0, or -1 with errno
 *
 * It says parallel_begin and parallel_end; the work says worker_begin and worker_end itself. */
#ifndef LOCKSTEP_CREW_H
#define LOCKSTEP_CREW_H

#include "kernels/kernel.h"

typedef void crew_work(struct job *job, int worker, const void *how);

enum { CREW_LOOK_MS = 10 };

/* Does work(job, w, how) for each worker w on a thread of its own and waits for all. `meanwhile` (NULL: nothing) is
 * called by the caller's thread every CREW_LOOK_MS until they are done, for instance to look whether they hang. */
int crew_run(struct job *job, crew_work *work, const void *how, void (*meanwhile)(struct job *job));

#endif
