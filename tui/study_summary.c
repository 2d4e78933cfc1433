/* The summary of a lesson: each guess beside what was measured, each question and how it was answered, what was left out;
 * and from there the way to the next lesson. */
#include "tui/study.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/compare.h"
#include "tui/pager.h"

enum { COUNTS_MAX = 300 };

struct tally {
	int hit, missed, unsure, skipped, late, open;      /* of predictions */
	int questions, right, first;                     /* first: right at the first try */
	int not_run, hints, hints_shown;
};

static bool is_skipped(const char *answer) { return answer && !strcmp(answer, ANSWER_SKIPPED); }

static void add_head(struct rich *r, int step, const struct piece *p, int workers, const char *variant)
{
	char head[160];
	if (r->n > 0)
		rich_line(r);
	if (workers > 0)
		snprintf(head, sizeof(head), ngettext("Step %1$d, %2$s with %3$d worker", "Step %1$d, %2$s with %3$d workers",
						      (unsigned long)workers), step + 1, variant, workers);
	else
		snprintf(head, sizeof(head), _("Step %d"), step + 1);
	rich_words(r, "", ROLE_HEADING, head, ROLE_HEADING);
	rich_markdown(r, p->ask ? p->ask : "", 0, ROLE_BOLD);
}

static void add_mark(struct rich *r, bool ascii, enum compared c, const char *words)
{
	enum role role = c == COMPARED_HIT ? ROLE_GOOD : c == COMPARED_MISS ? ROLE_WARN : ROLE_DIM;
	const char *head = c == COMPARED_HIT ? (ascii ? "+ " : "✓ ") : c == COMPARED_MISS ? (ascii ? "x " : "✗ ") : (ascii ? "> " : "▸ ");
	rich_words(r, head, role, words, role);
}

/* Where the core-seconds of the compared point went, as the budget says. */
static const char *why_of(const struct rec_run *run, const char *variant, int workers)
{
	const char *why = NULL;
	int most = 0;
	for (size_t i = 0; variant && i < run->budgets.n; i++) {
		const struct rec_budget *b = &run->budgets.v[i];
		bool better = b->workers == workers || (most != workers && b->workers > most);
		if (strcmp(b->variant, variant) || !b->sentence || !*b->sentence || !better)
			continue;
		most = b->workers;
		why = words_of(b->sentence);
	}
	return why;
}

/* The answer alone, for when nothing was measured that it could be set beside. */
static void add_said(struct app *app, struct rich *r, int step, int piece, const struct piece *p)
{
	const char *answer = study_answer(app, step, piece);
	int chosen = study_chosen(app, step, piece);
	char *words = p->curve_count > 0 ? xstrdup(_("You drew a curve; nothing is measured yet."))
		    : p->choice_count > 0 ? xasprintf(_("You said: %s. Nothing is measured yet."), p->choices[chosen].text)
					  : xasprintf(_("You said %s %s; nothing is measured yet."), answer, p->unit ? p->unit : "");
	add_mark(r, app->ascii, COMPARED_NOT, words);
	free(words);
}

static void add_guess(struct app *app, struct rich *r, int step, int piece, const struct piece *p, struct tally *t)
{
	const struct study *s = app->study;
	const char *answer = study_answer(app, step, piece);
	int run_step, run_piece;
	char words[500] = "";
	const struct slot *slot = study_run_of(s, step, piece, &run_step, &run_piece) ? study_slot(s, run_step, run_piece, -1) : NULL;
	const struct rec_run *run = slot && slot->state != RUN_LIVE ? study_result(app, slot) : NULL;
	const char *variant = run ? compare_variant(run, p) : NULL;
	int workers = variant && p->curve_count == 0 ? compare_workers(run, p) : 0;
	add_head(r, step, p, workers, variant ? variant : "");
	if (!study_guessed(app, step, piece)) {
		t->open++;
		add_mark(r, app->ascii, COMPARED_NOT, _("No guess yet."));
		return;
	}
	if (is_skipped(answer)) {
		t->skipped++;
		add_mark(r, app->ascii, COMPARED_NOT, _("You made no guess."));
		return;
	}
	enum compared c = compare_words(p, answer, run, app->ascii, words, sizeof(words));
	if (c == COMPARED_NOT) {
		t->open++;
		add_said(app, r, step, piece, p);
		return;
	}
	bool late = progress_late(app->progress, s->lesson->id, step, piece);
	t->late += late;
	t->hit += !late && c == COMPARED_HIT;
	t->missed += !late && c == COMPARED_MISS;
	t->unsure += !late && c == COMPARED_UNSURE;
	add_mark(r, app->ascii, late ? COMPARED_UNSURE : c, words);
	if (late)
		rich_words(r, "  ", ROLE_DIM, _("You said so after the result was seen."), ROLE_DIM);
	const char *why = why_of(run, variant, workers);
	if (why) {
		rich_words(r, "  ", ROLE_PLAIN, why, ROLE_PLAIN);
	}
}

static void add_question(struct app *app, struct rich *r, int step, int piece, const struct piece *p, struct tally *t)
{
	int tries[64], wrong = 0, chosen = study_chosen(app, step, piece);
	int count = progress_tries(app->progress, app->study->lesson->id, step, piece, tries, 64);
	char words[200];
	for (int i = 0; i < count && tries[i] < p->choice_count; i++)
		wrong += !p->choices[tries[i]].right;
	t->questions++;
	add_head(r, step, p, 0, NULL);
	if (chosen < 0) {
		add_mark(r, app->ascii, COMPARED_NOT, _("Not answered."));
		return;
	}
	if (!p->choices[chosen].right) {
		add_mark(r, app->ascii, COMPARED_MISS, _("Not right yet."));
		return;
	}
	t->right++;
	t->first += wrong == 0;
	if (wrong == 0)
		snprintf(words, sizeof(words), "%s", _("Right at the first try."));
	else
		snprintf(words, sizeof(words), ngettext("Right after %d other try.", "Right after %d other tries.", (unsigned long)wrong), wrong);
	add_mark(r, app->ascii, COMPARED_HIT, words);
	rich_words(r, "  ", ROLE_PLAIN, p->choices[chosen].text, ROLE_PLAIN);
}

/* Lines to be put in order: the answer begins with what came of it. */
static void add_order(struct app *app, struct rich *r, int step, int piece, const struct piece *p, struct tally *t)
{
	const char *answer = study_answer(app, step, piece);
	t->questions++;
	add_head(r, step, p, 0, NULL);
	if (answer && !strncmp(answer, "right", 5)) {
		t->right++;
		add_mark(r, app->ascii, COMPARED_HIT, _("In order: the program runs right."));
	} else if (answer) {
		add_mark(r, app->ascii, COMPARED_MISS, _("Not in order yet."));
	} else {
		add_mark(r, app->ascii, COMPARED_NOT, _("Not tried."));
	}
}

static void add_run(struct app *app, struct rich *r, int step, int piece, const struct piece *p, struct tally *t)
{
	int at_step, at_piece;
	if (study_slot(app->study, step, piece, -1))
		return;
	t->not_run++;
	if (study_guess_for(app->study, step, piece, 0, &at_step, &at_piece))
		return; /* told there */
	char head[64];
	snprintf(head, sizeof(head), _("Step %d"), step + 1);
	if (r->n > 0)
		rich_line(r);
	rich_words(r, "", ROLE_HEADING, head, ROLE_HEADING);
	rich_words(r, "$ ", ROLE_KEY, p->command, ROLE_CODE);
	add_mark(r, app->ascii, COMPARED_NOT, _("Not run."));
}

/* One more of "1 right · 2 off": only what there is. */
__attribute__((format(printf, 3, 4))) static void count(char *words, int n, const char *fmt, ...)
{
	size_t used = strlen(words), size = COUNTS_MAX;
	va_list ap;
	if (n == 0)
		return;
	if (used > 0 && used + 4 < size)
		used += (size_t)snprintf(words + used, size - used, " · ");
	va_start(ap, fmt);
	vsnprintf(words + used, size - used, fmt, ap);
	va_end(ap);
}

static void add_tally(struct rich *r, const struct tally *t)
{
	char guesses[COUNTS_MAX] = "", questions[COUNTS_MAX] = "", rest[COUNTS_MAX] = "";
	int open = t->questions - t->right;
	count(guesses, t->hit, _("%d right"), t->hit);
	count(guesses, t->missed, _("%d off"), t->missed);
	count(guesses, t->unsure, _("%d without a verdict"), t->unsure);
	count(guesses, t->skipped, _("%d without a guess"), t->skipped);
	count(guesses, t->late, _("%d said after the result"), t->late);
	count(guesses, t->open, _("%d still open"), t->open);
	count(questions, t->right, _("%d right"), t->right);
	count(questions, t->first, _("%d at the first try"), t->first);
	count(questions, open, _("%d still open"), open);
	count(rest, t->not_run, ngettext("%d run not made yet", "%d runs not made yet", (unsigned long)t->not_run), t->not_run);
	count(rest, t->hints_shown, ngettext("%1$d of %2$d hint shown", "%1$d of %2$d hints shown", (unsigned long)t->hints),
	      t->hints_shown, t->hints);
	if (*guesses)
		rich_words(r, _("Predictions: "), ROLE_BOLD, guesses, ROLE_PLAIN);
	if (*questions)
		rich_words(r, _("Questions: "), ROLE_BOLD, questions, ROLE_PLAIN);
	if (*rest)
		rich_words(r, _("Also: "), ROLE_BOLD, rest, ROLE_PLAIN);
}

static void fill(struct app *app, struct rich *r)
{
	const struct study *s = app->study;
	struct tally t = {0};
	struct rich rows = {.width = r->width};
	for (int step = 0; step < s->text->count; step++) {
		t.hints += study_hint_count(s, step);
		t.hints_shown += progress_hints(app->progress, s->lesson->id, step);
		for (int i = 0; i < s->text->steps[step].count; i++) {
			const struct piece *p = &s->text->steps[step].pieces[i];
			if (p->kind == PIECE_PREDICT)
				add_guess(app, &rows, step, i, p, &t);
			else if (p->kind == PIECE_QUIZ)
				add_question(app, &rows, step, i, p, &t);
			else if (p->kind == PIECE_ORDER)
				add_order(app, &rows, step, i, p, &t);
			else if (p->kind == PIECE_RUN)
				add_run(app, &rows, step, i, p, &t);
		}
	}
	add_tally(r, &t);
	rich_line(r);
	int first = r->n;
	for (int i = 0; i < rows.n; i++) {
		rich_line(r);
		r->v[first + i] = rows.v[i];
		rows.v[i] = (struct rich_line){0};
	}
	rich_free(&rows);
}

/* ---- what comes next ---- */

static bool lesson_done(const struct app *app, const char *id)
{
	int steps = progress_steps(app->progress, id);
	return steps > 0 && progress_done(app->progress, id) == steps;
}

/* The next lesson in the course that can run here and isn't done, else the first such from its beginning; NULL: none. */
static const struct course_lesson *next_lesson(const struct app *app)
{
	const struct course *course = app->course;
	int at = 0;
	while (at < course->lesson_count && &course->lessons[at] != app->study->lesson)
		at++;
	for (int i = 1; i < course->lesson_count; i++) {
		const struct course_lesson *l = &course->lessons[(at + i) % course->lesson_count];
		if (!l->unavailable && !lesson_done(app, l->id))
			return l;
	}
	return NULL;
}

static void add_next(struct app *app, struct rich *r)
{
	const struct course_lesson *next = next_lesson(app);
	char words[300];
	rich_line(r);
	rich_line(r);
	if (next)
		snprintf(words, sizeof(words), "%d.%d %s", next->chapter, next->number,
			 app_title_of(app, next->title_en ? next->title_en : next->id, next->title_zh));
	else
		snprintf(words, sizeof(words), "%s", _("nothing: the whole course is done"));
	rich_words(r, _("Next: "), ROLE_BOLD, words, ROLE_EMPHASIS);
}

/* ---- the screen ---- */

void study_summary(struct app *app, bool finishing)
{
	struct study *s = app->study;
	study_mark(app);
	study_kept_all(app);
	s->finishing = finishing || lesson_done(app, s->lesson->id);
	pager_begin(s->page);
	app_push(app, &screen_summary);
}

static enum place summary_place(struct app *app)
{
	(void)app;
	return PLACE_PAGER;
}

static const char *summary_enter(struct app *app) { return app->study->finishing ? _("next lesson") : _("back"); }

static void summary_draw(struct app *app, const struct layout *l)
{
	struct pager *page = app->study->page;
	struct rich r = {.width = l->body.cols - 4};
	fill(app, &r);
	add_next(app, &r);
	pager_clear(page);
	pager_add_rich(page, &r);
	pager_draw(app, page, l->body, _("Summary: what you said, and what was measured"));
}

static bool summary_act(struct app *app, enum action action)
{
	if (action != ACT_ENTER || !app->study->finishing)
		return pager_act(app, app->study->page, action);
	const struct course_lesson *next = next_lesson(app);
	while (app->depth > 1 && app_screen(app) != &screen_map)
		app_pop(app);
	if (next)
		map_select(app, next->id);
	return true;
}

static void summary_typed(struct app *app, bool accepted) { pager_typed(app, app->study->page, accepted); }
static void summary_status(struct app *app, struct rect row) { pager_status(app, app->study->page, row); }
static void summary_title(struct app *app, char *text, size_t size) { screen_study.title(app, text, size); }

const struct screen screen_summary = {
	.place = summary_place, .draw = summary_draw, .act = summary_act, .enter = summary_enter, .typed = summary_typed,
	.title = summary_title, .status = summary_status,
};
