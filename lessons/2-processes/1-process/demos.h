/* The demonstrations of the lesson `process`: a part of lesson.c, shown by --demo NAME. */
#ifndef LOCKSTEP_PROCESS_DEMOS_H
#define LOCKSTEP_PROCESS_DEMOS_H

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernels/runtime/proc.h"
#include "lessons/demo.h"

extern char **environ;

//> wait
static int wait_for(pid_t child)
{
	int status = 0;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		; /* a signal came in between: wait on */
	return status;
}
//< wait

//> memory
static int demo_memory(struct telling *t)
{
	int number = 1;
	tell(t, "parent %ld: number is %d, at %p", (long)getpid(), number, (void *)&number);
	pid_t child = fork();
	if (child < 0)
		return -1;
	if (child == 0) {
		number = 2;
		tell(t, "child  %ld: number is %d, at %p", (long)getpid(), number, (void *)&number);
		_exit(0);
	}
	wait_for(child);
	tell(t, "parent %ld: number is %d, at %p", (long)getpid(), number, (void *)&number);
	tell_figure(t, number, 1);
	tell_check(t, number == 1, "one address, two memories: the parent's number is still 1");
	return 0;
}
//< memory

//> endings
enum ending { SEVEN, TOO_BIG, KILLED, PROGRAM, NO_PROGRAM };

static void come_to_an_end(enum ending how)
{
	char *argv[] = {"sh", "-c", "exit 3", NULL};
	switch (how) {
	case SEVEN:
		_exit(7);
	case TOO_BIG:
		_exit(300);
	case KILLED:
		kill(getpid(), SIGKILL);
		break;
	case PROGRAM:
		execve("/bin/sh", argv, environ); /* this process goes on as another program: no way back … */
		break;
	case NO_PROGRAM:
		execve("/no/such/program", argv, environ); /* … unless there is none */
		break;
	}
	_exit(127);
}
//< endings

static int demo_endings(struct telling *t)
{
	static const struct {
		const char *what;
		int status, signal; /* what must come back: one of them */
	} ending[] = {[SEVEN] = {"_exit(7)", 7, 0}, [TOO_BIG] = {"_exit(300)", 300 % 256, 0},
		      [KILLED] = {"SIGKILL", 0, SIGKILL}, [PROGRAM] = {"sh -c 'exit 3'", 3, 0}, [NO_PROGRAM] = {"no such program", 127, 0}};
	for (enum ending how = SEVEN; how <= NO_PROGRAM; how++) {
		pid_t child = fork();
		if (child < 0)
			return -1;
		if (child == 0)
			come_to_an_end(how);
		int status = wait_for(child);
		if (WIFSIGNALED(status))
			tell_check(t, WTERMSIG(status) == ending[how].signal, "%-16s killed by signal %d (%s)", ending[how].what,
				   WTERMSIG(status), strsignal(WTERMSIG(status)));
		else
			tell_check(t, !ending[how].signal && WEXITSTATUS(status) == ending[how].status, "%-16s exit status %d",
				   ending[how].what, WEXITSTATUS(status));
		if (how == TOO_BIG)
			tell_figure(t, WEXITSTATUS(status), 300 % 256);
	}
	return 0;
}

//> zombie
static int demo_zombie(struct telling *t)
{
	struct proc_state s = {.state = '?'};
	siginfo_t info;
	pid_t child = fork();
	if (child < 0)
		return -1;
	if (child == 0)
		_exit(7);
	while (waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) && errno == EINTR)
		; /* until it has ended; WNOWAIT: look only, leave it there */
	bool seen = proc_look(child, &s);
	tell_check(t, seen && s.state == 'Z', "/proc/%ld/stat: state %c, a zombie", (long)child, s.state);
	kill(child, SIGKILL);
	seen = proc_look(child, &s);
	tell_check(t, seen && s.state == 'Z', "after kill -9: state %c; what is dead can't be killed", s.state);
	int status = wait_for(child);
	tell_check(t, WIFEXITED(status) && WEXITSTATUS(status) == 7, "waitpid: it had kept its exit status, %d",
		   WEXITSTATUS(status));
	tell_check(t, !proc_look(child, &s), "/proc/%ld is gone", (long)child);
	return 0;
}
//< zombie

//> orphan
static int demo_orphan(struct telling *t)
{
	struct proc_state s = {0};
	pid_t orphan = 0;
	int end[2], subreaper = 0;
	if (pipe(end))
		return -1;
	prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
	prctl(PR_SET_CHILD_SUBREAPER, 1); /* orphans among our descendants come to us; else to process 1 */
	pid_t child = fork();
	if (child == 0) {
		alarm(10); /* whatever happens to the others, nobody stays */
		pid_t grandchild = fork();
		if (grandchild == 0) {
			alarm(10);
			for (;;)
				pause();
		}
		if (write(end[1], &grandchild, sizeof grandchild) != sizeof grandchild)
			_exit(1);
		for (;;)
			pause();
	}
	close(end[1]);
	if (child > 0 && read(end[0], &orphan, sizeof orphan) == sizeof orphan && orphan > 0) {
		bool seen = proc_look(orphan, &s);
		tell_check(t, seen && s.parent == child, "process %ld: its parent is %ld, our child", (long)orphan,
			   (long)s.parent);
		kill(child, SIGKILL);
		wait_for(child);
		tell(t, "its parent is killed, and waited for");
		seen = proc_look(orphan, &s);
		tell_check(t, seen && s.parent == getpid(), "process %ld lives; its parent is %ld: ourselves", (long)orphan,
			   (long)s.parent);
		kill(orphan, SIGKILL);
		int status = wait_for(orphan);
		tell_check(t, WIFSIGNALED(status), "so we can wait for it, though we never started it");
		child = 0;
	}
	int why = errno;
	if (child > 0) { /* it could not start its own */
		kill(child, SIGKILL);
		wait_for(child);
	}
	prctl(PR_SET_CHILD_SUBREAPER, subreaper);
	close(end[0]);
	errno = child && !why ? EAGAIN : why;
	return child ? -1 : 0;
}
//< orphan

//> copy-on-write
enum { PAGES = 1024, TRIES = 4 };

static long minor_faults(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt; /* page faults that needed no disk */
}

/* The child writes one byte in each of `count` pages, and leaves the faults that this made. */
static void write_pages(volatile char *block, long page, int count, volatile long *left)
{
	long before = minor_faults();
	before = minor_faults(); /* the first call may need a page itself */
	for (int p = 0; p < count; p++)
		block[p * page] = 2;
	*left = minor_faults() - before;
}
//< copy-on-write

static int demo_copy_on_write(struct telling *t)
{
	static const int counts[TRIES] = {0, 10, 300, 100}; /* the last is asked for */
	long page = sysconf(_SC_PAGESIZE);
	size_t size = (size_t)page * PAGES;
	char *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long *left = mmap(NULL, sizeof *left, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0); /* not copied */
	int rc = -1, changed = 0;
	if (block == MAP_FAILED || left == MAP_FAILED)
		goto out;
	(void)madvise(block, size, MADV_NOHUGEPAGE); /* else 512 of them count as one */
	memset(block, 1, size);
	tell(t, "the parent has written all %d pages of %ld bytes", PAGES, page);
	for (int i = 0; i < TRIES; i++) {
		*left = -1;
		pid_t child = fork();
		if (child < 0)
			goto out;
		if (child == 0) {
			write_pages(block, page, counts[i], left);
			_exit(0);
		}
		wait_for(child);
		tell_check(t, *left >= counts[i] && *left <= counts[i] + 5, "a child writes in %d of them: %ld page faults",
			   counts[i], *left);
	}
	for (size_t i = 0; i < size; i++)
		changed += block[i] != 1;
	tell_check(t, !changed, "the parent's pages are as they were");
	tell_figure(t, (double)*left, counts[TRIES - 1]);
	rc = 0;
out:
	if (block != MAP_FAILED)
		munmap(block, size);
	if (left != MAP_FAILED)
		munmap(left, sizeof *left);
	return rc;
}

static const char *no_counting(void)
{
#ifdef SANITIZED
	return "a program that carries a sanitizer has page faults of its own";
#else
	return NULL;
#endif
}

//> twice
static int demo_twice(struct telling *t)
{
	int lines = 0;
	FILE *file = tmpfile();
	if (!file)
		return -1;
	fprintf(file, "hello\n"); /* once … */
	pid_t child = fork();
	if (child == 0) {
		fflush(file); /* as exit() would do */
		_exit(0);
	}
	if (child > 0)
		wait_for(child);
	fflush(file);
	rewind(file);
	for (int c; (c = getc(file)) != EOF;)
		lines += c == '\n';
	fclose(file);
	tell(t, "lines printed before fork: 1");
	tell_figure(t, lines, 1);
	tell_check(t, lines == 1, "lines in the file: %d", lines);
	return child < 0 ? -1 : 0;
}
//< twice

#endif
