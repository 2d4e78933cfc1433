/* Runs that were recorded elsewhere. */
#include "lessons/recorded.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/text.h"
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

static void tell_lines(struct telling *t, char *text)
{
	for (char *line = text, *end; line && *line; line = end) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		tell(t, "%s", line);
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
	struct text_style style = {.utf8 = true, .width = 80};
	struct recset *set;
	const struct rec_run *run = newest(lesson, &set);
	char *table = NULL;
	size_t length = 0;
	FILE *out = run ? open_memstream(&table, &length) : NULL;
	int wrong = 0, status = -1;

	if (!run || !out) {
		errno = run ? ENOMEM : ENOENT;
		goto out;
	}
	tell(t, "RECORDED on another machine, %s:", run->time);
	if (run->machine >= 0 && set->machines.v[run->machine].line)
		tell(t, "%s", set->machines.v[run->machine].line);
	tell(t, "$ %s", run->command ? run->command : "?");
	text_tables(out, run, &style);
	fclose(out);
	out = NULL;
	tell_lines(t, table);
	const struct rec_point *best = fastest(run);
	for (size_t i = 0; i < run->verdicts.n; i++)
		wrong += !run->verdicts.v[i].right && !run->verdicts.v[i].wrong;
	if (best) {
		tell(t, "%s, transfer counted: %.3g times as fast as %s there", best->variant, best->speedup.mid, run->baseline);
		tell_figure(t, best->speedup.mid, NAN);
	}
	tell_check(t, best && !wrong, "the recorded results were checked there, and right");
	status = 0;
out:
	if (out)
		fclose(out);
	free(table);
	if (set)
		recset_free(set);
	return status;
}
