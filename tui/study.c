/* A lesson: opening and closing it, its steps, and what is to be done next. */
#include "tui/study_puzzle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/compare.h"
#include "tui/language.h"
#include "tui/study_tune.h"

const struct step *study_step(const struct study *s) { return &s->text->steps[s->step]; }

const char *study_answer(const struct app *app, int step, int piece)
{
	return progress_answer(app->progress, app->study->lesson->id, step, piece);
}

int study_chosen(const struct app *app, int step, int piece)
{
	const struct piece *p = &app->study->text->steps[step].pieces[piece];
	const char *answer = study_answer(app, step, piece);
	long number = answer ? strtol(answer, NULL, 10) : 0;
	return number >= 1 && number <= p->choice_count ? (int)number - 1 : -1;
}

/* An answer that the text no longer understands counts as none. */
bool study_guessed(const struct app *app, int step, int piece)
{
	const struct piece *p = &app->study->text->steps[step].pieces[piece];
	const char *answer = study_answer(app, step, piece);
	double number;
	if (!answer)
		return false;
	if (!strcmp(answer, ANSWER_SKIPPED))
		return true;
	if (p->curve_count > 0)
		return study_curve_given(app, step, piece, &(struct view_guess){0});
	return p->choice_count > 0 ? study_chosen(app, step, piece) >= 0
				   : compare_number(answer, &number) && !compare_refuse(p, number);
}

static enum todo todo_quiz(const struct app *app, int piece)
{
	const struct study *s = app->study;
	const struct piece *p = &study_step(s)->pieces[piece];
	const char *answer = study_answer(app, s->step, piece);
	int chosen = study_chosen(app, s->step, piece);
	if (answer && !strcmp(answer, ANSWER_SKIPPED))
		return TODO_NEXT;
	if (chosen < 0)
		return TODO_QUIZ;
	if (p->choices[chosen].right)
		return TODO_NEXT;
	const struct slot *slot = study_slot(s, s->step, piece, chosen);
	if (slot && slot->state == RUN_LIVE)
		return TODO_WAIT;
	return p->choices[chosen].run && !slot ? TODO_EXPERIMENT : TODO_AGAIN;
}

enum todo study_todo(const struct app *app, int *piece)
{
	const struct study *s = app->study;
	const struct step *step = study_step(s);
	for (int i = 0; i < step->count; i++) {
		const struct piece *p = &step->pieces[i];
		const struct slot *slot;
		enum todo quiz;
		*piece = i;
		switch (p->kind) {
		case PIECE_PREDICT:
			if (!study_guessed(app, s->step, i))
				return TODO_GUESS;
			break;
		case PIECE_RUN:
			slot = study_slot(s, s->step, i, -1);
			if (!slot)
				return TODO_RUN;
			if (slot->state == RUN_LIVE)
				return TODO_WAIT;
			if (slot->state == RUN_STOPPED || slot->state == RUN_KILLED)
				return TODO_RUN;
			break;
		case PIECE_QUIZ:
			quiz = todo_quiz(app, i);
			if (quiz != TODO_NEXT)
				return quiz;
			break;
		case PIECE_ORDER:
			quiz = study_order_todo(app, i);
			if (quiz != TODO_NEXT)
				return quiz;
			break;
		default:
			break;
		}
	}
	*piece = -1;
	return s->step + 1 < s->text->count ? TODO_NEXT : TODO_END;
}

void study_mark(struct app *app)
{
	struct study *s = app->study;
	int piece;
	enum todo todo = study_todo(app, &piece);
	progress_set_mark(app->progress, s->lesson->id, s->step, todo == TODO_NEXT || todo == TODO_END ? MARK_DONE : MARK_SEEN);
}

/* The view that suits a step: its code until something was run, else what the run tells. */
static void suit_view(struct study *s)
{
	const struct step *step = study_step(s);
	bool code = false, run = false, ran = false;
	for (int i = 0; i < step->count; i++) {
		code = code || step->pieces[i].kind == PIECE_CODE || step->pieces[i].kind == PIECE_TWIN || step->pieces[i].kind == PIECE_ORDER;
		run = run || step->pieces[i].kind == PIECE_RUN;
		const struct slot *slot = study_slot(s, s->step, i, -1);
		if (slot) {
			s->shown = (int)(slot - s->slots);
			s->errand_output_shown = false;
		}
		ran = ran || slot;
	}
	if (code && !ran)
		s->view = VIEW_CODE;
	else if ((run || s->shown >= 0) && s->view == VIEW_CODE)
		s->view = VIEW_SPEEDUP;
}

void study_go(struct app *app, int step)
{
	struct study *s = app->study;
	if (step < 0 || step >= s->text->count)
		return;
	s->step = step;
	s->top = s->scroll = s->sideways = 0;
	s->want = s->asking = -1;
	s->twin = s->view_focus = false;
	app->field.open = false;
	progress_set_mark(app->progress, s->lesson->id, step, MARK_SEEN);
	progress_set_where(app->progress, s->lesson->id, step);
	study_kept_open(app, step);
	suit_view(s);
	app->redraw = true;
}

void study_ask(struct app *app, int step, int piece)
{
	struct study *s = app->study;
	if (s->step != step)
		study_go(app, step);
	const struct piece *p = &study_step(s)->pieces[piece];
	const char *answer = study_answer(app, step, piece);
	s->asking = s->want = piece;
	s->view_focus = false;
	s->cursor = study_chosen(app, step, piece);
	if (s->cursor < 0)
		s->cursor = 0;
	if (study_curve_begin(app, piece) || study_order_begin(app, piece))
		return;
	if (p->kind == PIECE_QUIZ)
		study_quiz_cursor(app, piece);
	if (p->choice_count > 0) {
		app_say(app, ROLE_STATUS, _("Up and Down choose, Enter takes it, Esc leaves"));
		return;
	}
	s->typing = TYPING_GUESS;
	field_open(&app->field, "");
	if (answer && strcmp(answer, ANSWER_SKIPPED))
		app_say(app, ROLE_STATUS, _("You said %s %s: Enter alone stays with it"), answer, p->unit ? p->unit : "");
}

bool study_open(struct app *app, const char *id, int step)
{
	const struct course_lesson *lesson = app->course ? course_find(app->course, id) : NULL;
	int where;
	if (!lesson)
		return false;
	if (app->study && app->study->lesson == lesson) {
		app_push(app, &screen_study);
		return true;
	}
	if (app->study && study_busy(app)) {
		app_say(app, ROLE_WARN, _("A run of %s is live: stop it there first, or let it end"), app->study->lesson->id);
		return true;
	}
	struct lesson_text *text = language_text(app, lesson->dir);
	if (!text || text->count == 0) {
		text_free(text);
		app_say(app, ROLE_BAD, _("The text of %s can't be read (%s/en.md)"), id, lesson->dir);
		return true;
	}
	study_close(app);
	struct study *s = xcalloc(1, sizeof(*s));
	*s = (struct study){.lesson = lesson, .text = text, .asking = -1, .want = -1, .shown = -1};
	s->kept_read = xcalloc((size_t)text->count, sizeof(*s->kept_read));
	s->page = pager_new();
	app->study = s;
	progress_set_steps(app->progress, id, text->count);
	if (step < 0) {
		const char *was = progress_where(app->progress, &where);
		step = was && !strcmp(was, id) ? where : 0;
		for (int i = 0; !(was && !strcmp(was, id)) && i < text->count; i++) {
			step = i;
			if (progress_mark(app->progress, id, i) != MARK_DONE)
				break;
		}
		if (progress_done(app->progress, id) == text->count)
			step = 0;
	}
	app_push(app, &screen_study);
	study_go(app, step < text->count ? step : 0);
	app_save(app);
	if (text->complaint)
		app_say(app, ROLE_WARN, "%s", text->complaint);
	return true;
}

void study_close(struct app *app)
{
	struct study *s = app->study;
	if (!s)
		return;
	app->field.open = false;
	study_mark(app);
	app_save(app);
	while (app->depth > 1 && app_screen(app) != &screen_map)
		app_pop(app);
	for (int i = 0; i < s->slot_count; i++) {
		overlays_forget(&s->slots[i]);
		recset_free(s->slots[i].set);
		free(s->slots[i].output);
		free(s->slots[i].command);
	}
	options_free(s);
	picks_free(s);
	study_order_free(s);
	free(s->slots);
	free(s->variant);
	free(s->kept_read);
	pager_free(s->page);
	free(s->errand_words);
	free(s->errand_output);
	study_code_free(s);
	study_mine_free(s);
	text_free(s->text);
	free(s);
	app->study = NULL;
}

/* Answers and results are kept by step and piece: the other language must have the same ones. */
static bool same_shape(const struct lesson_text *a, const struct lesson_text *b)
{
	for (int i = 0; a->count == b->count && i < a->count; i++) {
		if (a->steps[i].count != b->steps[i].count)
			return false;
		for (int j = 0; j < a->steps[i].count; j++) {
			const struct piece *x = &a->steps[i].pieces[j], *y = &b->steps[i].pieces[j];
			if (x->kind != y->kind || x->choice_count != y->choice_count || x->curve_count != y->curve_count)
				return false;
		}
	}
	return a->count == b->count;
}

void study_language(struct app *app)
{
	struct study *s = app->study;
	if (!s)
		return;
	for (int i = 0; i < s->slot_count; i++)
		study_tell(app, &s->slots[i]);
	struct lesson_text *text = language_text(app, s->lesson->dir);
	if (!text || !same_shape(text, s->text)) {
		text_free(text);
		app_say(app, ROLE_WARN, _("This lesson is not there in that language"));
		return;
	}
	text_free(s->text);
	s->text = text;
	s->top = 0;
	s->asking = -1;
	app->field.open = false;
}

