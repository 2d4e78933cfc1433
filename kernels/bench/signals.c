/* Ending on request: politely at the next run's end, by force soon after, never with a lost record or a stray worker. */
#include "kernels/bench/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GRACE_US 700000
#define CHILD_US 150000 /* so much longer, for a child that ends by itself after its own grace */

static volatile sig_atomic_t caught, held;
static volatile pid_t child; /* measures in our place, 0: none */
static pid_t owner, boss;    /* boss: in whose place we measure, 0: nobody's */
static const struct record_sink *sink;

int bench_signal(void) { return caught; }
int bench_held(void) { return held; }

/* Every direct child of this process, by the kernel's own list (no allocation: called from a handler). */
static void kill_children(void)
{
	char list[4096];
	pid_t pid = 0;
	ssize_t n;
	int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	while ((n = read(fd, list, sizeof list)) > 0)
		for (ssize_t i = 0; i < n; i++) {
			if (list[i] >= '0' && list[i] <= '9') {
				pid = pid * 10 + (list[i] - '0');
				continue;
			}
			if (pid > 1)
				kill(pid, SIGKILL);
			pid = 0;
		}
	close(fd);
}

static void write_end(void)
{
	char line[] = "{\"t\":\"end\",\"run\":null,\"status\":000,\"partial\":true,\"seconds\":null}\n";
	char *digits = strstr(line, "000");
	int status = 128 + caught;

	memcpy(digits, (char[]){(char)('0' + status / 100), (char)('0' + status / 10 % 10), (char)('0' + status % 10)}, 3);
	int fds[] = {sink ? sink->file_fd : -1, sink ? sink->live_fd : -1};
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0 && write(fds[i], line, sizeof line - 1) < 0)
			continue; /* nothing is left to be done about it here */
}

static void on_continue(int number)
{
	(void)number;
	held++;
}

/* By force, but the child first ends what it has started. */
static void end_child(void)
{
	if (child && !kill(child, SIGALRM))
		for (int i = 0; i < 20 && waitpid(child, NULL, WNOHANG) == 0; i++)
			nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

static void on_signal(int number)
{
	int why = errno;
	if (getpid() != owner)
		_exit(128 + number); /* a forked worker */
	if (boss && caught && number != SIGALRM && getppid() == boss)
		return; /* told twice: by the terminal and by the parent, which forces the end by SIGALRM */
	if (number == SIGALRM || caught) {
		end_child();
		kill_children();
		write_end();
		_exit(128 + caught);
	}
	caught = number;
	if (child)
		kill(child, number);
	setitimer(ITIMER_REAL, &(struct itimerval){.it_value = {.tv_usec = GRACE_US + (child ? CHILD_US : 0)}}, NULL);
	errno = why;
}

void bench_signals_to(pid_t pid)
{
	child = pid;
	if (pid && caught) /* it came while the child was made */
		kill(pid, caught);
}

void bench_signals_from_parent(void)
{
	child = 0;
	boss = getppid();
}

void bench_release_signals(void) { sink = NULL; }

void bench_catch_signals(const struct record_sink *records)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM};

	owner = getpid();
	sink = records;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct sigaction before;
		if (numbers[i] == SIGHUP && !sigaction(SIGHUP, NULL, &before) && before.sa_handler == SIG_IGN)
			continue; /* nohup */
		sigaction(numbers[i], &action, NULL);
	}
	action.sa_flags = SA_RESTART;
	action.sa_handler = on_continue;
	sigaction(SIGCONT, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}
