/* Hints, one after another when asked for, and the explanation that is opened once the step is done. */
#include "tui/study.h"

#include <stdio.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/pager.h"

/* ---- hints ---- */

int study_hint_count(const struct study *s, int step)
{
	int count = 0;
	for (int i = 0; i < s->text->steps[step].count; i++)
		count += s->text->steps[step].pieces[i].kind == PIECE_HINT;
	return count;
}

/* The hints of a step count from 0. */
static int hint_number(const struct step *step, int piece)
{
	int number = 0;
	for (int i = 0; i < piece; i++)
		number += step->pieces[i].kind == PIECE_HINT;
	return number;
}

static int hints_shown(const struct app *app)
{
	const struct study *s = app->study;
	return progress_hints(app->progress, s->lesson->id, s->step);
}

bool study_hint_left(const struct app *app)
{
	return hints_shown(app) < study_hint_count(app->study, app->study->step);
}

bool study_hint(struct app *app)
{
	struct study *s = app->study;
	const struct step *step = study_step(s);
	int count = study_hint_count(s, s->step), shown = hints_shown(app);
	if (count == 0) {
		app_say(app, ROLE_DIM, _("This step has no hints"));
		return true;
	}
	s->view_focus = false;
	if (shown < count) {
		progress_set_hints(app->progress, s->lesson->id, s->step, ++shown);
		app_save(app);
	} else {
		app_say(app, ROLE_DIM, _("That is the last hint of this step"));
	}
	for (int i = 0; i < step->count; i++)
		if (step->pieces[i].kind == PIECE_HINT && hint_number(step, i) == shown - 1)
			s->want = i;
	return true;
}

void study_add_hint(struct app *app, struct rich *r, int piece)
{
	const struct study *s = app->study;
	const struct step *step = study_step(s);
	int number = hint_number(step, piece), shown = hints_shown(app), count = study_hint_count(s, s->step);
	char head[64];
	if (number > shown)
		return; /* after the next one */
	if (r->n > 0 && r->v[r->n - 1].count > 0)
		rich_line(r);
	snprintf(head, sizeof(head), _("hint %d of %d"), number + 1, count);
	if (number == shown) {
		rich_words(r, "H ", ROLE_KEY, head, ROLE_DIM);
		return;
	}
	rich_words(r, "", ROLE_HEADING, head, ROLE_HEADING);
	rich_markdown(r, step->pieces[piece].markdown, 1, ROLE_PLAIN);
}

/* ---- the explanation ---- */

static bool has_explanation(const struct step *step)
{
	for (int i = 0; i < step->count; i++)
		if (step->pieces[i].kind == PIECE_EXPLAIN)
			return true;
	return false;
}

/* Once done, a step stays so: its explanation can be read again in any later session. */
static bool step_done(const struct app *app, enum todo todo)
{
	const struct study *s = app->study;
	return todo == TODO_NEXT || todo == TODO_END ||
	       progress_mark(app->progress, s->lesson->id, s->step) == MARK_DONE;
}

bool study_explained(const struct app *app)
{
	int piece;
	return has_explanation(study_step(app->study)) && step_done(app, study_todo(app, &piece));
}

/* What has to be done before the explanation opens. */
static const char *missing(enum todo todo)
{
	switch (todo) {
	case TODO_GUESS:
		return _("The explanation opens when the step is done: your guess is missing");
	case TODO_RUN:
		return _("The explanation opens when the step is done: the run is missing");
	case TODO_WAIT:
		return _("The explanation opens when the step is done: the run is not over yet");
	case TODO_QUIZ:
		return _("The explanation opens when the step is done: your answer is missing");
	default:
		return _("The explanation opens when the step is done: the right answer is missing");
	}
}

bool study_explain(struct app *app)
{
	int piece;
	enum todo todo = study_todo(app, &piece);
	if (!has_explanation(study_step(app->study))) {
		app_say(app, ROLE_DIM, _("This step has no explanation"));
	} else if (!step_done(app, todo)) {
		app_say(app, ROLE_WARN, "%s", missing(todo));
	} else {
		pager_begin(app->study->page);
		app_push(app, &screen_explain);
	}
	return true;
}

void study_add_explain(struct app *app, struct rich *r, int piece)
{
	const struct step *step = study_step(app->study);
	for (int i = 0; i < piece; i++)
		if (step->pieces[i].kind == PIECE_EXPLAIN)
			return; /* one page holds them all */
	if (!study_explained(app))
		return;
	if (r->n > 0 && r->v[r->n - 1].count > 0)
		rich_line(r);
	rich_words(r, "x ", ROLE_KEY, _("explanation"), ROLE_CODE);
}

/* ---- its page ---- */

static enum place page_place(struct app *app)
{
	(void)app;
	return PLACE_PAGER;
}

static const char *page_enter(struct app *app)
{
	(void)app;
	return _("back");
}

static void explain_draw(struct app *app, const struct layout *l)
{
	struct study *s = app->study;
	const struct step *step = study_step(s);
	struct rich r = {.width = l->body.cols - 4};
	char title[64];
	for (int i = 0; i < step->count; i++) {
		if (step->pieces[i].kind != PIECE_EXPLAIN)
			continue;
		if (r.n > 0)
			rich_line(&r);
		rich_markdown(&r, step->pieces[i].markdown, 0, ROLE_PLAIN);
	}
	pager_clear(s->page);
	pager_add_rich(s->page, &r);
	snprintf(title, sizeof(title), _("Explanation of step %d"), s->step + 1);
	pager_draw(app, s->page, l->body, title);
}

static bool explain_act(struct app *app, enum action action) { return pager_act(app, app->study->page, action); }
static void explain_typed(struct app *app, bool accepted) { pager_typed(app, app->study->page, accepted); }
static void explain_status(struct app *app, struct rect row) { pager_status(app, app->study->page, row); }
static void explain_title(struct app *app, char *text, size_t size) { screen_study.title(app, text, size); }

const struct screen screen_explain = {
	.place = page_place, .draw = explain_draw, .act = explain_act, .enter = page_enter, .typed = explain_typed,
	.title = explain_title, .status = explain_status,
};
