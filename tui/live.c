#include "tui/live.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

enum { FILES_MAX = 256, DEPTH_MAX = 4 }; /* what one look may cost */

const char *const live_words[LIVE_RATES] = {
	[LIVE_CPU] = N_("this run"),	  [LIVE_OTHERS] = N_("others"),	     [LIVE_WAITED] = N_("waited"),
	[LIVE_DISPLACED] = N_("displaced"), [LIVE_FAULTS] = N_("page faults"), [LIVE_MEMORY] = N_("memory"),
};

struct live *live_new(void)
{
	struct live *live = xcalloc(1, sizeof(*live));
	cpu_set_t allowed;
	live->eta = live->told_eta = live->cpu_seconds = live->told_voluntary = live->told_involuntary = (double)NAN;
	for (int i = 0; i < LIVE_RATES; i++)
		live->now[i] = (double)NAN;
	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		return live;
	live->cores = xcalloc((size_t)CPU_COUNT(&allowed) + 1, sizeof(*live->cores));
	for (int i = 0; i < CPU_SETSIZE && live->core_count < LIVE_CORES_MAX; i++)
		if (CPU_ISSET(i, &allowed))
			live->cores[live->core_count++] = (struct live_core){.number = i, .busy = (double)NAN};
	return live;
}

void live_free(struct live *live)
{
	if (live)
		free(live->cores);
	free(live);
}

char *live_time(double seconds, char buf[LIVE_TIME_MAX])
{
	unsigned s = seconds > 0 && seconds < 1e6 ? (unsigned)seconds : 0;
	if (s >= 3600)
		snprintf(buf, LIVE_TIME_MAX, "%u:%02u:%02u", s / 3600, s / 60 % 60, s % 60);
	else
		snprintf(buf, LIVE_TIME_MAX, "%u:%02u", s / 60, s % 60);
	return buf;
}

/* ---- parsers -------------------------------------------------------------------------------------------------------- */

bool live_parse_process(const char *stat, struct live_process *out)
{
	const char *rest = strrchr(stat, ')'); /* the name may hold anything, brackets too */
	long long minor, minor_dead, major, major_dead, user, system, user_dead, system_dead, pages;
	if (!rest || sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %lld %lld %lld %lld %lld %lld %lld %lld %*d %*d %*d %*d %*u %*u %lld",
			    &minor, &minor_dead, &major, &major_dead, &user, &system, &user_dead, &system_dead, &pages) != 9)
		return false;
	*out = (struct live_process){user + system + user_dead + system_dead, minor + minor_dead + major + major_dead, pages};
	return true;
}

/* user nice system idle iowait irq softirq steal; guest time is contained in user time. */
static bool parse_core(const char *at, int64_t *busy, int64_t *all)
{
	enum { IDLE = 3, IOWAIT = 4, FIELDS = 8 };
	int fields = 0;
	*busy = *all = 0;
	for (; fields < FIELDS; fields++) {
		char *end;
		long long ticks = strtoll(at, &end, 10);
		if (end == at || ticks < 0)
			break; /* an old kernel without the later columns */
		*all += ticks;
		*busy += fields == IDLE || fields == IOWAIT ? 0 : ticks;
		at = end;
	}
	return fields > IDLE;
}

int live_parse_cores(const char *stat, struct live_core *cores, int count, int64_t *busy, int64_t *all)
{
	int found = 0, next = 0;
	for (const char *line = stat; line && *line && next < count;) {
		if (!strncmp(line, "cpu", 3) && isdigit((unsigned char)line[3])) {
			char *at;
			long number = strtol(line + 3, &at, 10);
			while (next < count && cores[next].number < number)
				busy[next] = all[next] = -1, next++;
			if (next < count && cores[next].number == number) {
				bool good = *at == ' ' && parse_core(at, &busy[next], &all[next]);
				if (!good)
					busy[next] = all[next] = -1;
				found += good;
				next++;
			}
		}
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	for (; next < count; next++)
		busy[next] = all[next] = -1;
	return found;
}

/* ---- a look --------------------------------------------------------------------------------------------------------- */

/* The beginning of a small file of /proc in one read; false when it is not there. */
static bool slurp(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t n = read(fd, buf, size - 1);
	close(fd);
	buf[n > 0 ? n : 0] = '\0';
	return n > 0;
}

struct group {
	int64_t ticks, faults, pages;
	int files;
};

static void add_process(struct group *g, long pid, int depth);

/* The living children of every thread of a process. */
static void add_children(struct group *g, long pid, int depth)
{
	char path[320], list[4096], *end;
	snprintf(path, sizeof(path), "/proc/%ld/task", pid);
	DIR *tasks = opendir(path);
	for (const struct dirent *task; tasks && g->files < FILES_MAX && (task = readdir(tasks));) {
		if (!isdigit((unsigned char)task->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%ld/task/%s/children", pid, task->d_name);
		g->files++;
		if (!slurp(path, list, sizeof(list)))
			continue;
		for (const char *at = list;; at = end) {
			long child = strtol(at, &end, 10);
			if (end == at)
				break;
			add_process(g, child, depth + 1);
		}
	}
	if (tasks)
		closedir(tasks);
}

static void add_process(struct group *g, long pid, int depth)
{
	char path[64], buf[2048];
	struct live_process p;
	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	if (depth > DEPTH_MAX || g->files++ >= FILES_MAX || !slurp(path, buf, sizeof(buf)) || !live_parse_process(buf, &p))
		return;
	g->ticks += p.ticks;
	g->faults += p.faults;
	g->pages += p.pages;
	add_children(g, pid, depth);
}

/* Shares of the cores since the last look; returns how many of them were busy together, NaN when that can't be told. */
static double look_at_cores(struct live *live)
{
	/* A line of a core takes up to 200 bytes; those of the interrupts behind them are not wanted. */
	size_t n = (size_t)live->core_count, highest = n ? (size_t)live->cores[n - 1].number + 2 : 1, size = 256 * highest + 1;
	char *text = xmalloc(size);
	int64_t *busy = xcalloc(2 * n + 1, sizeof(*busy)), *all = busy + n;
	double sum = 0;
	bool known = n > 0 && slurp("/proc/stat", text, size) && live_parse_cores(text, live->cores, (int)n, busy, all) > 0;
	for (size_t i = 0; i < n; i++) {
		struct live_core *c = &live->cores[i];
		/* Containers may be shown a /proc/stat that does not move: then nothing is known. */
		bool good = known && live->looked && all[i] > c->seen_all && c->seen_all >= 0 && busy[i] >= c->seen_busy;
		c->busy = good ? (double)(busy[i] - c->seen_busy) / (double)(all[i] - c->seen_all) : (double)NAN;
		c->seen_busy = known ? busy[i] : -1;
		c->seen_all = known ? all[i] : -1;
		sum += c->busy;
	}
	free(text);
	free(busy);
	return n ? sum : (double)NAN;
}

static void remember(struct live *live)
{
	if (live->length == LIVE_HISTORY)
		for (int i = 0; i < LIVE_RATES; i++)
			memmove(live->history[i], live->history[i] + 1, sizeof(live->history[i]) - sizeof(live->history[i][0]));
	else
		live->length++;
	for (int i = 0; i < LIVE_RATES; i++)
		live->history[i][live->length - 1] = (float)live->now[i];
}

void live_look(struct live *live, pid_t pid, double elapsed)
{
	struct group g = {0};
	long hz = sysconf(_SC_CLK_TCK), page = sysconf(_SC_PAGESIZE);
	double seconds = elapsed - live->seen_at, all = look_at_cores(live);
	add_process(&g, pid, 0);
	/* A forked worker that is gone before it was waited for may make a sum smaller for a moment. */
	bool rates = live->looked && seconds > 0.05 && g.pages > 0 && g.ticks >= live->seen_ticks && g.faults >= live->seen_faults;
	live->cpu_seconds = g.pages > 0 ? (double)g.ticks / (double)hz : (double)NAN;
	live->now[LIVE_CPU] = rates ? (double)(g.ticks - live->seen_ticks) / (double)hz / seconds : (double)NAN;
	live->now[LIVE_FAULTS] = rates ? (double)(g.faults - live->seen_faults) / seconds : (double)NAN;
	live->now[LIVE_MEMORY] = g.pages > 0 ? (double)g.pages * (double)page : (double)NAN;
	/* Ticks of 10 ms on both sides: a little less than nothing is nothing. */
	double others = all - live->now[LIVE_CPU];
	live->now[LIVE_OTHERS] = others < 0 ? 0 : others;
	live->seen_ticks = g.ticks;
	live->seen_faults = g.faults;
	live->seen_at = elapsed;
	if (rates)
		remember(live);
	live->looked = true;
}

/* ---- what the run tells --------------------------------------------------------------------------------------------- */

static void hear_switches(struct live *live, const struct rec_run *run, double elapsed)
{
	double seconds = elapsed - live->switches_at;
	if (!isfinite(run->voluntary) || !isfinite(run->involuntary)) {
		live->now[LIVE_WAITED] = live->now[LIVE_DISPLACED] = (double)NAN;
		live->told_voluntary = (double)NAN;
		return;
	}
	if (isfinite(live->told_voluntary)) {
		if (seconds < 0.2) /* two lines in quick succession: the next one tells of both */
			return;
		live->now[LIVE_WAITED] = fmax(run->voluntary - live->told_voluntary, 0) / seconds;
		live->now[LIVE_DISPLACED] = fmax(run->involuntary - live->told_involuntary, 0) / seconds;
	}
	live->told_voluntary = run->voluntary;
	live->told_involuntary = run->involuntary;
	live->switches_at = elapsed;
}

void live_hear(struct live *live, const struct rec_run *run, double elapsed)
{
	live->budget = run && run->budget_seconds > 0 ? run->budget_seconds : 0;
	if (!run || !run->phase) {
		live->told_eta = (double)NAN;
		return;
	}
	bool news = run->eta != live->told_eta || run->done != live->told_done || run->kept != live->told_kept;
	if (news || isnan(live->told_eta)) {
		live->told_at = elapsed;
		live->told_eta = run->ended ? 0 : run->eta;
		live->told_done = run->done;
		live->told_kept = run->kept;
	}
	if (run->voluntary != live->told_voluntary || run->involuntary != live->told_involuntary)
		hear_switches(live, run, elapsed);
}

void live_clock(struct live *live, double elapsed, bool paused, bool stopping)
{
	live->elapsed = elapsed;
	if (paused && !live->paused)
		live->looked = false;
	live->paused = paused;
	live->stopping = stopping;
	live->eta = live->told_eta - (elapsed - live->told_at);
	if (live->eta < 0)
		live->eta = 0;
}
