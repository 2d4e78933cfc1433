/* Children made by fork that do one thing each and end: started together, waited for together, ended together when something
 * goes wrong. None outlives the parent.
 *
 *     pid_t pid[4];
 *     if (children_start(pid, 4, play, context))       play(context, index) runs in each child; what it returns is the exit status
 *         return -1;
 *     ...
 *     return children_wait(pid, 4);                     -1 with ECANCELED when one did not end with status 0
 *
 * A child has a copy of the parent's memory (fork(2)); only what was mapped MAP_SHARED before is common to all. */
#ifndef LOCKSTEP_CHILDREN_H
#define LOCKSTEP_CHILDREN_H

#include <stddef.h>
#include <sys/types.h>

/* 0, or -1 with errno; then none is left and every pid is 0. */
int children_start(pid_t *pid, int count, int (*play)(void *context, int index), void *context);

/* Waits for all whose pid is not 0, and makes it 0. 0 when each has exited with 0. */
int children_wait(pid_t *pid, int count);

/* Kills those that are left and waits for them. errno stays as it is. */
void children_end(pid_t *pid, int count);

/* Memory, all 0, that the caller and the children it starts later have in common (mmap MAP_SHARED); to be given back by munmap.
 * NULL with errno. */
void *children_memory(size_t bytes);

#endif
