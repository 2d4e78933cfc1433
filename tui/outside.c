#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tui/outside.h"
#include "tui/program.h"
#include "tui/signals.h"
#include "tui/term.h"

enum { GRACE_MS = 1000 };

/* Makes a process group the one that the terminal listens to; those behind may do so too. */
static void to_front(pid_t group)
{
	sigset_t out, before;
	sigemptyset(&out);
	sigaddset(&out, SIGTTOU);
	sigprocmask(SIG_BLOCK, &out, &before);
	tcsetpgrp(STDIN_FILENO, group);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/* In the child, until it is another program. */
__attribute__((noreturn)) static void become(char *const argv[], bool terminal, pid_t parent)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};
	sigset_t none;
	setpgid(0, 0);
	if (terminal)
		to_front(getpid());
	prctl(PR_SET_PDEATHSIG, SIGHUP);
	if (getppid() != parent)
		_exit(127);
	for (int s = 1; s < NSIG; s++)
		sigaction(s, &plain, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(argv[0], argv);
	_exit(127);
}

/* It was stopped: so is the screen, and both go on together. Where nobody could wake them up again this returns at once. */
static void stop_too(pid_t pid, bool terminal)
{
	if (terminal)
		to_front(getpgrp());
	signals_suspend();
	if (terminal)
		to_front(pid);
	kill(-pid, SIGCONT);
}

/* Waits for it and for signals; returns the one that ends the screen. */
static int wait_for(pid_t pid, bool terminal, int *status)
{
	int end = 0, number;
	int64_t kill_at = 0;
	for (;;) {
		pid_t got = waitpid(pid, status, WNOHANG | WUNTRACED);
		if (got == pid && WIFSTOPPED(*status)) {
			stop_too(pid, terminal);
			continue;
		}
		if (got == pid || (got < 0 && errno != EINTR))
			return end;
		struct pollfd fd = {.fd = signals_fd(), .events = POLLIN};
		poll(&fd, 1, end ? 50 : -1);
		while ((number = signals_next()) != 0) {
			if (number != SIGINT && number != SIGTERM && number != SIGHUP && number != SIGQUIT)
				continue;
			end = number;
			kill_at = kill_at ? kill_at : program_now() + GRACE_MS;
			kill(-pid, number);
			kill(-pid, SIGCONT);
		}
		if (end && program_now() >= kill_at)
			kill(-pid, SIGKILL);
	}
}

int outside_run(char *const argv[], int *status)
{
	bool terminal = term_is_open();
	int in = fcntl(STDIN_FILENO, F_GETFL), out = fcntl(STDOUT_FILENO, F_GETFL), end = 0;
	*status = 127 << 8;
	if (terminal)
		term_leave();
	pid_t parent = getpid(), pid = fork();
	if (pid == 0)
		become(argv, terminal, parent);
	if (pid > 0) {
		setpgid(pid, pid); /* here too: whoever comes first */
		if (terminal)
			to_front(pid);
		end = wait_for(pid, terminal, status);
	}
	if (!terminal)
		return end;
	to_front(getpgrp());
	if (in >= 0)
		fcntl(STDIN_FILENO, F_SETFL, in);
	if (out >= 0)
		fcntl(STDOUT_FILENO, F_SETFL, out);
	term_reclaim();
	return end;
}
