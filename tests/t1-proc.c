/* What kernels/runtime/proc.c tells about processes, against what must be so: this one, children in every state that can be
 * brought about, and pipes with many holders, drawn by a seed (SEED=N repeats a run). */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "kernels/rng.h"
#include "kernels/runtime/proc.h"
#include "tests/tap.h"

enum { CHILDREN = 5, ROUNDS = 20 };

/* A child that holds what it inherited until `gate` ends; drops: bit e set: pipe end e is closed. When that is done it says so. */
static pid_t child_dropping(const int gate[2], const int ready[2], const int pipe_end[2], unsigned drops)
{
	pid_t child = fork();
	if (child)
		return child;
	alarm(60);
	close(gate[1]);
	for (int e = 0; e < 2; e++)
		if (drops >> e & 1)
			close(pipe_end[e]);
	char byte = 1;
	if (write(ready[1], &byte, 1) != 1)
		_exit(1);
	while (read(gate[0], &byte, 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

static char state_of(pid_t pid)
{
	struct proc_state s = {0};
	return proc_look(pid, &s) ? s.state : '?';
}

static void test_states(void)
{
	struct proc_state me;
	ok(proc_look(getpid(), &me) && me.state == 'R' && me.parent == getppid(), "this process runs, and its parent is known");

	prctl(PR_SET_NAME, "a) Z 1 (b"); /* a name made to mislead */
	ok(proc_look(getpid(), &me) && me.state == 'R' && me.parent == getppid(), "brackets and blanks in its name do not mislead");

	pid_t child = fork();
	if (child == 0) {
		alarm(60);
		raise(SIGSTOP);
		_exit(7);
	}
	siginfo_t info;
	ok(!waitid(P_PID, (id_t)child, &info, WSTOPPED | WNOWAIT) && state_of(child) == 'T', "a child that stopped is T");
	kill(child, SIGCONT);
	waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
	ok(state_of(child) == 'Z', "ended and not waited for, it is Z");
	struct proc_state s;
	ok(proc_look(child, &s) && s.parent == getpid(), "and still ours");
	int fd, status;
	int ends[2];
	ok(!pipe(ends) && !proc_holds(child, ends[0], true, &fd), "a zombie holds no pipe");
	close(ends[0]);
	close(ends[1]);
	waitpid(child, &status, 0);
	errno = 0;
	ok(!proc_look(child, &s) && (errno == ENOENT || errno == ESRCH), "waited for, it is gone");
	ok(!proc_look(-5, &s) && errno == ENOENT, "no process has a number below 0");
}

static void test_holders(uint64_t seed)
{
	int faults = 0, before = proc_open_count();
	ok(before > 2, "%d descriptors are open here", before);
	for (int round = 0; round < ROUNDS; round++) {
		int gate[2], ready[2], ends[2], fd = -1;
		pid_t child[CHILDREN];
		if (pipe(gate) || pipe(ready) || pipe(ends))
			bail_out("no pipe to be had");
		faults += proc_open_count() != before + 6;
		for (int c = 0; c < CHILDREN; c++)
			child[c] = child_dropping(gate, ready, ends, (unsigned)rng_at(seed, (uint64_t)(round * CHILDREN + c)) & 3);
		close(gate[0]);
		for (int c = 0; c < CHILDREN; c++)
			if (read(ready[0], &(char){0}, 1) != 1)
				bail_out("a child did not begin");
		for (int c = 0; c < CHILDREN; c++) {
			unsigned drops = (unsigned)rng_at(seed, (uint64_t)(round * CHILDREN + c)) & 3;
			for (int e = 0; e < 2; e++) {
				fd = -1;
				bool holds = proc_holds(child[c], ends[!e], e == 1, &fd), should = !(drops >> e & 1);
				faults += holds != should || (holds && fd != ends[e]) || (!holds && errno);
			}
		}
		faults += !proc_holds(getpid(), ends[0], true, &fd) || fd != ends[1];
		int second = dup(ends[1]);
		close(ends[1]);
		faults += !proc_holds(getpid(), ends[0], true, &fd) || fd != second;
		close(second);
		faults += proc_holds(getpid(), ends[0], true, NULL) || errno;
		faults += !proc_holds(getpid(), ends[0], false, &fd) || fd != ends[0];
		close(ends[0]);
		close(gate[1]);
		close(ready[0]);
		close(ready[1]);
		for (int c = 0; c < CHILDREN; c++)
			while (waitpid(child[c], NULL, 0) < 0 && errno == EINTR)
				;
	}
	ok(!faults, "who holds which end of a pipe: %d rounds of %d children, %d wrong (seed %llu)", ROUNDS, CHILDREN, faults,
	   (unsigned long long)seed);
	is(proc_open_count() == before ? "none" : "some", "none", "no descriptor is left open");
	errno = 0;
	ok(!proc_holds(getpid(), -1, true, NULL) && errno == EBADF, "a descriptor that is none is refused");
	ok(!proc_holds(-5, 0, true, NULL) && errno, "a process that is none, too");
}

int main(void)
{
	const char *given = getenv("SEED");
	alarm(120);
	test_states();
	test_holders(given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL));
	return tap_done();
}
