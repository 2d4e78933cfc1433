/* What there is to tell: records of files or of the learner, and the guesses among them. */
#include "plots/report.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

enum { LINE_MAX_GUESS = 1 << 14, GUESSES_MAX = 20000, LEFT_OUT_MAX = 200, RUNS_MAX = 400 };

void report_leave_out(struct report *report, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (!text)
		return;
	fflush(stdout);
	fprintf(stderr, "lockstep report: %s\n", text);
	if (report->left_out_count == LEFT_OUT_MAX) {
		free(text);
		return;
	}
	report->left_out = xrealloc(report->left_out, (size_t)(report->left_out_count + 1) * sizeof *report->left_out);
	report->left_out[report->left_out_count++] = text;
}

static char *text_of(const json_t *o, const char *key)
{
	char buf[1024];
	const char *text = json_string_value(json_object_get(o, key));
	return text && *text ? xstrdup(util_printable(text, buf, sizeof buf)) : NULL;
}

static int whole_of(const json_t *o, const char *key, int most)
{
	double x = json_number_value(json_object_get(o, key));
	return x >= 0 && x <= most ? (int)x : 0;
}

static char *curve_of(const json_t *o)
{
	char *text = NULL;
	size_t size = 0, i;
	const json_t *pair, *curve = json_object_get(o, "curve");
	FILE *to = json_array_size(curve) > 0 && json_array_size(curve) <= 64 ? open_memstream(&text, &size) : NULL;
	if (!to)
		return NULL;
	json_array_foreach(curve, i, pair) {
		double w = json_number_value(json_array_get(pair, 0)), s = json_number_value(json_array_get(pair, 1));
		fprintf(to, "%s%.0f:%.6g", i ? " " : "", w >= 0 && w <= 1e6 ? w : 0, s >= 0 && s <= 1e6 ? s : 0);
	}
	fclose(to);
	return text;
}

static void take_guess(struct report *report, const char *line, size_t length)
{
	json_t *o = memmem(line, length, "\"predict\"", 9) ? json_loadb(line, length, 0, NULL) : NULL;
	const json_t *guess = json_object_get(o, "guess");
	const char *t = json_string_value(json_object_get(o, "t"));
	struct report_guess g = {.step = whole_of(o, "step", 1000) - 1, .workers = whole_of(o, "workers", 1000000)};
	if (!t || strcmp(t, "predict") || report->guess_count == GUESSES_MAX || g.step < 0 || !(g.lesson = text_of(o, "lesson")))
		goto out;
	g.run = text_of(o, "run");
	g.ask = text_of(o, "ask");
	g.compare = text_of(o, "compare");
	g.variant = text_of(o, "variant");
	g.unit = text_of(o, "unit");
	g.time = text_of(o, "time");
	g.curve = curve_of(o);
	g.answer = json_is_number(guess) ? xasprintf("%.6g", json_number_value(guess)) : text_of(o, "guess");
	report->guesses = xrealloc(report->guesses, (report->guess_count + 1) * sizeof *report->guesses);
	report->guesses[report->guess_count++] = g;
out:
	json_decref(o);
}

static bool read_guesses(struct report *report, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = xmalloc(LINE_MAX_GUESS);
	bool beginning = true;
	while (file && fgets(line, LINE_MAX_GUESS, file)) {
		size_t n = strlen(line);
		bool whole = n && line[n - 1] == '\n';
		if (beginning) /* of a longer line the rest is passed over */
			take_guess(report, line, n);
		beginning = whole;
	}
	bool good = file && !ferror(file);
	if (file)
		fclose(file);
	free(line);
	return good;
}

bool report_read(struct report *report, const char *path, const char *name)
{
	char shown[512];
	struct stat st;
	struct plot_records *records = &report->records;
	size_t lines = records->set ? records->set->lines : 0, skipped = records->set ? records->set->skipped : 0;
	util_printable(name, shown, sizeof shown);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		report_leave_out(report, _("%s: left out: %s"), shown, strerror(EISDIR));
		return false;
	}
	if (!plot_read(records, path)) {
		report_leave_out(report, _("%s: left out: %s"), shown, strerror(errno));
		return false;
	}
	struct recset *set = records->set;
	lines = set->lines - lines;
	skipped = set->skipped - skipped;
	const char *why = set->complaint ? set->complaint : "";
	if (lines == 0 || skipped == lines)
		report_leave_out(report, _("%s: left out: no records in it%s%s"), shown, *why ? ": " : "", why);
	else if (skipped)
		report_leave_out(report, _("%s: %zu of %zu lines skipped (%s)"), shown, skipped, lines, why);
	free(set->complaint); /* the next file has its own */
	set->complaint = NULL;
	return lines > skipped && read_guesses(report, path);
}

/* ---- runs of the learner's own program ---- */

enum { MINE_MAX = 200 };

/* The head of a kept result says whose program it was (tui/study_kept.c). */
static bool is_mine(const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = xmalloc(LINE_MAX_GUESS);
	bool mine = false;
	while (file && fgets(line, LINE_MAX_GUESS, file) && *line != '\n')
		mine = mine || !strcmp(line, "mine = 1\n");
	if (file)
		fclose(file);
	free(line);
	return mine;
}

static void take_runs(struct report *report, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = xmalloc(LINE_MAX_GUESS);
	while (file && fgets(line, LINE_MAX_GUESS, file) && report->mine_count < MINE_MAX) {
		json_t *o = strstr(line, "\"run\"") ? json_loads(line, 0, NULL) : NULL;
		char *id = plot_same(json_string_value(json_object_get(o, "t")), "run") ? text_of(o, "run") : NULL;
		if (id) {
			report->mine = xrealloc(report->mine, (size_t)(report->mine_count + 1) * sizeof *report->mine);
			report->mine[report->mine_count++] = id;
		}
		json_decref(o);
	}
	if (file)
		fclose(file);
	free(line);
}

void report_read_mine(struct report *report, const char *state_dir)
{
	char *folder = xasprintf("%s/runs", state_dir);
	DIR *dir = opendir(folder);
	for (const struct dirent *e; dir && (e = readdir(dir));) {
		size_t n = strlen(e->d_name);
		if (n < 5 || strcmp(e->d_name + n - 4, ".txt"))
			continue;
		char *text = xasprintf("%s/%s", folder, e->d_name), *records = xasprintf("%s/%.*s.ndjson", folder, (int)n - 4, e->d_name);
		struct stat st;
		if (stat(text, &st) == 0 && S_ISREG(st.st_mode) && is_mine(text) && stat(records, &st) == 0 && S_ISREG(st.st_mode))
			take_runs(report, records);
		free(text);
		free(records);
	}
	if (dir)
		closedir(dir);
	free(folder);
}

bool report_is_mine(const struct report *report, const struct rec_run *run)
{
	for (int i = 0; i < report->mine_count; i++)
		if (plot_same(report->mine[i], run->id))
			return true;
	return false;
}

void report_free(struct report *report)
{
	for (int i = 0; i < report->mine_count; i++)
		free(report->mine[i]);
	free(report->mine);
	for (size_t i = 0; i < report->guess_count; i++) {
		struct report_guess *g = &report->guesses[i];
		char *all[] = {g->lesson, g->run, g->ask, g->answer, g->compare, g->variant, g->unit, g->time, g->curve};
		for (size_t k = 0; k < sizeof all / sizeof *all; k++)
			free(all[k]);
	}
	free(report->guesses);
	for (int i = 0; i < report->left_out_count; i++)
		free(report->left_out[i]);
	free(report->left_out);
	plot_records_free(&report->records);
	progress_free(report->progress);
	if (report->course)
		course_free(report->course);
	free(report->lessons);
	free(report->kinds);
}

/* ---- looking for ---- */

static bool same_lesson(const char *a, const char *b) { return a == b || plot_same(a, b); }

const struct rec_run *report_run(const struct report *report, const char *id)
{
	const struct recset *set = report->records.set;
	for (size_t i = set ? set->runs.n : 0; id && i-- > 0;)
		if (plot_same(set->runs.v[i].id, id))
			return &set->runs.v[i];
	return NULL;
}

bool report_knows(const struct report *report, const char *lesson)
{
	const struct recset *set = report->records.set;
	for (size_t i = 0; set && i < set->runs.n; i++)
		if (same_lesson(set->runs.v[i].lesson, lesson))
			return true;
	for (size_t i = 0; lesson && i < report->guess_count; i++)
		if (plot_same(report->guesses[i].lesson, lesson))
			return true;
	return lesson && report->progress && progress_done(report->progress, lesson) > 0;
}

/* Something to look at: points, or what a demonstration observed. */
static bool tells(const struct rec_run *run) { return run->points.n > 0 || run->verdicts.n > 0; }

static bool better(const struct rec_run *a, const struct rec_run *b)
{
	bool whole_a = a->ended && !a->partial && tells(a), whole_b = b->ended && !b->partial && tells(b);
	return whole_a || !whole_b;
}

/* The same measurement, made again. */
static bool same_run(const struct report *report, const struct rec_run *a, const struct rec_run *b)
{
	return plot_same(a->command, b->command) && plot_same(a->kernel, b->kernel) && (a->sweep == b->sweep || plot_same(a->sweep, b->sweep)) &&
	       (!a->args || !b->args || json_equal(a->args, b->args)) && report_machine(report, a) == report_machine(report, b) &&
	       report_is_mine(report, a) == report_is_mine(report, b);
}

int report_runs(const struct report *report, const char *lesson, const struct rec_run ***list, int **earlier)
{
	const struct recset *set = report->records.set;
	int n = 0;
	*list = xcalloc(RUNS_MAX, sizeof **list);
	*earlier = xcalloc(RUNS_MAX, sizeof **earlier);
	for (size_t i = 0; set && i < set->runs.n; i++) {
		const struct rec_run *run = &set->runs.v[i];
		int k = 0;
		if (!same_lesson(run->lesson, lesson))
			continue;
		while (k < n && !same_run(report, (*list)[k], run))
			k++;
		if (k == RUNS_MAX)
			continue;
		(*earlier)[k] += k < n;
		if (k == n || better(run, (*list)[k]))
			(*list)[k] = run;
		n += k == n;
	}
	return n;
}
