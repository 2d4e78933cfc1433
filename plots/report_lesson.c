/* What the learner said and did in a lesson: predictions beside the measurement, answers, the changed program. The words are those
 * of the screen. */
#include "plots/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/compare.h"

enum { COPY_MAX = 1 << 20, TRIES_MAX = 64 };

/* ---- predictions ---- */

/* The block that a guess was made at, by its step and its question in either language; NULL: the text is another by now. */
static const struct piece *piece_of(const struct lesson_text *text, const struct lesson_text *english, int step, const char *ask, int *at)
{
	const struct lesson_text *both[] = {text, english};
	for (int t = 0; t < 2; t++)
		for (int i = 0; both[t] && ask && step < both[t]->count && i < both[t]->steps[step].count; i++) {
			const struct piece *p = &both[t]->steps[step].pieces[i];
			if (p->kind != PIECE_PREDICT || !p->ask || strcmp(p->ask, ask))
				continue;
			*at = i;
			bool there = text && step < text->count && i < text->steps[step].count && text->steps[step].pieces[i].kind == PIECE_PREDICT;
			return there ? &text->steps[step].pieces[i] : p;
		}
	return NULL;
}

/* The number of a choice counted from 1, as progress and compare_words() have it; of anything else the answer as it is. To be
 * freed. */
static char *answer_of(const struct report_guess *g, const struct piece *p, const struct lesson_text *text,
		       const struct lesson_text *english, int at)
{
	const struct lesson_text *both[] = {text, english};
	if (g->curve)
		return xstrdup(g->curve);
	for (int t = 0; t < 2 && p->choice_count > 0 && g->answer; t++) {
		if (!both[t] || g->step >= both[t]->count || at >= both[t]->steps[g->step].count)
			continue;
		const struct piece *q = &both[t]->steps[g->step].pieces[at];
		for (int i = 0; i < q->choice_count && i < p->choice_count; i++)
			if (!strcmp(q->choices[i].text, g->answer))
				return xasprintf("%d", i + 1);
	}
	return xstrdup(g->answer ? g->answer : "");
}

static void open_card(FILE *out, const char *class_name, int step, const char *ask)
{
	fprintf(out, "<li class=\"card %s\"><p class=\"ask\"><span class=\"step\">", class_name);
	html_textf(out, _("Step %d"), step + 1);
	fputs("</span> ", out);
	html_markdown(out, ask);
	fputs("</p>\n", out);
}

static const char *const class_of[] = {[COMPARED_NOT] = "open", [COMPARED_HIT] = "hit", [COMPARED_MISS] = "miss", [COMPARED_UNSURE] = "unsure"};
static const char *const mark_of[] = {[COMPARED_NOT] = "○", [COMPARED_HIT] = "✓", [COMPARED_MISS] = "✗", [COMPARED_UNSURE] = "○"};

static void put_said(FILE *out, enum compared c, const char *words)
{
	fprintf(out, "<p class=\"said\"><span class=\"mark\" aria-hidden=\"true\">%s</span> ", mark_of[c]);
	html_text(out, words);
	fputs("</p>\n", out);
}

/* The figure with its interval, when the guess was one of several answers. */
static void put_measured(FILE *out, const struct rec_run *run, const struct piece *p)
{
	const char *variant = run ? compare_variant(run, p) : NULL;
	int workers = variant ? compare_workers(run, p) : 0;
	if (!variant)
		return;
	fputs("<p class=\"of\">", out);
	if (workers > 0)
		html_textf(out, ngettext("Measured: %1$s with %2$d worker", "Measured: %1$s with %2$d workers", (unsigned long)workers), variant,
			   workers);
	else
		html_textf(out, _("Measured: %s"), variant);
	for (size_t i = 0; i < run->points.n; i++) {
		const struct rec_point *q = &run->points.v[i];
		if (!plot_same(q->variant, variant) || q->workers != workers || (run->sweep && !isnan(q->at)) || !(q->speedup.mid >= 0))
			continue;
		char ratio[32], lo[32], hi[32];
		fputs(", ", out);
		html_textf(out, _("speedup %s"), plot_ratio(q->speedup.mid, ratio, sizeof ratio));
		if (isfinite(q->speedup.lo) && isfinite(q->speedup.hi))
			html_textf(out, " [%s–%s]", plot_ratio(q->speedup.lo, lo, sizeof lo), plot_ratio(q->speedup.hi, hi, sizeof hi));
		break;
	}
	if (run->command) {
		fputs("<br>", out);
		html_command(out, "%s", run->command);
	}
	fputs("</p>\n", out);
}

/* When this was said first; NULL: not told. */
static const char *first_time(const struct report *report, const struct report_guess *g)
{
	for (size_t i = 0; i < report->guess_count; i++) {
		const struct report_guess *o = &report->guesses[i];
		if (plot_same(o->lesson, g->lesson) && o->step == g->step && plot_same(o->ask, g->ask) &&
		    (plot_same(o->answer, g->answer) || plot_same(o->curve, g->curve)))
			return o->time;
	}
	return g->time;
}

static void count(struct report_sums *sums, enum compared c)
{
	sums->hit += c == COMPARED_HIT;
	sums->missed += c == COMPARED_MISS;
	sums->unsure += c == COMPARED_UNSURE;
	sums->open += c == COMPARED_NOT;
}

static void put_guess(FILE *out, const struct report *report, const struct report_guess *g, const struct lesson_text *text,
		      const struct lesson_text *english, struct report_sums *sums)
{
	char words[600] = "", variant[128], ask[1024], unit[64];
	snprintf(variant, sizeof variant, "%s", g->variant ? g->variant : "");
	snprintf(ask, sizeof ask, "%s", g->ask ? g->ask : "");
	snprintf(unit, sizeof unit, "%s", g->unit ? g->unit : "");
	char compare[64];
	snprintf(compare, sizeof compare, "%s", g->compare ? g->compare : "speedup");
	struct piece alone = {.kind = PIECE_PREDICT, .ask = ask, .unit = unit, .compare = compare, .variant = variant, .workers = g->workers};
	int at = -1;
	const struct piece *p = piece_of(text, english, g->step, g->ask, &at);
	const struct rec_run *run = report_run(report, g->run);
	char *answer = answer_of(g, p ? p : &alone, text, english, at);
	bool late = at >= 0 && report->progress && progress_late(report->progress, g->lesson, g->step, at);
	struct piece asked = *(p ? p : &alone);
	asked.workers = g->workers; /* the worker count that "all cores" was then */
	p = &asked;
	enum compared c = g->curve && !p->curve_count ? COMPARED_NOT : compare_words(p, answer, run, false, words, sizeof words);
	if (c == COMPARED_NOT) {
		char *said = g->curve ? xstrdup(g->curve) : xasprintf("%s%s%s", g->answer ? g->answer : "?", *unit ? " " : "", unit);
		snprintf(words, sizeof words, run ? _("You said: %s. This run did not tell.") : _("You said: %s. Nothing is measured yet."), said);
		free(said);
	}
	c = late ? COMPARED_UNSURE : c;
	count(sums, c);
	open_card(out, class_of[c], g->step, p->ask);
	put_said(out, c, words);
	put_measured(out, run, p);
	if (late) {
		fputs("<p class=\"late\">", out);
		html_text(out, _("You said so after the result was seen."));
		fputs("</p>\n", out);
	}
	if (first_time(report, g)) {
		fputs("<p class=\"when\">", out);
		html_text(out, late ? _("Recorded:") : _("Predicted before the run that ended at:"));
		putc(' ', out);
		html_time(out, first_time(report, g));
		fputs("</p>\n", out);
	}
	fputs("</li>\n", out);
	free(answer);
}

/* Is there a later guess at the same question? */
static bool replaced(const struct report *report, size_t i)
{
	const struct report_guess *g = &report->guesses[i];
	for (size_t k = i + 1; k < report->guess_count; k++)
		if (plot_same(report->guesses[k].lesson, g->lesson) && report->guesses[k].step == g->step &&
		    plot_same(report->guesses[k].ask ? report->guesses[k].ask : "", g->ask ? g->ask : ""))
			return true;
	return false;
}

static bool is_recorded(const struct report *report, const char *lesson, int step, const struct piece *p, const struct lesson_text *text,
			const struct lesson_text *english)
{
	for (size_t i = 0; i < report->guess_count; i++) {
		const struct report_guess *g = &report->guesses[i];
		int at;
		if (plot_same(g->lesson, lesson) && g->step == step && piece_of(text, english, step, g->ask, &at) == p)
			return true;
	}
	return false;
}

/* What was answered and never set beside a run. */
static void put_open(FILE *out, const struct report *report, const char *lesson, int step, int piece, const struct piece *p,
		     struct report_sums *sums)
{
	const char *answer = progress_answer(report->progress, lesson, step, piece);
	double number;
	if (!answer)
		return;
	count(sums, COMPARED_NOT);
	open_card(out, "open", step, p->ask);
	bool choice = p->choice_count > 0 && compare_number(answer, &number) && number >= 1 && number <= p->choice_count;
	char *words = !strcmp(answer, ANSWER_SKIPPED) ? xstrdup(_("You made no guess."))
		    : p->curve_count > 0	      ? xstrdup(_("You drew a curve; nothing is measured yet."))
		    : choice ? xasprintf(_("You said: %s. Nothing is measured yet."), p->choices[(int)number - 1].text)
			     : xasprintf(_("You said %s %s; nothing is measured yet."), answer, p->unit ? p->unit : "");
	put_said(out, COMPARED_NOT, words);
	free(words);
	fputs("</li>\n", out);
}

struct report_sums report_predictions(FILE *out, const struct report *report, const char *lesson, const struct lesson_text *text,
				      const struct lesson_text *english)
{
	struct report_sums sums = {0};
	fputs("<ul class=\"cards\">\n", out);
	for (int step = 0; step <= 1000; step++) {
		for (size_t i = 0; i < report->guess_count; i++)
			if (report->guesses[i].step == step && plot_same(report->guesses[i].lesson, lesson) && !replaced(report, i))
				put_guess(out, report, &report->guesses[i], text, english, &sums);
		for (int i = 0; report->progress && text && step < text->count && i < text->steps[step].count; i++) {
			const struct piece *p = &text->steps[step].pieces[i];
			if (p->kind == PIECE_PREDICT && !is_recorded(report, lesson, step, p, text, english))
				put_open(out, report, lesson, step, i, p, &sums);
		}
	}
	fputs("</ul>\n", out);
	return sums;
}

/* ---- answers ---- */

static void put_question(FILE *out, const struct report *report, const char *lesson, int step, int piece, const struct piece *p,
			 struct report_sums *sums)
{
	const char *answer = progress_answer(report->progress, lesson, step, piece);
	int tries[TRIES_MAX], wrong = 0, n = progress_tries(report->progress, lesson, step, piece, tries, TRIES_MAX);
	double number = 0;
	int chosen = answer && compare_number(answer, &number) && number >= 1 && number <= p->choice_count ? (int)number - 1 : -1;
	if (!answer && !n)
		return;
	for (int i = 0; i < n; i++)
		wrong += tries[i] < p->choice_count && !p->choices[tries[i]].right;
	bool order = p->kind == PIECE_ORDER, right = order ? answer && !strncmp(answer, "right", 5) : chosen >= 0 && p->choices[chosen].right;
	sums->questions++;
	sums->right += right;
	sums->first += right && !wrong && !order;
	open_card(out, class_of[right ? COMPARED_HIT : COMPARED_MISS], step, p->ask);
	char *words = order ? xstrdup(right ? _("In order: the program runs right.") : _("Not in order yet."))
		    : !right ? xstrdup(_("Not right yet."))
		    : !wrong ? xstrdup(_("Right at the first try."))
			     : xasprintf(ngettext("Right after %d other try.", "Right after %d other tries.", (unsigned long)wrong), wrong);
	put_said(out, right ? COMPARED_HIT : COMPARED_MISS, words);
	free(words);
	if (chosen >= 0 && !order) {
		fputs("<p class=\"of\">", out);
		html_text(out, _("The answer given:"));
		putc(' ', out);
		html_markdown(out, p->choices[chosen].text);
		fputs("</p>\n", out);
	}
	if (chosen >= 0 && !order && p->choices[chosen].why) {
		fputs("<p class=\"of\">", out);
		html_markdown(out, p->choices[chosen].why);
		fputs("</p>\n", out);
	}
	fputs("</li>\n", out);
}

struct report_sums report_answers(FILE *out, const struct report *report, const char *lesson, const struct lesson_text *text)
{
	struct report_sums sums = {0};
	fputs("<ul class=\"cards\">\n", out);
	for (int step = 0; report->progress && text && step < text->count; step++)
		for (int i = 0; i < text->steps[step].count; i++) {
			const struct piece *p = &text->steps[step].pieces[i];
			if (p->kind == PIECE_QUIZ || p->kind == PIECE_ORDER)
				put_question(out, report, lesson, step, i, p, &sums);
		}
	fputs("</ul>\n", out);
	return sums;
}

/* ---- the changed program ---- */

static char *read_copy(const char *lesson, const char *name)
{
	const char *data = util_data_dir(false);
	struct stat st;
	if (!data || strchr(lesson, '/') || lesson[0] == '.')
		return NULL;
	char *path = xasprintf("%s/%s/%s", data, lesson, name), *text = NULL;
	FILE *file = stat(path, &st) == 0 && S_ISREG(st.st_mode) ? fopen(path, "re") : NULL;
	if (file) {
		text = xmalloc(COPY_MAX + 1);
		text[fread(text, 1, COPY_MAX, file)] = '\0';
		fclose(file);
	}
	free(path);
	return text;
}

bool report_changes(FILE *out, const struct report *report, const char *lesson)
{
	if (!report->progress)
		return false;
	char *copy = read_copy(lesson, "lesson.c"), *original = copy ? read_copy(lesson, "original.c") : NULL, *path = NULL;
	const struct course_lesson *l = report->course ? course_find(report->course, lesson) : NULL;
	if (copy && !original && l) { /* it was made by hand */
		path = xasprintf("%s/lesson.c", l->dir);
		original = text_read(path);
	}
	bool changed = copy && original && strcmp(copy, original);
	if (changed) {
		char *rows = NULL;
		size_t length = 0;
		FILE *to = open_memstream(&rows, &length);
		struct diff_count n = {0, 0};
		if (to) {
			n = report_diff(to, original, copy);
			fclose(to);
		}
		fputs("<p>", out);
		html_textf(out, ngettext("%d line added", "%d lines added", (unsigned long)n.added), n.added);
		fputs(", ", out);
		html_textf(out, ngettext("%d line taken away", "%d lines taken away", (unsigned long)n.removed), n.removed);
		fputs(". ", out);
		html_text(out, _("To run it:"));
		putc(' ', out);
		html_command(out, "lockstep run --mine %s", lesson);
		fputs("</p>\n", out);
		if (rows)
			fputs(rows, out);
		free(rows);
	}
	free(path);
	free(copy);
	free(original);
	return changed;
}
