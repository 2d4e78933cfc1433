/* The page as a whole: machine, overview, a section for each lesson. */
#include "plots/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "plots/draw.h"
#include "tui/draw.h"

enum { MACHINES_SHOWN = 40 };

/* ---- machines ---- */

/* The first session on the same machine. */
static size_t first_session(const struct recset *set, size_t machine)
{
	for (size_t i = 0; i < machine; i++)
		if (plot_same(set->machines.v[i].fingerprint, set->machines.v[machine].fingerprint))
			return i;
	return machine;
}

static bool is_first(const struct recset *set, size_t machine) { return first_session(set, machine) == machine; }

int report_machine_count(const struct report *report)
{
	const struct recset *set = report->records.set;
	int n = 0;
	for (size_t i = 0; set && i < set->machines.n; i++)
		n += is_first(set, i);
	return n;
}

int report_machine(const struct report *report, const struct rec_run *run)
{
	const struct recset *set = report->records.set;
	int n = 0;
	if (!set || run->machine < 0 || (size_t)run->machine >= set->machines.n)
		return 0;
	size_t first = first_session(set, (size_t)run->machine);
	for (size_t i = 0; i <= first; i++)
		n += is_first(set, i);
	return n;
}

static void put_fact(FILE *out, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	fputs("<dt>", out);
	html_text(out, name);
	fputs("</dt><dd>", out);
	html_text(out, value);
	fputs("</dd>\n", out);
}

static const char *string_of(const struct rec_machine *m, const char *key)
{
	return json_string_value(json_object_get(m->all, key));
}

static void put_peaks(FILE *out, const struct rec_machine *m)
{
	int most = 1;
	for (size_t i = 0; i < m->ceilings.n; i++)
		most = m->ceilings.v[i].workers > most ? m->ceilings.v[i].workers : most;
	for (size_t i = 0; i < m->ceilings.n; i++) {
		const struct rec_ceiling *c = &m->ceilings.v[i];
		char flops[FIGURE_MAX], bytes[FIGURE_MAX];
		if (c->workers != 1 && c->workers != most)
			continue;
		if (!(c->flops_per_second.mid > 0) && !(c->bytes_per_second.mid > 0))
			continue;
		char *value = xasprintf("%sflop/s, %sB/s", draw_figure(c->flops_per_second.mid, flops), draw_figure(c->bytes_per_second.mid, bytes));
		char *name = xasprintf(ngettext("measured peaks, %d worker", "measured peaks, %d workers", (unsigned long)c->workers), c->workers);
		put_fact(out, name, value);
		free(name);
		free(value);
	}
}

static void put_machine(FILE *out, const struct rec_machine *m, int number)
{
	char text[FIGURE_MAX], *value;
	double memory = json_number_value(json_object_get(m->all, "memory_bytes"));
	fprintf(out, "<div class=\"machine\" id=\"machine-%d\"><p class=\"line\"><b>", number);
	html_textf(out, _("Machine %d:"), number);
	fputs("</b> ", out);
	html_text(out, m->line ? m->line : _("not recorded"));
	fputs("</p>\n<dl class=\"facts\">\n", out);
	put_fact(out, _("processor"), m->cpu);
	value = xasprintf(ngettext("%1$d, of which %2$d may be used", "%1$d, of which %2$d may be used", (unsigned long)m->cores), m->cores, m->usable);
	put_fact(out, _("cores"), value);
	free(value);
	if (memory > 0) {
		value = xasprintf("%.3g GiB", memory / (1 << 30));
		put_fact(out, _("memory"), value);
		free(value);
	}
	put_fact(out, _("virtual machine"), string_of(m, "vm"));
	put_fact(out, _("clock governor"), string_of(m, "governor"));
	double mhz = json_number_value(json_object_get(m->all, "mhz"));
	if (mhz > 0) {
		value = xasprintf("%.0f MHz", mhz);
		put_fact(out, _("clock"), value);
		free(value);
	}
	put_fact(out, _("system"), string_of(m, "os"));
	put_fact(out, _("kernel"), string_of(m, "kernel"));
	value = xasprintf("%s %s", draw_or(string_of(m, "compiler"), ""), draw_or(string_of(m, "flags"), ""));
	put_fact(out, _("compiler"), value);
	free(value);
	value = xasprintf("%s%s%s", draw_or(string_of(m, "suite"), ""), string_of(m, "commit") ? ", " : "", draw_or(string_of(m, "commit"), ""));
	put_fact(out, _("Lockstep"), value);
	free(value);
	value = xasprintf("%s%s%s", draw_or(m->counters_tier, "—"), m->why_not_hw && *m->why_not_hw ? ": " : "",
			  m->why_not_hw && *m->why_not_hw ? words_of(m->why_not_hw) : "");
	put_fact(out, _("counters"), value);
	free(value);
	snprintf(text, sizeof text, "%.2f", json_number_value(json_object_get(m->all, "load1")));
	if (json_is_number(json_object_get(m->all, "load1")))
		put_fact(out, _("load at the start"), text);
	put_peaks(out, m);
	fputs("</dl></div>\n", out);
}

void report_machines(FILE *out, struct report *report)
{
	const struct recset *set = report->records.set;
	int n = 0;
	fputs("<section id=\"machine\" class=\"part\"><h2>", out);
	html_text(out, _("The machine"));
	fputs("</h2>\n", out);
	for (size_t i = 0; set && i < set->machines.n && n < MACHINES_SHOWN; i++)
		if (is_first(set, i)) {
			size_t last = i; /* the latest session tells how it is now */
			for (size_t k = i; k < set->machines.n; k++)
				if (first_session(set, k) == i)
					last = k;
			put_machine(out, &set->machines.v[last], ++n);
		}
	if (!n) {
		fputs("<p>", out);
		html_text(out, _("These records do not tell on which machine they were made."));
		fputs("</p>\n", out);
	}
	fputs("</section>\n", out);
}

/* ---- lessons ---- */

struct topic {
	const char *id;                       /* of a lesson; NULL: kernels outside the course */
	char *title;
	struct report_sums predictions, answers;
	int runs, done, steps;
	bool changed;
	char *html;
};

static char *title_of(const struct report *report, const struct course_lesson *l, const char *id)
{
	if (!l)
		return xstrdup(id);
	bool chinese = !strncmp(report->language, "zh", 2);
	const char *title = chinese && l->title_zh ? l->title_zh : l->title_en;
	return xasprintf("%d.%d %s", l->chapter, l->number, title ? title : id);
}

/* A section of cards or of changes, if anything stands in it. */
static void put_part(FILE *out, const char *class_name, const char *title, const char *html, bool any)
{
	if (!any)
		return;
	fprintf(out, "<section class=\"%s\"><h3>", class_name);
	html_text(out, title);
	fprintf(out, "</h3>\n%s</section>\n", html);
}

static void put_runs(FILE *out, struct report *report, struct topic *part)
{
	const struct rec_run **list;
	int *earlier;
	part->runs = report_runs(report, part->id, &list, &earlier);
	for (int i = 0; i < part->runs; i++)
		report_run_section(out, report, list[i], earlier[i]);
	free(list);
	free(earlier);
}

static void make_lesson(struct report *report, struct topic *part)
{
	const struct course_lesson *l = report->course && part->id ? course_find(report->course, part->id) : NULL;
	struct lesson_text *text = l ? text_load(l->dir, report->language) : NULL, *english = l ? text_load(l->dir, "en") : NULL;
	char *html = NULL, *cards = NULL, *answers = NULL, *changes = NULL;
	size_t length = 0, size;
	FILE *out = open_memstream(&html, &length), *to;
	if (!out)
		return;
	part->title = part->id ? title_of(report, l, part->id) : xstrdup(_("Kernels, measured outside the lessons"));
	if (part->id && report->progress) {
		part->done = progress_done(report->progress, part->id);
		part->steps = progress_steps(report->progress, part->id);
	}
	if (part->id && (to = open_memstream(&cards, &size))) {
		part->predictions = report_predictions(to, report, part->id, text ? text : english, english);
		fclose(to);
	}
	if (part->id && (to = open_memstream(&answers, &size))) {
		part->answers = report_answers(to, report, part->id, text ? text : english);
		fclose(to);
	}
	if (part->id && (to = open_memstream(&changes, &size))) {
		part->changed = report_changes(to, report, part->id);
		fclose(to);
	}
	const struct report_sums *p = &part->predictions;
	put_part(out, "predicted", _("What was predicted"), cards, p->hit + p->missed + p->unsure + p->open > 0);
	put_runs(out, report, part);
	put_part(out, "answers", _("Questions answered"), answers, part->answers.questions > 0);
	put_part(out, "changes", _("What was changed in the program"), changes, part->changed);
	fclose(out);
	part->html = html;
	free(cards);
	free(answers);
	free(changes);
	text_free(text);
	text_free(english);
}

/* ---- the page ---- */

static void put_style(FILE *out)
{
	char path[4200], bytes[4096];
	const char *dir = drawing_scripts();
	FILE *file = dir && snprintf(path, sizeof path, "%s/report.css", dir) < (int)sizeof path ? fopen(path, "re") : NULL;
	fputs("<style>\n", out);
	for (size_t n; file && (n = fread(bytes, 1, sizeof bytes, file)) > 0;)
		fwrite(bytes, 1, n, out);
	if (file)
		fclose(file);
	fputs("</style>\n", out);
}

static void put_head(FILE *out, const struct report *report)
{
	char now[40];
	time_t t = time(NULL);
	struct tm utc;
	strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &utc));
	fprintf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n", !strcmp(report->language, "zh") ? "zh-Hans" : report->language);
	/* Nothing is loaded, and nothing runs, whatever a record may say. */
	fputs("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
	      "base-uri 'none'; form-action 'none'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"Lockstep " LOCKSTEP_VERSION
	      "\">\n<link rel=\"icon\" href=\"data:,\">\n<title>", out);
	html_text(out, _("Lab report"));
	if (report->name) {
		fputs(": ", out);
		html_text(out, report->name);
	}
	fputs("</title>\n", out);
	put_style(out);
	fputs("</head>\n<body>\n<header><p class=\"course\">", out);
	html_text(out, _("Lockstep, a course on parallel computing"));
	fputs("</p><h1>", out);
	html_text(out, _("Lab report"));
	fputs("</h1>\n", out);
	if (report->name) {
		fputs("<p class=\"name\">", out);
		html_text(out, report->name);
		fputs("</p>\n", out);
	}
	fputs("<p class=\"dim\">", out);
	html_text(out, _("Made from records on"));
	putc(' ', out);
	html_time(out, now);
	fputs("</p>\n</header>\n<main>\n", out);
}

static void put_overview(FILE *out, const struct report *report, const struct topic *parts, int n)
{
	fputs("<section id=\"overview\" class=\"part\"><h2>", out);
	html_text(out, _("At a glance"));
	fputs("</h2>\n<div class=\"wide\"><table class=\"overview\">\n<tr>", out);
	const char *const heads[] = {_("lesson"), _("steps done"), _("predictions"), _("questions"), _("runs"), _("own program")};
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		fputs("<th scope=\"col\">", out);
		html_text(out, heads[i]);
		fputs("</th>", out);
	}
	fputs("</tr>\n", out);
	for (int i = 0; i < n; i++) {
		const struct topic *p = &parts[i];
		const struct report_sums *s = &p->predictions;
		fprintf(out, "<tr><th scope=\"row\"><a href=\"#part-%d\">", i + 1);
		html_text(out, p->title);
		fputs("</a></th><td>", out);
		if (p->steps)
			fprintf(out, "%d/%d", p->done, p->steps);
		fputs("</td><td>", out);
		if (s->hit)
			fprintf(out, "<span class=\"hit\">✓&nbsp;%d</span> ", s->hit);
		if (s->missed)
			fprintf(out, "<span class=\"miss\">✗&nbsp;%d</span> ", s->missed);
		if (s->unsure + s->open)
			fprintf(out, "<span class=\"unsure\">○&nbsp;%d</span>", s->unsure + s->open);
		fputs("</td><td>", out);
		if (p->answers.questions)
			fprintf(out, "✓&nbsp;%d/%d", p->answers.right, p->answers.questions);
		fprintf(out, "</td><td>%d</td><td>", p->runs);
		html_text(out, p->changed ? _("changed") : "");
		fputs("</td></tr>\n", out);
	}
	fputs("</table></div>\n<p class=\"dim\">", out);
	html_text(out, _("✓ as predicted or right · ✗ off, which is where learning happens · ○ without a verdict: too few quiet rounds, it was said "
			 "after the result, or nothing is measured yet"));
	fputs("</p>\n", out);
	if (!report->progress) {
		fputs("<p class=\"dim\">", out);
		html_text(out, _("Made from files: answers to questions and changes of programs are not in records."));
		fputs("</p>\n", out);
	}
	fputs("</section>\n", out);
}

static void put_notes(FILE *out, const struct report *report)
{
	fputs("<section id=\"notes\" class=\"part\"><h2>", out);
	html_text(out, _("How to read this"));
	fputs("</h2>\n<p>", out);
	html_text(out, _("Every run was verified against an independent answer. A speedup is the time of the best serial variant over the time of "
			 "this one, from pairs of the same round; only rounds in which no other program took part of the machine are kept. With fewer "
			 "than 6 such rounds there is no verdict. The core-seconds of a run are workers times wall time; their parts add up to all of it."));
	fputs("</p>\n", out);
	if (report->left_out_count || report->failed || report->no_gnuplot) {
		fputs("<h3>", out);
		html_text(out, _("What is not in this report"));
		fputs("</h3>\n<ul>\n", out);
		for (int i = 0; i < report->left_out_count; i++) {
			fputs("<li>", out);
			html_text(out, report->left_out[i]);
			fputs("</li>\n", out);
		}
		if (report->no_gnuplot) {
			fputs("<li>", out);
			html_text(out, _("No charts: gnuplot is not on the PATH: install the package gnuplot-nox"));
			fputs("</li>\n", out);
		} else if (report->failed) {
			fputs("<li>", out);
			html_textf(out, ngettext("%1$d chart could not be drawn (%2$s)", "%1$d charts could not be drawn (the last: %2$s)",
						 (unsigned long)report->failed), report->failed, report->why_failed);
			fputs("</li>\n", out);
		}
		fputs("</ul>\n", out);
	}
	fputs("</section>\n", out);
}

static bool is_asked(const struct report *report, const char *lesson)
{
	for (int i = 0; i < report->lesson_count; i++)
		if (plot_same(report->lessons[i], lesson))
			return true;
	return !report->lesson_count;
}

static void add_part(struct report *report, struct topic **parts, int *n, const char *lesson)
{
	if ((lesson && !is_asked(report, lesson)) || (!lesson && report->lesson_count) || !report_knows(report, lesson))
		return;
	for (int i = 0; i < *n; i++)
		if (lesson && plot_same((*parts)[i].id, lesson))
			return;
	*parts = xrealloc(*parts, (size_t)(*n + 1) * sizeof **parts);
	(*parts)[(*n)++] = (struct topic){.id = lesson};
}

void report_page(FILE *out, struct report *report)
{
	const struct recset *set = report->records.set;
	struct topic *parts = NULL;
	int n = 0;
	for (int i = 0; report->course && i < report->course->lesson_count; i++)
		add_part(report, &parts, &n, report->course->lessons[i].id);
	for (size_t i = 0; set && i < set->runs.n; i++) /* lessons of another day's course, then kernels */
		if (set->runs.v[i].lesson)
			add_part(report, &parts, &n, set->runs.v[i].lesson);
	for (size_t i = 0; i < report->guess_count; i++)
		add_part(report, &parts, &n, report->guesses[i].lesson);
	add_part(report, &parts, &n, NULL);
	for (int i = 0; i < n; i++)
		make_lesson(report, &parts[i]);
	put_head(out, report);
	put_overview(out, report, parts, n);
	report_machines(out, report);
	for (int i = 0; i < n; i++) {
		fprintf(out, "<section class=\"part lesson\" id=\"part-%d\"><h2>", i + 1);
		html_text(out, parts[i].title);
		fprintf(out, "</h2>\n%s</section>\n", parts[i].html ? parts[i].html : "");
		free(parts[i].title);
		free(parts[i].html);
	}
	free(parts);
	put_notes(out, report);
	fputs("</main>\n</body>\n</html>\n", out);
}
