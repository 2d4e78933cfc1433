/* The demonstrations of the lesson `pipe`, and what they share with its kernel: a part of lesson.c. */
#ifndef LOCKSTEP_PIPE_DEMOS_H
#define LOCKSTEP_PIPE_DEMOS_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernels/runtime/proc.h"
#include "lessons/demo.h"

enum { PATIENCE_MS = 20, BIG = 300000 };

static int wait_for(pid_t child)
{
	int status = 0;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* A child that nobody waits for any more has nothing to do. */
static void end_with_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* Whether the descriptor has bytes or its end within this time. */
static bool comes_within(int fd, int ms)
{
	struct pollfd look = {.fd = fd, .events = POLLIN};
	return poll(&look, 1, ms) > 0;
}

//> write-all
/* write may take a part, too: a pipe has room for so many bytes. */
static int write_all(int fd, const void *bytes, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t put = write(fd, (const char *)bytes + done, size - done);
		if (put < 0 && errno != EINTR)
			return -1;
		done += put > 0 ? (size_t)put : 0;
	}
	return 0;
}
//< write-all

//> borders
static int demo_borders(struct telling *t)
{
	char *buffer = calloc(1, BIG);
	int end[2];
	if (!buffer || pipe(end))
		return free(buffer), -1;
	if (write_all(end[1], "one", 3) || write_all(end[1], "two", 3) || write_all(end[1], "three", 5))
		goto out;
	ssize_t got = read(end[0], buffer, 100);
	tell(t, "3 writes: \"one\", \"two\", \"three\"");
	tell_check(t, got == 11, "1 read: \"%.*s\", %zd bytes", got > 0 ? (int)got : 0, buffer, got);
	tell_figure(t, (double)got, 11);
//< borders
	fcntl(end[1], F_SETFL, O_NONBLOCK); /* else write would wait here for a reader */
	ssize_t put = write(end[1], buffer, BIG);
	tell_check(t, put > 0 && put < BIG, "a write of %d bytes: %zd are taken, the pipe is full", BIG, put);
	got = read(end[0], buffer, BIG);
	tell_check(t, got > 0 && got < BIG, "a read of %d bytes: %zd are there", BIG, got);
	errno = 0;
out:
	close(end[0]);
	close(end[1]);
	free(buffer);
	return errno ? -1 : 0;
}

//> end
static int demo_end(struct telling *t)
{
	char buffer[100];
	int end[2];
	if (pipe(end))
		return -1;
	int second = dup(end[1]); /* another writing end, as fork makes them */
	if (write_all(end[1], "last words", 10))
		tell_check(t, false, "nothing could be written");
	close(end[1]);
	ssize_t got = read(end[0], buffer, sizeof buffer);
	tell_check(t, got == 10, "one writing end closed; read brings what is still there: %zd bytes", got);
	tell_check(t, !comes_within(end[0], PATIENCE_MS), "then nothing, and no end: the other one is open, more may come");
	close(second);
	got = read(end[0], buffer, sizeof buffer);
	tell_check(t, got == 0, "the last writing end closed; read returns %zd: the end", got);
	tell_figure(t, (double)got, 0);
	close(end[0]);
	return 0;
}
//< end

//> no-reader
static int demo_no_reader(struct telling *t)
{
	int end[2];
	if (pipe(end))
		return -1;
	close(end[0]); /* nobody can read it */
	pid_t child = fork();
	if (child == 0) {
		signal(SIGPIPE, SIG_DFL);
		if (write(end[1], "hello", 5) < 0)
			_exit(1);
		_exit(0);
	}
	int status = child > 0 ? wait_for(child) : 0;
	tell_check(t, WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE, "a child writes, and is ended by signal %d (%s)",
		   WTERMSIG(status), strsignal(WTERMSIG(status)));
	void (*before)(int) = signal(SIGPIPE, SIG_IGN); /* "tell me instead" */
	ssize_t put = write(end[1], "hello", 5);
	tell_check(t, put < 0 && errno == EPIPE, "with SIGPIPE ignored, write returns %zd: %s", put, strerror(errno));
	signal(SIGPIPE, before);
	close(end[1]);
	return child < 0 ? -1 : 0;
}
//< no-reader

/* Until the child has read all there is and sleeps, or has ended; a second at most. */
static bool sleeps_on_empty(pid_t child, int pipe_end)
{
	struct proc_state s = {.state = '?'};
	for (int ms = 0; ms < 1000; ms++) {
		int left = 1;
		bool empty = !ioctl(pipe_end, FIONREAD, &left) && left == 0;
		if (!proc_look(child, &s) || s.state == 'Z')
			return false;
		if (empty && s.state == 'S')
			return true;
		poll(NULL, 0, 1);
	}
	return false;
}

//> hang
static int demo_hang(struct telling *t)
{
	int end[2], held = -1;
	char buffer[100];
	if (pipe(end))
		return -1;
	tell(t, "a pipe: descriptor %d reads, %d writes; now fork", end[0], end[1]);
	pid_t child = fork();
	if (child == 0) { /* it closes nothing */
		end_with_parent();
		while (read(end[0], buffer, sizeof buffer) > 0)
			; /* until the end */
		_exit(0);
	}
	if (write_all(end[1], "all I have", 10))
		tell_check(t, false, "nothing could be written");
	close(end[1]);
	tell(t, "parent: wrote 10 bytes, closed its writing end, waits for child %ld", (long)child);
//< hang
	bool sleeps = child > 0 && sleeps_on_empty(child, end[0]);
	bool holds = sleeps && proc_holds(child, end[0], true, &held);
	if (sleeps)
		tell(t, "the pipe is empty, the child sleeps: /proc/%ld/stat, state S", (long)child);
	if (holds)
		tell_check(t, false, "/proc/%ld/fd/%d is a writing end: the child waits for itself", (long)child, held);
	else
		tell_check(t, child > 0, "nobody holds a writing end: the child has seen the end");
	tell_figure(t, holds, 0);
	if (holds && !kill(child, SIGKILL))
		tell(t, "so it is killed: it would have waited for ever");
	if (child > 0)
		wait_for(child);
	close(end[0]);
	return child < 0 ? -1 : 0;
}

#endif
