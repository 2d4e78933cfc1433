/* What the lesson `deadlock` shows once: the circle, a deadlock seen from outside, who eats how much, and all schedules of a small table. */
#ifndef LOCKSTEP_DEADLOCK_SHOWN_H
#define LOCKSTEP_DEADLOCK_SHOWN_H

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "kernels/runtime/explore.h"
#include "lessons/3-threads/7-deadlock/table.h"
#include "lessons/demo.h"

enum { FIVE = 5 };

/* lesson.c */
static int prepare(struct job *job);
static void release(struct job *job);
static struct outcome verify(const struct job *job);
static int run_naive(struct job *job);
static int run_ordered(struct job *job);
static int run_trylock(struct job *job);
static int run_waiter(struct job *job);

/* Five who all hold the left fork before the first one reaches for the right one. */
static int sit_together(struct job *job, bool watched)
{
	*job = (struct job){.arg = {FIVE, 1000}, .workers = FIVE};
	if (prepare(job) != 0)
		return -1;
	struct table *table = job->data;
	table->watched = watched;
	table->together = true;
	return 0;
}

static int demo_circle(struct telling *t)
{
	struct job job;
	char circle[80];
	if (sit_together(&job, true) != 0)
		return -1;
	struct table *table = job.data;
	int status = run_naive(&job);
	struct outcome out = verify(&job);
	for (int i = 0; i < table->circle_length; i++) {
		struct seat *s = &table->seat[in_circle(table, i)];
		tell(t, "%d has f%d, wants f%d of %d", s->id + 1, s->left->number + 1, s->right->number + 1, in_circle(table, i + 1) + 1);
	}
	draw_circle(table, circle, sizeof circle);
	if (!status)
		tell_check(t, out.right, "%.0f meals: %s", out.observed, *circle ? circle : N_("no circle"));
	tell_figure(t, out.observed, FIVE);
	release(&job);
	return status;
}

/* Threads of the process that sleep, as /proc tells; -1: it can't be read. Ticks of CPU time of all of them. */
static int sleepers(pid_t pid, int *threads, long *ticks)
{
	char path[64], line[512];
	int asleep = 0;
	*threads = 0;
	*ticks = 0;
	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	DIR *dir = opendir(path);
	for (struct dirent *d; dir && (d = readdir(dir));) {
		snprintf(path, sizeof path, "/proc/%d/task/%.10s/stat", (int)pid, d->d_name);
		FILE *f = d->d_name[0] == '.' ? NULL : fopen(path, "re");
		if (!f)
			continue;
		char *end = fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL, state = 0;
		long user = 0, kernel = 0;
		fclose(f);
		if (!end || sscanf(end + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &state, &user, &kernel) != 3)
			continue;
		++*threads;
		asleep += state == 'S';
		*ticks += user + kernel;
	}
	if (dir)
		closedir(dir);
	return *threads ? asleep : -1;
}

static void pause_ms(long ms)
{
	struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	nanosleep(&time, NULL); /* a signal may end it early: all the better */
}

//> asleep
static int demo_asleep(struct telling *t)
{
	struct job job;
	int threads = 0, all = 0, state = 0;
	long before = 0, after = 0;
	pid_t child = fork();
	if (child < 0)
		return -1;
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* never outlives the lesson */
		_exit(sit_together(&job, false) != 0 || run_naive(&job) != 0); /* does not come back */
	}
	pause_ms(200);
	int asleep = sleepers(child, &threads, &before);
	pause_ms(300);
	int still = sleepers(child, &all, &after);
	bool ended = waitpid(child, &state, WNOHANG) == child;
	tell(t, "%d threads, %d asleep", threads, asleep);
	tell(t, "0.3 s later: %d asleep", still);
	tell(t, "CPU time since: %ld ms", (after - before) * 1000 / sysconf(_SC_CLK_TCK));
	if (!ended) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		tell(t, "killed, and collected");
	}
	if (ended && state)
		return errno = EAGAIN, -1; /* it could not have its threads */
	tell_check(t, ended, ended ? N_("it came to an end") : N_("it would sleep for ever"));
	tell_figure(t, still, 0);
	return 0;
}
//< asleep

static int demo_fair(struct telling *t)
{
	const struct { const char *name; int (*run)(struct job *); } cure[] = {
		{"ordered", run_ordered}, {"trylock", run_trylock}, {"waiter", run_waiter}};
	struct job job = {.arg = {20000, 1000}, .workers = FIVE};
	double worst = 1;
	int status = prepare(&job);
	tell(t, "meals in %%, seats 1 to 5");
	for (int c = 0; c < 3 && !status; c++) {
		struct table *table = job.data;
		status = cure[c].run(&job);
		double least = INFINITY, most = 0;
		char line[80];
		size_t used = (size_t)snprintf(line, sizeof line, "%s", cure[c].name);
		for (int i = 0; i < FIVE && used < sizeof line; i++) {
			double share = 100.0 * (double)table->seat[i].meals / job.arg[0];
			least = fmin(least, share);
			most = fmax(most, share);
			used += (size_t)snprintf(line + used, sizeof line - used, " %.0f", share);
		}
		tell_check(t, verify(&job).right, "%s", line);
		worst = fmax(worst, most / fmax(least, 100.0 / job.arg[0]));
	}
	tell_figure(t, worst, 1);
	release(&job);
	return status;
}

/* ---- every schedule of three philosophers (kernels/runtime/explore.h) ---- */

struct model {
	bool ordered;
	int eaten;
	struct explore_mutex fork[3];
};

static void model_begin(void *data)
{
	struct model *m = data;
	m->eaten = 0;
	for (int i = 0; i < 3; i++)
		m->fork[i] = (struct explore_mutex){.name = (const char *const[]){"f1", "f2", "f3"}[i]};
}

static bool model_right(void *data, char *text, size_t size)
{
	const struct model *m = data;
	snprintf(text, size, "%d have eaten", m->eaten);
	return m->eaten == 3;
}

//> model
static void model_dine(void *data, int me)
{
	struct model *m = data;
	int first = me, second = (me + 1) % 3;
	if (m->ordered && second < first)
		first = second, second = me;
	explore_lock(&m->fork[first]);
	explore_lock(&m->fork[second]);
	m->eaten++; /* one step with the lock before it: nobody comes between */
	explore_unlock(&m->fork[second]);
	explore_unlock(&m->fork[first]);
}
//< model

static int demo_all_orders(struct telling *t)
{
	for (int ordered = 0; ordered < 2; ordered++) {
		struct model model = {.ordered = ordered};
		struct explore_program program = {.name = "philosophers", .threads = 3, .begin = model_begin, .body = model_dine,
										  .right = model_right, .data = &model};
		struct explore_search all = {.most = 10000, .preemptions = -1, .all = true};
		if (explore_search(&program, &all) != 0)
			return -1;
		for (int i = 0; i < all.first.count; i++)
			tell(t, "step %d: %d %s", i + 1, all.first.step[i].thread + 1, all.first.step[i].text);
		if (all.failed)
			tell(t, "%s", all.first.text);
		tell_check(t, all.complete && (ordered ? !all.failed : all.failed > 0), "%s: %ld of %ld stuck",
				   ordered ? "ordered" : "naive", all.failed, all.tried);
		if (!ordered)
			tell_figure(t, all.first.count, 3);
		explore_free(&all.first);
	}
	return 0;
}

#endif
