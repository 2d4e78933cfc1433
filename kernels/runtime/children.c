#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernels/runtime/children.h"

int children_start(pid_t *pid, int count, int (*play)(void *context, int index), void *context)
{
	pid_t parent = getpid();
	for (int i = 0; i < count; i++)
		pid[i] = 0;
	for (int i = 0; i < count; i++) {
		pid_t child = fork();
		if (child == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL); /* without the parent there is nothing to do ... */
			_exit(getppid() == parent ? play(context, i) : 1); /* ... and it may be gone already */
		}
		if (child < 0) {
			children_end(pid, count);
			return -1;
		}
		pid[i] = child;
	}
	return 0;
}

int children_wait(pid_t *pid, int count)
{
	int failed = 0;
	for (int i = 0; i < count; i++) {
		int status = 0;
		if (pid[i] == 0)
			continue;
		while (waitpid(pid[i], &status, 0) < 0)
			if (errno != EINTR) {
				status = -1;
				break;
			}
		failed += status != 0;
		pid[i] = 0;
	}
	if (failed)
		errno = ECANCELED;
	return failed ? -1 : 0;
}

void children_end(pid_t *pid, int count)
{
	int before = errno;
	for (int i = 0; i < count; i++)
		if (pid[i] > 0)
			kill(pid[i], SIGKILL);
	children_wait(pid, count);
	errno = before;
}

void *children_memory(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return memory == MAP_FAILED ? NULL : memory;
}
