/* Several kernels in one command, each in a process of its own. */
#include "kernels/bench/cli.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernels/bench/ceilings.h"
#include "kernels/bench/clock.h"
#include "kernels/bench/cost.h"
#include "kernels/bench/util.h"

#define LEAST_SECONDS 0.001 /* a budget used up: one round, for a budget of 0 would be none */

/* What a child leaves to its parent beside its exit status and its records. */
struct left {
	bool file, live; /* still written to */
	bool failed;
	int failed_errno;
};

/* Its exit status; 128+n when a signal ended it. */
static int wait_for(pid_t pid)
{
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_RESOURCE;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* -1 after one line on stderr. Whatever ends the parent ends the child. */
static pid_t fork_for(const struct cli *cli, const char *what)
{
	pid_t parent = getpid();
	fflush(NULL);
	pid_t pid = fork();
	if (pid < 0)
		fprintf(stderr, "%s: %s: %s\n", cli->program, what, strerror(errno));
	if (pid == 0 && (prctl(PR_SET_PDEATHSIG, SIGTERM) || getppid() != parent))
		_exit(EXIT_RESOURCE);
	return pid;
}

/* Are the options right for all of them? */
static int check(const struct cli *cli, const struct kernel *const *kernels, int count)
{
	pid_t pid = fork_for(cli, "planning");
	if (pid < 0)
		return EXIT_RESOURCE;
	if (pid) {
		int how = wait_for(pid);
		if (how > 128)
			fprintf(stderr, "%s: planning: ended by a signal: %s\n", cli->program, strsignal(how - 128));
		return how;
	}
	int status = EXIT_RIGHT;
	for (int i = 0; i < count && !status; i++) {
		struct bench_plan plan;
		status = cli_plan(cli, kernels[i], NULL, NULL, &plan);
	}
	_exit(status);
}

static _Noreturn void measure(struct cli *cli, const struct kernel *kernel, double seconds, const struct record_sink *parents, FILE *copy,
			      struct left *left)
{
	struct record_sink sink = {.file_fd = parents->file_fd, .live_fd = parents->live_fd, .file_name = parents->file_name, .copy = copy,
				   .failed = parents->failed, .failed_errno = parents->failed_errno};
	struct bench_plan plan;

	bench_catch_signals(NULL); /* the end line is the parent's */
	bench_signals_from_parent();
	int status = cli_plan(cli, kernel, NULL, NULL, &plan);
	if (!status) {
		plan.budget_seconds = seconds;
		plan.progress = !cli->quiet && !cli->json && isatty(STDERR_FILENO);
		status = cli->probe_cost ? bench_probe_cost(&plan, &sink) : bench_run(&plan, &sink);
	}
	*left = (struct left){sink.file_fd >= 0, sink.live_fd >= 0, sink.failed, sink.failed_errno};
	exit(status);
}

/* What it wrote, into our set; a line cut short stays alone. */
static void read_copy(struct recset *set, FILE *copy)
{
	char bytes[1 << 16];
	size_t n;

	rewind(copy);
	while ((n = fread(bytes, 1, sizeof bytes, copy)) > 0)
		recset_feed(set, bytes, n);
	recset_feed(set, "\n", 1);
}

static int run_one(struct cli *cli, const struct kernel *kernel, double seconds, struct record_sink *sink, struct left *left)
{
	int fd = memfd_create("records", MFD_CLOEXEC);
	FILE *copy = fd < 0 ? NULL : fdopen(fd, "w+");
	pid_t pid = copy ? fork_for(cli, kernel->name) : -1;

	if (pid == 0)
		measure(cli, kernel, seconds, sink, copy, left);
	if (!copy)
		fprintf(stderr, "%s: %s: %s\n", cli->program, kernel->name, strerror(errno));
	if (pid < 0) {
		if (copy)
			fclose(copy);
		return EXIT_RESOURCE;
	}
	*left = (struct left){sink->file_fd >= 0, sink->live_fd >= 0, sink->failed, sink->failed_errno};
	siginfo_t info;
	bench_signals_to(pid);
	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) && errno == EINTR)
		;
	bench_signals_to(0); /* before it is collected: then its number may be another's */
	int status = wait_for(pid);
	if (status > 128 && !bench_signal()) {
		const char *how = strsignal(status - 128);
		record_write(sink, json_pack("{s:s, s:s, s:o}", "t", "error", "code", "signal", "text",
					     json_sprintf("%s: ended by a signal: %s", kernel->name, how)), false);
		fprintf(stderr, "%s: %s: ended by a signal: %s\n", cli->program, kernel->name, how);
	}
	read_copy(sink->set, copy);
	fclose(copy);
	return status;
}

/* A file or a pipe that the child could not write to any more is not tried again. */
static void take_left(struct record_sink *sink, const struct left *left)
{
	if (sink->file_fd >= 0 && !left->file) {
		close(sink->file_fd);
		sink->file_fd = -1;
	}
	sink->live_fd = left->live ? sink->live_fd : -1;
	sink->failed = left->failed;
	sink->failed_errno = left->failed_errno;
}

int cli_run_each(struct cli *cli, const struct kernel *const *kernels, int count)
{
	struct record_sink sink = {.file_fd = -1, .live_fd = -1};
	int64_t begin = now_ns();
	signal(SIGCHLD, SIG_DFL); /* whoever ignores it gets no exit status */
	int status = check(cli, kernels, count);

	if (status)
		return status;
	struct left *left = mmap(NULL, sizeof *left, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (left == MAP_FAILED)
		return cli_complain(cli, "memory to share: %s", strerror(errno)), EXIT_RESOURCE;
	ceilings_share();
	sink.set = recset_new();
	counters_init(cli->counters); /* before the machine is described: the record tells what counts here */
	if (!cli_open(cli, &sink))
		return EXIT_USAGE;
	for (int i = 0; i < count && !bench_signal(); i++) {
		/* a budget for several kernels is shared out as it is used up: what one leaves, the others get */
		double spent = 1e-9 * (double)(now_ns() - begin), seconds = 0;
		if (cli->budget > 0)
			seconds = fmax((cli->budget - spent) / (count - i), LEAST_SECONDS);
		int one = run_one(cli, kernels[i], seconds, &sink, left);
		take_left(&sink, left);
		status = one > status ? one : status;
	}
	status = cli_end(&sink, status, begin);
	cli_print(cli, sink.set);
	status = cli_close(cli, &sink, status);
	recset_free(sink.set);
	munmap(left, sizeof *left);
	return status;
}
