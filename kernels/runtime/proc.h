/* What Linux tells about a process: the files below /proc/PID (man 5 proc). For looking at what a program did, not for steering
 * it: by the time one reads it, it may be otherwise, and a number may belong to a new process. Only of a child that was not
 * waited for yet is it sure that its number is still its own.
 *
 *     struct proc_state s;
 *     if (proc_look(child, &s) && s.state == 'Z')          it has ended, and nobody has asked how
 *
 *     proc_holds(pid, pipe_end, true, &fd)                 does pid hold a writing end of this pipe, and at which number? */
#ifndef LOCKSTEP_PROC_H
#define LOCKSTEP_PROC_H

#include <stdbool.h>
#include <sys/types.h>

struct proc_state {
	char state;   /* R running or ready, S sleeping, D sleeping until a device answers, T stopped, Z zombie, X going */
	pid_t parent; /* 0: none, or one that cannot be seen from here */
};

/* False with errno: ENOENT or ESRCH when there is no such process, EPROTO when the file could not be understood. */
bool proc_look(pid_t pid, struct proc_state *out);

/* Whether process `pid` has a descriptor of the same pipe as our descriptor `end`, one that can write (or read); *fd (NULL
 * allowed) is the lowest of them. False with errno: 0 when it has none, else why nobody can tell. `end` itself counts, in
 * our own process, if it is of that kind. */
bool proc_holds(pid_t pid, int end, bool writing, int *fd);

/* How many descriptors this process has open, -1 with errno. */
int proc_open_count(void);

#endif
