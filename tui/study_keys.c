/* What the keys do in a lesson. */
#include "tui/study_puzzle.h"

#include <stdio.h>
#include <string.h>
#include "kernels/bench/words.h"
#include "tui/compare.h"
#include "tui/study_tune.h"

static void answered(struct app *app, const char *answer)
{
	struct study *s = app->study;
	int run_step, run_piece;
	bool guess = study_step(s)->pieces[s->asking].kind == PIECE_PREDICT;
	/* A guess made with the result in view is none: the summary tells. */
	if (guess && study_run_of(s, s->step, s->asking, &run_step, &run_piece))
		progress_set_late(app->progress, s->lesson->id, s->step, s->asking,
				  study_slot(s, run_step, run_piece, -1) && strcmp(answer, ANSWER_SKIPPED));
	progress_set_answer(app->progress, s->lesson->id, s->step, s->asking, answer);
	s->want = s->asking;
	s->asking = -1;
	app_save(app);
}

void study_answered(struct app *app, const char *answer) { answered(app, answer); }

static void skip(struct app *app)
{
	struct study *s = app->study;
	bool guess = study_step(s)->pieces[s->asking].kind == PIECE_PREDICT;
	/* Leaving an answer that was given stays with it. */
	if (guess && !study_guessed(app, s->step, s->asking)) {
		answered(app, ANSWER_SKIPPED);
		app_say(app, ROLE_DIM, _("No guess this time"));
	}
	s->asking = -1;
}

/* What was typed as a guess: taken, or refused with a word why while the field stays open. */
static void typed_guess(struct app *app)
{
	struct study *s = app->study;
	const char *text = app->field.text, *why, *before = study_answer(app, s->step, s->asking);
	double number;
	if (!text[strspn(text, " ")] && before && study_guessed(app, s->step, s->asking)) {
		s->asking = -1;
	} else if (!compare_number(text, &number)) {
		app->field.open = true;
		app_say(app, ROLE_WARN, _("A number, please, like 1.8 (Esc skips the guess)"));
	} else if ((why = compare_refuse(&study_step(s)->pieces[s->asking], number))) {
		app->field.open = true;
		app_say(app, ROLE_WARN, "%s", _(why));
	} else {
		answered(app, text);
	}
}

static void typed(struct app *app, bool accepted)
{
	if (study_curve_typed(app, accepted))
		return;
	if (!accepted) {
		skip(app);
	} else {
		typed_guess(app);
	}
}

static void choose(struct app *app)
{
	struct study *s = app->study;
	char number[16];
	int piece = s->asking;
	bool quiz = study_step(s)->pieces[piece].kind == PIECE_QUIZ;
	if (quiz && !study_quiz_take(app, piece, s->cursor))
		return;
	snprintf(number, sizeof(number), "%d", s->cursor + 1);
	answered(app, number);
	if (quiz)
		s->want = piece | PART_FEEDBACK;
}

static void leave_step(struct app *app, int to)
{
	study_mark(app);
	if (to >= 0 && to < app->study->text->count)
		study_go(app, to);
	app_save(app);
}

static enum place study_place(struct app *app)
{
	const struct study *s = app->study;
	if (study_drawing(app))
		return PLACE_CURVE;
	if (study_ordering(app))
		return PLACE_ORDER;
	return s->asking >= 0 ? PLACE_CHOOSE : s->view_focus ? PLACE_VIEW : PLACE_LESSON;
}

static const char *study_enter(struct app *app)
{
	static const char *const words[] = {N_("guess"), N_("run"), NULL, N_("answer"), N_("run the experiment"), N_("answer again"),
					    N_("next step"), N_("summary"), N_("put in order")};
	int piece;
	if (study_drawing(app))
		return _("take it");
	if (app->study->asking >= 0)
		return _("choose");
	const char *word = words[study_todo(app, &piece)];
	return word ? _(word) : NULL;
}

/* The footer leaves out what has nothing to do in this step. */
static bool study_offers(struct app *app, enum action action)
{
	const struct study *s = app->study;
	const struct step *step = study_step(s);
	bool live = study_busy(app), runs = false, twin = false;
	int piece;
	enum todo todo = study_todo(app, &piece);
	for (int i = 0; i < step->count; i++)
		runs = runs || step->pieces[i].kind == PIECE_RUN || step->pieces[i].kind == PIECE_ORDER;
	for (int i = 0; i < s->text->count; i++)
		for (int j = 0; j < s->text->steps[i].count; j++)
			twin = twin || s->text->steps[i].pieces[j].kind == PIECE_TWIN;
	switch (action) {
	case ACT_PAUSE:
	case ACT_STOP:
		return live;
	case ACT_RUN:
		return runs && !live && todo != TODO_RUN && todo != TODO_GUESS;
	case ACT_OPTIONS:
		return study_next_run(s) >= 0;
	case ACT_TWIN:
		return twin;
	case ACT_HINT:
		return study_hint_left(app) && todo != TODO_NEXT && todo != TODO_END;
	case ACT_EXPLAIN:
		return study_explained(app);
	case ACT_NEXT:
		return todo != TODO_NEXT && s->step + 1 < s->text->count;
	case ACT_BACK:
		return s->step > 0;
	case ACT_WIDE:
	case ACT_SIDE_RIGHT:
		return study_code_offers(app, action);
	default:
		return true;
	}
}

static bool enter(struct app *app)
{
	struct study *s = app->study;
	int piece;
	if (s->asking >= 0) {
		choose(app);
		return true;
	}
	switch (study_todo(app, &piece)) {
	case TODO_GUESS:
	case TODO_QUIZ:
	case TODO_AGAIN:
	case TODO_ORDER:
		study_ask(app, s->step, piece);
		return true;
	case TODO_RUN:
		return study_run(app, s->step, piece, -1, NULL);
	case TODO_EXPERIMENT:
		return study_run(app, s->step, piece, study_chosen(app, s->step, piece), NULL);
	case TODO_WAIT:
		app_say(app, ROLE_STATUS, _("The run is live: p holds it, s stops it, n looks at the next step"));
		return true;
	case TODO_NEXT:
		leave_step(app, s->step + 1);
		return true;
	case TODO_END:
		break;
	}
	study_mark(app);
	app_save(app);
	study_summary(app, true);
	return true;
}

/* r: the experiment of a wrong answer, else the step's run. */
static bool run_here(struct app *app)
{
	struct study *s = app->study;
	const struct step *step = study_step(s);
	int run = study_next_run(s);
	for (int i = 0; i < step->count; i++) {
		const struct piece *p = &step->pieces[i];
		int chosen = p->kind == PIECE_QUIZ ? study_chosen(app, s->step, i) : -1;
		if (chosen >= 0 && !p->choices[chosen].right && p->choices[chosen].run)
			return study_run(app, s->step, i, chosen, NULL);
	}
	if (run >= 0)
		return study_run(app, s->step, run, -1, NULL);
	if (study_order_run(app))
		return true;
	app_say(app, ROLE_DIM, _("This step has nothing to run"));
	return true;
}

static bool answer_again(struct app *app)
{
	const struct step *step = study_step(app->study);
	for (int i = 0; i < step->count; i++) {
		if (step->pieces[i].kind == PIECE_PREDICT || step->pieces[i].kind == PIECE_QUIZ ||
		    step->pieces[i].kind == PIECE_ORDER) {
			study_ask(app, app->study->step, i);
			return true;
		}
	}
	app_say(app, ROLE_DIM, _("This step asks nothing"));
	return true;
}

static bool leave(struct app *app)
{
	struct study *s = app->study;
	if (s->asking >= 0) {
		skip(app);
		s->asking = -1;
	} else {
		/* The lesson stays as it is, and so does a live run. */
		study_mark(app);
		app_save(app);
		map_select(app, s->lesson->id);
		app_pop(app);
	}
	return true;
}

enum { FAR = 1 << 20 }; /* more than any text or view is long */

static bool move_up_or_down(struct app *app, int by)
{
	struct study *s = app->study;
	if (s->asking >= 0) {
		int count = study_step(s)->pieces[s->asking].choice_count, to = s->cursor + by;
		s->cursor = to < 0 ? 0 : to >= count ? count - 1 : to;
		s->want = s->asking;
	} else if (s->view_focus) {
		/* Drawing knows the ends; some of these keys may come before it. */
		s->scroll = by == FAR || by == -FAR ? by : s->scroll + by;
	} else {
		s->top += by;
	}
	return true;
}

static bool study_act(struct app *app, enum action action)
{
	struct study *s = app->study;
	if (study_curve_act(app, action) || study_order_act(app, action))
		return true;
	if (action >= ACT_VIEW_1 && action <= ACT_VIEW_RIGHT) {
		int by = action == ACT_VIEW_LEFT ? STUDY_VIEWS - 1 : 1;
		s->view = action <= ACT_VIEW_6 ? (int)(action - ACT_VIEW_1) : (s->view + by) % STUDY_VIEWS;
		s->scroll = s->sideways = 0;
		s->view_focus = s->view_focus || (s->asking < 0 && study_pane_alone(app));
		return true;
	}
	switch (action) {
	case ACT_ENTER:
		return enter(app);
	case ACT_NEXT:
		if (s->step + 1 == s->text->count)
			app_say(app, ROLE_DIM, _("This is the last step; u sums up, c goes to the course map"));
		leave_step(app, s->step + 1);
		return true;
	case ACT_BACK:
		if (s->step == 0)
			app_say(app, ROLE_DIM, _("This is the first step; c goes to the course map"));
		leave_step(app, s->step - 1);
		return true;
	case ACT_PANE:
		s->asking = -1; /* a look at the chart is no refusal to guess */
		s->view_focus = !s->view_focus;
		return true;
	case ACT_RUN:
		return run_here(app);
	case ACT_STOP:
		if (!study_busy(app))
			return false;
		program_stop(&app->child);
		app_say(app, ROLE_WARN, _("Stopping …"));
		return true;
	case ACT_PAUSE:
		if (!study_busy(app))
			return false;
		program_pause(&app->child, !app->child.paused);
		return true;
	case ACT_EDIT:
		return study_edit(app);
	case ACT_MINE:
		return study_mine_switch(app);
	case ACT_DISCARD:
		return study_mine_discard(app);
	case ACT_OPTIONS:
		options_open(app);
		return true;
	case ACT_COMPARE:
		picks_open(app);
		return true;
	case ACT_ANSWER:
		return answer_again(app);
	case ACT_TWIN:
		s->twin = !(s->twin && s->view == VIEW_CODE);
		s->view = VIEW_CODE;
		s->view_focus = s->view_focus || study_pane_alone(app);
		s->scroll = s->sideways = 0;
		return true;
	case ACT_WIDE:
		return study_wide(app);
	case ACT_SIDE_LEFT:
		return study_sideways(app, -1);
	case ACT_SIDE_RIGHT:
		return study_sideways(app, 1);
	case ACT_TWIN_RUN:
		return study_twin_run(app);
	case ACT_HINT:
		return study_hint(app);
	case ACT_EXPLAIN:
		return study_explain(app);
	case ACT_SUMMARY:
		study_summary(app, false);
		return true;
	case ACT_VARIANT:
		study_cycle_variant(app);
		return true;
	case ACT_WORKERS:
		study_cycle_workers(app);
		return true;
	case ACT_ZOOM_IN:
		return study_zoom(app, 1);
	case ACT_ZOOM_OUT:
		return study_zoom(app, -1);
	case ACT_UP:
		return move_up_or_down(app, -1);
	case ACT_DOWN:
		return move_up_or_down(app, 1);
	case ACT_TOP:
		return move_up_or_down(app, -FAR);
	case ACT_BOTTOM:
		return move_up_or_down(app, FAR);
	case ACT_PRESENT:
		return present_open(app);
	case ACT_NOTES:
		s->notes = !s->notes;
		app_say(app, ROLE_STATUS, s->notes ? _("Instructor's notes are shown") : _("Instructor's notes are hidden"));
		return true;
	case ACT_COURSE:
	case ACT_CANCEL:
		return leave(app);
	default:
		return false;
	}
}

static void study_draw(struct app *app, const struct layout *l)
{
	struct study *s = app->study;
	bool alone = study_pane_alone(app), view = s->view_focus || study_drawing(app);
	if (!alone || !view)
		study_draw_text(app, alone ? l->body : l->left);
	if (!alone || view)
		study_draw_view(app, alone ? l->body : l->right);
}

static void study_title(struct app *app, char *text, size_t size)
{
	const struct course_lesson *l = app->study->lesson;
	snprintf(text, size, "%d.%d %s", l->chapter, l->number,
		 app_title_of(app, l->title_en ? l->title_en : l->id, l->title_zh));
}

const struct screen screen_study = {
	.place = study_place, .draw = study_draw, .act = study_act, .enter = study_enter, .offers = study_offers, .typed = typed,
	.title = study_title, .status = study_status,
};
