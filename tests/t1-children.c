/* Children: started together, each with its index, waited for, ended; common memory; what fails is told. */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "kernels/rng.h"
#include "kernels/runtime/children.h"
#include "tests/tap.h"

enum { MOST = 24 };

struct board {
	_Atomic uint64_t cell[MOST];
	int copied; /* written by the parent before */
};

static int note(void *context, int index)
{
	struct board *b = context;
	atomic_store(&b->cell[index], (uint64_t)(index + 1) * (uint64_t)b->copied);
	return 0;
}

static int fail_at_two(void *context, int index)
{
	(void)context;
	return index == 2 ? 7 : 0;
}

static int sleep_on(void *context, int index)
{
	(void)context;
	(void)index;
	while (pause())
		;
	return 0;
}

static bool none_left(void)
{
	siginfo_t info;
	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) && errno == ECHILD;
}

int main(void)
{
	const char *given = getenv("SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	pid_t pid[MOST];
	diag("SEED=%llu", (unsigned long long)seed);
	alarm(120);
	struct board *b = children_memory(sizeof *b);
	bool good = b != NULL;
	for (uint64_t round = 0; round < 20 && good; round++) {
		int count = (int)(rng_at(seed, round) % (MOST + 1));
		memset(b, 0, sizeof *b);
		b->copied = (int)round + 1;
		good = !children_start(pid, count, note, b) && !children_wait(pid, count);
		for (int i = 0; i < MOST; i++)
			good = good && b->cell[i] == (i < count ? (uint64_t)(i + 1) * (round + 1) : 0);
		for (int i = 0; i < count; i++)
			good = good && pid[i] == 0;
	}
	ok(good && none_left(), "each child writes its own cell of common memory, none is left");

	errno = 0;
	int rc = children_start(pid, 4, fail_at_two, NULL) ? 1 : children_wait(pid, 4);
	ok(rc == -1 && errno == ECANCELED && none_left(), "one that fails is told of; all were waited for");

	rc = children_start(pid, 5, sleep_on, NULL);
	errno = ERANGE;
	children_end(pid, 5);
	ok(rc == 0 && errno == ERANGE && none_left() && pid[4] == 0, "children that would never end are ended; errno stays");
	children_end(pid, 5);
	ok(!children_wait(pid, 5) && none_left(), "once more does no harm");

	/* Not more processes than there are. Root has no such limit. */
	struct rlimit before, tight;
	getrlimit(RLIMIT_NPROC, &before);
	tight = before;
	tight.rlim_cur = 1;
	if (geteuid() == 0)
		skip("no process to be had: an error, and none is left", "root has no limit of processes");
	else {
		setrlimit(RLIMIT_NPROC, &tight);
		errno = 0;
		rc = children_start(pid, MOST, sleep_on, NULL);
		ok(rc == -1 && errno == EAGAIN && none_left(), "no process to be had: an error, and none is left");
		setrlimit(RLIMIT_NPROC, &before);
	}

	/* The parent dies: so do its children. */
	int fd[2];
	char byte;
	if (pipe(fd))
		bail_out("no pipe");
	pid_t parent = fork();
	if (parent == 0) {
		close(fd[0]); /* the children inherit the writing end: it is closed when the last of them is gone */
		children_start(pid, 3, sleep_on, NULL);
		kill(getpid(), SIGKILL);
	}
	close(fd[1]);
	waitpid(parent, NULL, 0);
	ok(read(fd[0], &byte, 1) == 0, "none outlives a parent that was killed");
	close(fd[0]);
	errno = 0;
	ok(!children_memory(SIZE_MAX / 2) && errno == ENOMEM, "memory that is not to be had is an error");
	munmap(b, sizeof *b);
	return tap_done();
}
