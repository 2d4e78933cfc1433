/* The frame of a puzzle: the learner's lines take the place of the line marked below. The parent writes bytes in uneven
 * pieces and closes its end; the child adds up how many there were. Exit 0 when it has them all. A child that waits for
 * ever is ended, and the program says so. */
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PIECES = 1000, LIMIT = 3 };

static long read_to_the_end(int end[2])
{
	char buffer[100];
	long total = 0;
	ssize_t n = 0;
	//@
	(void)buffer, (void)n;
	return total;
}

int main(void)
{
	static const char bytes[200];
	int end[2], status = 0;
	long wanted = 0;
	long *total = mmap(NULL, sizeof *total, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (total == MAP_FAILED || pipe(end)) {
		puts("no pipe to be had");
		return 2;
	}
	pid_t child = fork();
	if (child == 0) {
		signal(SIGALRM, SIG_DFL);
		alarm(LIMIT);
		*total = read_to_the_end(end);
		_exit(0);
	}
	close(end[0]);
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; child > 0 && i < PIECES; i++) {
		ssize_t put = write(end[1], bytes, (size_t)(i % 200 + 1));
		wanted += i % 200 + 1;
		if (put < 0)
			break;
	}
	close(end[1]);
	if (child < 0 || waitpid(child, &status, 0) < 0) {
		puts("no process to be had");
		return 2;
	}
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		puts("the child waits for an end that does not come: who can still write?");
	else if (*total != wanted)
		printf("%ld of %ld bytes were read\n", *total, wanted);
	else
		return 0;
	return 1;
}
