/* A long test in parts, each in a process of its own and as many at a time as there are processors (8 at most). What a part
 * prints is kept and told as a whole when it has ended, numbered anew:
 *
 *     static void part(int i) { ok(i >= 0, "part %d", i); }
 *     int main(void) { parts(12, part); return tap_done(); }
 *
 * A part that ends otherwise than by returning (a signal, a sanitizer's exit, leaks found at its end) has failed. */
#ifndef LOCKSTEP_PARTS_H
#define LOCKSTEP_PARTS_H

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/tap.h"

enum { PARTS_AT_ONCE = 8 };

struct parts_slot {
	pid_t pid; /* 0: free */
	int i;
	FILE *out;
};

static inline void parts_begin(struct parts_slot *slot, int i, void (*part)(int))
{
	fflush(stdout);
	slot->i = i;
	slot->out = tmpfile();
	slot->pid = slot->out ? fork() : -1;
	if (slot->pid < 0)
		bail_out("no process for a part of the test");
	if (slot->pid)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(fileno(slot->out), STDOUT_FILENO) < 0)
		_exit(255);
	fclose(slot->out);
	tap_count = tap_failed = 0;
	part(i);
	int status = tap_done();
	fflush(stdout);
	exit(status);
}

static inline void parts_end(struct parts_slot *slot, int status)
{
	char *line = NULL;
	size_t size = 0;
	int told = 0, failed = 0, plan = -1;
	ssize_t length;
	rewind(slot->out);
	while ((length = getline(&line, &size, slot->out)) > 0) {
		bool bad = !strncmp(line, "not ok ", 7), good = !strncmp(line, "ok ", 3);
		const char *rest = strchr(line, '-');
		if (line[length - 1] != '\n') /* torn where the part ended */
			printf("# %s\n", line);
		else if ((good || bad) && rest) {
			printf("%sok %d %s", bad ? "not " : "", ++tap_count, rest);
			told++;
			failed += bad;
		} else if (sscanf(line, "1..%d", &plan) != 1)
			fputs(line, stdout);
		if (!strncmp(line, "Bail out!", 9))
			exit(255);
	}
	free(line);
	fclose(slot->out);
	slot->pid = 0;
	tap_failed += failed;
	if (plan != told || !WIFEXITED(status) || WEXITSTATUS(status) != (failed ? 1 : 0))
		ok(false, "part %d ends by returning (wait status %#x after %d tests, plan %d)", slot->i, status, told, plan);
	fflush(stdout);
}

static inline void parts(int n, void (*part)(int))
{
	struct parts_slot slot[PARTS_AT_ONCE] = {0};
	cpu_set_t cpus;
	int at_once = sched_getaffinity(0, sizeof cpus, &cpus) ? 1 : CPU_COUNT(&cpus), status;
	at_once = at_once > PARTS_AT_ONCE ? PARTS_AT_ONCE : at_once;
	for (int next = 0, running = 0; next < n || running;) {
		for (int s = 0; s < at_once && next < n; s++)
			if (!slot[s].pid) {
				parts_begin(&slot[s], next++, part);
				running++;
			}
		pid_t pid = waitpid(-1, &status, 0);
		if (pid < 0)
			bail_out("a part of the test is lost");
		for (int s = 0; s < at_once; s++)
			if (slot[s].pid == pid) {
				parts_end(&slot[s], status);
				running--;
			}
	}
}

#endif
