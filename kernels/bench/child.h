/* Helper programs asked for their version and the like: started side by side, each with its output kept, all with one
 * deadline. */
#ifndef LOCKSTEP_CHILD_H
#define LOCKSTEP_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct child {
	pid_t pid;		 /* 0: not running */
	int fd;			 /* its stdout and stderr */
	char text[8192]; /* what it said, NUL-terminated; the rest is dropped */
	size_t length;
	int status; /* exit code; 128 + n by signal; 127 no such program; -1 not started */
	bool late;	/* killed at the deadline */
};

/* Starts argv (found in PATH) or, with argv NULL, fn in a forked child; stdin is /dev/null. Status -1 when it could not
 * be forked. Each child is a process group of its own. Call from a process with one thread. */
void child_start(struct child *child, const char *const *argv, int (*fn)(void));

/* Collects the output of n children until all have ended or the monotonic clock shows deadline_ns; who runs then is
 * killed, group and all. Every child is reaped. */
void child_finish(struct child *child, int n, int64_t deadline_ns);

#endif
