/* Runs that were recorded elsewhere. */
#include "lessons/recorded.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/recset.h"
#include "kernels/bench/util.h"

/* The last run of a file that was made on a real accelerator, not on a processor that passes for one. */
static const struct rec_run *run_on_device(const struct recset *set)
{
	const struct rec_run *found = NULL;
	for (size_t i = 0; i < set->runs.n; i++)
		for (size_t k = 0; k < set->runs.v[i].devices.n; k++)
			if (!set->runs.v[i].devices.v[k].cpu && set->runs.v[i].time)
				found = &set->runs.v[i];
	return found;
}

/* The newest of the lesson's runs; *set holds it and is to be freed. NULL: there is none. */
static const struct rec_run *newest(const char *lesson, struct recset **set)
{
	const char *share = util_share_dir();
	char *folder = xasprintf("%s/data/runs", share ? share : "."), *head = xasprintf("%s-", lesson);
	DIR *dir = opendir(folder);
	const struct rec_run *best = NULL;

	*set = NULL;
	for (const struct dirent *e; dir && (e = readdir(dir));) {
		size_t length = strlen(e->d_name);
		if (strncmp(e->d_name, head, strlen(head)) || length < 7 || strcmp(e->d_name + length - 7, ".ndjson"))
			continue;
		char *path = xasprintf("%s/%s", folder, e->d_name);
		struct recset *one = recset_new();
		const struct rec_run *run = recset_file(one, path) ? run_on_device(one) : NULL;
		free(path);
		if (!run || (best && strcmp(run->time, best->time) <= 0)) {
			recset_free(one);
			continue;
		}
		if (*set)
			recset_free(*set);
		*set = one;
		best = run;
	}
	if (dir)
		closedir(dir);
	free(folder);
	free(head);
	return best;
}

const char *recorded_missing(const char *lesson)
{
	struct recset *set;
	bool there = newest(lesson, &set) != NULL;
	if (set)
		recset_free(set);
	return there ? NULL : "no recorded run of this lesson is here (data/runs)";
}

static const char *seconds(double x, char *buf, size_t size) { return x >= 0 ? util_seconds(x, true, buf, size) : "-"; }

static const char *percent(double x, char *buf, size_t size)
{
	snprintf(buf, size, "%.0f %%", 100 * x);
	return x >= 0 ? buf : "-";
}

/* What was measured, in 64 columns: a screen's width beside the milliseconds of a demonstration. */
static void tell_table(struct telling *t, const struct rec_run *run)
{
	tell(t, "%-15s%3s%9s%7s%9s%9s%6s%6s", "", run->sweep ? "" : "w", "total", "times", "copy in", "compute", "share", "held");
	for (size_t i = 0; i < run->points.n; i++) {
		const struct rec_point *p = &run->points.v[i];
		char name[40], total[24], in[24], middle[24], share[16], held[16], times[16];
		if (!p->right)
			continue;
		if (isnan(p->at))
			snprintf(name, sizeof name, "%.15s", p->variant);
		else
			snprintf(name, sizeof name, "%.8s %.4g", p->variant, p->at);
		snprintf(times, sizeof times, p->speedup.mid < 0.1 ? "%.2g" : "%.3g", p->speedup.mid);
		/* a micro sign takes two bytes and one column: pad by hand */
		const char *cell[] = {seconds(p->seconds.mid, total, sizeof total), seconds(p->copy_in.mid, in, sizeof in),
				      seconds(p->compute.mid, middle, sizeof middle)};
		int wide[3];
		for (int k = 0; k < 3; k++)
			wide[k] = 9 + (strstr(cell[k], "µ") != NULL);
		tell(t, "%-15s%3d%*s%7s%*s%*s%6s%6s", name, p->workers, wide[0], cell[0], times, wide[1], cell[1], wide[2], cell[2],
		     percent(p->of_ceiling, share, sizeof share), percent(p->occupancy, held, sizeof held));
	}
}

/* Right, and fastest on the device. */
static const struct rec_point *fastest(const struct rec_run *run)
{
	const struct rec_point *best = NULL;
	for (size_t i = 0; i < run->points.n; i++) {
		const struct rec_point *p = &run->points.v[i];
		if (p->right && p->compute.mid > 0 && (!best || p->compute.mid < best->compute.mid))
			best = p;
	}
	return best;
}

int recorded_tell(struct telling *t, const char *lesson)
{
	struct recset *set;
	const struct rec_run *run = newest(lesson, &set);
	int wrong = 0;

	if (!run) {
		errno = ENOENT;
		return -1;
	}
	tell(t, "RECORDED on another machine, %.10s:", run->time);
	for (size_t i = 0; i < run->devices.n; i++)
		if (!run->devices.v[i].cpu)
			tell(t, "%s, %s", run->devices.v[i].name ? run->devices.v[i].name : "?", run->devices.v[i].via ? run->devices.v[i].via : "?");
	if (run->machine >= 0 && set->machines.v[run->machine].line)
		tell(t, "%s", set->machines.v[run->machine].line);
	tell(t, "$ %s", run->command ? run->command : "?");
	tell_table(t, run);
	const struct rec_point *best = fastest(run);
	for (size_t i = 0; i < run->verdicts.n; i++)
		wrong += !run->verdicts.v[i].right && !run->verdicts.v[i].wrong;
	if (best) {
		tell(t, "%s, transfer counted: %.3g times as fast as %s there", best->variant, best->speedup.mid, run->baseline);
		tell_figure(t, best->speedup.mid, NAN);
	}
	tell_check(t, best && !wrong, "the recorded results were checked there, and right");
	recset_free(set);
	return 0;
}
