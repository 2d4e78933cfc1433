/* The interference gate. All CPU time that the kernel accounts to the processors we may use, less our own, was used by
 * others: other programs here, and (as steal) other guests of the same host. Works without privileges and without a PMU.
 *
 * Our own time is that of this process, of its reaped children, and of its living descendants: a pool of forked workers
 * lives through many rounds and is reaped only at the end. See proc(5) for /proc/stat, where guest time is contained in
 * user time and waiting for input counts as idle. */
#include "kernels/bench/gate.h"

#include <ctype.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "kernels/bench/clock.h"
#include "kernels/bench/topology.h"

enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, FIELDS, DEPTH_MAX = 8 };

static bool is_allowed(long cpu)
{
	const struct topology *t = topology_get();
	for (int i = 0; i < t->allowed_count; i++)
		if (t->allowed[i] == cpu)
			return true;
	return false;
}

/* The non-idle ticks of a line "cpuN user nice system ..."; -1 when it is no such line of an allowed processor. */
static int64_t busy_of_line(const char *line)
{
	if (strncmp(line, "cpu", 3) || !isdigit((unsigned char)line[3]))
		return -1;
	char *at;
	if (!is_allowed(strtol(line + 3, &at, 10)))
		return -1;
	int64_t busy = 0;
	for (int i = 0; i < FIELDS; i++) {
		char *end;
		long long ticks = strtoll(at, &end, 10);
		if (end == at)
			break; /* an old kernel without the later columns */
		if (i != IDLE && i != IOWAIT)
			busy += ticks;
		at = end;
	}
	return busy;
}

/* Sum over the allowed processors; false where there is no /proc/stat or it does not list them. */
static bool read_busy(int64_t *ticks)
{
	FILE *f = fopen("/proc/stat", "re");
	if (!f)
		return false;
	char *line = NULL;
	size_t room = 0;
	int found = 0;
	*ticks = 0;
	while (getline(&line, &room, f) > 0 && !strncmp(line, "cpu", 3)) {
		int64_t busy = busy_of_line(line);
		if (busy < 0)
			continue;
		*ticks += busy;
		found++;
	}
	free(line);
	fclose(f);
	return found > 0;
}

static int64_t time_ns(struct timeval t) { return (int64_t)t.tv_sec * 1000000000 + (int64_t)t.tv_usec * 1000; }

/* CPU time of children that process `pid` has reaped, from fields 16 and 17 of its stat line (after the name, which may
 * hold anything, parentheses included). */
static int64_t reaped_by(long pid)
{
	char path[64], text[1024];
	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	FILE *f = fopen(path, "re");
	if (!f)
		return 0;
	size_t length = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[length] = '\0';
	const char *after = strrchr(text, ')');
	long long user, system, hz = sysconf(_SC_CLK_TCK);
	if (!after ||
	    sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %lld %lld", &user, &system) != 2)
		return 0;
	return (user + system) * (1000000000 / (hz > 0 ? hz : 100));
}

static int64_t descendants_ns(long pid, int depth);

/* One living child: its own time to the nanosecond (ticks would be too coarse for many workers), and its offspring's. */
static int64_t child_ns(long pid, int depth)
{
	clockid_t id;
	struct timespec t;
	if (clock_getcpuclockid((pid_t)pid, &id) || clock_gettime(id, &t))
		return 0; /* gone since; then it is counted as reaped at the next look */
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec + reaped_by(pid) + descendants_ns(pid, depth + 1);
}

/* The living children of every thread of `pid`, which a kernel without CONFIG_PROC_CHILDREN does not tell: then 0. */
static int64_t descendants_ns(long pid, int depth)
{
	char path[64 + 256];
	int64_t sum = 0;
	snprintf(path, sizeof path, "/proc/%ld/task", pid);
	DIR *tasks = depth < DEPTH_MAX ? opendir(path) : NULL;
	if (!tasks)
		return 0;
	for (const struct dirent *task; (task = readdir(tasks));) {
		if (!isdigit((unsigned char)task->d_name[0]))
			continue;
		snprintf(path, sizeof path, "/proc/%ld/task/%s/children", pid, task->d_name);
		FILE *f = fopen(path, "re");
		if (!f)
			continue;
		for (long child; fscanf(f, "%ld", &child) == 1;)
			sum += child_ns(child, depth);
		fclose(f);
	}
	closedir(tasks);
	return sum;
}

static int64_t read_own(void)
{
	struct rusage reaped;
	if (getrusage(RUSAGE_CHILDREN, &reaped))
		memset(&reaped, 0, sizeof reaped);
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID) + time_ns(reaped.ru_utime) + time_ns(reaped.ru_stime) +
	       descendants_ns((long)getpid(), 0);
}

/* Our own time is read on the outer side at both ends: what reading costs is then subtracted with the rest. */
double gate_foreign_max(void)
{
	int cores = topology_get()->allowed_count;
	return 0.02 * (cores > 2 ? cores : 2);
}

void gate_begin(struct gate *g)
{
	*g = (struct gate){0};
	g->own_ns = read_own();
	g->wall_ns = now_ns();
	g->readable = read_busy(&g->busy_ticks);
}

double gate_end(const struct gate *g)
{
	int64_t ticks = 0;
	bool readable = g->readable && read_busy(&ticks);
	int64_t wall = now_ns() - g->wall_ns, own = read_own() - g->own_ns;
	long hz = sysconf(_SC_CLK_TCK);
	if (!readable || wall <= 0 || hz <= 0)
		return NAN;
	int64_t tick = 1000000000 / hz, busy = (ticks - g->busy_ticks) * tick;
	/* Containers may be shown a /proc/stat that does not move. Where even our own time is missing from it, we are blind. */
	if (own > 20 * tick && busy < own / 2)
		return NAN;
	return busy > own ? (double)(busy - own) / (double)wall : 0;
}
