#include "kernels/runtime/ranks_home.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

bool ranks_find_program(const char *name)
{
	const char *path = getenv("PATH");
	while (path && *path) {
		char file[PATH_MAX];
		size_t n = strcspn(path, ":");
		snprintf(file, sizeof file, "%.*s/%s", (int)n, path, name);
		if (!access(file, X_OK))
			return true;
		path += n + (path[n] == ':');
	}
	return false;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	remove(path);
	return 0;
}

static void remove_all(const char *home)
{
	nftw(home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

enum { TRIES = 60 };

/* Sleeps until the last writing end of the pipe is closed: the program is gone. Then mpirun and its ranks are going, too, within a
 * second or so; what there is till then is removed. */
static _Noreturn void guard(const int pipe_end[2], const char *home)
{
	int end = pipe_end[0];
	char c;
	close(pipe_end[1]);
	setsid(); /* out of reach of what ends the program's group */
	for (int s = 1; s < NSIG; s++)
		if (s != SIGKILL && s != SIGSTOP)
			signal(s, s == SIGCHLD ? SIG_DFL : SIG_IGN);
	for (int fd = 0; fd < 3; fd++) /* nobody shall wait for our end to see the end of the program's output */
		close(fd);
	syscall(SYS_close_range, 3, (unsigned)end - 1, 0);
	syscall(SYS_close_range, (unsigned)end + 1, ~0u, 0);
	ssize_t got;
	while ((got = read(end, &c, 1)) < 0 && errno == EINTR)
		;
	if (got == 1)
		_exit(0); /* all was done in good order */
	for (int tries = 0; tries < TRIES; tries++) { /* an mpirun that had just begun may still make the folder anew */
		remove_all(home);
		poll(NULL, 0, 25);
	}
	_exit(0);
}

int ranks_home_begin(char home[RANKS_HOME])
{
	int end[2];
	snprintf(home, RANKS_HOME, "/dev/shm/lockstep-ranks-XXXXXX");
	if (pipe2(end, O_CLOEXEC))
		return snprintf(home, RANKS_HOME, "/tmp"), -1;
	if (!mkdtemp(home) && !mkdtemp(memcpy(home, "/tmp/lockstep-ranks-XXXXXX", sizeof "/tmp/lockstep-ranks-XXXXXX"))) {
		close(end[0]), close(end[1]);
		return snprintf(home, RANKS_HOME, "/tmp"), -1;
	}
	pid_t child = fork();
	if (child == 0) { /* its child is nobody's: not ours to be waited for or killed */
		if (fork() == 0)
			guard(end, home);
		_exit(0);
	}
	close(end[0]);
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return end[1];
}

void ranks_home_end(const char *home, int guard_end)
{
	if (guard_end < 0)
		return;
	remove_all(home);
	void (*before)(int) = signal(SIGPIPE, SIG_IGN); /* no guard any more: nobody to be told */
	if (write(guard_end, "", 1) < 0)
		errno = 0;
	signal(SIGPIPE, before);
	close(guard_end);
}
