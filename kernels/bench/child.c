/* Helper programs with one deadline: fork, poll, kill, reap. */
#include "kernels/bench/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernels/bench/clock.h"
#include "kernels/bench/util.h"

static _Noreturn void be_child(int out, const char *const *argv, int (*fn)(void))
{
	int null = open("/dev/null", O_RDWR);

	setpgid(0, 0);
	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(126);
	if (!argv) {
		int status = fn();

		fflush(stdout);
		_exit(status);
	}
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

void child_start(struct child *child, const char *const *argv, int (*fn)(void))
{
	int ends[2];

	*child = (struct child){.fd = -1, .status = -1};
	if (pipe2(ends, O_CLOEXEC))
		return;
	fflush(NULL);
	child->pid = fork();
	if (child->pid == 0)
		be_child(ends[1], argv, fn);
	close(ends[1]);
	if (child->pid < 0) {
		child->pid = 0;
		close(ends[0]);
		return;
	}
	setpgid(child->pid, child->pid); /* also here: the kill must not come before the child did it */
	child->fd = ends[0];
}

/* One read. False at the end of the output. */
static bool take_output(struct child *child)
{
	char waste[4096];
	size_t room = sizeof child->text - 1 - child->length;
	ssize_t n = read(child->fd, room ? child->text + child->length : waste, room ? room : sizeof waste);

	if (n > 0 && room) {
		child->length += (size_t)n;
		child->text[child->length] = '\0';
	}
	return n > 0 || (n < 0 && errno == EINTR);
}

static void reap(struct child *child, bool kill_it)
{
	int status;

	if (kill_it) {
		child->late = true;
		kill(-child->pid, SIGKILL);
	}
	while (waitpid(child->pid, &status, 0) < 0)
		if (errno != EINTR)
			status = 0;
	child->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	close(child->fd);
	child->fd = -1;
	child->pid = 0;
}

void child_finish(struct child *child, int n, int64_t deadline_ns)
{
	struct pollfd *poll_fd = xcalloc((size_t)n, sizeof *poll_fd);
	int *who = xcalloc((size_t)n, sizeof *who);

	for (;;) {
		int open = 0, got;
		int64_t left = deadline_ns - now_ns();

		for (int i = 0; i < n; i++)
			if (child[i].fd >= 0) {
				poll_fd[open] = (struct pollfd){.fd = child[i].fd, .events = POLLIN};
				who[open++] = i;
			}
		if (!open || left <= 0)
			break;
		got = poll(poll_fd, (nfds_t)open, (int)(left / 1000000) + 1);
		if (got < 0 && errno != EINTR)
			break;
		for (int i = 0; got > 0 && i < open; i++)
			if (poll_fd[i].revents && !take_output(&child[who[i]]))
				reap(&child[who[i]], false);
	}
	for (int i = 0; i < n; i++)
		if (child[i].fd >= 0)
			reap(&child[i], true);
	free(poll_fd);
	free(who);
}
